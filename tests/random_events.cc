#include "random_events.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <string>
#include <string_view>

#include "recant/time.h"

namespace recant::laws {
namespace {

constexpr std::uint64_t kIdMax = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t kOverDouble = (std::uint64_t{1} << 53) + 1;  // no double holds it
constexpr Time kDayMs = 86'400'000;
constexpr Time kStart = 1'656'712'123'030;

constexpr std::array kTweetPool = {std::uint64_t{1},
                                   std::uint64_t{2},
                                   std::uint64_t{9},
                                   std::uint64_t{10},
                                   kOverDouble - 1,
                                   kOverDouble,
                                   kIdMax - 1,
                                   kIdMax,
                                   std::uint64_t{1'542'929'152'403'689'472},
                                   std::uint64_t{1'587'734'789'333'454'849},
                                   std::uint64_t{1'587'747'053'281'247'237},
                                   std::uint64_t{1'587'747'053'281'247'238}};
constexpr std::array kUserPool = {std::uint64_t{1}, std::uint64_t{2}, kOverDouble, kIdMax,
                                  std::uint64_t{906'948'460'078'698'496}};
constexpr std::array kTimePool = {Time{0},
                                  Time{1},
                                  kStart,
                                  kStart + 1,
                                  kStart + 2,
                                  kStart + kDayMs,
                                  kStart + 30 * kDayMs - 1,
                                  kStart + 30 * kDayMs,
                                  kStart + 30 * kDayMs + 1,
                                  kStart + 60 * kDayMs + 1,
                                  kTimeMax - 30 * kDayMs,
                                  kTimeMax};
constexpr std::array<std::string_view, 6> kCountryPool = {"DE", "FR", "TR", "AA", "XX", "XY"};
constexpr std::array<std::string_view, 5> kFieldPool = {
    "profile.name", "profile.description", "profile.profileBanner", "profile.profileBanner.url",
    "x:new-field_1/a"};
constexpr std::array kWhys = {Why::kDeactivated, Why::kNotFound, Why::kProtected, Why::kRemoved,
                              Why::kSuspended};

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

}  // namespace

RandomWorld::RandomWorld(std::uint64_t seed) : random_(seed) {
  const auto choose = [this](const auto& pool, std::size_t least, std::size_t most, auto& chosen) {
    chosen.assign(pool.begin(), pool.end());
    std::ranges::shuffle(chosen, random_);
    chosen.resize(std::min(chosen.size(), least + below(most - least + 1)));
  };
  choose(kTweetPool, 2, 7, tweets_);
  choose(kUserPool, 1, 4, users_);
  choose(kTimePool, 1, 7, times_);
}

RandomWorld RandomWorld::fork(std::uint64_t stream) const {
  RandomWorld other = *this;
  std::seed_seq seed = {other.random_(), stream};
  other.random_.seed(seed);
  return other;
}

std::size_t RandomWorld::below(std::size_t bound) {
  return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_);
}

void RandomWorld::shuffle(std::vector<Event>& events) { std::ranges::shuffle(events, random_); }

std::vector<TweetId> RandomWorld::tweet_list(std::size_t length_max) {
  std::vector<TweetId> ids;
  for (std::size_t left = 1 + below(length_max); left > 0; --left) ids.push_back(tweet());
  return ids;
}

void RandomWorld::add_countries(Event& event) {
  std::vector<Country>& countries = event.payload.make().countries;
  for (std::size_t left = 1 + below(3); left > 0; --left) {
    const std::string_view name = kCountryPool[below(kCountryPool.size())];
    countries.push_back(country(name[0], name[1]));
  }
  std::ranges::sort(countries);
  countries.erase(std::ranges::unique(countries).begin(), countries.end());
}

void RandomWorld::fill_tweet_event(Event& event) {
  event.tweet = tweet();
  event.author = one_in(3) ? user() : 0;
  const bool may_be_quoted =
      event.kind == EventKind::kTweetDelete || event.kind == EventKind::kTweetWithheld ||
      event.kind == EventKind::kTweetDrop || event.kind == EventKind::kTweetUndrop;
  if (may_be_quoted && one_in(3)) event.quote_tweet = tweet();
  if (event.kind == EventKind::kTweetWithheld) add_countries(event);
  if (event.kind == EventKind::kTweetUnavailable) event.why = kWhys[below(kWhys.size())];
  if (event.kind == EventKind::kTweetEdit) {
    event.payload.make().initial_tweet = tweet();
    event.payload.make().edit_tweets = tweet_list(4);
  }
}

void RandomWorld::fill_user_event(Event& event) {
  event.user = user();
  if (event.kind == EventKind::kUserWithheld) add_countries(event);
  if (event.kind == EventKind::kUserProfileModification) {
    event.payload.make().field = kFieldPool[below(kFieldPool.size())];
  }
  if (event.kind == EventKind::kScrubGeo) {
    const TweetId limit = tweet();
    // Beside a tweet's id, so that "up to" is tried at its edge.
    const bool before = one_in(3) && limit > 1;
    event.payload.make().up_to_tweet = before ? limit - 1 : limit;
  }
  if (event.kind == EventKind::kFavoriteDelete) event.tweet = tweet();
}

void RandomWorld::fill_held(Event& event) {
  event.tweet = tweet();
  event.author = perhaps(user());
  Payload payload;
  if (one_in(2)) {
    payload.retweeted = tweet();
    payload.retweeted_author = perhaps(user());
  }
  if (one_in(2)) {
    payload.quoted = tweet();
    payload.quoted_author = perhaps(user());
  }
  if (payload != Payload{}) event.payload.make() = payload;
}

// The kinds that are kept and are no part of the state.
void RandomWorld::fill_record(Event& event) {
  Payload& payload = event.payload.make();
  if (event.kind == EventKind::kCoverage) {
    event.source = "v2-tweets";
    payload.partition = one_in(2) ? "1" : "2";
    payload.to = event.at;
    payload.from = std::max<Time>(0, event.at - static_cast<Time>(below(100)));
  } else if (event.kind == EventKind::kLoss) {
    payload.first = 1 + below(100);
    payload.last = payload.first + below(100);
    payload.bytes = below(1000);
  } else {
    payload.raw = R"({"data":{"new_kind":{"tweet":{"id":")" + std::to_string(tweet()) +
                  R"("},"event_at":")" + format_time(event.at) + R"("}}})";
  }
}

