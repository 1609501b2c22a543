// What `changes` owes its consumer: all that may have changed, once a call, and no more work than
// that. The first case is the contract itself, over random worlds; the others are its edges.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "changes_world.h"
#include "recant/recant.h"
#include "store_world.h"

using namespace recant;

namespace {

constexpr Time kDayMs = 86'400'000;
constexpr Time kLater = 4'000'000'000'000;

Store open_store(const std::string& directory) {
  auto store = Store::open({.directory = directory, .create = true});
  REQUIRE(store);
  return *std::move(store);
}

struct Lines {
  std::vector<TweetId> ids;
  std::vector<Action> actions;
  std::string cursor;
  ChangesWork work{};
};

Lines changes(Store& store, const std::string& since, Time as_of, std::uint64_t limit = 0) {
  const auto snapshot = store.snapshot();
  REQUIRE(snapshot);
  Lines lines;
  auto cursor = snapshot->changes(
      {.since = since, .limit = limit, .as_of = as_of, .policy = {}, .work = &lines.work},
      [&lines](const Item& item, const Verdict& verdict) {
        lines.ids.push_back(item.id);
        lines.actions.push_back(verdict.action);
        return true;
      });
  REQUIRE(cursor);
  lines.cursor = *cursor;
  return lines;
}

ErrorCode refusal(Store& store, const std::string& since) {
  const auto cursor = store.snapshot()->changes({.since = since, .as_of = 5},
                                                [](const Item&, const Verdict&) { return true; });
  REQUIRE_FALSE(cursor);
  return cursor.error().code;
}

Event held(TweetId tweet, UserId author, TweetId retweeted = 0, TweetId quoted = 0) {
  Event event{.kind = EventKind::kTweetHeld, .at = 10, .tweet = tweet, .author = author};
  if (retweeted != 0) event.payload.make().retweeted = retweeted;
  if (quoted != 0) event.payload.make().quoted = quoted;
  return event;
}

Event of_user(EventKind kind, UserId user, Time at) {
  return {.kind = kind, .at = at, .user = user};
}

void append(Store& store, const std::vector<Event>& events) { REQUIRE(store.append(events)); }

// `count` held tweets of user 7, from `first` on; in pieces, as ingest and track write them.
void track_many(Store& store, TweetId first, std::size_t count) {
  auto import = store.begin_import();
  REQUIRE(import);
  std::vector<Event> events;
  for (std::size_t i = 0; i < count; ++i) events.push_back(held(first + i, 7));
  REQUIRE(import->append(events));
  REQUIRE(import->finish());
}

}  // namespace

TEST_CASE("a consumer of changes ends with the verdicts of check", "[changes]") {
  for (std::uint64_t number = 0; number < laws::case_count(400); ++number) {
    const std::uint64_t seed = laws::seed_of(number);
    INFO("RECANT_TEST_SEED=" << seed);
    REQUIRE(laws::ChangesWorld(seed).run() == "");
  }
}

TEST_CASE("from the start every tracked tweet is told once, and nothing else", "[changes]") {
  const laws::TempDirectory directory;
  Store store = open_store(directory.path("store"));
  CHECK(changes(store, "", kLater).ids.empty());
  append(store, {held(3, 7),
                 held(1, 7, 9),
                 {.kind = EventKind::kTweetDelete, .at = 5, .tweet = 2},
                 {.kind = EventKind::kTweetDelete, .at = 5, .tweet = 9}});
  const Lines all = changes(store, "", kLater);
  CHECK(all.ids == std::vector<TweetId>{1, 3});
  CHECK(all.actions == std::vector{Action::kDelete, Action::kKeep});
  const Lines none = changes(store, all.cursor, kLater);
  CHECK(none.ids.empty());
  CHECK(none.cursor == all.cursor);
}

TEST_CASE("a cursor of an empty store is good when its first events come", "[changes]") {
  const laws::TempDirectory directory;
  Store store = open_store(directory.path("store"));
  const Lines empty = changes(store, "", kLater);
  append(store, {held(3, 7)});
  CHECK(changes(store, empty.cursor, kLater).ids == std::vector<TweetId>{3});
}

