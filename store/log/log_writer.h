// Appends events to the log. Bytes: store/FORMAT.md, "Log". Promises: reliability.md, A1, A2, A8.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "recant/error.h"
#include "recant/event.h"
#include "store/io/file_system.h"

namespace recant::log {

struct LogOptions {
  std::uint64_t segment_bytes_max = std::uint64_t{256} << 20;
  /// Events a block; blocks are cut earlier where the raw payload would pass 3 MiB.
  std::uint32_t block_events_max = 32 * 1024;
};

/// What opening for writing found after a crash.
struct TornTail {
  std::string segment;       ///< file name of the segment that was cut
  std::uint64_t offset = 0;  ///< where the tail began
  std::uint64_t bytes = 0;   ///< moved to quarantine/
  std::string quarantine;    ///< path of the file that holds them now
};
/// In a sentence for people.
[[nodiscard]] std::string tell(const TornTail& torn);

/// One writer at a time: the caller holds the store's lock while one is open.
/// After any error from a write or sync, or kNoMemory, every later call fails with the same error
/// (A8).
class LogWriter {
 public:
  /// Opens the log in `store_directory`/log (created if missing, 0700) and applies the recovery
  /// rule of reliability.md. `durable_hint` is the durable sequence that the manifest names, or 0.
  /// Errors: kCorruption with the range and offset (acknowledged data is damaged; nothing was
  /// modified), kIo, kNoSpace.
  [[nodiscard]] static Result<LogWriter> open(io::FileSystem& files, io::Clock& clock,
                                              const std::string& store_directory,
                                              LogOptions options, SequenceNumber durable_hint);
  LogWriter(LogWriter&&) noexcept;
  LogWriter& operator=(LogWriter&&) noexcept;
  /// Buffered events that were never synced are dropped.
  ~LogWriter();

  /// Gives `events` the next sequence numbers and writes full blocks; the rest stays buffered.
  /// `received_at` 0 becomes the clock's now. Not durable before sync(). Each event must satisfy
  /// why_malformed() == nullopt: kInvalidArgument else, and nothing of `events` is appended.
  [[nodiscard]] Result<void> append(std::span<const Event> events);
  /// Writes what is buffered as a block, then fdatasync. On success everything appended is durable.
  [[nodiscard]] Result<void> sync();
  /// sync(), then appends and syncs a mark that names the last sequence (end of an import).
  /// Writes nothing where the last thing in the log is such a mark.
  [[nodiscard]] Result<void> mark();

  /// mark(), and goes on in a new segment where this one holds any event.
  [[nodiscard]] Result<void> finish_segment();

  /// For a writer that is kept while the store's lock is given up between groups: call it each time
  /// that the lock was taken again. Takes up what another writer appended, recovered or rotated in
  /// between, as open() would; two looks at the directory where nothing changed.
  /// Errors: those of open(); kInvalidArgument where events are buffered that were never synced.
  [[nodiscard]] Result<void> refresh(SequenceNumber durable_hint);

  [[nodiscard]] SequenceNumber last_sequence() const;     ///< appended so far, 0 if none
  [[nodiscard]] SequenceNumber durable_sequence() const;  ///< what a completed sync covers
  [[nodiscard]] const std::optional<TornTail>& torn_tail() const;
  /// The 16-byte id that every header of this log carries, as 32 hex digits.
  [[nodiscard]] std::string store_id() const;

 private:
  class Impl;
  explicit LogWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace recant::log
