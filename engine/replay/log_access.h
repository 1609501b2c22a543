// The log as commands show it.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "recant/error.h"
#include "recant/event.h"
#include "store/log/log_reader.h"

namespace recant::replay {

struct LogRange {
  SequenceNumber from = 1;
  SequenceNumber to = 0;  ///< inclusive; 0: to the end
};

/// Calls `on_event` for each event in order; it returns false to stop.
/// Errors: kIo, kCorruption (after the events before the damage).
[[nodiscard]] Result<void> read_log(
    const std::string& store_directory, LogRange range,
    const std::function<bool(SequenceNumber, const Event&)>& on_event);

struct LogStats {
  std::array<std::uint64_t, kEventKindCount + 1> by_kind{};
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
  std::uint64_t segments = 0;
  Time at_min = 0;  ///< of the events that have a time; 0 if none has
  Time at_max = 0;
  SequenceNumber last_sequence = 0;
};
[[nodiscard]] Result<LogStats> log_stats(const std::string& store_directory);

/// The segments, and the blocks of each in order.
struct SegmentBlocks {
  log::SegmentInfo segment;
  std::vector<log::BlockInfo> blocks;
};
[[nodiscard]] Result<std::vector<SegmentBlocks>> log_blocks(const std::string& store_directory);

}  // namespace recant::replay