TEST_CASE("events for tweets that are not tracked tell nothing", "[changes]") {
  const laws::TempDirectory directory;
  Store store = open_store(directory.path("store"));
  append(store,
         {held(3, 7), held(4, 7), {.kind = EventKind::kTweetReleased, .at = 11, .tweet = 4}});
  const Lines before = changes(store, "", kLater);
  CHECK(before.ids == std::vector<TweetId>{3});
  append(store, {{.kind = EventKind::kTweetDelete, .at = 12, .tweet = 50, .author = 7},
                 {.kind = EventKind::kTweetDelete, .at = 12, .tweet = 4},
                 of_user(EventKind::kUserSuspend, 8, 12)});
  const Lines after = changes(store, before.cursor, kLater);
  CHECK(after.ids.empty());
  CHECK(after.cursor != before.cursor);
}

TEST_CASE("a fact reaches retweets, quotes, and retweets of quotes", "[changes]") {
  const laws::TempDirectory directory;
  Store store = open_store(directory.path("store"));
  // 20 retweets 10, 30 quotes 10, 40 retweets 30; 10 and 30 themselves are not held by anyone.
  append(store, {held(20, 7, 10),
                 held(40, 8, 30),
                 held(30, 9, 0, 10),
                 held(50, 9),
                 {.kind = EventKind::kTweetReleased, .at = 11, .tweet = 30}});
  std::string cursor = changes(store, "", kLater).cursor;
  const auto told_after = [&](const Event& event) {
    append(store, {event});
    const Lines lines = changes(store, cursor, kLater);
    cursor = lines.cursor;
    return lines.ids;
  };
  CHECK(told_after({.kind = EventKind::kTweetDrop, .at = 12, .tweet = 10, .author = 6}) ==
        std::vector<TweetId>{20, 40});
  CHECK(told_after(of_user(EventKind::kUserProtect, 6, 13)) == std::vector<TweetId>{20, 40});
  CHECK(told_after(of_user(EventKind::kUserProtect, 9, 13)) == std::vector<TweetId>{40, 50});
  Event edit{.kind = EventKind::kTweetEdit, .at = 14, .tweet = 11};
  edit.payload.make().initial_tweet = 10;
  edit.payload.make().edit_tweets = {10, 11};
  CHECK(told_after(edit) == std::vector<TweetId>{20, 40});
  CHECK(told_after({.kind = EventKind::kTweetDelete, .at = 15, .tweet = 11}) ==
        std::vector<TweetId>{20, 40});
}

TEST_CASE("time alone changes verdicts: 30 days, and an `at` that comes or is gone back before",
          "[changes]") {
  const laws::TempDirectory directory;
  Store store = open_store(directory.path("store"));
  const Time deleted_at = 100 * kDayMs;
  append(store, {held(3, 7),
                 held(4, 8),
                 of_user(EventKind::kUserDelete, 7, deleted_at),
                 {.kind = EventKind::kTweetDrop, .at = 120 * kDayMs, .tweet = 4}});
  REQUIRE(store.seal(true));
  Lines lines = changes(store, "", deleted_at);
  const auto told_at = [&](Time as_of) {
    lines = changes(store, lines.cursor, as_of);
    return lines.ids;
  };
  using Ids = std::vector<TweetId>;
  CHECK(told_at(120 * kDayMs - 1).empty());
  CHECK(told_at(120 * kDayMs) == Ids{4});
  CHECK(told_at(130 * kDayMs - 1).empty());
  CHECK(told_at(130 * kDayMs) == Ids{3});
  CHECK(lines.actions == std::vector{Action::kDelete});
  CHECK(told_at(130 * kDayMs - 1) == Ids{3});
  CHECK(lines.actions == std::vector{Action::kSuppress});
  CHECK(told_at(deleted_at - 1) == Ids{4, 3});
  CHECK(lines.actions == std::vector{Action::kKeep, Action::kKeep});
  CHECK(told_at(kLater) == Ids{3, 4});
}

TEST_CASE("an author told with one tweet's original reaches all that show the original",
          "[changes]") {
  const laws::TempDirectory directory;
  Store store = open_store(directory.path("store"));
  append(store, {held(20, 7, 10), held(21, 7, 0, 10), of_user(EventKind::kUserSuspend, 6, 5)});
  std::string cursor = changes(store, "", kLater).cursor;
  Event told = held(22, 7, 10);
  SECTION("retweeted") { told.payload.make().retweeted_author = 6; }
  SECTION("quoted") {
    told = held(22, 7, 0, 10);
    told.payload.make().quoted_author = 6;
  }
  append(store, {told});
  const Lines lines = changes(store, cursor, kLater);
  CHECK(std::set(lines.ids.begin(), lines.ids.end()) == std::set<TweetId>{20, 21, 22});
}

