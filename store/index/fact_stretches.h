// Facts of many sorted runs, cut by key into stretches of some thousands: each can be brought into
// one order in cache, and folded, by any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "store/model/facts.h"

namespace recant::index {

using FactSpan = std::span<const model::Fact>;

/// Cuts the runs. Keys ascend from stretch to stretch, and none is in two.
class FactStretches {
 public:
  /// Each of `runs` is sorted by key, and outlives this.
  explicit FactStretches(std::vector<FactSpan> runs);
  /// Sets `pieces` to what the next stretch has of each run that has any. False at the end.
  [[nodiscard]] bool next(std::vector<FactSpan>& pieces);
  /// How many are still to come, at most.
  [[nodiscard]] std::size_t left() const { return ended_ ? 0 : ends_.size() + 1; }

 private:
  std::vector<FactSpan> rest_;
  std::vector<std::uint64_t> ends_;  // the first key behind each stretch but the last, descending
  bool ended_ = false;
};

/// Brings the pieces of a stretch into one order. Keeps its memory.
class FactGatherer {
 public:
  /// Sorted by key; valid until the next call, and as long as `pieces` are.
  [[nodiscard]] FactSpan gather(std::span<const FactSpan> pieces);

 private:
  struct Ref {
    std::uint64_t key = 0;
    const model::Fact* fact = nullptr;
  };
  void sort_refs();

  std::vector<Ref> refs_;
  std::vector<Ref> sorted_;
  std::vector<std::uint32_t> ends_;
  std::vector<model::Fact> facts_;
};

}  // namespace recant::index
