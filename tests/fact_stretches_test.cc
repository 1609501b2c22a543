// Sorted runs cut into stretches: together they are the runs, in order, no key in two.
#include "store/index/fact_stretches.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <tuple>

namespace recant {
namespace {

using model::Fact;

std::vector<std::vector<Fact>> random_runs(std::mt19937_64& random) {
  const std::uint64_t keys = std::uint64_t{1} << (random() % 40);
  std::vector<std::vector<Fact>> runs(random() % 12);
  std::uint64_t number = 0;
  for (auto& run : runs) {
    run.resize(random() % 5 == 0 ? 0 : random() % 30'000);
    for (Fact& fact : run) {
      fact.key = random() % 4 == 0 ? 77 % keys : random() % keys;
      fact.value = ++number;
    }
    std::ranges::sort(run, {}, &Fact::key);
  }
  return runs;
}

TEST_CASE("stretches of sorted runs hold each fact once and each key in one place", "[index]") {
  std::mt19937_64 random(11);
  for (int round = 0; round < 30; ++round) {
    const auto runs = random_runs(random);
    std::vector<Fact> expected;
    for (const auto& run : runs) expected.insert(expected.end(), run.begin(), run.end());
    index::FactStretches stretches({runs.begin(), runs.end()});
    index::FactGatherer gatherer;
    std::vector<index::FactSpan> pieces;
    std::vector<Fact> all;
    while (stretches.next(pieces)) {
      const index::FactSpan facts = gatherer.gather(pieces);
      REQUIRE_FALSE(facts.empty());
      REQUIRE(std::ranges::is_sorted(facts, {}, &Fact::key));
      if (!all.empty()) REQUIRE(all.back().key < facts.front().key);
      all.insert(all.end(), facts.begin(), facts.end());
    }
    REQUIRE_FALSE(stretches.next(pieces));
    const auto by_both = [](const Fact& fact) { return std::tuple{fact.key, fact.value}; };
    std::ranges::sort(all, {}, by_both);
    std::ranges::sort(expected, {}, by_both);
    REQUIRE(std::ranges::equal(all, expected, {}, by_both, by_both));
  }
}

}  // namespace
}  // namespace recant
