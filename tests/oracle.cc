// Section 2 of semantics.md: the state of one id, read from all events anew at every question.
#include "oracle.h"

#include <algorithm>

namespace recant::laws {
namespace {

// The kinds of semantics.md, section 1, that are about a tweet and may name its author.
bool names_author(EventKind kind) {
  switch (kind) {
    case EventKind::kTweetDelete:
    case EventKind::kTweetWithheld:
    case EventKind::kTweetDrop:
    case EventKind::kTweetUndrop:
    case EventKind::kTweetEdit:
    case EventKind::kTweetUnavailable:
    case EventKind::kTweetAvailable:
    case EventKind::kTweetScrubGeo:
    case EventKind::kTweetHeld:
      return true;
    default:
      return false;
  }
}

// "the earliest `at` wins"
void keep_earliest(std::optional<Time>& kept, Time at) { kept = kept ? std::min(*kept, at) : at; }

std::vector<WithheldEntry> withheld_entries(
    const std::map<Country, std::optional<Time>>& earliest) {
  std::vector<WithheldEntry> entries;
  for (const auto& [code, at] : earliest) entries.push_back({code, *at});
  return entries;
}

std::optional<VisibilityEntry> visibility_entry(const Event& event) {
  switch (event.kind) {
    case EventKind::kTweetDrop:
      return VisibilityEntry{event.at, Visibility::kDropped, Why::kNone};
    case EventKind::kTweetUndrop:
      return VisibilityEntry{event.at, Visibility::kUndropped, Why::kNone};
    case EventKind::kTweetUnavailable:
      return VisibilityEntry{event.at, Visibility::kUnavailable, event.why};
    case EventKind::kTweetAvailable:
      return VisibilityEntry{event.at, Visibility::kAvailable, Why::kNone};
    default:
      return {};
  }
}

// A history is "the set of distinct (at, kind, payload)".
template <class Entry>
std::vector<Entry> sorted(const std::set<Entry>& entries) {
  return {entries.begin(), entries.end()};
}

}  // namespace

// "a tweet_edit states pairs (initial, id) for the initial tweet itself, the event's tweet and
// every id in its list"
std::vector<VersionPair> stated_pairs(const Event& event) {
  if (event.kind != EventKind::kTweetEdit) return {};
  const Payload& payload = event.payload.get();
  std::vector<VersionPair> pairs = {{payload.initial_tweet, payload.initial_tweet},
                                    {payload.initial_tweet, event.tweet}};
  for (const TweetId version : payload.edit_tweets) {
    pairs.emplace_back(payload.initial_tweet, version);
  }
  return pairs;
}

// "Relations (a tweet's authors, ...) come from any event that names them"
std::set<UserId> Oracle::authors(TweetId tweet) const {
  std::set<UserId> authors;
  for (const Event& event : events_) {
    if (names_author(event.kind) && event.tweet == tweet) authors.insert(event.author);
    if (event.kind != EventKind::kTweetHeld) continue;
    const Payload& payload = event.payload.get();
    if (payload.retweeted == tweet) authors.insert(payload.retweeted_author);
    if (payload.quoted == tweet) authors.insert(payload.quoted_author);
  }
  authors.erase(0);
  return authors;
}

std::set<TweetId> Oracle::retweeted(TweetId tweet) const {
  std::set<TweetId> originals;
  for (const Event& event : events_) {
    if (event.kind == EventKind::kTweetHeld && event.tweet == tweet) {
      originals.insert(event.payload.get().retweeted);
    }
  }
  originals.erase(0);
  return originals;
}

// "the quote_tweet of a tweet event (that tweet quotes the event's tweet; the event says nothing
// else about the quote_tweet)"
std::set<TweetId> Oracle::quoted(TweetId tweet) const {
  std::set<TweetId> originals;
  for (const Event& event : events_) {
    if (event.kind == EventKind::kTweetHeld && event.tweet == tweet) {
      originals.insert(event.payload.get().quoted);
    }
    if (event.quote_tweet == tweet) originals.insert(event.tweet);
  }
  originals.erase(0);
  return originals;
}

std::set<TweetId> Oracle::retweets_of(TweetId original) const {
  std::set<TweetId> retweets;
  for (const TweetId tweet : tweet_ids()) {
    if (retweeted(tweet).contains(original)) retweets.insert(tweet);
  }
  return retweets;
}

std::set<TweetId> Oracle::quotes_of(TweetId original) const {
  std::set<TweetId> quotes;
  for (const TweetId tweet : tweet_ids()) {
    if (quoted(tweet).contains(original)) quotes.insert(tweet);
  }
  return quotes;
}

std::optional<HeldEntry> Oracle::held(TweetId tweet) const {
  std::optional<HeldEntry> newest;
  for (const Event& event : events_) {
    if (event.tweet != tweet) continue;
    if (event.kind != EventKind::kTweetHeld && event.kind != EventKind::kTweetReleased) continue;
    const bool holds = event.kind == EventKind::kTweetHeld;
    const bool newer = !newest || event.at > newest->at || (event.at == newest->at && holds);
    if (newer) newest = HeldEntry{event.at, holds};
  }
  return newest;
}

TweetState Oracle::tweet(TweetId id) const {
  TweetState state;
  state.authors = sorted(authors(id));
  state.held = held(id);
  std::set<VisibilityEntry> visibility;
  std::map<Country, std::optional<Time>> withheld;
  std::map<VersionPair, std::optional<Time>> pairs;
  for (const Event& event : events_) {
    for (const VersionPair& pair : stated_pairs(event)) {
      if (pair.first == id || pair.second == id) keep_earliest(pairs[pair], event.at);
    }
    if (event.tweet != id) continue;
    if (event.kind == EventKind::kTweetDelete) keep_earliest(state.deleted_at, event.at);
    if (event.kind == EventKind::kTweetScrubGeo) keep_earliest(state.geo_scrubbed_at, event.at);
    if (const auto entry = visibility_entry(event)) visibility.insert(*entry);
    if (event.kind == EventKind::kTweetWithheld) {
      for (const Country code : event.payload.get().countries) {
        keep_earliest(withheld[code], event.at);
      }
    }
  }
  state.visibility = sorted(visibility);
  state.withheld = withheld_entries(withheld);
  for (const auto& [pair, at] : pairs) state.edits.push_back({pair.first, pair.second, *at});
  return state;
}

UserState Oracle::user(UserId id) const {
  std::set<ToggleEntry> deleted;
  std::set<ToggleEntry> is_protected;
  std::set<ToggleEntry> suspended;
  std::set<ScrubGeoEntry> scrub_geo;
  std::set<ProfileEntry> profile;
  std::map<Country, std::optional<Time>> withheld;
  for (const Event& event : events_) {
    if (event.user != id) continue;
    const Payload& payload = event.payload.get();
    if (event.kind == EventKind::kUserDelete) deleted.insert({event.at, true});
    if (event.kind == EventKind::kUserUndelete) deleted.insert({event.at, false});
    if (event.kind == EventKind::kUserProtect) is_protected.insert({event.at, true});
    if (event.kind == EventKind::kUserUnprotect) is_protected.insert({event.at, false});
    if (event.kind == EventKind::kUserSuspend) suspended.insert({event.at, true});
    if (event.kind == EventKind::kUserUnsuspend) suspended.insert({event.at, false});
    if (event.kind == EventKind::kScrubGeo) scrub_geo.insert({event.at, payload.up_to_tweet});
    if (event.kind == EventKind::kUserProfileModification) {
      profile.insert({payload.field, event.at});
    }
    if (event.kind == EventKind::kUserWithheld) {
      for (const Country code : payload.countries) keep_earliest(withheld[code], event.at);
    }
  }
  return {.deleted = sorted(deleted),
          .protected_ = sorted(is_protected),
          .suspended = sorted(suspended),
          .withheld = withheld_entries(withheld),
          .scrub_geo = sorted(scrub_geo),
          .profile = sorted(profile)};
}

std::optional<Time> Oracle::favorite_deleted_at(TweetId tweet, UserId user) const {
  std::optional<Time> earliest;
  for (const Event& event : events_) {
    if (event.kind != EventKind::kFavoriteDelete) continue;
    if (event.tweet == tweet && event.user == user) keep_earliest(earliest, event.at);
  }
  return earliest;
}

// "the tweets X with that author where X is held, or is the original of a held retweet or quote"
std::set<TweetId> Oracle::author_tweets(UserId author) const {
  std::set<TweetId> tweets;
  for (const TweetId tweet : tweet_ids()) {
    const std::optional<HeldEntry> entry = held(tweet);
    if (!entry || !entry->held) continue;
    tweets.insert(tweet);
    tweets.merge(retweeted(tweet));
    tweets.merge(quoted(tweet));
  }
  std::erase_if(tweets, [&](TweetId tweet) { return !authors(tweet).contains(author); });
  return tweets;
}

std::set<TweetId> Oracle::tweet_ids() const {
  std::set<TweetId> ids;
  for (const Event& event : events_) {
    const Payload& payload = event.payload.get();
    ids.insert(
        {event.tweet, event.quote_tweet, payload.initial_tweet, payload.retweeted, payload.quoted});
    ids.insert(payload.edit_tweets.begin(), payload.edit_tweets.end());
  }
  ids.erase(0);
  return ids;
}

std::set<UserId> Oracle::user_ids() const {
  std::set<UserId> ids;
  for (const Event& event : events_) {
    const Payload& payload = event.payload.get();
    ids.insert({event.author, event.user, payload.retweeted_author, payload.quoted_author});
  }
  ids.erase(0);
  return ids;
}

// "digest covers tweets, users, retweets, quotes, favorites (not held, ...)"
Oracle::Fingerprint Oracle::fingerprint() const {
  Fingerprint print;
  for (const TweetId id : tweet_ids()) {
    TweetState state = tweet(id);
    state.held.reset();
    if (state != TweetState{}) print.tweets[id] = state;
    for (const TweetId original : retweeted(id)) print.retweets.emplace(id, original);
    for (const TweetId original : quoted(id)) print.quotes.emplace(id, original);
  }
  for (const UserId id : user_ids()) {
    if (const UserState state = user(id); state != UserState{}) print.users[id] = state;
    for (const TweetId tweet : tweet_ids()) {
      if (const auto at = favorite_deleted_at(tweet, id)) print.favorites[{tweet, id}] = *at;
    }
  }
  return print;
}

}  // namespace recant::laws
