// Tokens of JSON as machines write it: strings of plain ASCII without escapes, ids and times in
// their usual spelling, at most one space between tokens. What is read means exactly what the JSON
// parser and fields.h make of it; what is not read here may still be good, and is theirs to tell.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "engine/decode/decode.h"
#include "engine/decode/wire_keys.h"
#include "recant/event.h"

namespace recant::decode {

/// A place in one line. Every take_ function moves on behind what it took, or returns false (or no
/// key) and leaves the place undefined. None begins at or behind the line's end, and none reads
/// more than kLinePadding bytes from where it begins.
class Scanner {
 public:
  Scanner() = default;
  explicit Scanner(std::string_view line) : at_(line.data()), end_(at_ + line.size()) {}

  [[nodiscard]] bool at_end() const { return at_ == end_; }

  bool take(char c) {
    if (at_ >= end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  /// A comma and a space, if one follows.
  bool take_comma() {
    if (!take(',')) return false;
    take(' ');
    return true;
  }
  /// `"name":`, and its place in kKeys; kKeyCount if it is none of those.
  std::size_t take_key();
  /// An id from 1 on, of up to 19 digits: a string, or a number without leading zeros.
  bool take_id(std::uint64_t& id);
  /// A string of RFC 3339 in UTC (whole seconds or milliseconds) or of up to 15 digits of
  /// milliseconds; or those as a number.
  bool take_time(Time& at);
  /// A string of printable ASCII without escapes.
  bool take_text(std::string_view& text);

 private:
  static std::uint64_t load(const char* from);
  static unsigned leading_digits(std::uint64_t word);
  static std::uint64_t value_of(std::uint64_t word);
  static std::size_t name_size(const char* name);
  std::size_t take_digits(std::uint64_t& value);
  bool take_rfc3339(Time& at);
  bool take_second(std::uint64_t& values);

  const char* at_ = nullptr;
  const char* end_ = nullptr;
};

// Eight bytes as a number, the first one lowest.
inline std::uint64_t Scanner::load(const char* from) {
  std::uint64_t word = 0;
  std::memcpy(&word, from, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = std::byteswap(word);
  return word;
}

// How many of the bytes are digits before the first that is none.
inline unsigned Scanner::leading_digits(std::uint64_t word) {
  constexpr std::uint64_t kZeros = 0x3030303030303030;
  constexpr std::uint64_t kToHighBit = 0x7676767676767676;  // 9 stays below it, 10 does not
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  const std::uint64_t values = word ^ kZeros;
  // A carry out of a byte reaches only those behind it, and comes only from one that is no digit.
  const std::uint64_t others = ((values + kToHighBit) | values) & kHighBits;
  return static_cast<unsigned>(std::countr_zero(others)) / 8;
}

// Eight bytes of digit values (0 to 9), the first one most significant, as a number: neighbours are
// joined to pairs, fours, and all eight.
inline std::uint64_t Scanner::value_of(std::uint64_t word) {
  word = (word * 10) + (word >> 8);
  constexpr std::uint64_t kPairs = 0x000000FF000000FF;
  constexpr std::uint64_t kEven = 100 + (1'000'000ULL << 32);
  constexpr std::uint64_t kOdd = 1 + (10'000ULL << 32);
  return ((word & kPairs) * kEven + ((word >> 16) & kPairs) * kOdd) >> 32;
}

// Up to 19 digits, which cannot overflow. Returns how many there were, 20 if more.
inline std::size_t Scanner::take_digits(std::uint64_t& value) {
  constexpr std::array<std::uint64_t, 8> kPowers = {1,      10,      100,       1'000,
                                                    10'000, 100'000, 1'000'000, 10'000'000};
  constexpr std::uint64_t kZeros = 0x3030303030303030;
  value = 0;
  for (std::size_t taken = 0; taken < 24; taken += 8) {
    const std::uint64_t word = load(at_);
    const unsigned digits = leading_digits(word);
    if (digits == 8 && taken < 16) {
      value = value * 100'000'000 + value_of(word ^ kZeros);
      at_ += 8;
      continue;
    }
    if (digits == 0) return taken;
    if (taken + digits > 19) break;
    value = value * kPowers[digits] + value_of((word ^ kZeros) << (64 - 8 * digits));
    at_ += digits;
    return taken + digits;
  }
  return 20;
}

// How many bytes before the closing quote; more than any known name has if it is not near.
inline std::size_t Scanner::name_size(const char* name) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  for (std::size_t size = 0; size < 32; size += 8) {
    const std::uint64_t quotes = load(name + size) ^ (kOnes * '"');
    const std::uint64_t found = (quotes - kOnes) & ~quotes & kHighBits;
    if (found != 0) return size + static_cast<std::size_t>(std::countr_zero(found)) / 8;
  }
  return 32;
}

inline std::size_t Scanner::take_key() {
  if (!take('"')) return kKeyCount;
  const std::size_t size = name_size(at_);
  if (size == 0 || size >= 32) return kKeyCount;
  const std::uint64_t head = size >= 8 ? load(at_) : load(at_) & ((1ULL << (8 * size)) - 1);
  const std::size_t key = kKeyTable.find(head, {at_, size});
  at_ += size + 1;
  if (!take(':')) return kKeyCount;
  take(' ');
  return key;
}

inline bool Scanner::take_id(std::uint64_t& id) {
  const bool text = take('"');
  if (at_ >= end_) return false;
  const bool leading_zero = *at_ == '0';
  if (take_digits(id) > 19 || id == 0) return false;
  return text ? take('"') : !leading_zero;
}

}  // namespace recant::decode