Event RandomWorld::event() {
  // Every kind is likely; what the longest rules turn on is likelier.
  constexpr std::array kOften = {EventKind::kTweetEdit, EventKind::kTweetHeld,
                                 EventKind::kTweetHeld, EventKind::kUserDelete,
                                 EventKind::kUserUndelete};
  Event event;
  const std::size_t pick = below(kEventKindCount + kOften.size());
  event.kind =
      pick < kEventKindCount ? static_cast<EventKind>(pick + 1) : kOften[pick - kEventKindCount];
  event.at = time();
  if (event.kind <= EventKind::kTweetScrubGeo) {
    fill_tweet_event(event);
  } else if (event.kind <= EventKind::kFavoriteDelete) {
    fill_user_event(event);
  } else if (event.kind == EventKind::kTweetHeld) {
    fill_held(event);
  } else if (event.kind == EventKind::kTweetReleased) {
    event.tweet = tweet();
  } else {
    fill_record(event);
  }
  return event;
}

std::vector<Event> RandomWorld::events(std::size_t count) {
  std::vector<Event> events;
  events.reserve(count);
  while (events.size() < count) events.push_back(event());
  return events;
}

Item RandomWorld::item() {
  Item item;
  const std::size_t type = below(6);
  item.type = type == 0 ? ItemType::kUser : type == 1 ? ItemType::kLike : ItemType::kTweet;
  item.id = item.type == ItemType::kUser ? user() : tweet();
  if (item.type == ItemType::kLike) item.user = user();
  if (item.type != ItemType::kTweet) return item;
  item.author = perhaps(user());
  item.retweeted = one_in(3) ? tweet() : 0;
  item.quoted = one_in(3) ? tweet() : 0;
  item.retweeted_quoted = item.retweeted != 0 ? perhaps(tweet()) : 0;
  item.retweeted_author = item.retweeted != 0 ? perhaps(user()) : 0;
  item.quoted_author = item.quoted != 0 ? perhaps(user()) : 0;
  item.retweeted_quoted_author = item.retweeted_quoted != 0 ? perhaps(user()) : 0;
  if (one_in(20)) {
    // Facts about an original and a quoted tweet that the item does not name.
    item.retweeted_quoted = tweet();
    item.retweeted_author = item.retweeted_quoted_author = item.quoted_author = user();
  }
  for (std::size_t left = one_in(3) ? below(4) : 0; left > 0; --left) {
    item.edit_histories.push_back(tweet_list(4));
  }
  return item;
}

