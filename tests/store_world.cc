#include "store_world.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <optional>

#include "describe.h"
#include "sanitized.h"

namespace recant::laws {
namespace {

using Ids = std::set<std::uint64_t>;

// What of two states differs, by name; the states themselves follow from the events shown.
std::string differing_members(const TweetState& store, const TweetState& law) {
  std::string names;
  if (store.authors != law.authors) names += " authors";
  if (store.deleted_at != law.deleted_at) names += " deleted_at";
  if (store.visibility != law.visibility) names += " visibility";
  if (store.withheld != law.withheld) names += " withheld";
  if (store.geo_scrubbed_at != law.geo_scrubbed_at) names += " geo_scrubbed_at";
  if (store.edits != law.edits) names += " edits";
  if (store.held != law.held) names += " held";
  return names;
}

std::string differing_members(const UserState& store, const UserState& law) {
  std::string names;
  if (store.deleted != law.deleted) names += " deleted";
  if (store.protected_ != law.protected_) names += " protected";
  if (store.suspended != law.suspended) names += " suspended";
  if (store.withheld != law.withheld) names += " withheld";
  if (store.scrub_geo != law.scrub_geo) names += " scrub_geo";
  if (store.profile != law.profile) names += " profile";
  return names;
}

class Comparison {
 public:
  template <class State>
  void states(std::string_view what, std::uint64_t id, const State& store, const State& law) {
    if (store != law) text_ += fmt::format("{} {}:{}\n", what, id, differing_members(store, law));
  }
  // An answer of the store is ascending and distinct, so it is compared as it came.
  void ids(std::string_view what, std::uint64_t of, const std::vector<std::uint64_t>& store,
           const Ids& law) {
    if (std::ranges::equal(store, law)) return;
    text_ += fmt::format("{} {}: store {}, law {}\n", what, of, store, law);
  }
  void numbers(std::string_view what, std::uint64_t store, std::uint64_t law) {
    if (store != law) text_ += fmt::format("{}: store {}, law {}\n", what, store, law);
  }
  [[nodiscard]] std::string text() const { return text_; }

