// The log without the events that nobody needs: those that others make needless, since they say the
// same or better. The state, its digest and every verdict stay as they are.
// Contract: `recant log compact --help`; reliability.md, A3.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "recant/recant.h"
#include "store/io/file_system.h"
#include "store/log/log_reader.h"

namespace recant::replay {

/// A segment that another one follows, as it was when it was looked at.
struct FinishedSegment {
  std::string name;
  std::uint64_t inode = 0;
  SequenceNumber first = 0;
  SequenceNumber last = 0;
  std::uint64_t events = 0;
};
struct FinishedSegments {
  std::vector<FinishedSegment> segments;
  SequenceNumber last = 0;  ///< the last sequence in them; 0 where there are none
};
/// Which events of a log's finished segments are needed. Several passes over them where their facts
/// do not fit in memory at once.
class NeededEvents {
 public:
  /// Errors: kIo, kCorruption.
  [[nodiscard]] static Result<NeededEvents> find(io::FileSystem& files,
                                                 const std::string& store_directory,
                                                 const FinishedSegments& finished,
                                                 const CompactOptions& options);
  [[nodiscard]] bool is_needed(SequenceNumber sequence) const { return needed_[sequence]; }
  /// How many of the sequences from `first` to `last`.
  [[nodiscard]] std::uint64_t count(SequenceNumber first, SequenceNumber last) const;

 private:
  explicit NeededEvents(SequenceNumber last) : needed_(last + 1) {}

  std::vector<bool> needed_;
};

[[nodiscard]] Result<FinishedSegments> finished_segments(io::FileSystem& files,
                                                         const std::string& store_directory);

/// Writes one segment anew, if a hundredth of it or more is needless or its blocks are small ones,
/// and adds what came of it to `summary`. The caller holds the store's lock. One that was replaced
/// since it was looked at is left alone. Errors: kIo, kNoSpace, kCorruption.
[[nodiscard]] Result<void> compact_segment(io::FileSystem& files, const StoreOptions& options,
                                           const FinishedSegment& segment,
                                           const NeededEvents& needed, CompactSummary& summary);

}  // namespace recant::replay
