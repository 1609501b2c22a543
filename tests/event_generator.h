// Random well-formed events of every kind, from a seed: the same seed gives the same events.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include "recant/event.h"
#include "recant/time.h"

namespace recant::test {

/// Small pools make events meet each other (for laws of state); 0 means the whole range, with the
/// limits of 53, 63 and 64 bits likely (for formats).
struct EventPools {
  std::uint64_t tweets = 0;
  std::uint64_t users = 0;
  Time time_first = 0;
  Time time_last = kTimeMax;
};

class EventGenerator {
 public:
  explicit EventGenerator(std::uint64_t seed, EventPools pools = {})
      : random_(seed), pools_(pools) {}

  /// Of any kind.
  Event next() { return next(static_cast<EventKind>(1 + below(kEventKindCount))); }

  Event next(EventKind kind) {
    Event event;
    event.kind = kind;
    event.at = time();
    if (chance(2)) event.received_at = std::max<Time>(1, time());
    if (chance(2) || kind == EventKind::kCoverage) event.source = name(kSourceBytesMax);
    fill_ids(event);
    fill_payload(event);
    return event;
  }

  /// 0 to bound - 1.
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

 private:
  bool chance(std::uint64_t one_in) { return below(one_in) == 0; }

  std::uint64_t id(std::uint64_t pool) {
    if (pool != 0) return 1 + below(pool);
    constexpr std::array<std::uint64_t, 6> kLimits = {
        1, (1ULL << 53) - 1, (1ULL << 53) + 1, (1ULL << 63) - 1, 1ULL << 63, ~0ULL};
    if (chance(3)) return kLimits[below(kLimits.size())];
    return std::max<std::uint64_t>(1, random_() >> below(64));
  }
  TweetId tweet() { return id(pools_.tweets); }
  UserId user() { return id(pools_.users); }
  std::uint64_t maybe(std::uint64_t value) { return chance(2) ? value : 0; }

  Time time() {
    const auto span = static_cast<std::uint64_t>(pools_.time_last - pools_.time_first) + 1;
    return pools_.time_first + static_cast<Time>(below(span));
  }

  std::string name(std::size_t bytes_max) {
    constexpr std::string_view kChars =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-:/";
    std::string text;
    const std::size_t size = 1 + below(bytes_max);
    while (text.size() < size) text += kChars[below(kChars.size())];
    return text;
  }

  void fill_ids(Event& event) {
    switch (event.kind) {
      case EventKind::kTweetDelete:
      case EventKind::kTweetWithheld:
      case EventKind::kTweetDrop:
      case EventKind::kTweetUndrop:
        event.quote_tweet = maybe(tweet());
        [[fallthrough]];
      case EventKind::kTweetEdit:
      case EventKind::kTweetUnavailable:
      case EventKind::kTweetAvailable:
      case EventKind::kTweetScrubGeo:
      case EventKind::kTweetHeld:
        event.author = maybe(user());
        [[fallthrough]];
      case EventKind::kTweetReleased:
        event.tweet = tweet();
        break;
      case EventKind::kFavoriteDelete:
        event.tweet = tweet();
        event.user = user();
        break;
      case EventKind::kCoverage:
      case EventKind::kLoss:
      case EventKind::kUnknown:
        break;
      default:
        event.user = user();
    }
  }

  void fill_countries(Payload& payload) {
    const std::size_t size = 1 + below(4);
    while (payload.countries.size() < size) {
      const auto letter = [this] { return static_cast<char>('A' + below(26)); };
      const char first = letter();
      payload.countries.push_back(country(first, letter()));
    }
    std::ranges::sort(payload.countries);
    const auto repeated = std::ranges::unique(payload.countries);
    payload.countries.erase(repeated.begin(), repeated.end());
  }

  void fill_edit(Payload& payload) {
    payload.initial_tweet = tweet();
    const std::size_t size = 1 + below(6);
    while (payload.edit_tweets.size() < size) payload.edit_tweets.push_back(tweet());
  }

  void fill_relations(Event& event) {
    Payload payload;
    payload.retweeted = maybe(tweet());
    if (payload.retweeted != 0) payload.retweeted_author = maybe(user());
    payload.quoted = maybe(tweet());
    if (payload.quoted != 0) payload.quoted_author = maybe(user());
    if (payload != Payload()) event.payload.make() = payload;
  }

  // A line as blanking leaves it, with the time that the event then has.
  void fill_raw(Event& event) {
    const std::string at = format_time(event.at);
    std::string& raw = event.payload.make().raw;
    switch (below(3)) {
      case 0:
        raw = fmt::format(R"({{"data":{{"future_kind":{{"id":"{}","event_at":"{}","text":""}}}}}})",
                          tweet(), at);
        break;
      case 1:
        raw = fmt::format(R"({{"future_kind":{{"n":[1,2.50,-1e999,{}],"timestamp_ms":"{}"}}}})",
                          tweet(), event.at);
        break;
      default:
        raw = R"({"delete":{"other":{"k\"\\\u00e9é":[true,null,"de","",{}]}}})";
        event.at = 0;
    }
  }

  void fill_payload(Event& event) {
    switch (event.kind) {
      case EventKind::kTweetWithheld:
      case EventKind::kUserWithheld:
        return fill_countries(event.payload.make());
      case EventKind::kTweetEdit:
        return fill_edit(event.payload.make());
      case EventKind::kTweetUnavailable:
        event.why = static_cast<Why>(1 + below(5));
        return;
      case EventKind::kUserProfileModification:
        event.payload.make().field = name(kFieldBytesMax);
        return;
      case EventKind::kScrubGeo:
        event.payload.make().up_to_tweet = tweet();
        return;
      case EventKind::kTweetHeld:
        return fill_relations(event);
      case EventKind::kCoverage: {
        Payload& payload = event.payload.make();
        payload.partition = name(kPartitionBytesMax);
        const Time other = time();
        payload.from = std::min(event.at, other);
        payload.to = std::max(event.at, other);
        event.at = payload.to;
        return;
      }
      case EventKind::kLoss: {
        Payload& payload = event.payload.make();
        const std::uint64_t a = id(0);
        const std::uint64_t b = id(0);
        payload.first = std::min(a, b);
        payload.last = std::max(a, b);
        payload.bytes = maybe(random_());
        return;
      }
      case EventKind::kUnknown:
        return fill_raw(event);
      default:
        return;
    }
  }

  std::mt19937_64 random_;
  EventPools pools_;
};

}  // namespace recant::test
