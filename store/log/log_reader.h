// Reads the log in order and follows it as it grows. Bytes: store/FORMAT.md, "Log".
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "recant/error.h"
#include "recant/event.h"
#include "store/io/file_system.h"

namespace recant::log {

/// The fixed part of a block, known without decompressing it.
struct BlockInfo {
  std::string segment;          ///< file name within log/
  std::uint64_t offset = 0;     ///< of the block's first byte (its skippable header frame)
  std::uint64_t bytes = 0;      ///< header and payload frames
  std::uint64_t raw_bytes = 0;  ///< payload before compression
  SequenceNumber first = 0;
  SequenceNumber last = 0;  ///< last - first + 1 > count where compaction left gaps
  std::uint32_t count = 0;
  SequenceNumber durable = 0;  ///< known durable when the block was written
  Time at_min = 0;
  Time at_max = 0;
};

struct LogBlock {
  BlockInfo info;
  std::vector<SequenceNumber> sequences;  ///< one an event
  std::vector<Event> events;
};

/// Where the next block begins; lets a later reader start there without walking the segment.
struct LogPosition {
  std::string segment;
  std::uint64_t offset = 0;
  SequenceNumber next = 1;  ///< the sequence number expected there
};

/// What is wrong at one place of the log.
struct LogDamage {
  std::string segment;
  std::uint64_t offset = 0;
  SequenceNumber expected = 0;  ///< first sequence that cannot be read
  SequenceNumber durable = 0;   ///< M of the recovery rule: highest durable mark known
  std::string why;
  /// An unfinished last write: nothing acknowledged is touched (expected > durable).
  [[nodiscard]] bool torn_tail() const { return expected > durable; }
};

/// Several readers may be open beside one writer. One thread at a time each.
class LogReader {
 public:
  /// Opens `store_directory`/log to read events from sequence `from` on (a position from an earlier
  /// reader is a hint: if it does not fit, the reader walks from the segment's start).
  /// A missing or empty log directory is an empty log. Errors: kIo, kCorruption (a segment is
  /// missing, foreign, or of a newer format version, named).
  [[nodiscard]] static Result<LogReader> open(io::FileSystem& files,
                                              const std::string& store_directory,
                                              SequenceNumber from, SequenceNumber durable_hint,
                                              const std::optional<LogPosition>& position = {});
  LogReader(LogReader&&) noexcept;
  LogReader& operator=(LogReader&&) noexcept;
  ~LogReader();

  /// The next block, header and payload checked before decompression; events before `from` are
  /// left out. False where the log ends for now (also before a torn tail): call again later to
  /// follow. Errors: kCorruption, naming file, offset and sequences, where acknowledged data is
  /// damaged (the rule of reliability.md, a bad block being read again before it is called damage).
  [[nodiscard]] Result<bool> next(LogBlock& out);
  /// The same for the next block that `wanted` says yes to, of whose header it is told; the others
  /// are passed without being decompressed. It may be asked twice about one block.
  using Wanted = std::function<bool(const BlockInfo&)>;
  [[nodiscard]] Result<bool> next(LogBlock& out, const Wanted& wanted);
  /// The same without decompressing: only headers are checked and reported.
  [[nodiscard]] Result<bool> next_info(BlockInfo& out);

  /// Last sequence returned, or `from` - 1.
  [[nodiscard]] SequenceNumber last_sequence() const;
  [[nodiscard]] LogPosition position() const;
  /// Highest durable mark seen so far (block headers, marks, the hint).
  [[nodiscard]] SequenceNumber durable_sequence() const;
  /// 32 hex digits; empty where the log is empty.
  [[nodiscard]] std::string store_id() const;

 private:
  class Impl;
  explicit LogReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

struct SegmentInfo {
  std::string name;
  std::uint64_t bytes = 0;
  SequenceNumber first = 0;
};
/// The segments in order, as their names say.
[[nodiscard]] Result<std::vector<SegmentInfo>> list_segments(io::FileSystem& files,
                                                             const std::string& store_directory);

/// Walks the whole log, decompressing and decoding every block, and reports every damaged place
/// (a torn tail too) instead of stopping at the first. `blocks` may be empty; it sees every good
/// block.
[[nodiscard]] Result<std::vector<LogDamage>> verify_log(
    io::FileSystem& files, const std::string& store_directory, SequenceNumber durable_hint,
    const std::function<void(const BlockInfo&)>& on_block);

}  // namespace recant::log
