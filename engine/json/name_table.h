// Names known beforehand to numbers: found by a perfect hash of the first eight characters and the
// length, so that a key of a JSON object costs a few nanoseconds, known or not.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace recant::json {

/// The first eight bytes of a name as a number, zeros after its end.
[[nodiscard]] constexpr std::uint64_t name_head(std::string_view name) {
  std::uint64_t head = 0;
  for (std::size_t i = std::min<std::size_t>(name.size(), 8); i-- > 0;) {
    head = head << 8 | static_cast<unsigned char>(name[i]);
  }
  return head;
}

/// The same in a load or two, or for less than four bytes in three.
[[nodiscard]] inline std::uint64_t load_name_head(std::string_view name) {
  const auto load = [&name]<class Word>(std::size_t at, Word word) -> std::uint64_t {
    std::memcpy(&word, name.data() + at, sizeof word);
    return std::endian::native == std::endian::big ? std::byteswap(word) : word;
  };
  const std::size_t size = name.size();
  if (size >= 8) return load(0, std::uint64_t{});
  // What both loads hold is the same in both.
  if (size >= 4)
    return load(0, std::uint32_t{}) | load(size - 4, std::uint32_t{}) << 8 * (size - 4);
  if (size == 0) return 0;
  const std::size_t middle = size / 2;
  return load(0, std::uint8_t{}) | load(middle, std::uint8_t{}) << 8 * middle |
         load(size - 1, std::uint8_t{}) << 8 * (size - 1);
}

/// From names to their places in an array of `kCount` names, no two of them alike.
template <std::size_t kCount>
class NameTable {
 public:
  static constexpr std::size_t kNone = kCount;

  consteval explicit NameTable(const std::array<std::string_view, kCount>& names) : names_(names) {
    while (!fill()) factor_ += 2;
  }
  /// kNone for a name that is not known. `head` is name_head(name).
  [[nodiscard]] std::size_t find(std::uint64_t head, std::string_view name) const {
    const std::size_t place = slots_[slot(head, name.size())];
    if (place == kNone || heads_[place] != head) return kNone;
    const std::string_view known = names_[place];
    if (known.size() != name.size()) return kNone;
    if (known.size() > 8 && std::memcmp(known.data() + 8, name.data() + 8, name.size() - 8) != 0) {
      return kNone;
    }
    return place;
  }
  [[nodiscard]] std::size_t find(std::string_view name) const {
    return find(load_name_head(name), name);
  }

 private:
  static_assert(kCount < 256);
  static constexpr unsigned kSlotBits = 9;

  [[nodiscard]] constexpr std::size_t slot(std::uint64_t head, std::size_t size) const {
    return (head + size) * factor_ >> (64 - kSlotBits);
  }
  // False where two names share a slot.
  consteval bool fill() {
    slots_.fill(kNone);
    for (std::size_t place = 0; place < kCount; ++place) {
      heads_[place] = name_head(names_[place]);
      std::uint8_t& taken = slots_[slot(heads_[place], names_[place].size())];
      if (taken != kNone) return false;
      taken = static_cast<std::uint8_t>(place);
    }
    return true;
  }

  std::array<std::string_view, kCount> names_;
  std::uint64_t factor_ = 0x9E3779B97F4A7C15U;
  std::array<std::uint64_t, kCount> heads_{};
  std::array<std::uint8_t, std::size_t{1} << kSlotBits> slots_{};
};

}  // namespace recant::json
