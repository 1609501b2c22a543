#include "store/index/run.h"

#include <algorithm>
#include <array>
#include <thread>
#include <tuple>
#include <utility>

namespace recant::index {
namespace {

std::vector<model::Pair> reversed(const std::vector<model::Pair>& pairs) {
  std::vector<model::Pair> reverse;
  reverse.reserve(pairs.size());
  for (const model::Pair& pair : pairs) reverse.push_back({.key = pair.value, .value = pair.key});
  std::ranges::sort(reverse);
  return reverse;
}

template <class Range, class Key, class Projection>
auto of_key(const Range& range, const Key& key, Projection projection) {
  const auto found = std::ranges::equal_range(range, key, {}, projection);
  return std::span(found.begin(), found.end());
}

}  // namespace

namespace {

// Below this a comparison sort in cache is faster than eight histograms.
constexpr std::size_t kRadixMin = 2048;

// Sorts `facts` with the help of `other`, which has the same size; true if the result is there.
bool sort_between(std::span<model::Fact> facts, std::span<model::Fact> other) {
  constexpr std::size_t kDigits = 8;
  constexpr std::size_t kBuckets = 256;
  if (facts.size() < kRadixMin) {
    std::ranges::stable_sort(facts, {}, &model::Fact::key);
    return false;
  }
  const auto digit = [](const model::Fact& fact, std::size_t index) {
    return static_cast<std::size_t>((fact.key >> (8 * index)) & 0xff);
  };
  std::array<std::array<std::size_t, kBuckets>, kDigits> counts{};
  for (const model::Fact& fact : facts) {
    for (std::size_t i = 0; i < kDigits; ++i) ++counts[i][digit(fact, i)];
  }
  bool swapped = false;
  for (std::size_t i = 0; i < kDigits; ++i) {
    // A digit that is the same everywhere orders nothing.
    if (std::ranges::find(counts[i], facts.size()) != counts[i].end()) continue;
    std::size_t offset = 0;
    for (std::size_t& count : counts[i]) offset += std::exchange(count, offset);
    for (const model::Fact& fact : facts) other[counts[i][digit(fact, i)]++] = fact;
    std::swap(facts, other);
    swapped = !swapped;
  }
  return swapped;
}

// A key with about as many facts below it as not.
std::uint64_t middle_key(std::span<const model::Fact> facts) {
  constexpr std::size_t kSamples = 1023;
  std::vector<std::uint64_t> samples(kSamples);
  for (std::size_t i = 0; i < kSamples; ++i) samples[i] = facts[i * facts.size() / kSamples].key;
  std::ranges::nth_element(samples, samples.begin() + kSamples / 2);
  return samples[kSamples / 2];
}

// The lower keys are sorted by one thread, the others by another.
void sort_halves(std::vector<model::Fact>& facts, std::vector<model::Fact>& other) {
  const std::uint64_t middle = middle_key(facts);
  const auto below = static_cast<std::size_t>(std::ranges::count_if(
      facts, [middle](const model::Fact& fact) { return fact.key < middle; }));
  std::size_t low = 0;
  std::size_t high = below;
  for (const model::Fact& fact : facts) other[fact.key < middle ? low++ : high++] = fact;
  const auto sort_into_other = [&](std::size_t begin, std::size_t size) {
    const auto sorted = std::span(other).subspan(begin, size);
    const auto spare = std::span(facts).subspan(begin, size);
    if (sort_between(sorted, spare)) std::ranges::copy(spare, sorted.begin());
  };
  std::thread lower(sort_into_other, 0, below);
  sort_into_other(below, facts.size() - below);
  lower.join();
  facts.swap(other);
}

}  // namespace

void radix_sort_by_key(std::vector<model::Fact>& facts, unsigned threads) {
  if (facts.size() < kRadixMin) {
    std::ranges::stable_sort(facts, {}, &model::Fact::key);
    return;
  }
  std::vector<model::Fact> other(facts.size());
  if (threads > 1) {
    sort_halves(facts, other);
  } else if (sort_between(facts, other)) {
    facts.swap(other);
  }
}

Run::Run(model::Facts facts, unsigned threads) : facts_(std::move(facts)) {
  radix_sort_by_key(facts_.tweets, threads);
  radix_sort_by_key(facts_.users, threads);
  std::ranges::sort(facts_.retweets);
  std::ranges::sort(facts_.quotes);
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
