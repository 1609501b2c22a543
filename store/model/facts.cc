#include "store/model/facts.h"

#include <algorithm>

namespace recant::model {
namespace {

std::uint32_t visibility_code(Visibility visibility, Why why) {
  return (static_cast<std::uint32_t>(visibility) << 8) | static_cast<std::uint32_t>(why);
}

void keep_earliest(std::optional<Time>& mine, Time at) {
  if (!mine || at < *mine) mine = at;
}

void keep_newest(std::optional<HeldEntry>& mine, HeldEntry entry) {
  // Held over released at the same time: true orders after false.
  if (!mine || entry > *mine) mine = entry;
}

}  // namespace

void Facts::add_tweet(const Event& event, FactKind kind, std::uint32_t code) {
  tweets.push_back(
      {.key = event.tweet, .value = event.author, .at = event.at, .code = code, .kind = kind});
  // "that tweet quotes the event's tweet": nothing else is said of it.
  if (event.quote_tweet != 0) quotes.push_back({.key = event.quote_tweet, .value = event.tweet});
}

void Facts::add_user(const Event& event, FactKind kind, std::uint32_t code) {
  users.push_back({.key = event.user, .at = event.at, .code = code, .kind = kind});
}

void Facts::add_withheld(const Event& event) {
  for (const Country code : event.payload.get().countries) {
    if (event.kind == EventKind::kTweetWithheld) {
      add_tweet(event, FactKind::kWithheld, code);
    } else {
      add_user(event, FactKind::kWithheld, code);
    }
  }
}

void Facts::add_edit(const Event& event) {
  const Payload& payload = event.payload.get();
  const TweetId initial = payload.initial_tweet;
  const auto add_pair = [&](TweetId version) {
    tweets.push_back(
        {.key = initial, .value = version, .at = event.at, .kind = FactKind::kEditVersion});
    if (version == initial) return;
    tweets.push_back(
        {.key = version, .value = initial, .at = event.at, .kind = FactKind::kEditInitial});
  };
  add_pair(initial);
  if (event.tweet != initial) add_pair(event.tweet);
  for (const TweetId version : payload.edit_tweets) {
    if (version != initial && version != event.tweet) add_pair(version);
  }
  if (event.author != 0) {
    tweets.push_back({.key = event.tweet, .value = event.author, .kind = FactKind::kAuthor});
  }
  if (event.quote_tweet != 0) quotes.push_back({.key = event.quote_tweet, .value = event.tweet});
}

void Facts::add_held(const Event& event) {
  add_tweet(event, FactKind::kHeld);
  const Payload& payload = event.payload.get();
  const auto add_original = [&](TweetId original, UserId author, std::vector<Pair>& relation) {
    if (original == 0) return;
    relation.push_back({.key = event.tweet, .value = original});
    if (author == 0) return;
    tweets.push_back({.key = original, .value = author, .kind = FactKind::kAuthor});
  };
  add_original(payload.retweeted, payload.retweeted_author, retweets);
  add_original(payload.quoted, payload.quoted_author, quotes);
}

std::uint32_t Facts::field_index(const std::string& name) {
  const auto next = static_cast<std::uint32_t>(fields.size());
  const auto [found, added] = field_indexes_.try_emplace(name, next);
  if (added) fields.push_back(name);
  return found->second;
}

void Facts::add_profile(const Event& event) {
  const std::string& field = event.payload.get().field;
  text_bytes += field.size();
  add_user(event, FactKind::kProfile, field_index(field));
}

void Facts::add(const Event& event) {
  ++events;
  const std::uint64_t before = size();
  add_facts(event);
  // Coverage is joined as it comes, so it counts by the event.
  total += size() - before + (event.kind == EventKind::kCoverage ? 1 : 0);
}

std::uint64_t Facts::size() const {
  return tweets.size() + users.size() + retweets.size() + quotes.size() + favorites.size() +
         losses.size();
}

void Facts::add_facts(const Event& event) {
  switch (event.kind) {
    case EventKind::kTweetDelete:
      return add_tweet(event, FactKind::kDeleted);
    case EventKind::kTweetWithheld:
    case EventKind::kUserWithheld:
      return add_withheld(event);
    case EventKind::kTweetDrop:
      return add_tweet(event, FactKind::kVisibility,
                       visibility_code(Visibility::kDropped, Why::kNone));
    case EventKind::kTweetUndrop:
      return add_tweet(event, FactKind::kVisibility,
                       visibility_code(Visibility::kUndropped, Why::kNone));
    case EventKind::kTweetUnavailable:
      return add_tweet(event, FactKind::kVisibility,
                       visibility_code(Visibility::kUnavailable, event.why));
    case EventKind::kTweetAvailable:
      return add_tweet(event, FactKind::kVisibility,
                       visibility_code(Visibility::kAvailable, Why::kNone));
    case EventKind::kTweetEdit:
      return add_edit(event);
    case EventKind::kTweetScrubGeo:
      return add_tweet(event, FactKind::kGeoScrubbed);
    case EventKind::kUserDelete:
      return add_user(event, FactKind::kDeleteOn);
    case EventKind::kUserUndelete:
      return add_user(event, FactKind::kDeleteOff);
    case EventKind::kUserProtect:
      return add_user(event, FactKind::kProtectOn);
    case EventKind::kUserUnprotect:
      return add_user(event, FactKind::kProtectOff);
    case EventKind::kUserSuspend:
      return add_user(event, FactKind::kSuspendOn);
    case EventKind::kUserUnsuspend:
      return add_user(event, FactKind::kSuspendOff);
    case EventKind::kUserProfileModification:
      return add_profile(event);
    case EventKind::kScrubGeo:
      users.push_back({.key = event.user,
                       .value = event.payload.get().up_to_tweet,
                       .at = event.at,
                       .kind = FactKind::kScrubGeo});
      return;
    case EventKind::kFavoriteDelete:
      favorites.push_back({.tweet = event.tweet, .user = event.user, .at = event.at});
      return;
    case EventKind::kTweetHeld:
      return add_held(event);
    case EventKind::kTweetReleased:
      return add_tweet(event, FactKind::kReleased);
    case EventKind::kCoverage: {
      const Payload& payload = event.payload.get();
      text_bytes += event.source.size() + payload.partition.size();
      add_interval({payload.from, payload.to}, coverage[{event.source, payload.partition}]);
      return;
    }
    case EventKind::kLoss: {
      const Payload& payload = event.payload.get();
      losses.push_back({payload.first, payload.last, event.at, payload.bytes});
      return;
    }
    case EventKind::kUnknown:
      return;
  }
}

void Facts::append(const Facts& other) {
  const auto add_all = [](auto& mine, const auto& theirs) {
    mine.insert(mine.end(), theirs.begin(), theirs.end());
  };
  add_all(tweets, other.tweets);
  const std::size_t first_user = users.size();
  add_all(users, other.users);
  for (std::size_t i = first_user; i < users.size(); ++i) {
    if (users[i].kind == FactKind::kProfile)
      users[i].code = field_index(other.fields[users[i].code]);
  }
  add_all(retweets, other.retweets);
  add_all(quotes, other.quotes);
  add_all(favorites, other.favorites);
  for (const auto& [key, intervals] : other.coverage) {
    for (const Interval interval : intervals) add_interval(interval, coverage[key]);
  }
  add_all(losses, other.losses);
  events += other.events;
  total += other.total;
  text_bytes += other.text_bytes;
}

std::uint64_t Facts::bytes() const {
  return (tweets.size() + users.size()) * sizeof(Fact) +
         (retweets.size() + quotes.size()) * sizeof(Pair) +
         favorites.size() * sizeof(FavoriteFact) + losses.size() * sizeof(Loss) + text_bytes;
}

void add_fact(const Fact& fact, TweetState& state) {
  if (fact.kind == FactKind::kEditVersion) {
    state.edits.push_back({.initial = fact.key, .version = fact.value, .at = fact.at});
    return;
  }
  if (fact.kind == FactKind::kEditInitial) {
    state.edits.push_back({.initial = fact.value, .version = fact.key, .at = fact.at});
    return;
  }
  if (fact.value != 0) state.authors.push_back(fact.value);
  switch (fact.kind) {
    case FactKind::kDeleted:
      return keep_earliest(state.deleted_at, fact.at);
    case FactKind::kVisibility:
      state.visibility.push_back({.at = fact.at,
                                  .visibility = static_cast<Visibility>(fact.code >> 8),
                                  .why = static_cast<Why>(fact.code & 0xff)});
      return;
    case FactKind::kWithheld:
      state.withheld.push_back({.country = static_cast<Country>(fact.code), .at = fact.at});
      return;
    case FactKind::kGeoScrubbed:
      return keep_earliest(state.geo_scrubbed_at, fact.at);
    case FactKind::kHeld:
    case FactKind::kReleased:
      return keep_newest(state.held, {.at = fact.at, .held = fact.kind == FactKind::kHeld});
    default:
      return;
  }
}

void add_fact(const Fact& fact, const std::vector<std::string>& fields, UserState& state) {
  switch (fact.kind) {
    case FactKind::kDeleteOn:
    case FactKind::kDeleteOff:
      state.deleted.push_back({.at = fact.at, .on = fact.kind == FactKind::kDeleteOn});
      return;
    case FactKind::kProtectOn:
    case FactKind::kProtectOff:
      state.protected_.push_back({.at = fact.at, .on = fact.kind == FactKind::kProtectOn});
      return;
    case FactKind::kSuspendOn:
    case FactKind::kSuspendOff:
      state.suspended.push_back({.at = fact.at, .on = fact.kind == FactKind::kSuspendOn});
      return;
    case FactKind::kWithheld:
      state.withheld.push_back({.country = static_cast<Country>(fact.code), .at = fact.at});
      return;
    case FactKind::kScrubGeo:
      state.scrub_geo.push_back({.at = fact.at, .up_to_tweet = fact.value});
      return;
    case FactKind::kProfile:
      state.profile.push_back({.field = fields[fact.code], .at = fact.at});
      return;
    default:
      return;
  }
}

void add_interval(Interval interval, Coverage& coverage) {
  // Those that end before it begins stay; those it touches are swallowed.
  const auto first = std::ranges::lower_bound(coverage, interval.from, {}, &Interval::to);
  auto last = first;
  for (; last != coverage.end() && last->from <= interval.to; ++last) {
    interval.from = std::min(interval.from, last->from);
    interval.to = std::max(interval.to, last->to);
  }
  coverage.insert(coverage.erase(first, last), interval);
}

}  // namespace recant::model
