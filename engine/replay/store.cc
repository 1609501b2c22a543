// recant::Store and recant::Import: opening, writing, and the state. What takes long is in
// store_upkeep.cc.
#include <fmt/format.h>

#include <algorithm>

#include "engine/replay/guard.h"
#include "engine/replay/snapshot.h"
#include "engine/replay/store_impl.h"
#include "store/io/path.h"

namespace recant {
namespace {

using replay::guarded;

constexpr std::int64_t kNoteEveryMs = 2000;
// Fewer than a block has, so that no block is written to a log that another writer may be in.
constexpr std::uint64_t kEventsBetweenChecks = 4096;

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
                            "(keep it on a local disk, and share a `recant snapshot` of it)",
                            options.directory));
  }
  return {};
}

}  // namespace

Store::Impl::~Impl() {
  if (!unmarked || ::getpid() != owner_pid) return;
  const auto marked = guarded([this]() -> Result<void> {
    RECANT_ASSIGN(const auto held, replay::StoreLock::acquire(files, clock, options.directory, 0));
    RECANT_TRY(ready_writer());
    RECANT_TRY(writer->mark());
    RECANT_TRY(held.check());
    return keeper.note_durable(writer->store_id(), writer->last_sequence());
  });
  (void)marked;  // what was acknowledged is durable without it
}

Result<void> Store::Impl::ready_writer() {
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
    options.on_diagnostic(log::tell(*torn));
  }
  return {};
}

Result<void> Store::Impl::write_group(const replay::StoreLock& lock,
                                      std::span<const Event> events) {
  RECANT_TRY(lock.check());
  RECANT_TRY(writer->append(events));
  RECANT_TRY(writer->sync());
  return lock.check();
}

void Store::Impl::note_durable_at_times() {
  const std::int64_t now_ms = clock.steady_ms();
  if (now_ms - noted_ms < kNoteEveryMs) return;
  noted_ms = now_ms;
  // What was appended is durable without it, and the next time comes soon.
  (void)keeper.note_durable(writer->store_id(), writer->last_sequence());
}

Result<void> Store::Impl::require_log(std::string_view what) const {
  if (!sealed) return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("cannot {} {}: it is a snapshot, which has no log and never changes (do "
                          "it to the store that the snapshot was made from)",
                          what, options.directory));
}

Result<replay::StoreLock> Store::Impl::lock() {
  RECANT_TRY(require_log("write to"));
  if (options.read_only) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("cannot write to {}: it is opened read-only", options.directory));
  }
  return replay::StoreLock::acquire(files, clock, options.directory, options.lock_wait_ms);
}

// --- Import --------------------------------------------------------------------------------------

Result<void> Import::Impl::require_usable() const {
  if (!finished && ::getpid() == owner_pid && store->writer) return {};
  return fail(ErrorCode::kInvalidArgument,
              "cannot go on with the import: it ended, or another process began it (begin one)");
}

Import::Import(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Import::Import(Import&&) noexcept = default;
Import& Import::operator=(Import&&) noexcept = default;
Import::~Import() = default;

Result<void> Import::append(std::span<const Event> events) {
  return guarded([&]() -> Result<void> {
    RECANT_TRY(impl_->require_usable());
    impl_->unchecked_events += events.size();
    if (impl_->unchecked_events >= kEventsBetweenChecks) {
      RECANT_TRY(impl_->lock->check());
      impl_->unchecked_events = 0;
    }
    return impl_->store->writer->append(events);
  });
}

SequenceNumber Import::last_sequence() const {
  return impl_->store->writer ? impl_->store->writer->last_sequence() : 0;
}

Result<SequenceNumber> Import::sync() {
  return guarded([&]() -> Result<SequenceNumber> {
    RECANT_TRY(impl_->require_usable());
    RECANT_TRY(impl_->lock->check());
    RECANT_TRY(impl_->store->writer->sync());
    RECANT_TRY(impl_->lock->check());
    return impl_->store->writer->last_sequence();
  });
}

Result<SequenceNumber> Import::finish() {
  return guarded([&]() -> Result<SequenceNumber> {
    RECANT_TRY(impl_->require_usable());
    Store::Impl& store = *impl_->store;
    RECANT_TRY(impl_->lock->check());
    RECANT_TRY(store.writer->mark());
    RECANT_TRY(impl_->lock->check());
    const SequenceNumber last = store.writer->last_sequence();
    // The mark may be cut off with the tail it ends; the manifest remembers.
    if (last != 0) RECANT_TRY(store.keeper.note_durable(store.writer->store_id(), last));
    impl_->finished = true;
    impl_->lock.reset();
    return last;
  });
}

// --- Store ---------------------------------------------------------------------------------------

Store::Store(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

Result<Store> Store::open(const StoreOptions& options) {
  return guarded([&]() -> Result<Store> {
    auto impl = std::make_shared<Impl>(options);
    RECANT_ASSIGN(const bool sealed, replay::is_sealed(impl->files, options.directory));
    if (sealed) {
      RECANT_ASSIGN(impl->sealed, replay::SealedStore::open(impl->files, options));
      impl->sealed_info = impl->sealed->facts().sealed;
    } else {
      RECANT_TRY(check_store(impl->files, options));
    }
    return Store(std::move(impl));
  });
}

Result<SequenceNumber> Store::append(std::span<const Event> events) {
  return guarded([&]() -> Result<SequenceNumber> {
    const std::lock_guard guard(impl_->mutex);
    RECANT_ASSIGN(const auto lock, impl_->lock());
    RECANT_TRY(impl_->ready_writer());
    if (auto written = impl_->write_group(lock, events); !written) {
      // A refused event leaves the writer as it was. After anything else nothing is known of the
      // file's end: the next group opens it and checks it anew.
      if (written.error().code != ErrorCode::kInvalidArgument) impl_->writer.reset();
      return std::unexpected(std::move(written).error());
    }
    impl_->unmarked = true;
    impl_->note_durable_at_times();
    return impl_->writer->last_sequence();
  });
}

Result<Import> Store::begin_import() {
  return guarded([&]() -> Result<Import> {
    const std::lock_guard guard(impl_->mutex);
    RECANT_ASSIGN(auto lock, impl_->lock());
    RECANT_TRY(impl_->ready_writer());
    return Import(std::make_unique<Import::Impl>(impl_, std::move(lock)));
  });
}

Result<Snapshot> Store::snapshot() {
  return guarded([&]() -> Result<Snapshot> {
    const std::lock_guard guard(impl_->mutex);
    auto snapshot = std::make_shared<Snapshot::Impl>();
    snapshot->store_directory = impl_->options.directory;
    snapshot->files = &impl_->files;
    if (impl_->sealed) {
      RECANT_ASSIGN(snapshot->view, impl_->sealed->view());
      snapshot->sealed = impl_->sealed_info;
      snapshot->sealed_times = impl_->sealed->facts().times;
      snapshot->last_sequence = snapshot->sealed->last_sequence;
      return Snapshot(std::move(snapshot));
    }
    RECANT_ASSIGN(auto kept, impl_->keeper.refresh());
    snapshot->view = std::move(kept.view);
    snapshot->last_sequence = kept.last_sequence;
    snapshot->tail_events = kept.tail_events;
    return Snapshot(std::move(snapshot));
  });
}

const std::optional<SealedSnapshot>& Store::sealed() const { return impl_->sealed_info; }

const std::string& Store::directory() const { return impl_->options.directory; }

}  // namespace recant
