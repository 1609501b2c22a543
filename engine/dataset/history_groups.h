// The edit histories of tweets that stand in one another: those with an id in common are one
// tweet's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "engine/dataset/outline.h"
#include "recant/verdict.h"

namespace recant::dataset {

/// Linear (but for sorting) in what the histories hold, however many tweets share them.
class HistoryGroups {
 public:
  static constexpr std::size_t kNone = SIZE_MAX;

  /// Of the places of one root.
  void read(const Outline& outline, std::uint32_t root);
  [[nodiscard]] std::size_t size() const { return groups_.size(); }
  /// The group that a tweet is a version in, or kNone.
  [[nodiscard]] std::size_t of(TweetId id) const;
  /// Judged as an item, it is deleted where any version in the group is.
  [[nodiscard]] Item item(std::size_t group) const;

 private:
  [[nodiscard]] std::size_t first_of(std::size_t history);

  std::vector<const std::vector<TweetId>*> histories_;
  std::vector<std::size_t> parents_;  // of each history: one before it in its group, or itself
  std::vector<std::pair<TweetId, std::size_t>> ids_;  // sorted, with the history; then the group
  std::vector<std::vector<std::size_t>> groups_;      // histories of each
};

}  // namespace recant::dataset
