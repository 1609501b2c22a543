#include "recant/state.h"

#include <algorithm>

#include "store/model/join.h"

namespace recant {
namespace {

template <class T>
void earliest(std::optional<T>& mine, const std::optional<T>& other) {
  if (other && (!mine || *other < *mine)) mine = other;
}

template <class T>
void append(std::vector<T>& mine, const std::vector<T>& other) {
  mine.insert(mine.end(), other.begin(), other.end());
}

}  // namespace

bool TweetState::empty() const {
  return authors.empty() && !deleted_at && visibility.empty() && withheld.empty() &&
         !geo_scrubbed_at && edits.empty() && !held;
}

void TweetState::clear() {
  authors.clear();
  deleted_at.reset();
  visibility.clear();
  withheld.clear();
  geo_scrubbed_at.reset();
  edits.clear();
  held.reset();
}

void TweetState::join(const TweetState& other) {
  if (this == &other) return;
  append(authors, other.authors);
  earliest(deleted_at, other.deleted_at);
  append(visibility, other.visibility);
  append(withheld, other.withheld);
  earliest(geo_scrubbed_at, other.geo_scrubbed_at);
  append(edits, other.edits);
  // Held over released at the same time: true orders after false.
  if (other.held && (!held || *other.held > *held)) held = other.held;
  model::normalize(*this);
}

bool UserState::empty() const {
  return deleted.empty() && protected_.empty() && suspended.empty() && withheld.empty() &&
         scrub_geo.empty() && profile.empty();
}

void UserState::clear() {
  deleted.clear();
  protected_.clear();
  suspended.clear();
  withheld.clear();
  scrub_geo.clear();
  profile.clear();
}

void UserState::join(const UserState& other) {
  if (this == &other) return;
  append(deleted, other.deleted);
  append(protected_, other.protected_);
  append(suspended, other.suspended);
  append(withheld, other.withheld);
  append(scrub_geo, other.scrub_geo);
  append(profile, other.profile);
  model::normalize(*this);
}

std::optional<VisibilityEntry> visibility_as_of(const TweetState& state, Time as_of) {
  const auto& entries = state.visibility;
  const auto end = std::ranges::upper_bound(entries, as_of, {}, &VisibilityEntry::at);
  if (end == entries.begin()) return {};
  const VisibilityEntry& last = *std::prev(end);
  // Entries are ordered by (at, visibility, why), so the last one has the strongest visibility of
  // its time, and the first with that visibility has the smallest why.
  return *std::ranges::lower_bound(
      entries, std::pair{last.at, last.visibility}, {},
      [](const VisibilityEntry& entry) { return std::pair{entry.at, entry.visibility}; });
}

std::optional<Time> on_since(const std::vector<ToggleEntry>& toggle, Time as_of) {
  const auto end = std::ranges::upper_bound(toggle, as_of, {}, &ToggleEntry::at);
  std::optional<Time> since;
  for (auto entry = end; entry != toggle.begin();) {
    --entry;
    // Ordered by (at, on): the first met of a time is `on` if any of that time is.
    if (entry->on) {
      since = entry->at;
    } else if (since != entry->at) {
      break;
    }
  }
  return since;
}

std::optional<ScrubGeoEntry> scrub_geo_as_of(const UserState& state, Time as_of) {
  std::optional<ScrubGeoEntry> greatest;
  for (const ScrubGeoEntry& entry : state.scrub_geo) {
    if (entry.at > as_of) break;
    if (!greatest || entry.up_to_tweet > greatest->up_to_tweet) greatest = entry;
  }
  return greatest;
}

}  // namespace recant
