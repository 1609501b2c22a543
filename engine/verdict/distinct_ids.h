// Ids in the order in which they came, each once. Most sets of them are small, and are searched
// from end to end; what a stranger's line may make large is hashed, so that no line costs its
// square.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "store/index/key_map.h"

namespace recant::verdict {

class DistinctIds {
 public:
  static constexpr std::size_t kNone = SIZE_MAX;

  [[nodiscard]] std::size_t size() const { return ids_.size(); }
  [[nodiscard]] std::uint64_t operator[](std::size_t place) const { return ids_[place]; }
  [[nodiscard]] const std::vector<std::uint64_t>& ids() const { return ids_; }

  /// The place of `id`, or kNone.
  [[nodiscard]] std::size_t find(std::uint64_t id) const {
    if (ids_.size() <= kFew) {
      const auto at = std::ranges::find(ids_, id);
      return at == ids_.end() ? kNone : static_cast<std::size_t>(at - ids_.begin());
    }
    const std::size_t* place = place_of_.find(id);
    return place == nullptr ? kNone : *place;
  }
  /// Adds `id` unless it is there.
  void add(std::uint64_t id) {
    if (find(id) != kNone) return;
    ids_.push_back(id);
    if (ids_.size() <= kFew) return;
    for (std::size_t i = place_of_.size(); i < ids_.size(); ++i) {
      place_of_.at(place_of_.place(ids_[i])) = i;
    }
  }
  void clear() {
    ids_.clear();
    if (place_of_.size() > 0) place_of_.clear();
  }

 private:
  static constexpr std::size_t kFew = 16;

  std::vector<std::uint64_t> ids_;
  index::KeyMap<std::size_t> place_of_;  // once there are more than a few
};

}  // namespace recant::verdict
