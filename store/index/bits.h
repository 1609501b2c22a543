// Numbers of any width side by side in bytes, lowest bits first. Bytes: store/FORMAT.md, "Group".
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

namespace recant::index {

static_assert(std::endian::native == std::endian::little, "parts are little-endian");

/// Readable bytes that must follow packed numbers: they are read by whole words.
inline constexpr std::size_t kBitsSlack = 16;

[[nodiscard]] inline std::uint64_t load_word(const std::byte* from) {
  std::uint64_t word = 0;
  std::memcpy(&word, from, sizeof word);
  return word;
}

[[nodiscard]] inline std::uint32_t load_half(const std::byte* from) {
  std::uint32_t half = 0;
  std::memcpy(&half, from, sizeof half);
  return half;
}

/// The low `width` bits, 0 to 64.
[[nodiscard]] constexpr std::uint64_t low_bits(unsigned width) {
  return width >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
}

/// The number at place `index` of those packed at `from`.
[[nodiscard]] inline std::uint64_t load_bits(const std::byte* from, std::size_t index,
                                             unsigned width) {
  const std::size_t bit = index * width;
  const std::byte* at = from + bit / 8;
  const unsigned shift = bit % 8;
  std::uint64_t value = load_word(at) >> shift;
  if (width + shift > 64) value |= std::to_integer<std::uint64_t>(at[8]) << (64 - shift);
  return value & low_bits(width);
}

[[nodiscard]] constexpr std::size_t packed_bytes(std::size_t count, unsigned width) {
  return (count * width + 7) / 8;
}

/// Appends numbers of one width; what they fill last is padded to a byte.
class BitPacker {
 public:
  BitPacker(unsigned width, std::string& out) : width_(width), out_(out) {}
  BitPacker(const BitPacker&) = delete;
  BitPacker& operator=(const BitPacker&) = delete;
  ~BitPacker() {
    for (; used_ > 0; used_ -= used_ < 8 ? used_ : 8) {
      out_.push_back(static_cast<char>(pending_ & 0xff));
      pending_ >>= 8;
    }
  }

  void add(std::uint64_t value) {
    pending_ |= static_cast<Wide>(value) << used_;
    used_ += width_;
    if (used_ < 64) return;
    const auto word = static_cast<std::uint64_t>(pending_);
    out_.append(reinterpret_cast<const char*>(&word), sizeof word);
    pending_ >>= 64;
    used_ -= 64;
  }

 private:
  __extension__ using Wide = unsigned __int128;

  unsigned width_;
  std::string& out_;
  Wide pending_ = 0;
  unsigned used_ = 0;
};

}  // namespace recant::index
