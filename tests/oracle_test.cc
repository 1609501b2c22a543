// The oracle is what Judge and Store are held against, so it is itself held to examples that were
// written from the sentences of semantics.md alone.
#include "oracle.h"

#include <catch2/catch.hpp>

#include "build_facts.h"
#include "describe.h"
#include "random_events.h"
#include "verdict_cases.h"

namespace recant::laws {
namespace {

using enum EventKind;

void check_examples(const std::vector<VerdictCase>& examples) {
  for (const VerdictCase& example : examples) {
    const Verdict verdict =
        Oracle(example.events).verdict(example.item, example.as_of, example.policy);
    INFO(example.law);
    CHECK(describe(verdict.reasons) == example.reasons);
    const Action strongest =
        verdict.reasons.empty() ? Action::kKeep : verdict.reasons.front().action;
    CHECK(verdict.action == strongest);
    if (example.without_author) CHECK(verdict.without_author == *example.without_author);
  }
}

using Ids = std::set<std::uint64_t>;

}  // namespace

TEST_CASE("the oracle agrees with the examples of each row", "[oracle]") {
  check_examples(row_cases());
}

TEST_CASE("the oracle agrees with the examples of states and relations", "[oracle]") {
  check_examples(state_cases());
}

TEST_CASE("the oracle agrees with the examples of the details", "[oracle]") {
  check_examples(detail_cases());
}

TEST_CASE("held: the greatest at wins, held over released at the same", "[oracle]") {
  Oracle oracle;
  CHECK(!oracle.tweet(10).held);
  oracle.add(fact(kTweetReleased).tweet(10).at(5));
  CHECK(oracle.tweet(10).held == HeldEntry{5, false});
  oracle.add(fact(kTweetHeld).tweet(10).at(5));
  CHECK(oracle.tweet(10).held == HeldEntry{5, true});
  oracle.add(fact(kTweetReleased).tweet(10).at(4));
  CHECK(oracle.tweet(10).held == HeldEntry{5, true});
  oracle.add(fact(kTweetReleased).tweet(10).at(6));
  CHECK(oracle.tweet(10).held == HeldEntry{6, false});
}

TEST_CASE("author_tweets: held tweets of the author, and originals of held ones", "[oracle]") {
  Oracle oracle;
  oracle.add(
      fact(kTweetHeld).tweet(10).author(7).retweeted(20).retweeted_author(8).quoted(30).at(1));
  CHECK(oracle.author_tweets(7) == Ids{10});
  CHECK(oracle.author_tweets(8) == Ids{20});
  CHECK(oracle.author_tweets(9) == Ids{});
  // The author of an original may become known by any event that names it.
  oracle.add(fact(kTweetDrop).tweet(30).author(9).at(50));
  CHECK(oracle.author_tweets(9) == Ids{30});
  // A tweet that is neither held nor the original of a held one is nobody's here.
  oracle.add(fact(kTweetDrop).tweet(40).author(7).at(50));
  CHECK(oracle.author_tweets(7) == Ids{10});
  // It is, once a held tweet quotes it: quote_tweet says so.
  oracle.add(fact(kTweetDrop).tweet(40).quote_tweet(10).at(60));
  CHECK(oracle.author_tweets(7) == Ids{10, 40});
  // Two authors of one tweet: it is a tweet of both.
  oracle.add(fact(kTweetAvailable).tweet(10).author(8).at(70));
  CHECK(oracle.author_tweets(8) == Ids{10, 20});
  oracle.add(fact(kTweetReleased).tweet(10).at(2));
  CHECK(oracle.author_tweets(7) == Ids{});
  CHECK(oracle.author_tweets(8) == Ids{});
}

TEST_CASE("relations are read both ways; quote_tweet says nothing else of it", "[oracle]") {
  Oracle oracle;
  oracle.add(fact(kTweetHeld).tweet(10).author(7).retweeted(20).quoted(30).at(1));
  oracle.add(fact(kTweetWithheld).tweet(31).author(9).quote_tweet(10).countries({"DE"}).at(2));
  CHECK(oracle.retweeted(10) == Ids{20});
  CHECK(oracle.quoted(10) == Ids{30, 31});
  CHECK(oracle.retweets_of(20) == Ids{10});
  CHECK(oracle.quotes_of(31) == Ids{10});
  CHECK(oracle.retweets_of(31) == Ids{});
  CHECK(oracle.authors(10) == Ids{7});
  CHECK(oracle.authors(31) == Ids{9});
  CHECK(oracle.tweet(10).withheld.empty());
}

TEST_CASE("a tweet's state is the set of its facts, each kept once", "[oracle]") {
  const std::vector<Event> events = {
      fact(kTweetUnavailable).tweet(11).why(Why::kRemoved).author(9).at(3),
      fact(kTweetDrop).tweet(11).author(7).at(2),
      fact(kTweetDrop).tweet(11).at(2),
      fact(kTweetEdit).tweet(12).initial(10).edits({11, 12}).at(8),
      fact(kTweetEdit).tweet(11).initial(10).edits({10, 11}).at(5),
      fact(kTweetWithheld).tweet(11).countries({"FR", "DE"}).at(6),
      fact(kTweetWithheld).tweet(11).countries({"DE"}).at(4),
      fact(kTweetScrubGeo).tweet(11).at(9),
      fact(kTweetDelete).tweet(11).at(7)};
  TweetState expected;
  expected.authors = {7, 9};
  expected.deleted_at = 7;
  expected.visibility = {{2, Visibility::kDropped, Why::kNone},
                         {3, Visibility::kUnavailable, Why::kRemoved}};
  expected.withheld = {{country('D', 'E'), 4}, {country('F', 'R'), 6}};
  expected.geo_scrubbed_at = 9;
  expected.edits = {{10, 11, 5}};
  CHECK(Oracle(events).tweet(11) == expected);
  // The initial tweet is named by every pair of its chain.
  const std::vector<EditPair> of_initial = {{10, 10, 5}, {10, 11, 5}, {10, 12, 8}};
  CHECK(Oracle(events).tweet(10).edits == of_initial);
}

TEST_CASE("a user's state is the set of its facts, each kept once", "[oracle]") {
  const std::vector<Event> events = {fact(kUserDelete).user(7).at(2),
                                     fact(kUserDelete).user(7).at(2),
                                     fact(kUserUndelete).user(7).at(2),
                                     fact(kUserProtect).user(7).at(3),
                                     fact(kUserUnsuspend).user(7).at(4),
                                     fact(kUserWithheld).user(7).countries({"TR"}).at(9),
                                     fact(kUserWithheld).user(7).countries({"TR"}).at(5),
                                     fact(kScrubGeo).user(7).up_to(3).at(6),
                                     fact(kScrubGeo).user(7).up_to(2).at(6),
                                     fact(kUserProfileModification).user(7).field("b").at(7),
                                     fact(kUserProfileModification).user(7).field("b").at(6),
                                     fact(kUserProfileModification).user(7).field("a").at(8)};
  UserState expected;
  expected.deleted = {{2, false}, {2, true}};
  expected.protected_ = {{3, true}};
  expected.suspended = {{4, false}};
  expected.withheld = {{country('T', 'R'), 5}};
  expected.scrub_geo = {{6, 2}, {6, 3}};
  expected.profile = {{"a", 8}, {"b", 6}, {"b", 7}};
  CHECK(Oracle(events).user(7) == expected);
  CHECK(Oracle(events).user(8) == UserState{});
}

TEST_CASE("random events are well formed, of every kind, and no law contradicts itself",
          "[oracle]") {
  std::set<EventKind> kinds;
  for (std::uint64_t seed = 0; seed < case_count(2000); ++seed) {
    INFO("RECANT_TEST_SEED=" << seed_of(seed));
    RandomWorld world(seed_of(seed));
    const std::vector<Event> events = world.events(world.below(30));
    for (const Event& event : events) {
      CHECK(!why_malformed(event));
      kinds.insert(event.kind);
    }
    const Oracle oracle(events);
    const Item item = world.item();
    const Verdict verdict = oracle.verdict(item, world.as_of(), world.policy());
    for (const Reason& reason : verdict.reasons) CHECK(reason.action != Action::kKeep);
  }
  if (case_count(2000) >= 2000) CHECK(kinds.size() == kEventKindCount);
}

}  // namespace recant::laws
