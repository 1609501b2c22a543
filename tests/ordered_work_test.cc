// run_ordered: every unit once, written in the order of reading, and what failures leave.
#include "store/work/ordered_work.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <stdexcept>
#include <string>

namespace recant {
namespace {

constexpr int kNever = -1;

struct Outcome {
  Result<void> result{};
  std::vector<int> written;
  int read = 0;
};

struct Failures {
  int read_at = kNever;
  int work_at = kNever;
  int write_at = kNever;
};

// Units are numbers; some take longer than others, so that threads overtake each other.
Outcome run(std::size_t threads, int units, const Failures& failures = {}) {
  Outcome outcome;
  std::atomic<int> inside_read = 0;
  std::atomic<int> inside_write = 0;
  const auto boom = [](const char* what) { return fail(ErrorCode::kIo, what); };
  const work::OrderedSteps<int> steps = {
      .read = [&](int& unit) -> Result<bool> {
        REQUIRE(++inside_read == 1);
        unit = outcome.read++;
        --inside_read;
        if (unit == failures.read_at) return boom("read");
        return unit < units;
      },
      .work = [&](int& unit, std::size_t worker) -> Result<void> {
        if (worker >= threads) return boom("worker");
        if (unit % 7 == 0) std::this_thread::sleep_for(std::chrono::microseconds(300));
        if (unit == failures.work_at) return boom("work");
        return {};
      },
      .write = [&](int& unit) -> Result<void> {
        if (++inside_write != 1) return boom("two writes");
        outcome.written.push_back(unit);
        --inside_write;
        if (unit == failures.write_at) return boom("write");
        return {};
      }};
  outcome.result = work::run_ordered(threads, steps);
  return outcome;
}

std::vector<int> up_to(int end) {
  std::vector<int> numbers;
  for (int i = 0; i < end; ++i) numbers.push_back(i);
  return numbers;
}

TEST_CASE("units are written in the order of reading, each once", "[files][threads]") {
  for (const std::size_t threads : {1UL, 2UL, 3UL, 8UL}) {
    for (const int units : {0, 1, 2, 500}) {
      const Outcome outcome = run(threads, units);
      REQUIRE(outcome.result);
      REQUIRE(outcome.written == up_to(units));
    }
  }
}

TEST_CASE("a failure ends the run behind everything before it", "[files][threads]") {
  for (const std::size_t threads : {1UL, 2UL, 5UL}) {
    for (const int at : {0, 1, 49, 50, 99}) {
      INFO(threads << " threads, at " << at);
      const Outcome read = run(threads, 100, {.read_at = at});
      REQUIRE(read.result.error().what == "read");
      REQUIRE(read.written == up_to(at));
      const Outcome work = run(threads, 100, {.work_at = at});
      REQUIRE(work.result.error().what == "work");
      REQUIRE(work.written == up_to(at));
      const Outcome write = run(threads, 100, {.write_at = at});
      REQUIRE(write.result.error().what == "write");
      REQUIRE(write.written == up_to(at + 1));
      // Of two failures the first in order counts, though the later one comes sooner.
      REQUIRE(run(threads, 100, {.read_at = 60, .work_at = 49}).result.error().what == "work");
    }
  }
}

TEST_CASE("an exception of a step comes out on the thread that called", "[files][threads]") {
  for (const std::size_t threads : {1UL, 4UL}) {
    const work::OrderedSteps<int> steps = {.read = [n = 0](int& unit) mutable -> Result<bool> {
                                             unit = n++;
                                             return true;
                                           },
                                           .work = [](int& unit, std::size_t) -> Result<void> {
                                             if (unit == 20) throw std::length_error("no memory");
                                             return {};
                                           },
                                           .write = [](int&) -> Result<void> { return {}; }};
    REQUIRE_THROWS_AS(work::run_ordered(threads, steps), std::length_error);
  }
}

}  // namespace
}  // namespace recant
