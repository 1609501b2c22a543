// What no loop over lines or keys shows: how long a store takes to open, how a tail and a live
// apply go, and what one lookup of a very busy user costs beside a plain one. Medians of several
// runs, in a store of RECANT_BENCH_ROWS deleted tweets (default 10 million); files go to TMPDIR,
// else /dev/shm.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "bench/event_source.h"
#include "recant/recant.h"

namespace {

using namespace recant;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr UserId kBusyUser = 77;
constexpr UserId kBusyAuthor = 78;
constexpr std::uint64_t kBusyEvents = 1'000'000;
constexpr std::size_t kTailEvents = 100'000;
constexpr Time kBegin = 1'700'000'000'000;

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().what);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

template <class Run>
double seconds_of(Run run) {
  const auto begin = Clock::now();
  run();
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

template <class Run>
double median_seconds(int runs, Run run) {
  std::vector<double> seconds;
  while (std::cmp_less(seconds.size(), runs)) seconds.push_back(seconds_of(run));
  return median(std::move(seconds));
}

TweetId plain_tweet(std::uint64_t number) { return (380'000'000'000 + number * 300) << 22; }
UserId plain_user(std::uint64_t number) { return 1'000'000 + number * 7; }
TweetId busy_tweet(std::uint64_t number) { return (700'000'000'000 + number * 300) << 22; }

Event plain_event(std::uint64_t number) {
  const Time at = kBegin + static_cast<Time>(number % 2'600'000'000);
  if (number % 10 == 9)
    return {.kind = EventKind::kUserSuspend, .at = at, .user = plain_user(number)};
  return {.kind = EventKind::kTweetDelete,
          .at = at,
          .tweet = plain_tweet(number),
          .author = plain_user(number)};
}

// Protects and unprotects, a minute between them.
Event toggle(std::uint64_t number) {
  return {.kind = number % 2 == 0 ? EventKind::kUserProtect : EventKind::kUserUnprotect,
          .at = kBegin + static_cast<Time>(number) * 60'000,
          .user = kBusyUser};
}

Event tweet_of_busy_author(std::uint64_t number) {
  return {.kind = EventKind::kTweetHeld,
          .at = kBegin,
          .tweet = busy_tweet(number),
          .author = kBusyAuthor};
}

template <class EventAt>
void import(Store& store, std::uint64_t count, EventAt event_at) {
  Import import = must(store.begin_import());
  std::vector<Event> some;
  for (std::uint64_t i = 0; i < count; ++i) {
    some.push_back(event_at(i));
    if (some.size() < kTailEvents && i + 1 < count) continue;
    must(import.append(some));
    some.clear();
  }
  (void)must(import.finish());
}

Snapshot open_snapshot(const std::string& directory, Integrity integrity) {
  Store store =
      must(Store::open({.directory = directory, .read_only = true, .integrity = integrity}));
  return must(store.snapshot());
}

// The public way to ask about one item: nothing is kept from call to call.
template <class ItemAt>
double lookup_seconds(const Snapshot& snapshot, ItemAt item_at) {
  constexpr std::uint64_t kLookups = 20'000;
  bench::Random random(5);
  return median_seconds(5,
                        [&] {
                          Verdict verdict;
                          for (std::uint64_t i = 0; i < kLookups; ++i) {
                            const Item item = item_at(random.next());
                            const Time as_of =
                                kBegin + static_cast<Time>(random.below(kBusyEvents * 60'000));
                            must(snapshot.check({&item, 1}, as_of, {}, {&verdict, 1}));
                          }
                        }) /
         static_cast<double>(kLookups);
}

void measure_opening(const std::string& directory) {
  const Snapshot snapshot = open_snapshot(directory, Integrity::kBoot);
  const auto bytes = static_cast<double>(snapshot.part_bytes());
  const double verified =
      median_seconds(5, [&] { (void)open_snapshot(directory, Integrity::kAlways); });
  const double opened =
      median_seconds(21, [&] { (void)open_snapshot(directory, Integrity::kBoot); });
  fmt::print("open, {:.1f} MB of index, verified since boot: {:.2f} ms\n", bytes / 1e6,
             opened * 1e3);
  fmt::print("open, verifying: {:.2f} ms, {:.1f} GB/s\n", verified * 1e3, bytes / verified / 1e9);
}

void measure_busy(const std::string& directory, std::uint64_t rows) {
  const Snapshot snapshot = open_snapshot(directory, Integrity::kBoot);
  const auto user = [](UserId id) { return Item{.type = ItemType::kUser, .id = id}; };
  const auto plain_number = [rows](std::uint64_t random) { return random % (rows / 10) * 10; };
  const double plain_user_seconds = lookup_seconds(
      snapshot, [&](std::uint64_t random) { return user(plain_user(plain_number(random) + 9)); });
  const double busy_user_seconds =
      lookup_seconds(snapshot, [&](std::uint64_t) { return user(kBusyUser); });
  const double plain_tweet_seconds = lookup_seconds(snapshot, [&](std::uint64_t random) {
    return Item{.id = plain_tweet(plain_number(random))};
  });
  const double busy_tweet_seconds = lookup_seconds(
      snapshot, [&](std::uint64_t random) { return Item{.id = busy_tweet(random % kBusyEvents)}; });
  const double by_busy_user_seconds = lookup_seconds(snapshot, [&](std::uint64_t random) {
    return Item{.id = plain_tweet(plain_number(random)), .author = kBusyUser};
  });
  const auto line = [](const char* what, double seconds, double plain) {
    fmt::print("{}: {:.2f} us, {:.2f} times a plain one\n", what, seconds * 1e6, seconds / plain);
  };
  line("one lookup of a user", plain_user_seconds, plain_user_seconds);
  line("one lookup of a user with 1,000,000 toggles", busy_user_seconds, plain_user_seconds);
  line("one lookup of a tweet", plain_tweet_seconds, plain_tweet_seconds);
  line("one lookup of a tweet of an author with 1,000,000", busy_tweet_seconds,
       plain_tweet_seconds);
  line("one lookup of a tweet by a user with 1,000,000 toggles", by_busy_user_seconds,
       plain_tweet_seconds);
}

void measure_tail(const std::string& directory) {
  bench::EventSource source({.seed = 3, .events = kTailEvents * 40});
  std::vector<Event> events;
  const auto next_events = [&] {
    events.clear();
    while (events.size() < kTailEvents) events.push_back(source.next());
  };
  const double without =
      median_seconds(11, [&] { (void)open_snapshot(directory, Integrity::kBoot); });
  Store store = must(Store::open({.directory = directory}));
  next_events();
  (void)must(store.append(events));
  const double with = median_seconds(11, [&] { (void)open_snapshot(directory, Integrity::kBoot); });
  fmt::print("fold of a tail of {} events: {:.1f} ms\n", kTailEvents, (with - without) * 1e3);

  constexpr int kGroups = 30;
  double applied = 0;
  double longest = 0;
  for (int group = 0; group < kGroups; ++group) {
    next_events();
    const double seconds = seconds_of([&] {
      (void)must(store.append(events));
      must(store.seal());
      (void)must(store.snapshot());
    });
    applied += seconds;
    longest = std::max(longest, seconds);
  }
  fmt::print(
      "live apply, durable groups of {}, sealed and folded: {:.2f} M events/s, longest {:.0f} ms\n",
      kTailEvents, kGroups * static_cast<double>(kTailEvents) / applied / 1e6, longest * 1e3);
}

void run() {
  const char* wanted = std::getenv("RECANT_BENCH_ROWS");
  const std::uint64_t rows = wanted == nullptr ? 10'000'000 : std::stoull(wanted);
  const char* place = std::getenv("TMPDIR");
  const fs::path directory = fs::path(place == nullptr ? "/dev/shm" : place) / "recant-store-bench";
  fs::remove_all(directory);
  {
    Store store = must(Store::open({.directory = directory.string(), .create = true}));
    import(store, rows, plain_event);
    import(store, kBusyEvents, toggle);
    import(store, kBusyEvents, tweet_of_busy_author);
    (void)must(store.rebuild({}));
  }
  measure_opening(directory.string());
  measure_busy(directory.string(), rows);
  measure_tail(directory.string());
  fs::remove_all(directory);
}

}  // namespace

int main() {
  try {
    run();
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "recant_store_bench: {}\n", error.what());
    return 1;
  }
}
