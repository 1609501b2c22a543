// Law 4 on the states themselves: joins of states are what the law says of their events together,
// however they are cut and in whatever order they are joined.
#include <catch2/catch.hpp>

#include "describe.h"
#include "oracle.h"
#include "random_events.h"

namespace recant::laws {
namespace {

// Joins the states of three pieces in both groupings and orders, and one of them twice.
template <class State>
bool joins_to(const State& whole, const State& a, const State& b, const State& c) {
  State left = a;
  left.join(b);
  left.join(c);
  State right = c;
  right.join(b);
  State turned = right;
  turned.join(a);
  State grouped = a;
  grouped.join(right);
  State twice = left;
  twice.join(b);
  twice.join(State(twice));
  return left == whole && turned == whole && grouped == whole && twice == whole;
}

}  // namespace

TEST_CASE("a join of states is the state of their events together", "[laws]") {
  for (std::uint64_t number = 0; number < case_count(2000); ++number) {
    RandomWorld world(seed_of(number));
    const std::vector<Event> events = world.events(world.below(60));
    Oracle pieces[3];
    for (const Event& event : events) pieces[world.below(3)].add(event);
    INFO("RECANT_TEST_SEED=" << seed_of(number) << "\n" << describe(events));
    const Oracle whole(events);
    const Oracle& a = pieces[0];
    const Oracle& b = pieces[1];
    const Oracle& c = pieces[2];
    for (const TweetId id : world.tweets()) {
      REQUIRE(joins_to(whole.tweet(id), a.tweet(id), b.tweet(id), c.tweet(id)));
      REQUIRE(whole.tweet(id).empty() == (whole.tweet(id) == TweetState{}));
    }
    for (const UserId id : world.users()) {
      REQUIRE(joins_to(whole.user(id), a.user(id), b.user(id), c.user(id)));
      REQUIRE(whole.user(id).empty() == (whole.user(id) == UserState{}));
    }
  }
}

}  // namespace recant::laws
