#include "engine/dataset/history_groups.h"

#include <algorithm>

namespace recant::dataset {

void HistoryGroups::read(const Outline& outline, std::uint32_t root) {
  histories_.clear();
  parents_.clear();
  ids_.clear();
  groups_.clear();
  for (std::uint32_t i = root; i != Place::kNoParent; i = outline.places[i].next) {
    const std::vector<TweetId>& history = outline.places[i].history;
    if (history.empty()) continue;
    for (const TweetId id : history) ids_.emplace_back(id, histories_.size());
    parents_.push_back(histories_.size());
    histories_.push_back(&history);
  }
  std::ranges::sort(ids_);
  for (std::size_t i = 1; i < ids_.size(); ++i) {
    if (ids_[i].first != ids_[i - 1].first) continue;
    const std::size_t a = first_of(ids_[i - 1].second);
    const std::size_t b = first_of(ids_[i].second);
    parents_[std::max(a, b)] = std::min(a, b);
  }
  std::vector<std::size_t> group_of(histories_.size());
  for (std::size_t i = 0; i < histories_.size(); ++i) {
    const std::size_t first = first_of(i);
    if (first == i) groups_.emplace_back();
    group_of[i] = first == i ? groups_.size() - 1 : group_of[first];
    groups_[group_of[i]].push_back(i);
  }
  for (auto& [id, history] : ids_) history = group_of[history];
}

// Halves the way that it goes, so that ways stay short.
std::size_t HistoryGroups::first_of(std::size_t history) {
  while (parents_[history] != history) {
    parents_[history] = parents_[parents_[history]];
    history = parents_[history];
  }
  return history;
}

std::size_t HistoryGroups::of(TweetId id) const {
  const auto at = std::ranges::lower_bound(ids_, std::pair(id, std::size_t{0}));
  return at != ids_.end() && at->first == id ? at->second : kNone;
}

Item HistoryGroups::item(std::size_t group) const {
  Item item;
  item.id = histories_[groups_[group].front()]->front();
  for (const std::size_t history : groups_[group]) {
    item.edit_histories.push_back(*histories_[history]);
  }
  return item;
}

}  // namespace recant::dataset
