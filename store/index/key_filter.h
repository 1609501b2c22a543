// "Certainly not here" for most keys that are not: two bits of one word for each key. For the tail,
// whose sorted facts would cost a binary search in every run.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace recant::index {

class KeyFilter {
 public:
  KeyFilter() = default;
  /// For about so many keys: 8 to 16 bits each, so that few of a hundred absent keys pass.
  explicit KeyFilter(std::size_t keys)
      : words_(std::bit_ceil(keys / 8 + 1)), shift_(64 - std::countr_zero(words_.size())) {}

  void add(std::uint64_t key) {
    const std::uint64_t hash = hash_of(key);
    words_[place(hash)] |= bits(hash);
  }
  [[nodiscard]] bool may_hold(std::uint64_t key) const {
    if (words_.empty()) return false;
    const std::uint64_t hash = hash_of(key);
    return (words_[place(hash)] & bits(hash)) == bits(hash);
  }

 private:
  // Keys are dense or share their high bits: a multiplication spreads both over the high bits of
  // the product, and its low bits take the high ones again.
  static std::uint64_t hash_of(std::uint64_t key) {
    const std::uint64_t product = (key ^ key >> 32) * 0x9e3779b97f4a7c15;
    return product ^ product >> 29;
  }
  [[nodiscard]] std::size_t place(std::uint64_t hash) const {
    return shift_ == 64 ? 0 : hash >> shift_;
  }
  static std::uint64_t bits(std::uint64_t hash) {
    return std::uint64_t{1} << (hash & 63) | std::uint64_t{1} << (hash >> 6 & 63);
  }

  std::vector<std::uint64_t> words_;
  int shift_ = 64;
};

}  // namespace recant::index