 private:
  std::string text_;
};

// "If facts disagree all of them stand, ..., and stats counts the conflict": one for each relation
// of a tweet (author, original, quoted tweet) that has several values.
std::uint64_t conflicts_of(const Oracle& oracle, TweetId id) {
  std::uint64_t conflicts = 0;
  for (const auto& values : {oracle.authors(id), oracle.retweeted(id), oracle.quoted(id)}) {
    conflicts += values.size() > 1 ? 1U : 0U;
  }
  return conflicts;
}

void compare_counts(Comparison& comparison, const Snapshot& snapshot, const Oracle& oracle) {
  const StateCounts counts = must(snapshot.counts());
  const Oracle::Fingerprint print = oracle.fingerprint();
  comparison.numbers("users counted", counts.users, print.users.size());
  comparison.numbers("retweets counted", counts.retweets, print.retweets.size());
  comparison.numbers("quotes counted", counts.quotes, print.quotes.size());
  comparison.numbers("favorites counted", counts.favorites, print.favorites.size());
  std::uint64_t held = 0;
  std::uint64_t conflicts = 0;
  std::uint64_t tweets = 0;
  for (const TweetId id : oracle.tweet_ids()) {
    const TweetState state = oracle.tweet(id);
    held += state.held && state.held->held ? 1U : 0U;
    conflicts += conflicts_of(oracle, id);
    tweets += state != TweetState{} ? 1U : 0U;
  }
  comparison.numbers("held counted", counts.held, held);
  comparison.numbers("conflicts counted", counts.conflicts, conflicts);
  comparison.numbers("tweets counted", counts.tweets, tweets);
}

void compare_tweet(Comparison& comparison, const Snapshot& snapshot, StateReader& reader,
                   const Oracle& oracle, TweetId id) {
  const TweetState law = oracle.tweet(id);
  comparison.states("tweet", id, must(snapshot.tweet(id)), law);
  comparison.ids("retweeted", id, must(snapshot.retweeted(id)), oracle.retweeted(id));
  comparison.ids("quoted", id, must(snapshot.quoted(id)), oracle.quoted(id));
  comparison.ids("retweets_of", id, must(snapshot.retweets_of(id)), oracle.retweets_of(id));
  comparison.ids("quotes_of", id, must(snapshot.quotes_of(id)), oracle.quotes_of(id));
  TweetState read;
  reader.tweet(id, read);
  comparison.states("reader's tweet", id, read, law);
  std::vector<TweetId> originals;
  reader.retweeted(id, originals);
  comparison.ids("reader's retweeted", id, originals, oracle.retweeted(id));
  originals.clear();
  reader.quoted(id, originals);
  comparison.ids("reader's quoted", id, originals, oracle.quoted(id));
}

void compare_user(Comparison& comparison, const Snapshot& snapshot, StateReader& reader,
                  const Oracle& oracle, UserId id) {
  const UserState law = oracle.user(id);
  comparison.states("user", id, must(snapshot.user(id)), law);
  UserState read;
  reader.user(id, read);
  comparison.states("reader's user", id, read, law);
  comparison.ids("author_tweets", id, must(snapshot.author_tweets(id)), oracle.author_tweets(id));
}

void write_batch(Store& store, std::span<const Event> batch, RandomWorld& plan) {
  if (plan.one_in(3)) {
    Import import = must(store.begin_import());
    const std::size_t half = plan.below(batch.size() + 1);
    must(import.append(batch.first(half)));
    must(import.append(batch.subspan(half)));
    must(import.finish());
  } else {
    must(store.append(batch));
  }
}

constexpr const char* kMemoryDirectory = "/dev/shm";

bool in_memory() {
  return std::getenv("TMPDIR") == nullptr && ::access(kMemoryDirectory, W_OK | X_OK) == 0;
}

}  // namespace

TempDirectory::TempDirectory() {
  static std::atomic<int> count = 0;
  const std::filesystem::path place =
      in_memory() ? kMemoryDirectory : std::filesystem::temp_directory_path();
  path_ = place / fmt::format("recant-laws-{}-{}", ::getpid(), count.fetch_add(1));
  std::filesystem::create_directories(path_);
}

TempDirectory::~TempDirectory() {
  std::error_code ignored;  // what cannot be removed is not the test's matter
  std::filesystem::remove_all(path_, ignored);
}

Store open_store(const std::string& directory, RandomWorld& plan) {
  return must(Store::open({.directory = directory,
                           .create = true,
                           .segment_bytes_max = plan.one_in(2) ? 1024U : 1U << 20,
                           .seal_events_min = plan.below(6)}));
}

void write_randomly(const std::string& directory, std::span<const Event> events,
                    RandomWorld& plan) {
  // From one event a part, so that parts are merged in several tiers, to few seals.
  const std::size_t batch_max = 1 + plan.below(8);
  const std::size_t one_seal_in = 1 + plan.below(4);
  std::optional<Store> store = open_store(directory, plan);
  for (std::size_t next = 0; next < events.size();) {
    if (plan.one_in(6)) {
      store.reset();
      store = open_store(directory, plan);
    }
    const std::size_t size = std::min(events.size() - next, 1 + plan.below(batch_max));
    write_batch(*store, events.subspan(next, size), plan);
    next += size;
    if (plan.one_in(one_seal_in)) must(store->seal(!plan.one_in(4)));
    if (plan.one_in(4)) (void)must(store->snapshot());
    if (plan.one_in(60)) (void)must(store->rebuild({}));
  }
}

Store write_plainly(const std::string& directory, std::span<const Event> events) {
  Store store = must(Store::open({.directory = directory, .create = true}));
  if (!events.empty()) must(store.append(events));
  return store;
}

std::string unequal(const std::string& a, const std::string& b, const std::string& what) {
  return a == b ? "" : what + ": " + a + " and " + b + "\n";
}

std::string digest(Store& store) { return must(must(store.snapshot()).digest()); }

std::string state_differences(const Snapshot& snapshot, const Oracle& oracle,
                              const RandomWorld& world) {
  Comparison comparison;
  Ids tweets = oracle.tweet_ids();
  tweets.insert(world.tweets().begin(), world.tweets().end());
  Ids users = oracle.user_ids();
  users.insert(world.users().begin(), world.users().end());
  const std::unique_ptr<StateReader> reader = snapshot.reader();
  for (const TweetId id : tweets) compare_tweet(comparison, snapshot, *reader, oracle, id);
  for (const UserId id : users) compare_user(comparison, snapshot, *reader, oracle, id);
  for (const TweetId tweet : tweets) {
    for (const UserId user : users) {
      // -1 stands for "not deleted" on both sides.
      const Time store = must(snapshot.favorite_deleted_at(tweet, user)).value_or(-1);
      const Time law = oracle.favorite_deleted_at(tweet, user).value_or(-1);
      const std::string what = fmt::format("favorite of {} by {}", tweet, user);
      comparison.numbers(what, static_cast<std::uint64_t>(store), static_cast<std::uint64_t>(law));
    }
  }
  must(reader->status());
  compare_counts(comparison, snapshot, oracle);
  return comparison.text();
}

std::string verdict_differences(const Snapshot& snapshot, const Oracle& oracle, RandomWorld& plan,
                                std::size_t count) {
  std::vector<Item> items;
  while (items.size() < count) items.push_back(plan.item());
  const Time as_of = plan.as_of();
  const Policy policy = plan.policy();
  std::vector<Verdict> verdicts(items.size());
  must(snapshot.check(items, as_of, policy, verdicts));
  std::string text;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Verdict law = oracle.verdict(items[i], as_of, policy);
    text += verdict_difference(items[i], as_of, policy, {.store = verdicts[i], .law = law});
  }
  return text;
}

std::string verdict_difference(const Item& item, Time as_of, const Policy& policy,
                               const BothVerdicts& verdicts) {
  if (same(verdicts.store, verdicts.law)) return "";
  return fmt::format("{} as-of {}, {}\nstore: {}law: {}", describe(item), as_of, describe(policy),
                     describe(verdicts.store), describe(verdicts.law));
}

void check_law(std::uint64_t cases, std::size_t events_max, const Broken& broken) {
  // Where a case takes long, fewer of them.
  const bool fast = in_memory() && !test::kSanitized;
  for (std::uint64_t number = 0; number < case_count(fast ? cases : cases / 20); ++number) {
    const std::uint64_t seed = seed_of(number);
    INFO("RECANT_TEST_SEED=" << seed);
    RandomWorld world(seed);
    std::vector<Event> events = world.events(world.below(events_max + 1));
    const auto what_is_wrong = [&](std::span<const Event> some) -> std::string {
      RandomWorld plan = world.fork(1);
      try {
        return broken(some, plan);
      } catch (const std::exception& error) {
        return std::string("failed: ") + error.what();
      }
    };
    if (what_is_wrong(events).empty()) continue;
    shrink(events, [&](std::span<const Event> fewer) { return !what_is_wrong(fewer).empty(); });
    FAIL("events:\n" << describe(events) << "wrong:\n" << what_is_wrong(events));
  }
}

}  // namespace recant::laws
