// Runs out of memory at each allocation of a call in turn, and then asks again. Goal: the call that
// failed says so, and what comes after it is as if it had never been made; above all nobody is told
// "keep" for what the store knows. A program of its own, because it replaces operator new.
#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "recant/recant.h"

namespace {

// Of the thread that asks; the others have memory.
constexpr long kNever = -1;
thread_local long allocations_left = kNever;

}  // namespace

// Inlined, g++ takes free() of its result for a mistake.
[[gnu::noinline]] void* operator new(std::size_t size) {
  if (allocations_left >= 0 && allocations_left-- == 0) throw std::bad_alloc();
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);
}

namespace {

using namespace recant;

constexpr Time kAsOf = 1'700'000'000'000;
constexpr TweetId kTweets = 120;
constexpr UserId kFirstUser = 1000;

void require(bool holds, std::string_view what) {
  if (holds) return;
  std::fprintf(stderr, "out_of_memory: %.*s\n", static_cast<int>(what.size()), what.data());
  std::exit(1);
}

template <class T>
T must(Result<T> result) {
  require(result.has_value(), result ? "" : result.error().what);
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

struct Outcome {
  bool ran_out = false;
  bool done = false;  ///< also where it ran out of memory for something that can be left undone
};
// Runs `call` without memory at its allocation `number`.
Outcome run(long number, const std::function<bool()>& call) {
  allocations_left = number;
  const bool done = call();
  const bool ran_out = std::exchange(allocations_left, kNever) == kNever;
  require(ran_out || done, "a call failed though it had memory");
  return {ran_out, done};
}

// Reasons of every kind that is remembered or read ahead, for every second tweet.
std::vector<Event> events_of(TweetId tweet) {
  const UserId user = kFirstUser + tweet;
  const Event base{.at = 1000, .tweet = tweet};
  std::vector<Event> events(5, base);
  events[0].kind = EventKind::kTweetDelete;
  events[1] = {.kind = EventKind::kUserProtect, .at = 1000, .user = user};
  events[2] = {.kind = EventKind::kUserWithheld, .at = 1000, .user = user};
  events[2].payload.make().countries = {country('D', 'E')};
  events[3].kind = EventKind::kTweetHeld;
  events[3].author = user;
  events[3].payload.make().retweeted = tweet + kTweets;
  events[4] = {.kind = EventKind::kTweetDrop, .at = 1000, .tweet = tweet + kTweets};
  return events;
}

std::vector<Item> items() {
  std::vector<Item> all;
  for (TweetId tweet = 1; tweet <= kTweets; ++tweet) {
    all.push_back({.id = tweet, .author = kFirstUser + tweet});
  }
  return all;
}

Store open(const std::string& directory) {
  return must(Store::open({.directory = directory, .create = true}));
}

std::vector<Verdict> verdicts_of(const Snapshot& snapshot) {
  const std::vector<Item> all = items();
  std::vector<Verdict> verdicts(all.size());
  must(snapshot.check(all, kAsOf, {}, verdicts));
  return verdicts;
}

void require_same(const std::vector<Verdict>& got, const std::vector<Verdict>& expected,
                  std::string_view what, long number) {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const bool same = got[i].action == expected[i].action && got[i].reasons == expected[i].reasons;
    require(same,
            fmt::format("{}, allocation {}: another verdict on tweet {}", what, number, i + 1));
  }
}

long snapshots(const std::string& directory, const std::vector<Verdict>& expected) {
  for (long number = 0;; ++number) {
    Store store = open(directory);
    std::optional<Snapshot> snapshot;
    const auto take = [&] {
      auto taken = store.snapshot();
      if (taken) snapshot.emplace(*std::move(taken));
      return snapshot.has_value();
    };
    const Outcome outcome = run(number, take);
    if (snapshot) require_same(verdicts_of(*snapshot), expected, "first snapshot", number);
    require_same(verdicts_of(must(store.snapshot())), expected, "snapshot", number);
    if (!outcome.ran_out) return number;
  }
}

long batches(const std::string& directory, const std::vector<Verdict>& expected) {
  Store store = open(directory);
  const Snapshot snapshot = must(store.snapshot());
  const std::vector<Item> all = items();
  for (long number = 0;; ++number) {
    auto judge = must(snapshot.batch_judge(kAsOf, {}));
    std::vector<Verdict> verdicts(all.size());
    const Outcome outcome = run(number, [&] { return judge.judge(all, verdicts).has_value(); });
    if (outcome.done) require_same(verdicts, expected, "first batch", number);
    std::vector<Verdict> again(all.size());
    must(judge.judge(all, again));
    require_same(again, expected, "batch", number);
    if (!outcome.ran_out) return number;
  }
}

long checks(const std::string& directory, const std::vector<Verdict>& expected) {
  Store store = open(directory);
  const Snapshot snapshot = must(store.snapshot());
  const std::vector<Item> all = items();
  for (long number = 0;; ++number) {
    std::vector<Verdict> verdicts(all.size());
    const Outcome outcome =
        run(number, [&] { return snapshot.check(all, kAsOf, {}, verdicts).has_value(); });
    if (outcome.done) require_same(verdicts, expected, "first check", number);
    require_same(verdicts_of(snapshot), expected, "check", number);
    if (!outcome.ran_out) return number;
  }
}

// What was acknowledged is there, in a store opened anew.
long appends(const std::string& directory) {
  SequenceNumber acknowledged = 0;
  for (long number = 0;; ++number) {
    Store store = open(directory);
    const auto append = [&](TweetId tweet) {
      const Event event{.kind = EventKind::kTweetDelete, .at = 1, .tweet = tweet};
      const bool done = store.append({&event, 1}).has_value();
      if (done) ++acknowledged;
      return done;
    };
    const auto tweet = static_cast<TweetId>(1'000'000 + 2 * number);
    const Outcome first = run(number, [&] { return append(tweet); });
    const bool second = append(tweet + 1);  // a writer that failed may refuse for good
    Store fresh = open(directory);
    const Snapshot snapshot = must(fresh.snapshot());
    require(snapshot.last_sequence() >= acknowledged, "an acknowledged event is gone");
    const std::array<Item, 2> items = {Item{.id = tweet}, Item{.id = tweet + 1}};
    std::array<Verdict, 2> verdicts;
    must(snapshot.check(items, kAsOf, {}, verdicts));
    require(!first.done || verdicts[0].action == Action::kDelete, "acknowledged, but says keep");
    require(!second || verdicts[1].action == Action::kDelete, "acknowledged, but says keep");
    if (!first.ran_out) return number;
  }
}

}  // namespace

