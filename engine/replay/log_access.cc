#include "engine/replay/log_access.h"

#include <algorithm>

#include "engine/replay/index_keeper.h"
#include "store/io/file_system.h"

namespace recant::replay {
namespace {

// What the manifest knows to be durable tells a log that was cut short from a short log. Without a
// manifest that can be read, the log's own marks have to do.
SequenceNumber durable_hint(const std::string& store_directory) {
  IndexKeeper keeper(io::real_file_system(), io::real_clock(), {.directory = store_directory});
  return keeper.durable_hint().value_or(0);
}

}  // namespace

Result<void> read_log(const std::string& store_directory, LogRange range,
                      const std::function<bool(SequenceNumber, const Event&)>& on_event) {
  RECANT_ASSIGN(auto reader, log::LogReader::open(io::real_file_system(), store_directory,
                                                  range.from, durable_hint(store_directory)));
  log::LogBlock block;
  while (true) {
    RECANT_ASSIGN(const bool more, reader.next(block));
    if (!more) return {};
    for (std::size_t i = 0; i < block.events.size(); ++i) {
      if (range.to != 0 && block.sequences[i] > range.to) return {};
      if (!on_event(block.sequences[i], block.events[i])) return {};
    }
  }
}

Result<LogStats> log_stats(const std::string& store_directory) {
  LogStats stats;
  RECANT_ASSIGN(const auto segments, log::list_segments(io::real_file_system(), store_directory));
  stats.segments = segments.size();
  for (const log::SegmentInfo& segment : segments) stats.bytes += segment.bytes;
  RECANT_TRY(read_log(store_directory, {}, [&stats](SequenceNumber sequence, const Event& event) {
    // 0 is no time, but "known since ever".
    if (event.at != 0 && (stats.at_min == 0 || event.at < stats.at_min)) stats.at_min = event.at;
    stats.at_max = std::max(stats.at_max, event.at);
    ++stats.by_kind.at(static_cast<std::size_t>(event.kind));
    ++stats.events;
    stats.last_sequence = sequence;
    return true;
  }));
  return stats;
}

Result<std::vector<SegmentBlocks>> log_blocks(const std::string& store_directory) {
  RECANT_ASSIGN(auto segments, log::list_segments(io::real_file_system(), store_directory));
  std::vector<SegmentBlocks> all;
  for (log::SegmentInfo& segment : segments) all.push_back({std::move(segment), {}});
  RECANT_ASSIGN(auto reader, log::LogReader::open(io::real_file_system(), store_directory, 1, 0));
  log::BlockInfo info;
  auto current = all.begin();
  while (true) {
    RECANT_ASSIGN(const bool more, reader.next_info(info));
    if (!more) return all;
    // Blocks come in the order of the segments; one made meanwhile is left to the next call.
    current = std::find_if(current, all.end(), [&info](const SegmentBlocks& blocks) {
      return blocks.segment.name == info.segment;
    });
    if (current == all.end()) return all;
    current->blocks.push_back(info);
  }
}

}  // namespace recant::replay
