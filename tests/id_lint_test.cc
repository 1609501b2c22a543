// Figures of ids: damage that spreadsheets do is told, ids as the platform gives them are not.
#include "engine/dataset/id_lint.h"

#include <catch2/catch.hpp>
#include <random>
#include <set>
#include <string>

#include "engine/dataset/id_text.h"

namespace recant {
namespace {

using dataset::DuplicateCount;
using dataset::IdFigures;
using dataset::IdLint;

constexpr Time kNow = 1'700'000'000'000;
constexpr Time kEpochMs = 1'288'834'974'657;

TweetId tweet_at(Time at, std::uint64_t low) {
  return (static_cast<TweetId>(at - kEpochMs) << 22) | low;
}

// Ids as the platform makes them: time, one of a few dozen machines, a sequence number mostly 0.
std::vector<TweetId> real_ids(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<TweetId> ids;
  for (std::size_t i = 0; i < count; ++i) {
    const Time at = kEpochMs + 10'000'000'000 + static_cast<Time>(random() % 400'000'000'000);
    const std::uint64_t sequence = random() % 10 == 0 ? random() % 8 : 0;
    ids.push_back(tweet_at(at, (320 + random() % 60) << 12 | sequence));
  }
  return ids;
}

IdFigures figures(const std::vector<TweetId>& ids, ItemType type = ItemType::kTweet) {
  dataset::IdTally tally;
  for (const TweetId id : ids) {
    Item item;
    item.type = type;
    item.id = id;
    tally.add(item, dataset::latest_id_time(kNow));
  }
  IdLint lint;
  lint.add(tally);
  return lint.figures();
}

TEST_CASE("ids of real tweets are not called damaged", "[dataset][lint]") {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    INFO(seed);
    const IdFigures told = figures(real_ids(seed * 7 % 2000, seed));
    REQUIRE(told.rounded == 0);
    REQUIRE(told.future == 0);
    REQUIRE(told.oversized == 0);
    REQUIRE(told.duplicates == 0);
  }
  REQUIRE(figures({20, 100, 1000, 10'000, 100'000, 1'000'000}).rounded == 0);  // the first tweets
}

TEST_CASE("ids rounded to 15 digits are told from a few on", "[dataset][lint]") {
  for (const std::size_t count : {5UL, 10UL, 1000UL}) {
    std::vector<TweetId> ids = real_ids(count, count);
    for (TweetId& id : ids)
      id = id >= 1'000'000'000'000'000'000 ? id / 10'000 * 10'000 : id / 1000 * 1000;
    const IdFigures told = figures(ids);
    REQUIRE(told.zeros >= 3);
    REQUIRE(told.rounded == count);
  }
  // As a program writes them that reads ids as doubles: 17 digits of 19.
  std::vector<TweetId> ids = real_ids(200, 9);
  for (TweetId& id : ids) id = id / 100 * 100;
  REQUIRE(figures(ids).zeros == 2);
  REQUIRE(figures(ids).rounded == 200);
  REQUIRE(figures({1'234'567'890'120'000'000}).rounded == 0);  // one alone may be chance
}

TEST_CASE("a part of the ids that was rounded is told among many that were not",
          "[dataset][lint]") {
  std::vector<TweetId> ids = real_ids(5000, 4);
  for (std::size_t i = 0; i < 100; ++i) ids[i * 50] = ids[i * 50] / 10'000 * 10'000;
  const IdFigures told = figures(ids);
  REQUIRE(told.zeros == 4);
  REQUIRE(told.rounded >= 100);
  REQUIRE(told.rounded < 120);
}

TEST_CASE("ids of the future, of too many digits, and rounded numbers are counted",
          "[dataset][lint]") {
  const Time day = 86'400'000;
  const IdFigures told = figures({tweet_at(kNow + day - 1, 0), tweet_at(kNow + day + 1, 0),
                                  9'999'999'999'999'999'999U, 10'000'000'000'000'000'000U});
  REQUIRE(told.future == 2);
  REQUIRE(told.oversized == 1);
  REQUIRE(figures({9'999'999'999'999'999'999U}, ItemType::kUser).future == 0);
  IdLint lint;
  lint.add_rejection(dataset::why_no_id("1.23457E+18"));
  lint.add_rejection("tweet_id is " + std::string(dataset::why_no_id("1540000000000000000.0")));
  lint.add_rejection(dataset::why_no_id("123456789012345678901"));
  lint.add_rejection(dataset::why_no_id("18446744073709551616"));
  lint.add_rejection(dataset::why_no_id("abc"));
  REQUIRE(lint.figures().scientific == 2);
  REQUIRE(lint.figures().oversized == 2);
  REQUIRE(lint.figures().ids == 0);
}

TEST_CASE("duplicates are counted exactly while there are not too many ids", "[dataset][lint]") {
  std::mt19937_64 random(5);
  for (const std::uint64_t range : {1UL, 10UL, 5000UL, 400'000UL}) {
    DuplicateCount count;
    std::set<std::uint64_t> seen;
    std::uint64_t expected = 0;
    for (int i = 0; i < 300'000; ++i) {
      const std::uint64_t key = random() % range;
      count.add(DuplicateCount::hash_of(key));
      if (!seen.insert(key).second) ++expected;
    }
    REQUIRE_FALSE(count.estimated());
    REQUIRE(count.duplicates() == expected);
  }
}

TEST_CASE("duplicates among very many ids are estimated", "[dataset][lint]") {
  DuplicateCount count;
  constexpr std::uint64_t kIds = DuplicateCount::kDistinctMax * 5;
  for (std::uint64_t id = 0; id < kIds; ++id) {
    count.add(DuplicateCount::hash_of(id));
    if (id % 4 == 0) count.add(DuplicateCount::hash_of(id));
  }
  REQUIRE(count.estimated());
  REQUIRE(count.duplicates() > kIds / 4 * 97 / 100);
  REQUIRE(count.duplicates() < kIds / 4 * 103 / 100);
}

TEST_CASE("likes are duplicates only where tweet and user are", "[dataset][lint]") {
  dataset::IdTally tally;
  for (const auto& [tweet, user] : {std::pair{1UL, 2UL}, {2UL, 1UL}, {1UL, 3UL}, {1UL, 2UL}}) {
    Item item;
    item.type = ItemType::kLike;
    item.id = tweet;
    item.user = user;
    tally.add(item, dataset::latest_id_time(kNow));
  }
  IdLint lint;
  lint.add(tally);
  REQUIRE(lint.figures().duplicates == 1);
}

}  // namespace
}  // namespace recant
