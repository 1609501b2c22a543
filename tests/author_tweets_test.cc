// author_tweets is derived from facts that may lie in different sealed parts: who wrote a tweet,
// that it is held, that a held tweet refers to it. Whatever the order in which the parts were
// sealed, the answer is the same.
#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>

#include "build_facts.h"
#include "describe.h"
#include "store_world.h"

namespace recant::laws {
namespace {

using enum EventKind;
using Ids = std::vector<TweetId>;

struct Expectation {
  UserId author;
  Ids tweets;
};

struct Example {
  std::string law;
  std::vector<Event> facts;
  std::vector<Expectation> expected;  ///< written by hand
};

std::vector<Example> examples() {
  return {
      {"held in one part, its author in another",
       {fact(kTweetHeld).tweet(10).at(5), fact(kTweetDrop).tweet(10).author(7).at(9)},
       {{7, {10}}, {8, {}}}},
      {"an author is not enough: the tweet is not held",
       {fact(kTweetAvailable).tweet(10).author(7).at(5), fact(kTweetHeld).tweet(11).at(9)},
       {{7, {}}}},
      {"the original of a held retweet, its author in another part",
       {fact(kTweetHeld).tweet(10).author(7).retweeted(20).at(5),
        fact(kTweetDelete).tweet(20).author(8).at(9)},
       {{7, {10}}, {8, {20}}}},
      {"the original of a held quote, its author in another part",
       {fact(kTweetHeld).tweet(10).author(7).quoted(30).at(5),
        fact(kTweetWithheld).tweet(30).author(9).countries({"DE"}).at(9)},
       {{7, {10}}, {9, {30}}}},
      {"the quote is told by a quote_tweet, the holding and the author each by another part",
       {fact(kTweetDrop).tweet(30).quote_tweet(10).at(1), fact(kTweetHeld).tweet(10).at(5),
        fact(kTweetAvailable).tweet(30).author(9).at(9)},
       {{9, {30}}, {7, {}}}},
      {"facts about the author disagree: the tweet is both authors'",
       {fact(kTweetHeld).tweet(10).author(7).at(5), fact(kTweetDrop).tweet(10).author(8).at(2),
        fact(kTweetUndrop).tweet(10).author(6).at(3)},
       {{7, {10}}, {8, {10}}, {6, {10}}}},
      {"facts about the original disagree: all of them stand",
       {fact(kTweetHeld).tweet(10).retweeted(20).at(5),
        fact(kTweetHeld).tweet(10).retweeted(21).at(6), fact(kTweetDrop).tweet(20).author(8).at(1),
        fact(kTweetDrop).tweet(21).author(8).at(1)},
       {{8, {20, 21}}}},
      {"released later: neither the tweet nor its originals are listed",
       {fact(kTweetHeld).tweet(10).author(7).retweeted(20).retweeted_author(8).quoted(30).at(5),
        fact(kTweetReleased).tweet(10).at(6), fact(kTweetDrop).tweet(30).author(9).at(1)},
       {{7, {}}, {8, {}}, {9, {}}}},
      {"released at the same time: held counts",
       {fact(kTweetHeld).tweet(10).author(7).retweeted(20).retweeted_author(8).at(5),
        fact(kTweetReleased).tweet(10).at(5)},
       {{7, {10}}, {8, {20}}}},
      {"released and held again",
       {fact(kTweetHeld).tweet(10).author(7).at(5), fact(kTweetReleased).tweet(10).at(6),
        fact(kTweetHeld).tweet(10).at(7), fact(kTweetDrop).tweet(10).author(8).at(1)},
       {{7, {10}}, {8, {10}}}},
      {"an original that another held tweet still refers to stays listed",
       {fact(kTweetHeld).tweet(10).retweeted(20).at(5), fact(kTweetHeld).tweet(11).quoted(20).at(5),
        fact(kTweetReleased).tweet(10).at(6), fact(kTweetDrop).tweet(20).author(8).at(1)},
       {{8, {20}}}},
      {"released, and itself the original of a held retweet: still listed",
       {fact(kTweetHeld).tweet(20).author(8).at(1), fact(kTweetReleased).tweet(20).at(2),
        fact(kTweetHeld).tweet(10).retweeted(20).at(5)},
       {{8, {20}}}},
      {"the relation is told while the tweet is not held; held comes with another fact",
       {fact(kTweetHeld).tweet(10).retweeted(20).at(1), fact(kTweetReleased).tweet(10).at(2),
        fact(kTweetHeld).tweet(10).at(3), fact(kTweetScrubGeo).tweet(20).author(8).at(4)},
       {{8, {20}}}},
      {"a quoted tweet of the original is not the held retweet's own",
       {fact(kTweetHeld).tweet(10).retweeted(20).at(5), fact(kTweetDrop).tweet(30).author(9).at(1),
        fact(kTweetDrop).tweet(30).quote_tweet(20).at(6)},
       {{9, {}}}},
  };
}

void check_expected(const Snapshot& snapshot, const Example& example) {
  for (const auto& [author, tweets] : example.expected) {
    INFO("author " << author);
    CHECK(must(snapshot.author_tweets(author)) == tweets);
  }
}

// One fact a part, in the order given; the last ones stay in the tail.
Store write_facts(const std::string& directory, const std::vector<Event>& facts,
                  std::size_t in_tail) {
  Store store = must(Store::open({.directory = directory, .create = true}));
  for (std::size_t i = 0; i < facts.size(); ++i) {
    must(store.append({&facts[i], 1}));
    if (i + in_tail < facts.size()) must(store.seal(true));
  }
  return store;
}

std::vector<Event> in_order(const std::vector<Event>& facts,
                            const std::vector<std::size_t>& order) {
  std::vector<Event> ordered;
  for (const std::size_t i : order) ordered.push_back(facts[i]);
  return ordered;
}

}  // namespace

TEST_CASE("author_tweets is found across parts, in whatever order they were sealed", "[laws]") {
  for (const Example& example : examples()) {
    std::vector<std::size_t> order(example.facts.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    do {
      const std::vector<Event> facts = in_order(example.facts, order);
      INFO(example.law << "\n" << describe(facts));
      for (std::size_t in_tail = 0; in_tail <= 1; ++in_tail) {
        INFO(in_tail << " in the tail");
        const TempDirectory directory;
        const Store written = write_facts(directory.path("a"), facts, in_tail);
        Store store = must(Store::open({.directory = directory.path("a")}));
        check_expected(must(store.snapshot()), example);
        (void)must(store.rebuild({}));
        check_expected(must(store.snapshot()), example);
      }
    } while (std::ranges::next_permutation(order).found);
  }
}

TEST_CASE("author_tweets survives the merge of many parts", "[laws]") {
  for (const Example& example : examples()) {
    INFO(example.law);
    const TempDirectory directory;
    Store store = must(Store::open({.directory = directory.path("a"), .create = true}));
    // Unrelated facts before, between and after make more parts than are kept apart.
    for (std::size_t i = 0; i < 12; ++i) {
      const Event unrelated = fact(kTweetDelete).tweet(1000 + i).author(100).at(1);
      must(store.append({&unrelated, 1}));
      if (i % 3 == 0 && i / 3 < example.facts.size()) {
        must(store.append({&example.facts[i / 3], 1}));
      }
      must(store.seal(true));
    }
    check_expected(must(store.snapshot()), example);
    store = must(Store::open({.directory = directory.path("a")}));
    check_expected(must(store.snapshot()), example);
    CHECK(must(store.verify()).empty());
  }
}

}  // namespace recant::laws
