// The C++ interface as a host program meets it: several Stores of one directory, forks, callbacks
// that throw, work that is cancelled, events read back.
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "recant/recant.h"
#include "tests/store_world.h"

using namespace recant;
using laws::must;

namespace {

Event deleted(TweetId tweet) {
  return {.kind = EventKind::kTweetDelete, .at = 1000, .tweet = tweet, .author = 7};
}

Store open_at(const std::string& directory) {
  return must(Store::open({.directory = directory, .create = true}));
}

Action action_of(Store& store, TweetId tweet) {
  const Snapshot snapshot = must(store.snapshot());
  const Item item{.id = tweet};
  Verdict verdict;
  must(snapshot.check({&item, 1}, now(), {}, {&verdict, 1}));
  return verdict.action;
}

void append(Store& store, TweetId tweet) {
  const Event event = deleted(tweet);
  must(store.append({&event, 1}));
}

std::vector<TweetId> tweets_in_log(const Store& store) {
  std::vector<TweetId> tweets;
  must(store.read_events({}, [&](SequenceNumber sequence, const Event& event) {
    tweets.push_back(event.tweet);
    return sequence == tweets.size();
  }));
  return tweets;
}

}  // namespace

TEST_CASE("two Stores of one directory in one process write in turn and see each other",
          "[embedding]") {
  const laws::TempDirectory directory;
  Store one = open_at(directory.path("store"));
  Store two = open_at(directory.path("store"));
  for (TweetId tweet = 1; tweet <= 20; ++tweet) append(tweet % 2 == 0 ? one : two, tweet);
  CHECK(action_of(one, 19) == Action::kDelete);
  CHECK(action_of(two, 20) == Action::kDelete);
  CHECK(tweets_in_log(one).size() == 20);
}

TEST_CASE("a Store goes on working in parent and child after a fork", "[embedding]") {
  const laws::TempDirectory directory;
  Store store = open_at(directory.path("store"));
  append(store, 1);
  must(store.seal(true));  // so that a mapped part is carried over the fork
  REQUIRE(action_of(store, 1) == Action::kDelete);
  const pid_t child = fork();
  if (child == 0) {
    bool good = action_of(store, 1) == Action::kDelete;
    for (TweetId tweet = 100; tweet < 110; ++tweet) append(store, tweet);
    good = good && action_of(store, 109) == Action::kDelete;
    _exit(good ? 0 : 1);
  }
  for (TweetId tweet = 200; tweet < 210; ++tweet) append(store, tweet);
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(action_of(store, 109) == Action::kDelete);
  CHECK(action_of(store, 209) == Action::kDelete);
  CHECK(tweets_in_log(store).size() == 21);
  CHECK(must(store.verify()).empty());
}

TEST_CASE("an import belongs to the process that began it", "[embedding]") {
  const laws::TempDirectory directory;
  Store store = open_at(directory.path("store"));
  Import import = must(store.begin_import());
  const Event event = deleted(1);
  must(import.append({&event, 1}));
  CHECK(must(import.sync()) == 1);
  const pid_t child = fork();
  if (child == 0) {
    const auto appended = import.append({&event, 1});
    const bool refused = !appended && appended.error().code == ErrorCode::kInvalidArgument;
    {
      const Import dropped = std::move(import);
    }  // must not release the parent's lock
    _exit(refused ? 0 : 1);
  }
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WEXITSTATUS(status) == 0);
  Store other = must(Store::open({.directory = directory.path("store"), .lock_wait_ms = 0}));
  const auto locked_out = other.append({&event, 1});
  REQUIRE_FALSE(locked_out);
  CHECK(locked_out.error().code == ErrorCode::kLocked);
  must(import.append({&event, 1}));
  CHECK(must(import.finish()) == 2);
  CHECK(import.append({&event, 1}).error().code == ErrorCode::kInvalidArgument);
  CHECK(tweets_in_log(store).size() == 2);
}

TEST_CASE("what a callback throws is an error, not an exception", "[embedding]") {
  const laws::TempDirectory directory;
  Store store = open_at(directory.path("store"));
  append(store, 1);
  const auto told = store.read_events(
      {}, [](SequenceNumber, const Event&) -> bool { throw std::runtime_error("mine"); });
  REQUIRE_FALSE(told);
  CHECK(told.error().what.find("mine") != std::string::npos);
  const auto refused =
      store.read_events({}, [](SequenceNumber, const Event&) -> bool { throw std::bad_alloc(); });
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::kNoMemory);
}

