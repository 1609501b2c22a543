// recant::Store and recant::Import: the log's writer, the index's keeper, and the lock between
// them.
#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <utility>

#include "engine/replay/compact.h"
#include "engine/replay/index_keeper.h"
#include "engine/replay/repair.h"
#include "engine/replay/snapshot.h"
#include "engine/replay/store_lock.h"
#include "engine/replay/verify.h"
#include "recant/recant.h"
#include "store/io/path.h"
#include "store/log/log_writer.h"

namespace recant {
namespace {

Result<void> make_store(io::FileSystem& files, const StoreOptions& options) {
  RECANT_ASSIGN(const auto info, files.info(options.directory));
  if (!info) RECANT_TRY(files.make_directory(options.directory));
  // A store without events is a store too: the directory of its log says so.
  RECANT_TRY(files.make_directory(io::join_path(options.directory, "log")));
  RECANT_TRY(files.sync_directory(options.directory));
  if (info) return {};
  return files.sync_directory(io::parent_path(options.directory));
}

Result<void> check_store(io::FileSystem& files, const StoreOptions& options) {
  RECANT_ASSIGN(const auto log, files.info(io::join_path(options.directory, "log")));
  RECANT_ASSIGN(const auto index, files.info(io::join_path(options.directory, "index")));
  if (!log && !index && !options.create) {
    return fail(ErrorCode::kIo, fmt::format("cannot open {}: there is no store (make one with "
                                            "`recant ingest`, or name another with --store)",
                                            options.directory));
  }
  if (!log && !index) RECANT_TRY(make_store(files, options));
  RECANT_ASSIGN(const bool on_network, files.on_network(options.directory));
  if (on_network) {
    return fail(ErrorCode::kIo,
                fmt::format("cannot open {}: a live store does not work on a network file system "
                            "(keep it on a local disk)",
                            options.directory));
  }
  return {};
}

}  // namespace

// Shared with imports, which may outlive the Store.
class Store::Impl {
 public:
  explicit Impl(StoreOptions wanted)
      : options(std::move(wanted)),
        files(io::real_file_system()),
        clock(io::real_clock()),
        keeper(files, clock, options) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  // A close leaves a mark, so that damage to the last groups is known for damage.
  ~Impl() {
    if (!unmarked) return;
    const auto lock = replay::StoreLock::acquire(files, clock, options.directory, 0);
    if (lock && ready_writer()) (void)writer->mark();
  }

  // A writer that knows the log's end. The caller holds the lock.
  Result<void> ready_writer() {
    RECANT_ASSIGN(const SequenceNumber durable, keeper.durable_hint());
    if (writer) {
      auto refreshed = writer->refresh(durable);
      if (!refreshed) writer.reset();
      return refreshed;
    }
    RECANT_ASSIGN(writer,
                  log::LogWriter::open(files, clock, options.directory,
                                       {.segment_bytes_max = options.segment_bytes_max}, durable));
    if (const auto& torn = writer->torn_tail(); torn && options.on_diagnostic) {
      options.on_diagnostic(fmt::format(
          "log/{}: an unfinished last write ({} bytes at offset {}) was moved to {}; nothing that "
          "was acknowledged is lost",
          torn->segment, torn->bytes, torn->offset, torn->quarantine));
    }
    return {};
  }

  Result<replay::StoreLock> lock() {
    if (options.read_only) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("cannot write to {}: it is opened read-only", options.directory));
    }
    return replay::StoreLock::acquire(files, clock, options.directory, options.lock_wait_ms);
  }

  StoreOptions options;
  io::FileSystem& files;
  io::Clock& clock;
  std::mutex mutex;
  replay::IndexKeeper keeper;
  std::optional<log::LogWriter> writer;
  bool unmarked = false;
};

class Import::Impl {
 public:
  Impl(std::shared_ptr<Store::Impl> owner, replay::StoreLock held)
      : store(std::move(owner)), lock(std::move(held)) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  // Dropped without finish(): what is buffered is forgotten with the writer.
  ~Impl() {
    if (!finished) store->writer.reset();
  }

  std::shared_ptr<Store::Impl> store;
  std::optional<replay::StoreLock> lock;
  bool finished = false;
};

