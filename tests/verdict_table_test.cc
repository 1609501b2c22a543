// Judge against the law: the hand-written examples, and the oracle on random worlds.
#include <catch2/catch.hpp>

#include "describe.h"
#include "oracle_reader.h"
#include "random_events.h"
#include "verdict_cases.h"

namespace recant::laws {
namespace {

Verdict judged(const Oracle& oracle, const Item& item, Time as_of, const Policy& policy) {
  OracleReader reader(oracle);
  Verdict verdict;
  REQUIRE(Judge(reader, policy, as_of).judge(item, verdict).has_value());
  return verdict;
}

void check_examples(const std::vector<VerdictCase>& examples) {
  for (const VerdictCase& example : examples) {
    const Oracle oracle(example.events);
    const Verdict verdict = judged(oracle, example.item, example.as_of, example.policy);
    INFO(example.law);
    CHECK(describe(verdict.reasons) == example.reasons);
    const Action strongest =
        verdict.reasons.empty() ? Action::kKeep : verdict.reasons.front().action;
    CHECK(verdict.action == strongest);
    if (example.without_author) CHECK(verdict.without_author == *example.without_author);
  }
}

// Fails the test with the smallest case found that still differs.
void report_difference(std::vector<Event> events, Item item, Time as_of, const Policy& policy) {
  const auto differs = [&](std::span<const Event> fewer, const Item& simpler) {
    const Oracle oracle(fewer);
    return !same(judged(oracle, simpler, as_of, policy), oracle.verdict(simpler, as_of, policy));
  };
  shrink(events, item, differs);
  const Oracle oracle(events);
  FAIL_CHECK("events:\n"
             << describe(events) << describe(item) << "\nas-of " << as_of << ", "
             << describe(policy) << "\nlaw: " << describe(oracle.verdict(item, as_of, policy))
             << "judge: " << describe(judged(oracle, item, as_of, policy)));
}

}  // namespace

TEST_CASE("a verdict follows each row of the law", "[verdict]") { check_examples(row_cases()); }

TEST_CASE("a verdict follows the law of states and relations", "[verdict]") {
  check_examples(state_cases());
}

TEST_CASE("a verdict follows the details of the law", "[verdict]") {
  check_examples(detail_cases());
}

// Goal: no verdict differs from the oracle's in a byte. Method: random worlds, several items, times
// and policies in each; a difference is shrunk before it is shown.
TEST_CASE("a verdict equals the oracle's on random worlds", "[verdict]") {
  int differences = 0;
  for (std::uint64_t number = 0; number < case_count(2000) && differences < 5; ++number) {
    const std::uint64_t seed = seed_of(number);
    INFO("RECANT_TEST_SEED=" << seed);
    RandomWorld world(seed);
    const std::vector<Event> events = world.events(world.below(40));
    const Oracle oracle(events);
    for (int i = 0; i < 4; ++i) {
      const Item item = world.item();
      const Time as_of = world.as_of();
      const Policy policy = world.policy();
      const Verdict verdict = judged(oracle, item, as_of, policy);
      if (same(verdict, oracle.verdict(item, as_of, policy))) continue;
      report_difference(events, item, as_of, policy);
      ++differences;
    }
  }
}

// One Judge keeps its memory between items: what it read for one must not leak into the next.
TEST_CASE("a judge's verdict does not depend on the items before", "[verdict]") {
  for (std::uint64_t number = 0; number < case_count(500); ++number) {
    const std::uint64_t seed = seed_of(number);
    INFO("RECANT_TEST_SEED=" << seed);
    RandomWorld world(seed);
    const Oracle oracle(world.events(30));
    const Time as_of = world.as_of();
    const Policy policy = world.policy();
    OracleReader reader(oracle);
    Judge judge(reader, policy, as_of);
    Verdict verdict;
    for (int i = 0; i < 10; ++i) {
      const Item item = world.item();
      REQUIRE(judge.judge(item, verdict).has_value());
      const Verdict expected = oracle.verdict(item, as_of, policy);
      INFO(describe(item) << "\nlaw: " << describe(expected) << "judge: " << describe(verdict));
      REQUIRE(same(verdict, expected));
    }
  }
}

// "A failed read never turns into a verdict."
TEST_CASE("a reader that fails gives an error and an empty verdict", "[verdict]") {
  class FailingReader : public OracleReader {
   public:
    using OracleReader::OracleReader;
    [[nodiscard]] Result<void> status() const override {
      return fail(ErrorCode::kCorruption, "a part is damaged");
    }
  };
  const Oracle oracle(row_cases()[1].events);
  FailingReader reader(oracle);
  Verdict verdict;
  verdict.action = Action::kSuppress;
  const Result<void> result = Judge(reader, {}, 1000).judge(row_cases()[1].item, verdict);
  REQUIRE(!result);
  CHECK(result.error().code == ErrorCode::kCorruption);
  CHECK(verdict.reasons.empty());
}

}  // namespace recant::laws
