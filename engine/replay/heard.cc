// What a snapshot knows of coverage.
#include "engine/replay/guard.h"
#include "engine/replay/snapshot.h"

namespace recant {

Result<std::vector<HeardStream>> Snapshot::heard() const {
  return replay::guarded([&]() -> Result<std::vector<HeardStream>> {
    std::vector<HeardStream> streams;
    RECANT_TRY(index::for_each_coverage(
        impl_->view->sources(),
        [&](const model::CoverageKey& key, const model::Coverage& intervals) {
          HeardStream& stream = streams.emplace_back();
          stream.source = key.first;
          stream.partition = key.second;
          for (const auto& [from, to] : intervals) stream.intervals.emplace_back(from, to);
        }));
    return streams;
  });
}

}  // namespace recant
