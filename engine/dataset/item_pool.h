// Items whose memory is used again.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "recant/verdict.h"

namespace recant::dataset {

class ItemPool {
 public:
  void clear() { count_ = 0; }
  /// Takes the items out of `from`, which gets the memory of former ones.
  void take(std::span<Item> from) {
    for (Item& item : from) {
      if (count_ == memory_.size()) memory_.emplace_back();
      std::swap(memory_[count_++], item);
    }
  }
  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] std::span<const Item> items() const { return {memory_.data(), count_}; }

 private:
  std::vector<Item> memory_;
  std::size_t count_ = 0;
};

}  // namespace recant::dataset
