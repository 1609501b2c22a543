#include "store/log/word_column.h"

#include <array>
#include <cstring>

#include "store/log/little_endian.h"

namespace recant::log {
namespace {

constexpr std::size_t kPlanes = 8;
using Square = std::array<std::uint64_t, kPlanes>;

// Transposes 8 words of 8 bytes in registers: byte p of word j becomes byte j of word p. Planes are
// built and read 64 bytes at a time by it; byte by byte costs four times as much.
inline void transpose(Square& words) {
  const auto swap = [&words](std::size_t a, std::size_t b, unsigned shift, std::uint64_t mask) {
    const std::uint64_t moved = ((words[a] >> shift) ^ words[b]) & mask;
    words[a] ^= moved << shift;
    words[b] ^= moved;
  };
  for (std::size_t i = 0; i < 4; ++i) swap(i, i + 4, 32, 0x00000000ffffffff);
  for (const std::size_t i : {0U, 1U, 4U, 5U}) swap(i, i + 2, 16, 0x0000ffff0000ffff);
  for (const std::size_t i : {0U, 2U, 4U, 6U}) swap(i, i + 1, 8, 0x00ff00ff00ff00ff);
}

constexpr std::byte byte_of(std::uint64_t word, std::size_t plane) {
  return static_cast<std::byte>(word >> (8 * plane));
}

}  // namespace

std::byte* RawPayload::extend(std::size_t count) {
  const std::size_t size = bytes.size();
  bytes.resize(size + count);
  return bytes.data() + size;
}

void write_words(RawPayload& out, std::span<const std::uint64_t> words) {
  if (words.empty()) return;
  std::uint64_t varies = 0;
  for (const std::uint64_t word : words) varies |= word ^ words[0];

  std::array<std::size_t, kPlanes> stored{};  // the planes that are written, in order
  std::size_t stored_count = 0;
  unsigned bitmap = 0;
  for (std::size_t plane = 0; plane < kPlanes; ++plane) {
    if (byte_of(varies, plane) == std::byte{0}) continue;
    bitmap |= 1U << plane;
    stored[stored_count++] = plane;
  }
  std::byte* to = out.extend(1 + (kPlanes - stored_count));
  *to++ = static_cast<std::byte>(bitmap);
  for (std::size_t plane = 0; plane < kPlanes; ++plane) {
    if ((bitmap >> plane & 1) == 0) *to++ = byte_of(words[0], plane);
  }

  const std::size_t begin = out.bytes.size();
  std::byte* const planes = out.extend(stored_count * words.size());
  const std::size_t whole = words.size() / kPlanes * kPlanes;
  Square square{};
  for (std::size_t i = 0; i < whole; i += kPlanes) {
    std::memcpy(square.data(), &words[i], sizeof square);
    transpose(square);
    for (std::size_t s = 0; s < stored_count; ++s) {
      store_le(planes + s * words.size() + i, square[stored[s]]);
    }
  }
  for (std::size_t s = 0; s < stored_count; ++s) {
    for (std::size_t i = whole; i < words.size(); ++i) {
      planes[s * words.size() + i] = byte_of(words[i], stored[s]);
    }
    out.cuts.push_back(begin + (s + 1) * words.size());
  }
}

const std::byte* RawCursor::take(std::size_t count) {
  if (failed_ || count > rest_.size()) {
    failed_ = true;
    return nullptr;
  }
  const std::byte* const taken = rest_.data();
  rest_ = rest_.subspan(count);
  return taken;
}

std::uint8_t RawCursor::take_u8() {
  const std::byte* const at = take(1);
  return at != nullptr ? static_cast<std::uint8_t>(*at) : std::uint8_t{0};
}

std::uint16_t RawCursor::take_u16() {
  const std::byte* const at = take(sizeof(std::uint16_t));
  return at != nullptr ? load_le<std::uint16_t>(at) : std::uint16_t{0};
}

std::uint64_t RawCursor::take_u64() {
  const std::byte* const at = take(sizeof(std::uint64_t));
  return at != nullptr ? load_le<std::uint64_t>(at) : 0;
}

std::uint64_t RawCursor::take_varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const std::uint64_t byte = take_u8();
    // The tenth byte has room for one bit only: more would be lost without a word.
    if (shift == 63 && byte > 1) break;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  failed_ = true;
  return 0;
}

bool read_words(RawCursor& in, std::size_t count, std::vector<std::uint64_t>& words) {
  words.clear();
  if (count == 0) return true;
  const unsigned bitmap = in.take_u8();
  std::array<const std::byte*, kPlanes> planes{};
  Square constants{};  // a plane of one value, eight times
  for (std::size_t plane = 0; plane < kPlanes; ++plane) {
    if ((bitmap >> plane & 1) == 0) constants[plane] = in.take_u8() * 0x0101010101010101U;
  }
  for (std::size_t plane = 0; plane < kPlanes; ++plane) {
    if ((bitmap >> plane & 1) != 0) planes[plane] = in.take(count);
  }
  if (in.failed()) return false;

  words.resize(count);
  const std::size_t whole = count / kPlanes * kPlanes;
  Square square{};
  for (std::size_t i = 0; i < whole; i += kPlanes) {
    for (std::size_t plane = 0; plane < kPlanes; ++plane) {
      square[plane] =
          planes[plane] != nullptr ? load_le<std::uint64_t>(planes[plane] + i) : constants[plane];
    }
    transpose(square);
    std::memcpy(&words[i], square.data(), sizeof square);
  }
  for (std::size_t i = whole; i < count; ++i) {
    std::uint64_t word = 0;
    for (std::size_t plane = 0; plane < kPlanes; ++plane) {
      const std::uint64_t byte = planes[plane] != nullptr
                                     ? static_cast<std::uint64_t>(planes[plane][i])
                                     : constants[plane] & 0xff;
      word |= byte << (8 * plane);
    }
    words[i] = word;
  }
  return true;
}

}  // namespace recant::log
