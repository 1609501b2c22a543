#include "engine/dataset/history.h"

#include <algorithm>
#include <map>
#include <utility>

#include "engine/replay/guard.h"
#include "recant/recant.h"

namespace recant::dataset {
namespace {

EventKind kind_of(Visibility visibility) {
  switch (visibility) {
    case Visibility::kAvailable:
      return EventKind::kTweetAvailable;
    case Visibility::kUndropped:
      return EventKind::kTweetUndrop;
    case Visibility::kUnavailable:
      return EventKind::kTweetUnavailable;
    case Visibility::kDropped:
      break;
  }
  return EventKind::kTweetDrop;
}

/// Collects events that share a subject.
class History {
 public:
  explicit History(Event subject) : subject_(std::move(subject)) {}

  Event& add(EventKind kind, Time at) {
    Event& event = events_.emplace_back(subject_);
    event.kind = kind;
    event.at = at;
    return event;
  }

  // One event for the countries that were told at one time.
  void add_withheld(EventKind kind, const std::vector<WithheldEntry>& entries) {
    std::map<Time, std::vector<Country>> by_time;
    for (const WithheldEntry& entry : entries) by_time[entry.at].push_back(entry.country);
    for (auto& [at, countries] : by_time) add(kind, at).payload.make().countries = countries;
  }

  void add_toggle(EventKind on, EventKind off, const std::vector<ToggleEntry>& entries) {
    for (const ToggleEntry& entry : entries) add(entry.on ? on : off, entry.at);
  }

  std::vector<Event> sorted() && {
    std::ranges::stable_sort(events_, {},
                             [](const Event& event) { return std::pair{event.at, event.kind}; });
    return std::move(events_);
  }

 private:
  Event subject_;
  std::vector<Event> events_;
};

// Pairs of one chain and time were told together; the newest version stands for the event's tweet.
void add_edits(const std::vector<EditPair>& pairs, History& history) {
  std::map<std::pair<Time, TweetId>, std::vector<TweetId>> chains;
  for (const EditPair& pair : pairs) chains[{pair.at, pair.initial}].push_back(pair.version);
  for (auto& [chain, versions] : chains) {
    std::ranges::sort(versions);
    Event& event = history.add(EventKind::kTweetEdit, chain.first);
    if (event.tweet != versions.back()) event.author = 0;  // what is known is this tweet's author
    event.tweet = versions.back();
    event.payload.make().initial_tweet = chain.second;
    event.payload.make().edit_tweets = std::move(versions);
  }
}

}  // namespace

std::vector<Event> tweet_history(TweetId id, const TweetState& state,
                                 const std::vector<TweetId>& retweeted,
                                 const std::vector<TweetId>& quoted) {
  Event subject;
  subject.tweet = id;
  if (state.authors.size() == 1) subject.author = state.authors.front();
  History history(std::move(subject));
  if (state.deleted_at) history.add(EventKind::kTweetDelete, *state.deleted_at);
  for (const VisibilityEntry& entry : state.visibility) {
    history.add(kind_of(entry.visibility), entry.at).why = entry.why;
  }
  history.add_withheld(EventKind::kTweetWithheld, state.withheld);
  if (state.geo_scrubbed_at) history.add(EventKind::kTweetScrubGeo, *state.geo_scrubbed_at);
  add_edits(state.edits, history);
  if (state.held && state.held->held) {
    Event& event = history.add(EventKind::kTweetHeld, state.held->at);
    if (retweeted.size() == 1) event.payload.make().retweeted = retweeted.front();
    if (quoted.size() == 1) event.payload.make().quoted = quoted.front();
  } else if (state.held) {
    history.add(EventKind::kTweetReleased, state.held->at).author = 0;  // it names no author
  }
  return std::move(history).sorted();
}

std::vector<Event> user_history(UserId id, const UserState& state) {
  Event subject;
  subject.user = id;
  History history(std::move(subject));
  history.add_toggle(EventKind::kUserDelete, EventKind::kUserUndelete, state.deleted);
  history.add_toggle(EventKind::kUserProtect, EventKind::kUserUnprotect, state.protected_);
  history.add_toggle(EventKind::kUserSuspend, EventKind::kUserUnsuspend, state.suspended);
  history.add_withheld(EventKind::kUserWithheld, state.withheld);
  for (const ScrubGeoEntry& entry : state.scrub_geo) {
    history.add(EventKind::kScrubGeo, entry.at).payload.make().up_to_tweet = entry.up_to_tweet;
  }
  for (const ProfileEntry& entry : state.profile) {
    history.add(EventKind::kUserProfileModification, entry.at).payload.make().field = entry.field;
  }
  return std::move(history).sorted();
}

}  // namespace recant::dataset

namespace recant {

Result<std::vector<Event>> Snapshot::tweet_history(TweetId id) const {
  return replay::guarded([&]() -> Result<std::vector<Event>> {
    RECANT_ASSIGN(const TweetState state, tweet(id));
    RECANT_ASSIGN(const auto originals, retweeted(id));
    RECANT_ASSIGN(const auto quotes, quoted(id));
    return dataset::tweet_history(id, state, originals, quotes);
  });
}

Result<std::vector<Event>> Snapshot::user_history(UserId id) const {
  return replay::guarded([&]() -> Result<std::vector<Event>> {
    RECANT_ASSIGN(const UserState state, user(id));
    return dataset::user_history(id, state);
  });
}

}  // namespace recant
