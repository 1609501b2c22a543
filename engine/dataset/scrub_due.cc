#include "engine/dataset/scrub_due.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace recant::dataset {
namespace {

bool is_embedded(const Place& place) {
  return place.role != Role::kNone && place.role != Role::kItem;
}

// The id that stands beside a quoted_status, where that is another tweet.
TweetId told_beside(const Outline& outline, const Place& place) {
  if (place.role != Role::kQuoted || place.parent == Place::kNoParent) return 0;
  const TweetId told = outline.places[place.parent].told_quoted;
  return told == place.id ? 0 : told;
}

template <class Take>
void for_all_of_root(const Outline& outline, std::uint32_t root, Take take) {
  for (std::uint32_t i = root; i != Place::kNoParent; i = outline.places[i].next) {
    take(outline.places[i]);
  }
}

bool hides(Action action) { return action <= Action::kSuppress; }

bool about_itself(const Reason& reason) {
  return reason.via == Via::kSelf || reason.via == Via::kAuthor;
}

}  // namespace

void add_embedded_items(const Outline& outline, std::vector<Item>& out) {
  std::vector<std::vector<TweetId>> histories;  // of the root at hand
  std::uint32_t root = Place::kNoParent;
  for (const Place& place : outline.places) {
    if (!is_embedded(place)) continue;
    if (place.root != root) {
      root = place.root;
      histories.clear();
      for_all_of_root(outline, root, [&](const Place& part) {
        if (!part.history.empty()) histories.push_back(part.history);
      });
    }
    Item item{.id = place.id, .author = place.author, .edit_histories = histories};
    if (place.role == Role::kIncluded) {
      // As an item of its own a retweet goes with its original.
      for_all_of_root(outline, root, [&](const Place& part) {
        if (part.parent != root || !part.retweeted) return;
        item.retweeted = part.id;
        item.retweeted_author = part.author;
      });
    }
    const TweetId told = told_beside(outline, place);
    if (place.id != 0) out.push_back(item);
    if (told != 0) {
      item.id = told;
      item.author = 0;
      out.push_back(std::move(item));
    }
  }
}

void DueMap::read(const Outline& outline, std::span<const Item> items,
                  std::span<const Verdict> verdicts, std::span<const Verdict> embedded) {
  entries_.clear();
  any_ = false;
  std::size_t next_item = 0;
  std::size_t next_embedded = 0;
  for (const Place& place : outline.places) {
    if (place.role == Role::kNone) continue;
    if (place.role == Role::kItem) {
      const std::size_t i = next_item++;
      if (items[i].type == ItemType::kTweet) add(place.element, items[i].id, verdicts[i], true);
      continue;
    }
    const bool as_item = place.role == Role::kIncluded;
    if (place.id != 0) add(place.element, place.id, embedded[next_embedded++], as_item);
    if (const TweetId told = told_beside(outline, place); told != 0) {
      add(place.element, told, embedded[next_embedded++], as_item);
    }
  }
  std::ranges::sort(entries_, [](const Entry& a, const Entry& b) {
    return std::tie(a.element, a.id) < std::tie(b.element, b.id);
  });
}

void DueMap::add(std::uint32_t element, TweetId id, const Verdict& verdict, bool as_item) {
  Due due;
  for (const Reason& reason : verdict.reasons) {
    if (!about_itself(reason)) continue;
    if (hides(reason.action)) due.gone = true;
    if (reason.action == Action::kStripGeo) due.geo = true;
  }
  due.item_gone = as_item && hides(verdict.action);
  due.item_deleted = as_item && verdict.action == Action::kDelete;
  if (!due.geo && !due.gone && !due.item_gone) return;
  any_ = true;
  entries_.push_back({.element = element, .id = id, .due = due});
}

Due DueMap::of(std::uint32_t element, TweetId id) const {
  Due all;
  const auto key = std::tie(element, id);
  auto at = std::ranges::lower_bound(
      entries_, key, {}, [](const Entry& entry) { return std::tie(entry.element, entry.id); });
  for (; at != entries_.end() && at->element == element && at->id == id; ++at) {
    all.geo |= at->due.geo;
    all.gone |= at->due.gone;
    all.item_gone |= at->due.item_gone;
    all.item_deleted |= at->due.item_deleted;
  }
  return all;
}

Due DueMap::of(const Outline& outline, const Place& place) const {
  Due due = of(place.element, place.id);
  const TweetId told = told_beside(outline, place);
  if (told != 0 && of(place.element, told).gone) due.gone = true;
  return due;
}

}  // namespace recant::dataset