Policy RandomWorld::policy() {
  Policy policy;
  for (const EventKind kind :
       {EventKind::kUserSuspend, EventKind::kUserProtect, EventKind::kUserDelete,
        EventKind::kTweetDrop, EventKind::kTweetUnavailable}) {
    if (one_in(4)) policy.delete_on.push_back(kind);
  }
  if (one_in(3)) {
    const std::string_view name = kCountryPool[below(kCountryPool.size())];
    policy.country = country(name[0], name[1]);
  }
  return policy;
}

Time RandomWorld::as_of() {
  if (one_in(8)) return kTimeMax;
  const Time beside = static_cast<Time>(below(3)) - 1;
  const Time thirty_days = one_in(4) ? 30 * kDayMs : 0;
  return std::clamp<Time>(time() + thirty_days + beside, 0, kTimeMax);
}

void shrink(std::vector<Event>& events, Item& item, const Fails& fails) {
  shrink(events, [&](std::span<const Event> fewer) { return fails(fewer, item); });
  const auto attempt = [&](auto change) {
    Item simpler = item;
    change(simpler);
    if (fails(events, simpler)) item = simpler;
  };
  attempt([](Item& simpler) { simpler.edit_histories.clear(); });
  for (UserId Item::* author : {&Item::author, &Item::retweeted_author, &Item::quoted_author,
                                &Item::retweeted_quoted_author}) {
    attempt([author](Item& simpler) { simpler.*author = 0; });
  }
  attempt([](Item& simpler) { simpler.retweeted_quoted = simpler.retweeted_quoted_author = 0; });
  attempt([](Item& simpler) { simpler.quoted = simpler.quoted_author = 0; });
  attempt([](Item& simpler) {
    simpler.retweeted = simpler.retweeted_author = 0;
    simpler.retweeted_quoted = simpler.retweeted_quoted_author = 0;
  });
}

void shrink(std::vector<Event>& events, const std::function<bool(std::span<const Event>)>& fails) {
  for (std::size_t size = events.size(); size > 0; size /= 2) {
    for (std::size_t first = 0; first < events.size();) {
      std::vector<Event> fewer = events;
      const auto begin = fewer.begin() + static_cast<std::ptrdiff_t>(first);
      const std::size_t count = std::min(size, fewer.size() - first);
      fewer.erase(begin, begin + static_cast<std::ptrdiff_t>(count));
      if (fails(fewer)) {
        events = std::move(fewer);
      } else {
        first += count;
      }
    }
  }
}

std::uint64_t case_count(std::uint64_t usual) {
  if (std::getenv("RECANT_TEST_SEED") != nullptr) return 1;
  return number_from_environment("RECANT_TEST_CASES", usual);
}

std::uint64_t seed_of(std::uint64_t case_number) {
  return number_from_environment("RECANT_TEST_SEED", case_number);
}

}  // namespace recant::laws
