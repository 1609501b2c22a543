// Section 3 of semantics.md: each row of its table is a function here, quoted above it.
#include "oracle_rules.h"

#include <algorithm>
#include <ranges>
#include <stdexcept>
#include <string>
#include <string_view>

namespace recant::laws {
namespace {

constexpr Time kThirtyDays = Time{30} * 86'400'000;

// "A reason names the tweet_id or the user_id whose state it is"
Reason about_tweet(Action action, EventKind event, Via via, TweetId tweet) {
  Reason reason;
  reason.action = action;
  reason.event = event;
  reason.via = via;
  reason.tweet = tweet;
  return reason;
}

Reason about_user(Action action, EventKind event, Via via, UserId user) {
  Reason reason = about_tweet(action, event, via, 0);
  reason.user = user;
  return reason;
}

}  // namespace

Rules::Rules(const std::vector<Event>& events, const Item& item, Time as_of) : as_of_(as_of) {
  // "as-of T means knowing only events with at <= T"
  for (const Event& event : events) {
    if (event.at <= as_of) known_.push_back(event);
  }
  // "(its first id with each of its ids, known since ever)"
  for (const std::vector<TweetId>& history : item.edit_histories) {
    for (const TweetId version : history) item_pairs_.emplace_back(history.front(), version);
  }
}

// "Each (row of the table, via, named id, event) gives at most one reason." The action tells the
// rows of one event and via apart. Two originals may lead to the same reason, never to two
// different ones.
void Rules::add(const Reason& reason) {
  const Key key = {reason.action, reason.via, reason.tweet, reason.user, reason.event};
  const auto [place, is_new] = reasons_.emplace(key, reason);
  if (!is_new && place->second != reason) throw std::logic_error("the law contradicts itself");
}

// "the versions of a tweet are its connected component in the pairs with at <= T; the edit history
// that an item itself carries counts as further pairs"
std::set<TweetId> Rules::versions(TweetId tweet) const {
  std::vector<VersionPair> pairs = item_pairs_;
  for (const Event& event : known_) {
    for (const VersionPair& pair : stated_pairs(event)) pairs.push_back(pair);
  }
  std::set<TweetId> versions = {tweet};
  for (std::size_t size = 0; size != versions.size();) {
    size = versions.size();
    for (const auto& [initial, version] : pairs) {
      if (versions.contains(initial) || versions.contains(version)) {
        versions.insert({initial, version});
      }
    }
  }
  return versions;
}

std::optional<Time> Rules::tweet_deleted_at(TweetId tweet) const {
  std::optional<Time> earliest;
  for (const Event& event : known_) {
    if (event.kind != EventKind::kTweetDelete || event.tweet != tweet) continue;
    if (!earliest || event.at < *earliest) earliest = event.at;
  }
  return earliest;
}

// | the tweet, or any of its versions, is deleted | delete | tweet_delete | self |
// | its retweeted original, or any version of that, is deleted | delete | tweet_delete | retweeted
// | "names the tweet itself if that is deleted, else the deleted version with the smallest id"
void Rules::deleted(TweetId tweet, Via via, Action action) {
  std::vector<TweetId> candidates = {tweet};
  for (const TweetId version : versions(tweet)) candidates.push_back(version);
  for (const TweetId candidate : candidates) {
    const std::optional<Time> at = tweet_deleted_at(candidate);
    if (!at) continue;
    Reason reason = about_tweet(action, EventKind::kTweetDelete, via, candidate);
    reason.at = *at;
    add(reason);
    return;
  }
}

// "its since: the first entry of the run in force, after the last undoing entry, where of one `at`
// the restrictive entry counts"
std::optional<Time> Rules::since(UserId user, Toggle toggle) const {
  std::set<Time> on;
  std::set<Time> off;
  for (const Event& event : known_) {
    if (event.user != user) continue;
    if (event.kind == toggle.on) on.insert(event.at);
    if (event.kind == toggle.off) off.insert(event.at);
  }
  for (const Time at : on) off.erase(at);
  const auto first = off.empty() ? on.begin() : on.upper_bound(*off.rbegin());
  return first == on.end() ? std::nullopt : std::optional(*first);
}

// | its author / the original's author has been deleted, without undelete, for 30 days or more |
// | delete (grace_expired) | user_delete |; | the same for less than 30 days | suppress |
void Rules::account_deleted(UserId user, Via via) {
  const std::optional<Time> at = since(user, kDeletion);
  if (!at) return;
  const bool expired = as_of_ - *at >= kThirtyDays;
  const Action action = expired ? Action::kDelete : Action::kSuppress;
  Reason reason = about_user(action, EventKind::kUserDelete, via, user);
  reason.at = *at;
  reason.grace_expired = expired;
  add(reason);
}

// | its author / the original's author is protected, suspended | suppress |
// | user_protect, user_suspend | author / retweeted_author |
void Rules::account_restricted(UserId user, Via via, Toggle toggle, Action action) {
  const std::optional<Time> at = since(user, toggle);
  if (!at) return;
  Reason reason = about_user(action, toggle.on, via, user);
  reason.at = *at;
  add(reason);
}

// | the tweet / the original is dropped or unavailable | suppress | tweet_drop, tweet_unavailable |
// | self / retweeted |
// "the entry in force, with its own `at`; of several restrictive ones at that `at`, tweet_drop
// before tweet_unavailable, then the smaller `why`"
void Rules::hidden(TweetId tweet, Via via, Action action) {
  Time last = -1;
  for (const Event& event : known_) {
    const bool tells =
        event.tweet == tweet &&
        (event.kind == EventKind::kTweetDrop || event.kind == EventKind::kTweetUndrop ||
         event.kind == EventKind::kTweetUnavailable || event.kind == EventKind::kTweetAvailable);
    if (tells) last = std::max(last, event.at);
  }
  bool dropped = false;
  std::set<std::string_view> whys;
  for (const Event& event : known_) {
    if (event.tweet != tweet || event.at != last) continue;
    dropped |= event.kind == EventKind::kTweetDrop;
    if (event.kind == EventKind::kTweetUnavailable) whys.insert(why_name(event.why));
  }
  Reason reason = about_tweet(action, EventKind::kTweetDrop, via, tweet);
  reason.at = last;
  if (dropped) {
    add(reason);
  } else if (!whys.empty()) {
    reason.event = EventKind::kTweetUnavailable;
    reason.why = *why_from_name(*whys.begin());
    add(reason);
  }
}

namespace {

// | the tweet, its author, the original, its author, the quoted tweet, its author is withheld |
// | withhold (countries) | tweet_withheld, user_withheld |
// "one reason for a (via, id), countries sorted, `at` the latest of them"; each country's own time
// is the earliest that withheld it
std::optional<Reason> withheld(const std::vector<const Event*>& events) {
  std::map<std::string, Time> since;
  for (const Event* event : events) {
    for (const Country code : event->payload.get().countries) {
      const auto entry = since.emplace(country_name(code), event->at).first;
      entry->second = std::min(entry->second, event->at);
    }
  }
  if (since.empty()) return {};
  Reason reason;
  reason.action = Action::kWithhold;
  for (const auto& [name, at] : since) {
    reason.countries.push_back(country(name[0], name[1]));
    reason.at = std::max(reason.at, at);
  }
  return reason;
}

}  // namespace

void Rules::tweet_withheld(TweetId tweet, Via via) {
  std::vector<const Event*> about;
  for (const Event& event : known_) {
    if (event.kind == EventKind::kTweetWithheld && event.tweet == tweet) about.push_back(&event);
  }
  std::optional<Reason> reason = withheld(about);
  if (!reason) return;
  reason->event = EventKind::kTweetWithheld;
  reason->via = via;
  reason->tweet = tweet;
  add(*reason);
}

void Rules::user_withheld(UserId user, Via via) {
  std::vector<const Event*> about;
  for (const Event& event : known_) {
    if (event.kind == EventKind::kUserWithheld && event.user == user) about.push_back(&event);
  }
  std::optional<Reason> reason = withheld(about);
  if (!reason) return;
  reason->event = EventKind::kUserWithheld;
  reason->via = via;
  reason->user = user;
  add(*reason);
}

// | scrub_geo of the author with up_to_tweet >= the tweet's id, for the tweet, the original, the
// | quoted tweet | strip_geo | scrub_geo | author, retweeted_author, quoted_author |
// "`at` the earliest that named the greatest up_to_tweet"
void Rules::location_scrubbed(UserId user, Via via, TweetId tweet_at_least) {
  std::map<TweetId, std::set<Time>> times_by_limit;
  for (const Event& event : known_) {
    if (event.kind == EventKind::kScrubGeo && event.user == user) {
      times_by_limit[event.payload.get().up_to_tweet].insert(event.at);
    }
  }
  if (times_by_limit.empty()) return;
  const auto& [up_to_tweet, times] = *times_by_limit.rbegin();
  if (up_to_tweet < tweet_at_least) return;
  Reason reason = about_user(Action::kStripGeo, EventKind::kScrubGeo, via, user);
  reason.at = *times.begin();
  reason.up_to_tweet = up_to_tweet;
  add(reason);
}

// | tweet_scrub_geo of the tweet, the original, the quoted tweet | strip_geo | tweet_scrub_geo |
// | self, retweeted, quoted |
void Rules::tweet_location_scrubbed(TweetId tweet, Via via) {
  std::set<Time> times;
  for (const Event& event : known_) {
    if (event.kind == EventKind::kTweetScrubGeo && event.tweet == tweet) times.insert(event.at);
  }
  if (times.empty()) return;
  Reason reason = about_tweet(Action::kStripGeo, EventKind::kTweetScrubGeo, via, tweet);
  reason.at = *times.begin();
  add(reason);
}

// | the quoted tweet or its author would be deleted or suppressed by the first six rows |
// | strip_quote | that event | quoted, quoted_author |
// "strip_quote reasons never carry grace_expired"; what the quoted tweet itself retweets or quotes
// is another tweet's matter
void Rules::quote_to_strip(const Subject& quoted) {
  deleted(quoted.tweet, quoted.via, Action::kStripQuote);
  hidden(quoted.tweet, quoted.via, Action::kStripQuote);
  for (const UserId author : quoted.authors) {
    for (const Toggle toggle : {kDeletion, kProtection, kSuspension}) {
      account_restricted(author, quoted.author_via, toggle, Action::kStripQuote);
    }
  }
}

// | a version with a greater id exists of the tweet, the original, the quoted tweet |
// | refresh (latest_tweet_id) | tweet_edit | self, retweeted, quoted |
// "the newest version is the greatest id that a pair from an event names as-of T; `at` the earliest
// of those pairs; no reason where it is not greater than the tweet's id"
void Rules::newer_version(TweetId tweet, Via via) {
  const std::set<TweetId> component = versions(tweet);
  std::map<TweetId, std::set<Time>> named;
  for (const Event& event : known_) {
    for (const auto& [initial, version] : stated_pairs(event)) {
      if (!component.contains(initial)) continue;
      named[initial].insert(event.at);
      named[version].insert(event.at);
    }
  }
  if (named.empty()) return;
  const auto& [latest, times] = *named.rbegin();
  if (latest <= tweet) return;
  Reason reason = about_tweet(Action::kRefresh, EventKind::kTweetEdit, via, tweet);
  reason.at = *times.begin();
  reason.latest_tweet = latest;
  add(reason);
}

// | the profile of its author, the original's, the quoted tweet's changed |
// | refresh_profile (fields) | user_profile_modification | author, retweeted_author, quoted_author
// | "fields sorted, `at` the latest"
void Rules::profile_changed(UserId user, Via via) {
  std::set<std::string> fields;
  Time latest = 0;
  for (const Event& event : known_) {
    if (event.kind != EventKind::kUserProfileModification || event.user != user) continue;
    fields.insert(event.payload.get().field);
    latest = std::max(latest, event.at);
  }
  if (fields.empty()) return;
  Reason reason =
      about_user(Action::kRefreshProfile, EventKind::kUserProfileModification, via, user);
  reason.at = latest;
  reason.fields.assign(fields.begin(), fields.end());
  add(reason);
}

// "A like item: favorite_delete (delete, via self)"; "favorite_delete names both"
void Rules::favorite_deleted(TweetId tweet, UserId user) {
  std::set<Time> times;
  for (const Event& event : known_) {
    const bool about = event.tweet == tweet && event.user == user;
    if (event.kind == EventKind::kFavoriteDelete && about) times.insert(event.at);
  }
  if (times.empty()) return;
  Reason reason = about_tweet(Action::kDelete, EventKind::kFavoriteDelete, Via::kSelf, tweet);
  reason.user = user;
  reason.at = *times.begin();
  add(reason);
}

namespace {

bool is_quote(Via via) { return via == Via::kQuoted || via == Via::kQuotedAuthor; }

bool withheld_in(const Reason& reason, Country here) {
  const std::set<Country> countries(reason.countries.begin(), reason.countries.end());
  return countries.contains(here) || countries.contains(country('X', 'X')) ||
         countries.contains(country('X', 'Y'));
}

// "sorted by action, then via ..., then event name, then `at`, then the named id as a number".
// The order of the values of Action and Via is the order of the law.
auto sort_key(const Reason& reason) {
  return std::tuple(reason.action, reason.via, event_kind_name(reason.event), reason.at,
                    reason.tweet != 0 ? reason.tweet : reason.user);
}

}  // namespace

std::vector<Reason> Rules::result(const Policy& policy) const {
  const std::set<EventKind> delete_on(policy.delete_on.begin(), policy.delete_on.end());
  std::vector<Reason> reasons;
  for (Reason reason : reasons_ | std::views::values) {
    // "Policy may raise suppress to delete per event; it does not touch strip_quote."
    if (reason.action == Action::kSuppress && delete_on.contains(reason.event)) {
      reason.action = Action::kDelete;
    }
    // "With --country CC a withhold reason whose countries hold CC, XX or XY becomes suppress
    // (strip_quote, if via quoted or quoted_author); one that holds none of them goes away."
    if (reason.action == Action::kWithhold && policy.country) {
      if (!withheld_in(reason, *policy.country)) continue;
      reason.action = is_quote(reason.via) ? Action::kStripQuote : Action::kSuppress;
    }
    reasons.push_back(reason);
  }
  std::ranges::sort(reasons, {}, sort_key);
  return reasons;
}

}  // namespace recant::laws