TEST_CASE("a rebuild and a verify that are cancelled change nothing", "[embedding]") {
  const laws::TempDirectory directory;
  Store store = open_at(directory.path("store"));
  append(store, 1);
  must(store.rebuild({}));
  append(store, 2);
  std::stop_source source;
  SequenceNumber told = 0;
  const RebuildOptions rebuild{.on_progress =
                                   [&](SequenceNumber done, SequenceNumber) {
                                     told = done;
                                     source.request_stop();
                                   },
                               .cancel = source.get_token()};
  const auto rebuilt = store.rebuild(rebuild);
  REQUIRE_FALSE(rebuilt);
  CHECK(rebuilt.error().code == ErrorCode::kCancelled);
  CHECK(told > 0);
  const Snapshot snapshot = must(store.snapshot());
  CHECK(snapshot.part_count() == 1);
  CHECK(snapshot.tail_events() == 1);
  const auto verified = store.verify({.on_progress = {}, .cancel = source.get_token()});
  REQUIRE_FALSE(verified);
  CHECK(verified.error().code == ErrorCode::kCancelled);
}

TEST_CASE("the history of a tweet and of a user is what their events said", "[embedding]") {
  const laws::TempDirectory directory;
  Store store = open_at(directory.path("store"));
  const std::vector<Event> events = {
      {.kind = EventKind::kTweetDrop, .at = 2000, .tweet = 5, .author = 7},
      {.kind = EventKind::kTweetUndrop, .at = 3000, .tweet = 5},
      {.kind = EventKind::kUserProtect, .at = 1500, .user = 7},
      {.kind = EventKind::kTweetDelete, .at = 1000, .tweet = 6}};
  must(store.append(events));
  const Snapshot snapshot = must(store.snapshot());
  const auto tweet = must(snapshot.tweet_history(5));
  REQUIRE(tweet.size() == 2);
  CHECK(tweet[0].kind == EventKind::kTweetDrop);
  CHECK(tweet[0].at == 2000);
  CHECK(tweet[1].kind == EventKind::kTweetUndrop);
  const auto user = must(snapshot.user_history(7));
  REQUIRE(user.size() == 1);
  CHECK(user[0].kind == EventKind::kUserProtect);
  CHECK(must(snapshot.tweet_history(99)).empty());
}

TEST_CASE("an item without an id is refused by its place, and so is a country that is none",
          "[embedding]") {
  const laws::TempDirectory directory;
  Store store = open_at(directory.path("store"));
  append(store, 5);
  const Snapshot snapshot = must(store.snapshot());
  std::vector<Item> items(10'000);
  for (Item& item : items) item.id = 5;
  std::vector<Verdict> verdicts(items.size());
  must(snapshot.check(items, 2000, {}, verdicts));
  items[9'000].id = 0;
  const auto refused = snapshot.check(items, 2000, {}, verdicts);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::kInvalidArgument);
  CHECK(refused.error().what.find("item 9000 ") != std::string::npos);
  items[0] = {.type = ItemType::kLike, .id = 5};
  CHECK_FALSE(snapshot.check(std::span(items).first(1), 2000, {}, std::span(verdicts).first(1)));

  CHECK_FALSE(snapshot.tweet(0));
  CHECK_FALSE(snapshot.user(0));
  CHECK_FALSE(snapshot.author_tweets(0));
  CHECK_FALSE(snapshot.retweets_of(0));
  CHECK_FALSE(snapshot.favorite_deleted_at(5, 0));
  CHECK(snapshot.tweet(6));

  const auto reader = snapshot.reader();
  Judge judge(*reader, {}, 2000);
  Verdict verdict;
  CHECK_FALSE(judge.judge({.id = 0}, verdict));
  must(judge.judge({.id = 5}, verdict));
  CHECK(verdict.action == Action::kDelete);
  const auto withheld = [&](std::optional<Country> country) {
    return snapshot.batch_judge(2000, {.country = country}).has_value();
  };
  CHECK(withheld(country('D', 'E')));
  CHECK_FALSE(withheld(country('d', 'e')));
  CHECK_FALSE(withheld(Country{0}));
  CHECK_FALSE(withheld(Country{7}));
  Judge nowhere(*reader, {.country = Country{7}}, 2000);
  CHECK_FALSE(nowhere.judge({.id = 5}, verdict));
  CHECK(verdict.reasons.empty());
  CHECK_FALSE(snapshot.changes({.as_of = 2000, .policy = {.country = Country{7}}},
                               [](const Item&, const Verdict&) { return true; }));
}
