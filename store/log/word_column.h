// Columns of 64-bit words as byte planes. Plane p holds byte p of every word, so that the bytes
// that vary little sit together; planes of one value are elided. Bytes: FORMAT.md, "Log".
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace recant::log {

/// Moves the fields of a snowflake id (42 bits of milliseconds, 10 of worker, 12 of sequence) to
/// byte boundaries; a bijection on all 64-bit numbers. [source: x-compliance.md, section 0]
[[nodiscard]] constexpr std::uint64_t split_snowflake(std::uint64_t id) {
  const std::uint64_t sequence = id & 0xfff;
  const std::uint64_t worker = (id >> 12) & 0x3ff;
  const std::uint64_t time = id >> 22;
  return (time & 0xff'ffff'ffff) | (worker & 0xff) << 40 | (sequence & 0xff) << 48 |
         (time >> 40) << 56 | (worker >> 8) << 58 | (sequence >> 8) << 60;
}
[[nodiscard]] constexpr std::uint64_t join_snowflake(std::uint64_t word) {
  const std::uint64_t time = (word & 0xff'ffff'ffff) | ((word >> 56) & 3) << 40;
  const std::uint64_t worker = ((word >> 40) & 0xff) | ((word >> 58) & 3) << 8;
  const std::uint64_t sequence = ((word >> 48) & 0xff) | (word >> 60) << 8;
  return sequence | worker << 12 | time << 22;
}

/// Small magnitudes of either sign become small numbers.
[[nodiscard]] constexpr std::uint64_t zig_zag(std::uint64_t difference) {
  return (difference << 1) ^ (0 - (difference >> 63));
}
[[nodiscard]] constexpr std::uint64_t undo_zig_zag(std::uint64_t word) {
  return (word >> 1) ^ (0 - (word & 1));
}

/// A raw payload while it is written. `cuts` are the ends of its columns: places where the
/// compressor does well to begin anew, of no meaning to a reader.
struct RawPayload {
  std::vector<std::byte> bytes;
  std::vector<std::size_t> cuts;

  void clear() {
    bytes.clear();
    cuts.clear();
  }
  /// Makes room for `count` bytes at the end and returns where they begin.
  [[nodiscard]] std::byte* extend(std::size_t count);
  void cut() { cuts.push_back(bytes.size()); }
};

/// Appends a word column; nothing at all if there are no words.
void write_words(RawPayload& out, std::span<const std::uint64_t> words);

/// Bytes that were read, and where in them we are. Reading past the end returns null or 0 and
/// sets `failed`; nothing is ever read outside.
class RawCursor {
 public:
  explicit RawCursor(std::span<const std::byte> bytes) : rest_(bytes) {}

  [[nodiscard]] const std::byte* take(std::size_t count);
  [[nodiscard]] std::uint8_t take_u8();
  [[nodiscard]] std::uint16_t take_u16();
  [[nodiscard]] std::uint64_t take_u64();
  /// LEB128, at most 10 bytes.
  [[nodiscard]] std::uint64_t take_varint();
  [[nodiscard]] std::size_t remaining() const { return rest_.size(); }
  [[nodiscard]] bool failed() const { return failed_; }
  void fail() { failed_ = true; }

 private:
  std::span<const std::byte> rest_;
  bool failed_ = false;
};

/// Reads a column of `count` words into `words`, which is resized. False if it is cut short.
[[nodiscard]] bool read_words(RawCursor& in, std::size_t count, std::vector<std::uint64_t>& words);

}  // namespace recant::log
