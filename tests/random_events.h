// Small hostile worlds: few ids and few times, so that facts collide, tie and contradict each other
// far more often than in life. Everything follows from the seed.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <span>
#include <vector>

#include "recant/event.h"
#include "recant/verdict.h"

namespace recant::laws {

class RandomWorld {
 public:
  explicit RandomWorld(std::uint64_t seed);
  /// The same ids and times, drawn from in another order.
  [[nodiscard]] RandomWorld fork(std::uint64_t stream) const;

  /// Well-formed events of every kind; each kind uses only the members that are its own.
  [[nodiscard]] Event event();
  [[nodiscard]] std::vector<Event> events(std::size_t count);
  /// An item of any type, with or without what a dataset may tell.
  [[nodiscard]] Item item();
  [[nodiscard]] Policy policy();
  /// A time of the world, or one millisecond beside it.
  [[nodiscard]] Time as_of();

  /// 0 to bound - 1.
  [[nodiscard]] std::size_t below(std::size_t bound);
  [[nodiscard]] bool one_in(std::size_t count) { return below(count) == 0; }
  void shuffle(std::vector<Event>& events);

  [[nodiscard]] const std::vector<TweetId>& tweets() const { return tweets_; }
  [[nodiscard]] const std::vector<UserId>& users() const { return users_; }

 private:
  [[nodiscard]] TweetId tweet() { return tweets_[below(tweets_.size())]; }
  [[nodiscard]] UserId user() { return users_[below(users_.size())]; }
  [[nodiscard]] Time time() { return times_[below(times_.size())]; }
  [[nodiscard]] std::uint64_t perhaps(std::uint64_t id) { return one_in(2) ? id : 0; }
  [[nodiscard]] std::vector<TweetId> tweet_list(std::size_t length_max);
  void fill_tweet_event(Event& event);
  void fill_user_event(Event& event);
  void fill_held(Event& event);
  void fill_record(Event& event);
  void add_countries(Event& event);

  std::mt19937_64 random_;
  std::vector<TweetId> tweets_;
  std::vector<UserId> users_;
  std::vector<Time> times_;
};

/// Does the case (these events, this item) still fail?
using Fails = std::function<bool(std::span<const Event>, const Item&)>;

/// Takes away events, and what the item tells, as long as the case still fails.
void shrink(std::vector<Event>& events, Item& item, const Fails& fails);
/// The same for a failure without an item.
void shrink(std::vector<Event>& events, const std::function<bool(std::span<const Event>)>& fails);

/// Cases of a law in a test run: RECANT_TEST_CASES, else `usual`.
[[nodiscard]] std::uint64_t case_count(std::uint64_t usual);
/// The seed of a case: RECANT_TEST_SEED names one to run again, else the case's number.
[[nodiscard]] std::uint64_t seed_of(std::uint64_t case_number);

}  // namespace recant::laws
