// A seeded stream of events that looks like the platform's: which kinds, how often, whose, and how
// ids and times are spread. The same seed gives the same events on every machine.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "recant/event.h"

namespace recant::bench {

/// SplitMix64: small, fast, and the same everywhere (the standard distributions are not).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  /// 0 to `bound` - 1.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  /// 0 to 1, 1 excluded.
  double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }

 private:
  std::uint64_t state_;
};

struct SourceOptions {
  std::uint64_t seed = 1;
  std::uint64_t events = 1'000'000;  ///< authors and times are spread over this many
  std::uint64_t period_days = 30;
};

/// 85 % deleted tweets, 5 % other tweet events, 10 % user events; one in a hundred comes twice.
class EventSource {
 public:
  explicit EventSource(const SourceOptions& options);
  /// The next event. Valid until the next call.
  const Event& next();

 private:
  void fill_tweet_delete();
  void fill_tweet_event();
  void fill_user_event();
  TweetId tweet_before(Time at);
  UserId author();

  static constexpr std::size_t kRecent = 4096;

  SourceOptions options_;
  Random random_;
  std::uint64_t index_ = 0;
  Event event_;
  std::vector<Event> recent_;         ///< ring, for duplicates
  std::array<Event, 64> dropped_;     ///< what an undrop takes back
  std::array<UserId, 64> toggled_{};  ///< users that an undo brings back
};

/// A tweet id of that moment: milliseconds, one of a few hundred workers, a mostly small sequence.
[[nodiscard]] TweetId make_tweet_id(Time created_at, Random& random);

}  // namespace recant::bench