TEST_CASE("a stretch that a call stopped in keeps its end", "[changes]") {
  const laws::TempDirectory directory;
  Store store = open_store(directory.path("store"));
  append(store, {held(3, 7), held(4, 7), held(5, 7)});
  std::string cursor = changes(store, "", kLater).cursor;
  const auto drop = [](TweetId tweet) {
    return Event{.kind = EventKind::kTweetDrop, .at = 20, .tweet = tweet};
  };
  append(store, {drop(4)});
  append(store, {drop(5)});
  append(store, {drop(3)});
  std::set<TweetId> told;
  for (const std::uint64_t stretch_events : {2U, 100U, 100U, 100U}) {
    const auto next = store.snapshot()->changes(
        {.since = cursor, .limit = 1, .as_of = kLater, .stretch_events = stretch_events},
        [&told](const Item& item, const Verdict&) { return told.insert(item.id).second; });
    REQUIRE(next);
    cursor = *next;
  }
  CHECK(told == std::set<TweetId>{3, 4, 5});
}

TEST_CASE("a pass that is gone on with as of an earlier time is evened out by the next one",
          "[changes]") {
  const laws::TempDirectory directory;
  Store store = open_store(directory.path("store"));
  append(store, {held(3, 7), held(4, 7)});
  append(store, {{.kind = EventKind::kTweetDrop, .at = 100, .tweet = 4}});
  std::string cursor = changes(store, "", 200).cursor;
  cursor = changes(store, cursor, 201).cursor;  // learns that nothing lies ahead
  append(store, {of_user(EventKind::kUserSuspend, 7, 50)});
  const Lines first = changes(store, cursor, 201, 1);
  CHECK(first.ids == std::vector<TweetId>{3});
  const Lines earlier = changes(store, first.cursor, 90, 1);
  CHECK(earlier.ids == std::vector<TweetId>{4});
  CHECK(changes(store, earlier.cursor, 201).ids == std::vector<TweetId>{4});
}

TEST_CASE("a suspended user's 100,000 tweets are taken in pieces, each once", "[changes]") {
  constexpr std::size_t kTweets = 100'000;
  constexpr std::uint64_t kLimit = 1000;
  const laws::TempDirectory directory;
  Store store = open_store(directory.path("store"));
  track_many(store, 1'000'000, kTweets);
  REQUIRE(store.seal(true));
  std::string cursor = changes(store, "", kLater).cursor;
  append(store, {of_user(EventKind::kUserSuspend, 7, 20)});
  std::set<TweetId> seen;
  for (std::size_t call = 0; call < kTweets / kLimit; ++call) {
    const Lines lines = changes(store, cursor, kLater, kLimit);
    REQUIRE(lines.ids.size() == kLimit);
    // A call reads what it tells, not what came before it.
    REQUIRE(lines.work.tweets_read == kLimit);
    REQUIRE(lines.work.blocks_read <= 4);
    seen.insert(lines.ids.begin(), lines.ids.end());
    cursor = lines.cursor;
  }
  CHECK(seen.size() == kTweets);
  CHECK(changes(store, cursor, kLater, kLimit).ids.empty());
}

TEST_CASE("the first tweets are taken in pieces too, each once", "[changes]") {
  const laws::TempDirectory directory;
  Store store = open_store(directory.path("store"));
  track_many(store, 500, 300);
  REQUIRE(store.seal(true));
  track_many(store, 1, 300);
  std::vector<TweetId> seen;
  std::string cursor;
  for (std::size_t told = 7; told == 7;) {
    const Lines lines = changes(store, cursor, kLater, 7);
    seen.insert(seen.end(), lines.ids.begin(), lines.ids.end());
    cursor = lines.cursor;
    told = lines.ids.size();
  }
  CHECK(seen.size() == 600);
  CHECK(std::ranges::is_sorted(seen));
}

