// What a snapshot knows of coverage and losses.
#include "engine/replay/snapshot.h"

namespace recant {

Result<std::vector<HeardStream>> Snapshot::heard() const {
  std::vector<HeardStream> streams;
  RECANT_TRY(index::for_each_coverage(
      impl_->view->sources(), [&](const model::CoverageKey& key, const model::Coverage& intervals) {
        HeardStream& stream = streams.emplace_back();
        stream.source = key.first;
        stream.partition = key.second;
        for (const auto& [from, to] : intervals) stream.intervals.emplace_back(from, to);
      }));
  return streams;
}

Result<std::vector<LostEvents>> Snapshot::losses() const {
  std::vector<LostEvents> losses;
  RECANT_TRY(index::for_each_loss(impl_->view->sources(), [&](const model::Loss& loss) {
    losses.push_back({.first = loss.first, .last = loss.last, .at = loss.at});
  }));
  return losses;
}

}  // namespace recant
