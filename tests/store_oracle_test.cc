// A store is the oracle, only fast: small random worlds by every road, and one large world that
// fills blocks, long histories and batches.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <optional>

#include "build_facts.h"
#include "store_world.h"

namespace recant::laws {
namespace {

using enum EventKind;

constexpr Time kDayMs = 86'400'000;

// "now, or the newest `at` in the store that is no more than 24 hours ahead of now if that is
// later"
Time expected_default_as_of(std::span<const Event> events, Time now) {
  Time latest = now;
  for (const Event& event : events) {
    if (event.at <= now + kDayMs) latest = std::max(latest, event.at);
  }
  return latest;
}

// Many ids, spread and in runs, each with few facts; one user and one tweet with very long
// histories.
std::vector<Event> large_world(RandomWorld& random, std::size_t count) {
  std::vector<Event> events;
  const auto tweet = [&] { return 1'500'000'000'000'000'000U + random.below(3000) * 977U; };
  const auto user = [&] { return 1 + random.below(300) * random.below(1000); };
  const auto time = [&] { return static_cast<Time>(1'656'000'000'000 + random.below(1000)); };
  while (events.size() < count) {
    Event event = random.event();
    if (event.at > 1) event.at = time();
    if (event.tweet != 0) event.tweet = tweet();
    if (event.author != 0) event.author = user();
    if (event.user != 0) event.user = user();
    if (event.quote_tweet != 0) event.quote_tweet = tweet();
    if (event.payload.present()) {
      Payload& payload = event.payload.make();
      if (payload.retweeted != 0) payload.retweeted = tweet();
      if (payload.quoted != 0) payload.quoted = tweet();
      if (payload.initial_tweet != 0) payload.initial_tweet = event.tweet;
      for (TweetId& id : payload.edit_tweets) id = event.tweet + 1 + random.below(3);
      if (payload.up_to_tweet != 0) payload.up_to_tweet = tweet();
      if (event.kind == kCoverage) payload.from = payload.to = event.at;
    }
    events.push_back(std::move(event));
  }
  return events;
}

// Histories that outgrow whatever a row holds: around powers of two, and far beyond.
std::vector<Event> long_histories(RandomWorld& random, std::size_t length) {
  std::vector<Event> events;
  constexpr std::array kUserKinds = {kUserDelete,    kUserUndelete, kUserProtect,
                                     kUserUnprotect, kUserSuspend,  kUserUnsuspend};
  constexpr std::array kTweetKinds = {kTweetDrop, kTweetUndrop, kTweetAvailable};
  for (std::size_t i = 0; i < length; ++i) {
    const Time at = static_cast<Time>(1000 + i);
    events.push_back(fact(kUserProtect).user(1).at(at));
    events.push_back(fact(kUserDelete).user(2).at(at));
    events.push_back(fact(kScrubGeo).user(3).up_to(1 + random.below(50)).at(at));
    events.push_back(fact(kUserProfileModification).user(4).field("profile.name").at(at));
    events.push_back(fact(kUserProfileModification).user(5).field(fmt::format("f{}", i)).at(1));
    events.push_back(
        fact(kUserUndelete).user(2).at(static_cast<Time>(1000 + random.below(length))));
    events.push_back(fact(kUserKinds[random.below(kUserKinds.size())]).user(6).at(at));
    events.push_back(fact(kTweetKinds[random.below(kTweetKinds.size())]).tweet(10).at(at));
    events.push_back(fact(kTweetHeld).tweet(11).author(100 + i).at(at));
    events.push_back(fact(kTweetHeld).tweet(12).retweeted(1000 + i).quoted(2000 + i).at(at));
    events.push_back(fact(kTweetHeld).tweet(3000 + i).author(7).retweeted(13).quoted(14).at(at));
    events.push_back(fact(kTweetEdit).tweet(5000 + i).initial(15).edits({15, 5000 + i}).at(at));
    events.push_back(fact(kFavoriteDelete).tweet(16).user(10 + i).at(at));
  }
  random.shuffle(events);
  return events;
}

// The derived tables of a world too large to ask the oracle for each: read once, then turned round.
struct Derived {
  std::map<UserId, std::set<TweetId>> author_tweets;
  std::map<TweetId, std::set<TweetId>> retweets_of;
  std::map<TweetId, std::set<TweetId>> quotes_of;
};

Derived derive(const Oracle& oracle) {
  Derived derived;
  std::set<TweetId> listed;
  for (const TweetId id : oracle.tweet_ids()) {
    const std::optional<HeldEntry> held = oracle.tweet(id).held;
    const bool is_held = held && held->held;
    if (is_held) listed.insert(id);
    for (const TweetId original : oracle.retweeted(id)) {
      derived.retweets_of[original].insert(id);
      if (is_held) listed.insert(original);
    }
    for (const TweetId original : oracle.quoted(id)) {
      derived.quotes_of[original].insert(id);
      if (is_held) listed.insert(original);
    }
  }
  for (const TweetId id : listed) {
    for (const UserId author : oracle.authors(id)) derived.author_tweets[author].insert(id);
  }
  return derived;
}

bool equal(const std::vector<std::uint64_t>& store, const std::set<std::uint64_t>& law) {
  return std::ranges::equal(store, law);
}

// What `snapshot` says of each id alone; "" if it is the law's.
std::string point_differences(const Snapshot& snapshot, const Oracle& oracle) {
  std::string wrong;
  Derived derived = derive(oracle);
  for (const TweetId id : oracle.tweet_ids()) {
    const bool right = must(snapshot.tweet(id)) == oracle.tweet(id) &&
                       equal(must(snapshot.retweeted(id)), oracle.retweeted(id)) &&
                       equal(must(snapshot.quoted(id)), oracle.quoted(id)) &&
                       equal(must(snapshot.retweets_of(id)), derived.retweets_of[id]) &&
                       equal(must(snapshot.quotes_of(id)), derived.quotes_of[id]);
    if (!right) wrong += fmt::format("tweet {}\n", id);
  }
  for (const UserId id : oracle.user_ids()) {
    if (must(snapshot.user(id)) != oracle.user(id)) wrong += fmt::format("user {}\n", id);
    if (!equal(must(snapshot.author_tweets(id)), derived.author_tweets[id])) {
      wrong += fmt::format("author_tweets {}\n", id);
    }
  }
  return wrong;
}

// Writes `events` in `pieces` sealed parts and a tail.
Store write_in_parts(const std::string& directory, std::span<const Event> events,
                     std::size_t pieces) {
  Store store = must(Store::open({.directory = directory, .create = true}));
  const std::size_t size = events.size() / (pieces + 1) + 1;
  for (std::size_t next = 0; next < events.size(); next += size) {
    must(store.append(events.subspan(next, std::min(size, events.size() - next))));
    if (next + size < events.size()) must(store.seal(true));
  }
  return store;
}

}  // namespace

TEST_CASE("a store answers as the oracle does, by whatever road its events came", "[laws]") {
  check_law(2000, 40, [](std::span<const Event> events, RandomWorld& plan) {
    const TempDirectory directory;
    write_randomly(directory.path("a"), events, plan);
    Store store = open_store(directory.path("a"), plan);
    const Oracle oracle(events);
    const Snapshot snapshot = must(store.snapshot());
    std::string wrong = state_differences(snapshot, oracle, plan);
    for (int i = 0; i < 5; ++i) wrong += verdict_differences(snapshot, oracle, plan, 8);
    const Time now = plan.as_of();
    if (must(snapshot.default_as_of(now)) != expected_default_as_of(events, now)) {
      wrong += fmt::format("default_as_of({})\n", now);
    }
    if (snapshot.last_sequence() != events.size()) wrong += "last_sequence\n";
    return wrong;
  });
}

// "Never changes; stays readable whatever writers do": each snapshot keeps answering for its
// moment.
TEST_CASE("a snapshot is of its moment", "[laws]") {
  check_law(1000, 30, [](std::span<const Event> events, RandomWorld& plan) {
    const TempDirectory directory;
    std::vector<std::pair<std::size_t, Snapshot>> snapshots;
    Store store = open_store(directory.path("a"), plan);
    for (std::size_t next = 0; next < events.size();) {
      const std::size_t size = std::min(events.size() - next, 1 + plan.below(6));
      must(store.append(events.subspan(next, size)));
      next += size;
      snapshots.emplace_back(next, must(store.snapshot()));
      if (plan.one_in(2)) must(store.seal(true));
      if (plan.one_in(8)) (void)must(store.rebuild({}));
    }
    std::string wrong;
    for (const auto& [count, snapshot] : snapshots) {
      wrong += state_differences(snapshot, Oracle(events.first(count)), plan);
      const Time now = plan.as_of();
      const Time expected = expected_default_as_of(events.first(count), now);
      if (must(snapshot.default_as_of(now)) != expected) wrong += "default_as_of\n";
      if (snapshot.last_sequence() != count) wrong += "last_sequence\n";
    }
    return wrong;
  });
}

TEST_CASE("a reader beside the writer sees what was appended", "[laws]") {
  check_law(1000, 30, [](std::span<const Event> events, RandomWorld& plan) {
    const TempDirectory directory;
    Store writer = open_store(directory.path("a"), plan);
    std::optional<Store> reader;  // opened beside the first events, then following
    std::string wrong;
    for (std::size_t next = 0; next < events.size();) {
      const std::size_t size = std::min(events.size() - next, 1 + plan.below(6));
      must(writer.append(events.subspan(next, size)));
      next += size;
      if (plan.one_in(3)) must(writer.seal(true));
      if (plan.one_in(8)) (void)must(writer.rebuild({}));
      if (!reader) {
        reader = must(Store::open({.directory = directory.path("a"), .read_only = true}));
      }
      const Snapshot snapshot = must(reader->snapshot());
      wrong += state_differences(snapshot, Oracle(events.first(next)), plan);
    }
    return wrong;
  });
}

TEST_CASE("a large world in parts answers as the oracle does", "[laws]") {
  const TempDirectory directory;
  RandomWorld random(seed_of(1));
  const std::vector<Event> events = large_world(random, 12'000);
  const Oracle oracle(events);
  Store store = write_in_parts(directory.path("a"), events, 5);
  Store plain = write_plainly(directory.path("b"), events);
  CHECK(digest(store) == digest(plain));
  const Snapshot snapshot = must(store.snapshot());
  std::string wrong = point_differences(snapshot, oracle);
  CHECK(wrong == "");
  // A batch of items in no order, some of them twice, some of ids that nobody knows.
  std::vector<Item> items;
  const std::set<TweetId> ids = oracle.tweet_ids();
  const std::vector<TweetId> known(ids.begin(), ids.end());
  while (items.size() < 800) {
    items.push_back(ItemOf::tweet(known[random.below(known.size())] + random.below(2)));
  }
  std::vector<Verdict> verdicts(items.size());
  const Time as_of = 1'656'000'000'500;
  must(snapshot.check(items, as_of, {}, verdicts));
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Verdict law = oracle.verdict(items[i], as_of, {});
    wrong += verdict_difference(items[i], as_of, {}, {.store = verdicts[i], .law = law});
  }
  CHECK(wrong == "");
}

TEST_CASE("histories of any length answer as the oracle does", "[laws]") {
  for (const std::size_t length : {31U, 32U, 33U, 63U, 64U, 65U, 66U, 130U, 300U}) {
    INFO(length << " entries a history");
    const TempDirectory directory;
    RandomWorld random(length);
    const std::vector<Event> events = long_histories(random, length);
    Store store = write_in_parts(directory.path("a"), events, 3);
    const Oracle oracle(events);
    const Snapshot snapshot = must(store.snapshot());
    std::string wrong = point_differences(snapshot, oracle);
    CHECK(wrong == "");
    std::vector<Item> items;
    for (const TweetId id : {10U, 11U, 12U, 13U, 14U, 15U, 3000U, 5000U, 1000U}) {
      items.push_back(ItemOf::tweet(id).by(1 + random.below(6)));
    }
    for (UserId id = 1; id < 8; ++id) items.push_back(ItemOf::user(id));
    for (const UserId id : {10U, 11U, 5U}) items.push_back(ItemOf::like(16).by(id));
    for (int i = 0; i < 20; ++i) {
      const Time as_of = static_cast<Time>(990 + random.below(length + 20));
      std::vector<Verdict> verdicts(items.size());
      must(snapshot.check(items, as_of, {}, verdicts));
      for (std::size_t n = 0; n < items.size(); ++n) {
        const Verdict law = oracle.verdict(items[n], as_of, {});
        wrong += verdict_difference(items[n], as_of, {}, {.store = verdicts[n], .law = law});
      }
    }
    CHECK(wrong == "");
    Store plain = write_plainly(directory.path("b"), events);
    CHECK(digest(store) == digest(plain));
  }
}

}  // namespace recant::laws