TEST_CASE("the work is that of the change, whatever the store's size", "[changes]") {
  const laws::TempDirectory directory;
  Store store = open_store(directory.path("store"));
  // Many blocks of old events, each of which could hold what a careless search looks for.
  for (TweetId group = 0; group < 200; ++group) {
    append(store, {held(1000 + group, 7 + group), held(5000 + group, 7 + group)});
  }
  REQUIRE(store.seal(true));
  // The first call that time passes in learns that nothing lies ahead of it.
  std::string cursor = changes(store, "", kLater).cursor;
  cursor = changes(store, cursor, kLater + 1).cursor;
  append(store, {of_user(EventKind::kUserSuspend, 9, kLater + 1),
                 {.kind = EventKind::kTweetDelete, .at = kLater + 2, .tweet = 1000}});
  const Lines lines = changes(store, cursor, kLater + 3);
  CHECK(lines.ids == std::vector<TweetId>{1000, 1002, 5002});
  CHECK(lines.work.blocks_read <= 3);  // what the cursor stands on, and what is new
  CHECK(lines.work.events_read == 2);
  CHECK(lines.work.tweets_read == 3);
  const Lines none = changes(store, lines.cursor, kLater + 4);
  CHECK(none.ids.empty());
  CHECK(none.work.blocks_read == 1);
  CHECK(none.work.events_read + none.work.tweets_read == 0);
}

TEST_CASE("many events about one user or original tell of its tweets once", "[changes]") {
  const laws::TempDirectory directory;
  Store store = open_store(directory.path("store"));
  track_many(store, 1, 100);
  std::string cursor = changes(store, "", kLater).cursor;
  for (Time at = 20; at < 40; ++at) append(store, {of_user(EventKind::kUserSuspend, 7, at)});
  std::size_t told = 0;
  for (std::size_t last = 30; last == 30;) {
    const Lines lines = changes(store, cursor, kLater, 30);
    last = lines.ids.size();
    told += last;
    cursor = lines.cursor;
  }
  CHECK(told == 100);
}

TEST_CASE("a cursor that is none, cut, altered or of another store is refused", "[changes]") {
  const laws::TempDirectory directory;
  Store store = open_store(directory.path("store"));
  append(store, {held(3, 7), held(4, 7)});
  const std::string cut = changes(store, "", kLater, 1).cursor;
  const std::string level = changes(store, "", kLater).cursor;
  for (const std::string& cursor : {cut, level}) {
    for (std::size_t i = 0; i < cursor.size(); ++i) {
      std::string altered = cursor;
      altered[i] = altered[i] == '0' ? '1' : '0';
      REQUIRE(refusal(store, altered) == ErrorCode::kInvalidArgument);
      REQUIRE(refusal(store, cursor.substr(0, i + 1 == cursor.size() ? i : i + 1)) ==
              ErrorCode::kInvalidArgument);
    }
  }
  for (const char* text : {"x", "0", "null", "ffffffffffffffffffffffffffffffffffffffff", " "}) {
    CHECK(refusal(store, text) == ErrorCode::kInvalidArgument);
  }
  Store other = open_store(directory.path("other"));
  CHECK(refusal(other, level) == ErrorCode::kInvalidArgument);
  append(other, {held(3, 7), held(4, 7)});
  CHECK(refusal(other, level) == ErrorCode::kInvalidArgument);
}

TEST_CASE("a cursor that the log no longer bears out begins anew", "[changes]") {
  namespace fs = std::filesystem;
  const laws::TempDirectory directory;
  std::string cursor;
  {
    Store store = open_store(directory.path("store"));
    append(store, {held(3, 7)});
  }
  fs::copy(directory.path("store"), directory.path("backup"), fs::copy_options::recursive);
  {
    Store store = open_store(directory.path("store"));
    append(store, {of_user(EventKind::kUserSuspend, 8, 30)});
    cursor = changes(store, "", kLater).cursor;
  }
  // The backup is of the same store, and goes on differently from where it was taken.
  Store store = open_store(directory.path("backup"));
  CHECK(changes(store, cursor, kLater).ids == std::vector<TweetId>{3});
  append(store, {of_user(EventKind::kUserSuspend, 7, 40)});
  const Lines lines = changes(store, cursor, kLater);
  CHECK(lines.ids == std::vector<TweetId>{3});
  CHECK(lines.actions == std::vector{Action::kSuppress});
}

TEST_CASE("under another policy everything is told again", "[changes]") {
  const laws::TempDirectory directory;
  Store store = open_store(directory.path("store"));
  append(store, {held(3, 7), held(4, 7)});
  const std::string cursor = changes(store, "", kLater).cursor;
  std::size_t told = 0;
  REQUIRE(store.snapshot()->changes(
      {.since = cursor, .as_of = kLater, .policy = {.delete_on = {EventKind::kUserSuspend}}},
      [&told](const Item&, const Verdict&) { return ++told > 0; }));
  CHECK(told == 2);
}
