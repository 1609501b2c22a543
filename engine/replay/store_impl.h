// What stands behind recant::Store and recant::Import: the log's writer, the index's keeper, and
// the lock between them.
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "engine/replay/index_keeper.h"
#include "engine/replay/sealed_snapshot.h"
#include "engine/replay/store_lock.h"
#include "recant/recant.h"
#include "store/log/log_writer.h"

namespace recant {

// Shared with imports, which may outlive the Store.
class RECANT_HIDDEN Store::Impl {
 public:
  explicit Impl(StoreOptions wanted)
      : options(std::move(wanted)),
        files(io::real_file_system()),
        clock(io::real_clock()),
        keeper(files, clock, options) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  // A close leaves a mark, so that damage to the last groups is known for damage.
  ~Impl();

  /// Writes a group and makes it durable. The caller holds the lock.
  Result<void> write_group(const replay::StoreLock& lock, std::span<const Event> events);
  /// The log's own marks may be cut off with its end: the manifest remembers how far it went. Not
  /// for each group, which would wait for three more syncs. The caller holds the lock.
  void note_durable_at_times();
  // A writer that knows the log's end. The caller holds the lock.
  Result<void> ready_writer();
  Result<replay::StoreLock> lock();
  /// kInvalidArgument for what a sealed snapshot cannot do.
  Result<void> require_log(std::string_view what) const;

  StoreOptions options;
  io::FileSystem& files;
  io::Clock& clock;
  std::mutex mutex;
  replay::IndexKeeper keeper;
  std::optional<log::LogWriter> writer;
  bool unmarked = false;
  std::int64_t noted_ms = clock.steady_ms();  // when the manifest last heard of appended groups
  std::optional<replay::SealedStore> sealed;
  std::optional<SealedSnapshot> sealed_info;
  pid_t owner_pid = ::getpid();
};

class RECANT_HIDDEN Import::Impl {
 public:
  Impl(std::shared_ptr<Store::Impl> owner, replay::StoreLock held)
      : store(std::move(owner)), lock(std::move(held)) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  // Dropped without finish(): what is buffered is forgotten with the writer.
  ~Impl() {
    if (!finished) store->writer.reset();
  }
  // After a fork only one process may go on; the child's copy knows nothing of the log's end.
  [[nodiscard]] Result<void> require_usable() const;

  std::shared_ptr<Store::Impl> store;
  std::optional<replay::StoreLock> lock;
  std::uint64_t unchecked_events = 0;  // since the lock was last looked at
  bool finished = false;
  pid_t owner_pid = ::getpid();
};

}  // namespace recant
