// What can still be read of a damaged log: every good frame of every segment, wherever it stands.
// Reads only. The rule that tells damage from a torn tail: store/FORMAT.md, "Log".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "recant/error.h"
#include "store/io/file_system.h"
#include "store/log/log_format.h"
#include "store/log/log_reader.h"
#include "store/log/quarantine.h"
#include "store/log/segment.h"

namespace recant::log {

/// Sequences, both inclusive.
struct SequenceRange {
  SequenceNumber first = 0;
  SequenceNumber last = 0;
  friend auto operator<=>(const SequenceRange&, const SequenceRange&) = default;
};

/// What of `range` none of `others` (in any order) covers, in order.
[[nodiscard]] std::vector<SequenceRange> without(SequenceRange range,
                                                 std::vector<SequenceRange> others);

/// A good frame: a block that decodes, a mark (first and last are its sequence), or a lost range.
struct GoodFrame {
  Frame::Kind kind = Frame::Kind::kBlock;
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  SequenceNumber first = 0;
  SequenceNumber last = 0;
  std::vector<SequenceRange> told;  ///< of its loss records, if it is a block
};

struct SalvagedFile {
  std::string name;
  SequenceNumber first = 0;  ///< as the name says
  std::uint64_t bytes = 0;
  std::optional<SegmentHeader> header;  ///< if it is good and of this log
  bool foreign = false;                 ///< it is good, and of another log
  std::vector<GoodFrame> frames;        ///< in the order of the file
  /// Where an unfinished last write begins; the frames after it were left out. Only in the last.
  std::optional<std::uint64_t> torn;
};

struct Salvage {
  StoreId store{};
  SequenceNumber durable = 0;  ///< M: the highest sequence that anything calls durable
  std::vector<SalvagedFile> files;
  std::vector<std::string> temporaries;
};

/// What is known of the log from outside of it.
struct LogHint {
  std::optional<StoreId> store;  ///< that the manifest names
  SequenceNumber durable = 0;    ///< if the manifest is of this log
};

/// Errors: kIo; kCorruption where a newer version wrote any of it, or where something that is no
/// segment is in log/.
[[nodiscard]] Result<Salvage> salvage(io::FileSystem& files, const std::string& store_directory,
                                      const LogHint& hint);

}  // namespace recant::log
