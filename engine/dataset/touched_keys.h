// Which tweets and users the events of a stretch of the log say something about.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "engine/dataset/cursor.h"
#include "recant/recant.h"
#include "store/index/view.h"
#include "store/io/file_system.h"
#include "store/log/log_reader.h"

namespace recant::dataset {

/// The log as one snapshot knows it.
struct KnownLog {
  io::FileSystem& files;
  std::string store_directory;
};

/// What to read: events first, first + 1, ... that have an `at` within `times`.
struct StretchQuery {
  SequenceNumber first = 1;
  SequenceNumber last = 0;        ///< none after it is read
  SequenceNumber through = 0;     ///< read to exactly there; 0: until events_max is reached
  std::uint64_t events_max = 0;   ///< of those that match; the block that reaches it is the last
  std::optional<AsOfSpan> times;  ///< times.first < at <= times.last
  log::LogPosition near;          ///< at or before `first`, or nothing
  /// Told of every block from `first` to `last` that was met, read or passed; perhaps twice.
  std::function<void(const log::BlockInfo&)> on_block{};
};

struct TouchedKeys {
  index::Ids tweets;  ///< ascending
  index::Ids users;   ///< ascending
  SequenceNumber through = 0;
  log::LogPosition next;  ///< after `through`
};

/// Reads a stretch; blocks that can hold no match are passed by their headers. Errors: kIo,
/// kCorruption (also: the log ends before `last`).
[[nodiscard]] Result<TouchedKeys> read_touched(const KnownLog& log, const StretchQuery& query,
                                               ChangesWork& work);

/// What stands at `sequence` now.
[[nodiscard]] Result<LogAnchor> read_anchor(const KnownLog& log, SequenceNumber sequence,
                                            const log::LogPosition& near, ChangesWork& work);

}  // namespace recant::dataset