int main(int count, char** words) {
  require(count == 2, "name a directory");
  const std::string directory = words[1];
  std::filesystem::remove_all(directory);
  for (const bool sealed : {false, true}) {
    const std::string name = directory + (sealed ? "/sealed" : "/tail");
    std::filesystem::create_directories(directory);
    Store store = open(name);
    for (TweetId tweet = 1; tweet <= kTweets; tweet += 2) must(store.append(events_of(tweet)));
    if (sealed) must(store.seal(true));
    const auto expected = verdicts_of(must(store.snapshot()));
    require(expected[0].reasons.size() == 4 && expected[1].action == Action::kKeep, "the world");
    const long in_snapshot = snapshots(name, expected);
    const long in_batch = batches(name, expected);
    const long in_check = checks(name, expected);
    fmt::print(
        "{}: ran out of memory in {} allocations of a snapshot, {} of a batch, {} of a check\n",
        sealed ? "sealed" : "tail", in_snapshot, in_batch, in_check);
    require(in_snapshot > 5 && in_batch > 100 && in_check > 100, "hardly anything was allocated");
  }
  const long in_append = appends(directory + "/appends");
  fmt::print("appends: in {} allocations\n", in_append);
  require(in_append > 3, "hardly anything was allocated");
  std::filesystem::remove_all(directory);
}
