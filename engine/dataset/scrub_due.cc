#include "engine/dataset/scrub_due.h"

#include <algorithm>
#include <tuple>

#include "engine/dataset/history_groups.h"

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

// Takes, root by root, the groups of edit histories that stand in a root, as take_group(groups,
// number), then the tweets embedded in it, as take_tweet(groups, place, id, author). A root is
// judged with its groups beside it, for an edit history in each of its tweets would be the square
// of what a line may hold.
template <class TakeGroup, class TakeTweet>
void for_all_embedded(const Outline& outline, TakeGroup take_group, TakeTweet take_tweet) {
  HistoryGroups groups;
  for (std::uint32_t root = 0; root < outline.places.size(); ++root) {
    const Place& top = outline.places[root];
    if (top.parent != Place::kNoParent) continue;
    if (!is_embedded(top) && top.next == Place::kNoParent) continue;
    groups.read(outline, root);
    for (std::size_t group = 0; group < groups.size(); ++group) take_group(groups, group);
    for (std::uint32_t i = root; i != Place::kNoParent; i = outline.places[i].next) {
      const Place& place = outline.places[i];
      if (!is_embedded(place)) continue;
      if (place.id != 0) take_tweet(groups, place, place.id, place.author);
      const TweetId told = told_beside(outline, place);
      if (told != 0) take_tweet(groups, place, told, UserId{0});
    }
  }
}

bool hides(Action action) { return action <= Action::kSuppress; }

bool about_original(const Reason& reason) {
  return reason.via == Via::kRetweeted || reason.via == Via::kRetweetedAuthor;
}

bool about_itself(const Reason& reason) {
  return reason.via == Via::kSelf || reason.via == Via::kAuthor;
}

// What a verdict says of its own tweet; `alone`: without what a further one does to it. So is an
// original, for there are no retweets of retweets, and so is a quote of which only the state says
// that it is a retweet: the item that shows either was judged without.
Due due_of(const Verdict& verdict, bool alone) {
  Due due;
  for (const Reason& reason : verdict.reasons) {
    if (about_original(reason) ? alone : !about_itself(reason)) continue;
    if (hides(reason.action)) due.gone = true;
    if (reason.action == Action::kDelete) due.deleted = true;
    if (reason.action == Action::kStripGeo) {
      (about_original(reason) ? due.original_geo : due.geo) = true;
    }
  }
  return due;
}

bool stands_alone(const Place& place) {
  return place.retweeted || place.role == Role::kQuoted || place.role == Role::kReference;
}

bool strips_quote(const Verdict& verdict) {
  return std::ranges::any_of(
      verdict.reasons, [](const Reason& reason) { return reason.action == Action::kStripQuote; });
}

bool is_deleted_itself(const Verdict& verdict) {
  return std::ranges::any_of(verdict.reasons, [](const Reason& reason) {
    return reason.event == EventKind::kTweetDelete && reason.via == Via::kSelf;
  });
}

}  // namespace

Due& Due::operator|=(const Due& other) {
  geo |= other.geo;
  original_geo |= other.original_geo;
  gone |= other.gone;
  deleted |= other.deleted;
  return *this;
}

void add_embedded_items(const Outline& outline, std::vector<Item>& out) {
  for_all_embedded(
      outline,
      [&](const HistoryGroups& groups, std::size_t group) { out.push_back(groups.item(group)); },
      [&](const HistoryGroups&, const Place&, TweetId id, UserId author) {
        out.push_back({.id = id, .author = author});
      });
}

void DueMap::read(const Outline& outline, std::span<const Item> items,
                  std::span<const Verdict> verdicts, std::span<const Verdict> embedded) {
  entries_.clear();
  read_items(outline, items, verdicts);
  read_embedded(outline, embedded);
  sort();
  read_retweets(outline);
}

void DueMap::read_items(const Outline& outline, std::span<const Item> items,
                        std::span<const Verdict> verdicts) {
  std::size_t next = 0;
  for (const Place& place : outline.places) {
    if (place.role != Role::kItem) continue;
    const Item& item = items[next];
    const Verdict& verdict = verdicts[next++];
    if (item.type != ItemType::kTweet) continue;
    add(place.element, item.id, due_of(verdict, /*alone=*/false));
    // The quote that it shows goes where its verdict says so, whatever led to that.
    if (item.quoted != 0 && strips_quote(verdict)) add(place.element, item.quoted, {.gone = true});
  }
}

void DueMap::read_embedded(const Outline& outline, std::span<const Verdict> embedded) {
  auto verdict = embedded.begin();
  std::vector<bool> deleted;  // of the groups of the root at hand
  for_all_embedded(
      outline,
      [&](const HistoryGroups&, std::size_t group) {
        deleted.resize(group);
        deleted.push_back(is_deleted_itself(*verdict++));
      },
      [&](const HistoryGroups& groups, const Place& place, TweetId id, UserId) {
        Due due = due_of(*verdict++, stands_alone(place));
        const std::size_t group = groups.of(id);
        if (group != HistoryGroups::kNone && deleted[group]) due.gone = due.deleted = true;
        add(place.element, id, due);
      });
}

// A retweet goes with its original, and may repeat its geo. Where an item is the retweet, its
// verdict has said so.
void DueMap::read_retweets(const Outline& outline) {
  std::vector<Entry> retweets;  // of() needs the entries in order
  for (const Place& place : outline.places) {
    if (!place.retweeted || !is_embedded(place)) continue;
    const Place& retweet = outline.places[place.parent];
    if (!is_embedded(retweet) || retweet.id == 0) continue;
    const Due original = of(place.element, place.id);
    const Due due{.original_geo = original.geo, .gone = original.gone, .deleted = original.deleted};
    if (due.any()) retweets.push_back({.element = place.element, .id = retweet.id, .due = due});
  }
  if (retweets.empty()) return;
  entries_.insert(entries_.end(), retweets.begin(), retweets.end());
  sort();
}

void DueMap::add(std::uint32_t element, TweetId id, const Due& due) {
  if (due.any()) entries_.push_back({.element = element, .id = id, .due = due});
}

// A tweet that stands in its element more than once has one entry.
void DueMap::sort() {
  std::ranges::sort(entries_, [](const Entry& a, const Entry& b) {
    return std::tie(a.element, a.id) < std::tie(b.element, b.id);
  });
  std::size_t kept = 0;
  for (const Entry& entry : entries_) {
    if (kept > 0 && entries_[kept - 1].element == entry.element &&
        entries_[kept - 1].id == entry.id) {
      entries_[kept - 1].due |= entry.due;
    } else {
      entries_[kept++] = entry;
    }
  }
  entries_.resize(kept);
}

Due DueMap::of(std::uint32_t element, TweetId id) const {
  const auto at = std::ranges::lower_bound(
      entries_, std::tie(element, id), {},
      [](const Entry& entry) { return std::tie(entry.element, entry.id); });
  return at != entries_.end() && at->element == element && at->id == id ? at->due : Due{};
}

Due DueMap::of(const Outline& outline, const Place& place) const {
  Due due = of(place.element, place.id);
  const TweetId told = told_beside(outline, place);
  if (told != 0 && of(place.element, told).gone) due.gone = true;
  return due;
}

}  // namespace recant::dataset
