#include "bench/event_source.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string_view>

namespace recant::bench {
namespace {

constexpr Time kSnowflakeEpochMs = 1'288'834'974'657;
constexpr Time kPeriodBeginMs = 1'700'000'000'000;  // November 2023
constexpr Time kSecondMs = 1000;
constexpr Time kDayMs = 86'400'000;
constexpr Time kOldestTweetMs = kSnowflakeEpochMs + 400 * kDayMs;

constexpr std::array<Country, 6> kCountries = {country('D', 'E'), country('F', 'R'),
                                               country('I', 'N'), country('R', 'U'),
                                               country('T', 'R'), country('X', 'Y')};
constexpr std::array<std::string_view, 5> kFields = {"profile.name", "profile.description",
                                                     "profile.location", "profile.url",
                                                     "profile.profileImage.url"};

// Mixes a rank into bits that look random but are the same wherever the rank comes up again.
std::uint64_t scatter(std::uint64_t rank) { return Random(rank * 0xd1342543de82ef95 + 1).next(); }

}  // namespace

TweetId make_tweet_id(Time created_at, Random& random) {
  const std::uint64_t worker = 300 + random.below(400);
  // Half of all tweets are the first of their millisecond at their worker, a quarter the second.
  const auto sequence = static_cast<std::uint64_t>(std::countr_zero(random.next() | (1ULL << 12)));
  const auto ms = static_cast<std::uint64_t>(created_at - kSnowflakeEpochMs);
  return (ms << 22) | (worker << 12) | sequence;
}

EventSource::EventSource(const SourceOptions& options) : options_(options), random_(options.seed) {
  recent_.reserve(kRecent);
}

// Heavy-tailed: the cube puts half of the events on an eighth of the authors. Six of ten have ids
// from before 2013 (small numbers), the others snowflakes.
UserId EventSource::author() {
  const double u = random_.unit();
  const auto population = static_cast<double>(options_.events / 3 + 100);
  const std::uint64_t bits = scatter(static_cast<std::uint64_t>(u * u * u * population));
  if (bits % 10 < 6) return 12 + (bits >> 8) % 3'000'000'000;
  const Time begin = kSnowflakeEpochMs + 1800 * kDayMs;
  const auto span = static_cast<std::uint64_t>(kPeriodBeginMs - begin);
  Random of_author(bits);
  return make_tweet_id(begin + static_cast<Time>((bits >> 8) % span), of_author);
}

// Most deletions concern fresh tweets, but archives are wiped too: ages from seconds to years,
// evenly spread over their magnitude.
TweetId EventSource::tweet_before(Time at) {
  const Time oldest = at - kOldestTweetMs;
  const double magnitude = random_.unit() * std::log(static_cast<double>(oldest / kSecondMs));
  const auto age = static_cast<Time>(std::exp(magnitude) * static_cast<double>(kSecondMs));
  return make_tweet_id(at - std::min(age + static_cast<Time>(random_.below(1000)), oldest),
                       random_);
}

const Event& EventSource::next() {
  if (!recent_.empty() && random_.below(100) == 0) {
    event_ = recent_[random_.below(recent_.size())];
    return event_;
  }
  event_ = {};
  // Nearly increasing: partitions run a few seconds apart.
  const auto period = static_cast<double>(options_.period_days) * static_cast<double>(kDayMs);
  const double place = static_cast<double>(index_) / static_cast<double>(options_.events);
  event_.at =
      kPeriodBeginMs + static_cast<Time>(place * period) + static_cast<Time>(random_.below(4000));
  const std::uint64_t dice = random_.below(100);
  if (dice < 85) {
    fill_tweet_delete();
  } else if (dice < 90) {
    fill_tweet_event();
  } else {
    fill_user_event();
  }
  if (recent_.size() < kRecent) {
    recent_.push_back(event_);
  } else {
    recent_[index_ % kRecent] = event_;
  }
  ++index_;
  return event_;
}

void EventSource::fill_tweet_delete() {
  event_.kind = EventKind::kTweetDelete;
  event_.tweet = tweet_before(event_.at);
  event_.author = author();
  if (random_.below(20) == 0) event_.quote_tweet = tweet_before(event_.at);
}

void EventSource::fill_tweet_event() {
  const std::uint64_t dice = random_.below(5);
  Event& dropped = dropped_[random_.below(dropped_.size())];
  event_.tweet = tweet_before(event_.at);
  event_.author = author();
  if (dice == 0) {
    event_.kind = EventKind::kTweetWithheld;
    event_.payload.make().countries = {kCountries[random_.below(kCountries.size())]};
  } else if (dice == 1) {
    event_.kind = EventKind::kTweetEdit;
    event_.author = 0;  // the platform does not tell it
    const TweetId initial = event_.tweet - ((30'000 + random_.below(1'000'000)) << 22);
    event_.payload.make().initial_tweet = initial;
    event_.payload.make().edit_tweets = {initial, event_.tweet};
  } else if (dice == 2 && dropped.tweet != 0) {
    event_.kind = EventKind::kTweetUndrop;
    event_.tweet = dropped.tweet;
    event_.author = dropped.author;
  } else {
    event_.kind = EventKind::kTweetDrop;
    dropped = event_;
  }
}

void EventSource::fill_user_event() {
  constexpr std::array kToggles = {EventKind::kUserDelete, EventKind::kUserProtect,
                                   EventKind::kUserSuspend};
  constexpr std::array kUndos = {EventKind::kUserUndelete, EventKind::kUserUnprotect,
                                 EventKind::kUserUnsuspend};
  const std::uint64_t dice = random_.below(20);
  UserId& toggled = toggled_[random_.below(toggled_.size())];
  event_.user = author();
  if (dice < 10) {
    event_.kind = kToggles[dice % 3];
    toggled = event_.user;
  } else if (dice < 14) {
    event_.kind = kUndos[dice % 3];
    if (toggled != 0) event_.user = toggled;
  } else if (dice < 15) {
    event_.kind = EventKind::kUserWithheld;
    event_.payload.make().countries = {kCountries[random_.below(kCountries.size())]};
  } else if (dice < 16) {
    event_.kind = EventKind::kScrubGeo;
    event_.payload.make().up_to_tweet = tweet_before(event_.at);
  } else {
    event_.kind = EventKind::kUserProfileModification;
    event_.payload.make().field = kFields[random_.below(kFields.size())];
  }
}

}  // namespace recant::bench
