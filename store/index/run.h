// Facts sorted by key and never changed again: the tail of the log in memory, and the input of a
// sealed part.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "store/index/key_filter.h"
#include "store/index/tables.h"
#include "store/model/facts.h"

namespace recant::index {

class Run {
 public:
  /// Sorts `facts`, and adds the reverse relations.
  explicit Run(model::Facts facts);
  /// The same with memory to sort in, for run after run.
  Run(model::Facts facts, std::vector<model::Fact>& scratch) : facts_(std::move(facts)) {
    sort(scratch);
  }

  /// False: nothing is said of this tweet, nor what it retweets or quotes; most tweets of which
  /// nothing is.
  [[nodiscard]] bool may_know_tweet(TweetId id) const {
    std::call_once(filtered_, [this] { make_filters(); });
    return tweet_keys_.may_hold(id);
  }
  [[nodiscard]] bool may_know_user(UserId id) const {
    std::call_once(filtered_, [this] { make_filters(); });
    return user_keys_.may_hold(id);
  }
  /// Facts of one key, in no order.
  [[nodiscard]] std::span<const model::Fact> tweet(TweetId id) const;
  [[nodiscard]] std::span<const model::Fact> user(UserId id) const;
  [[nodiscard]] std::span<const model::FavoriteFact> favorite(TweetId tweet, UserId user) const;

  // Sorted by key, repeats among them.
  [[nodiscard]] const std::vector<model::Fact>& tweets() const { return facts_.tweets; }
  [[nodiscard]] const std::vector<model::Fact>& users() const { return facts_.users; }
  [[nodiscard]] const std::vector<model::FavoriteFact>& favorites() const {
    return facts_.favorites;
  }
  /// kRetweets, kRetweetedBy, kQuotes or kQuotedBy; of every other table nothing.
  [[nodiscard]] const std::vector<model::Pair>& relation(Table table) const;
  [[nodiscard]] const std::map<model::CoverageKey, model::Coverage>& coverage() const {
    return facts_.coverage;
  }
  [[nodiscard]] const std::vector<model::Loss>& losses() const { return facts_.losses; }
  [[nodiscard]] const std::vector<std::string>& fields() const { return facts_.fields; }
  [[nodiscard]] const model::Facts& facts() const { return facts_; }
  [[nodiscard]] std::uint64_t events() const { return facts_.events; }

 private:
  void sort(std::vector<model::Fact>& scratch);
  void make_filters() const;

  model::Facts facts_;
  std::vector<model::Pair> retweeted_by_;
  std::vector<model::Pair> quoted_by_;
  // Made at the first question: a run that only goes into a part is never asked.
  mutable std::once_flag filtered_;
  mutable KeyFilter tweet_keys_;  // of facts_.tweets, .retweets and .quotes
  mutable KeyFilter user_keys_;
};

/// The pairs of one key in a list sorted by key.
[[nodiscard]] std::span<const model::Pair> pairs_of(const std::vector<model::Pair>& pairs,
                                                    std::uint64_t key);

}  // namespace recant::index
