// How a damaged log is laid out anew: which segments stay as they are, which are written again from
// their good frames, and which sequences are lost. Pure: no files.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/log/salvage.h"

namespace recant::log {

/// One range of sequences that cannot be read any more, and where it was.
struct LostRange {
  SequenceNumber first = 0;
  SequenceNumber last = 0;
  std::string segment;       ///< where the damage begins; the missing file's name if it is missing
  std::uint64_t offset = 0;  ///< likewise
  std::uint64_t bytes = 0;   ///< damaged ones, which are kept in quarantine/; 0 if they are missing
};

/// A block that is copied, or sequences that are called lost.
struct PlannedFrame {
  std::optional<std::size_t> file;  ///< in Salvage::files; nothing for a lost range
  GoodFrame frame;
};

struct PlannedSegment {
  SegmentHeader header;
  std::vector<PlannedFrame> frames;
  /// A mark of it ends the segment; nothing while the log is empty.
  std::optional<SequenceNumber> mark;
  std::optional<std::size_t> unchanged;  ///< the file that is like this already
  bool records = false;                  ///< the loss records follow its frames
};

struct DamagedBytes {
  std::size_t file = 0;  ///< in Salvage::files
  ByteRange range;
};

struct RepairPlan {
  std::vector<PlannedSegment> segments;  ///< in order
  std::vector<LostRange> lost;           ///< bridged by this repair
  std::vector<LostRange> records;        ///< that no loss record tells of yet
  std::vector<DamagedBytes> damaged;     ///< to be kept, of files that are replaced or removed
  std::vector<std::size_t> removed;      ///< files whose names no segment has
  SequenceNumber last = 0;               ///< before the loss records
  bool needed = false;                   ///< false: the log is whole, but for a torn tail
};

[[nodiscard]] RepairPlan plan_repair(const Salvage& salvage);

}  // namespace recant::log
