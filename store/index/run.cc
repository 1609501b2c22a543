#include "store/index/run.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "store/index/radix_sort.h"

namespace recant::index {
namespace {

std::vector<model::Pair> reversed(const std::vector<model::Pair>& pairs) {
  std::vector<model::Pair> reverse;
  reverse.reserve(pairs.size());
  for (const model::Pair& pair : pairs) reverse.push_back({.key = pair.value, .value = pair.key});
  radix_sort(reverse);
  return reverse;
}

template <class Range, class Key, class Projection>
auto of_key(const Range& range, const Key& key, Projection projection) {
  const auto found = std::ranges::equal_range(range, key, {}, projection);
  return std::span(found.begin(), found.end());
}

}  // namespace

Run::Run(model::Facts facts) : facts_(std::move(facts)) {
  std::vector<model::Fact> scratch;
  sort(scratch);
}

void Run::sort(std::vector<model::Fact>& scratch) {
  radix_sort_by_key(facts_.tweets, scratch);
  radix_sort_by_key(facts_.users, scratch);
  radix_sort(facts_.retweets);
  radix_sort(facts_.quotes);
  std::ranges::sort(facts_.favorites);
  std::ranges::sort(facts_.losses);
  retweeted_by_ = reversed(facts_.retweets);
  quoted_by_ = reversed(facts_.quotes);
}

void Run::make_filters() const {
  tweet_keys_ = KeyFilter(facts_.tweets.size() + facts_.retweets.size() + facts_.quotes.size());
  for (const model::Fact& fact : facts_.tweets) tweet_keys_.add(fact.key);
  for (const model::Pair& pair : facts_.retweets) tweet_keys_.add(pair.key);
  for (const model::Pair& pair : facts_.quotes) tweet_keys_.add(pair.key);
  user_keys_ = KeyFilter(facts_.users.size());
  for (const model::Fact& fact : facts_.users) user_keys_.add(fact.key);
}

const std::vector<model::Pair>& Run::relation(Table table) const {
  static const std::vector<model::Pair> kNone;
  switch (table) {
    case Table::kRetweets:
      return facts_.retweets;
    case Table::kRetweetedBy:
      return retweeted_by_;
    case Table::kQuotes:
      return facts_.quotes;
    case Table::kQuotedBy:
      return quoted_by_;
    default:
      return kNone;
  }
}

std::span<const model::Fact> Run::tweet(TweetId id) const {
  return of_key(facts_.tweets, id, &model::Fact::key);
}

std::span<const model::Fact> Run::user(UserId id) const {
  return of_key(facts_.users, id, &model::Fact::key);
}

std::span<const model::FavoriteFact> Run::favorite(TweetId tweet, UserId user) const {
  return of_key(facts_.favorites, std::pair{tweet, user},
                [](const model::FavoriteFact& fact) { return std::pair{fact.tweet, fact.user}; });
}

std::span<const model::Pair> pairs_of(const std::vector<model::Pair>& pairs, std::uint64_t key) {
  return of_key(pairs, key, &model::Pair::key);
}

}  // namespace recant::index