Import::Import(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Import::Import(Import&&) noexcept = default;
Import& Import::operator=(Import&&) noexcept = default;
Import::~Import() = default;

Result<void> Import::append(std::span<const Event> events) {
  return impl_->store->writer->append(events);
}

SequenceNumber Import::last_sequence() const { return impl_->store->writer->last_sequence(); }

Result<SequenceNumber> Import::finish() {
  Store::Impl& store = *impl_->store;
  RECANT_TRY(store.writer->mark());
  const SequenceNumber last = store.writer->last_sequence();
  // The mark may be cut off with the tail it ends; the manifest remembers.
  if (last != 0) RECANT_TRY(store.keeper.note_durable(store.writer->store_id(), last));
  impl_->finished = true;
  impl_->lock.reset();
  return last;
}

Store::Store(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

Result<Store> Store::open(const StoreOptions& options) {
  auto impl = std::make_shared<Impl>(options);
  RECANT_TRY(check_store(impl->files, options));
  return Store(std::move(impl));
}

Result<SequenceNumber> Store::append(std::span<const Event> events) {
  const std::lock_guard guard(impl_->mutex);
  RECANT_ASSIGN(const auto lock, impl_->lock());
  RECANT_TRY(impl_->ready_writer());
  auto written = impl_->writer->append(events);
  // A refused event leaves the writer as it was; only a failed write or sync makes it unfit.
  if (!written && written.error().code == ErrorCode::kInvalidArgument) {
    return std::unexpected(std::move(written).error());
  }
  if (written) written = impl_->writer->sync();
  if (!written) {
    // Nothing is known of the file's end now: the next group opens it and checks it anew.
    impl_->writer.reset();
    return std::unexpected(std::move(written).error());
  }
  impl_->unmarked = true;
  return impl_->writer->last_sequence();
}

Result<Import> Store::begin_import() {
  const std::lock_guard guard(impl_->mutex);
  RECANT_ASSIGN(auto lock, impl_->lock());
  RECANT_TRY(impl_->ready_writer());
  return Import(std::make_unique<Import::Impl>(impl_, std::move(lock)));
}

Result<Snapshot> Store::snapshot() {
  const std::lock_guard guard(impl_->mutex);
  RECANT_ASSIGN(auto kept, impl_->keeper.refresh());
  auto snapshot = std::make_shared<Snapshot::Impl>();
  snapshot->view = std::move(kept.view);
  snapshot->last_sequence = kept.last_sequence;
  snapshot->tail_events = kept.tail_events;
  snapshot->store_directory = impl_->options.directory;
  snapshot->files = &impl_->files;
  return Snapshot(std::move(snapshot));
}

Result<void> Store::seal(bool force) {
  const std::lock_guard guard(impl_->mutex);
  return impl_->keeper.seal(force);
}

Result<RebuildSummary> Store::rebuild(const RebuildOptions& options) {
  const std::lock_guard guard(impl_->mutex);
  if (options.until != 0 && options.into.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "cannot rebuild: a prefix of the log must not replace the index (name another "
                "directory with --into)");
  }
  return impl_->keeper.rebuild(options);
}

Result<CompactSummary> Store::compact(const CompactOptions& options) {
  const std::lock_guard guard(impl_->mutex);
  Impl& store = *impl_;
  {
    RECANT_ASSIGN(const auto lock, store.lock());
    RECANT_TRY(store.ready_writer());
    RECANT_TRY(store.writer->finish_segment());
    const SequenceNumber last = store.writer->last_sequence();
    if (last != 0) RECANT_TRY(store.keeper.note_durable(store.writer->store_id(), last));
  }
  CompactSummary summary;
  const std::string& directory = store.options.directory;
  RECANT_ASSIGN(const auto finished, replay::finished_segments(store.files, directory));
  if (finished.segments.empty()) return summary;
  CompactOptions bounded = options;
  bounded.memory_bytes_max = store.keeper.memory_bytes(options.memory_bytes_max);
  RECANT_ASSIGN(const auto needed,
                replay::NeededEvents::find(store.files, directory, finished, bounded));
  for (const replay::FinishedSegment& segment : finished.segments) {
    RECANT_ASSIGN(const auto lock, store.lock());
    RECANT_TRY(replay::compact_segment(store.files, store.options, segment, needed, summary));
  }
  return summary;
}

Result<std::vector<VerifyFinding>> Store::verify() {
  const std::lock_guard guard(impl_->mutex);
  return replay::verify_store(impl_->files, impl_->clock, impl_->options);
}

Result<RepairSummary> Store::repair(bool dry_run) {
  const std::lock_guard guard(impl_->mutex);
  RepairSummary summary;
  {
    RECANT_ASSIGN(const auto lock, impl_->lock());
    RECANT_ASSIGN(summary,
                  replay::repair_store(impl_->files, impl_->clock, impl_->options, dry_run));
    if (!summary.damaged || dry_run) return summary;
    impl_->writer.reset();  // what it knows of the log's end is past
  }
  // Its own publishing takes the lock.
  if (!summary.lost.empty()) RECANT_TRY(impl_->keeper.rebuild({}));
  return summary;
}

const std::string& Store::directory() const { return impl_->options.directory; }

}  // namespace recant
