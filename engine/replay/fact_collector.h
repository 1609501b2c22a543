// The facts of events as they are replayed, in runs that are sorted while they are in cache.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "store/index/run.h"

namespace recant::replay {

class FactCollector {
 public:
  FactCollector() { facts_.tweets.reserve(kTweetsInRun); }

  void add(const Event& event) {
    facts_.add(event);
    if (facts_.tweets.size() >= kTweetsInRun) sort_tweets();
  }
  /// Bytes held, roughly.
  [[nodiscard]] std::uint64_t bytes() const { return run_bytes_ + facts_.bytes(); }
  /// All facts since the last call. What is not about tweets is in one run.
  [[nodiscard]] std::vector<std::shared_ptr<const index::Run>> take();

 private:
  // 4 MiB, and as much to sort them with.
  static constexpr std::size_t kTweetsInRun = 128 * 1024;

  void sort_tweets();

  model::Facts facts_;
  std::vector<std::shared_ptr<const index::Run>> runs_;
  std::uint64_t run_bytes_ = 0;
  std::vector<model::Fact> scratch_;
};

}  // namespace recant::replay
