// A map from ids to small entries that is filled, asked and emptied over and over.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace recant::index {

template <class Entry>
class KeyMap {
 public:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  void clear() {
    std::ranges::fill(slots_, kNone);
    entries_.clear();
  }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  /// The place of a key's entry, made if there is none.
  std::uint32_t place(std::uint64_t key) {
    if (entries_.size() * 2 >= slots_.size()) grow();
    std::uint32_t& slot = slots_[slot_of(key)];
    if (slot == kNone) {
      entries_.emplace_back(key, Entry{});  // first: it may throw
      slot = static_cast<std::uint32_t>(entries_.size() - 1);
    }
    return slot;
  }
  [[nodiscard]] const Entry* find(std::uint64_t key) const {
    if (slots_.empty()) return nullptr;
    const std::uint32_t slot = slots_[slot_of(key)];
    return slot == kNone ? nullptr : &entries_[slot].second;
  }
  [[nodiscard]] Entry& at(std::uint32_t place) { return entries_[place].second; }
  [[nodiscard]] const Entry& at(std::uint32_t place) const { return entries_[place].second; }
  [[nodiscard]] std::uint64_t key(std::uint32_t place) const { return entries_[place].first; }

 private:
  // The slot that holds the key, or the empty one where it would stand.
  [[nodiscard]] std::size_t slot_of(std::uint64_t key) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t slot = ((key ^ key >> 32) * 0x9e3779b97f4a7c15) >> shift_;
    while (slots_[slot] != kNone && entries_[slots_[slot]].first != key) slot = (slot + 1) & mask;
    return slot;
  }
  void grow() {
    const std::size_t size = slots_.empty() ? 1024 : slots_.size() * 2;
    slots_.assign(size, kNone);
    shift_ = 64 - std::countr_zero(size);
    for (std::uint32_t i = 0; i < entries_.size(); ++i) slots_[slot_of(entries_[i].first)] = i;
  }

  std::vector<std::pair<std::uint64_t, Entry>> entries_;
  std::vector<std::uint32_t> slots_;
  int shift_ = 0;
};

}  // namespace recant::index
