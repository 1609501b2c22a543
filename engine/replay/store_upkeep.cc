// What a recant::Store does over the whole of its log or index.
#include "engine/replay/compact.h"
#include "engine/replay/guard.h"
#include "engine/replay/log_access.h"
#include "engine/replay/repair.h"
#include "engine/replay/store_impl.h"
#include "engine/replay/verify.h"

namespace recant {

using replay::guarded;

Result<void> Store::seal(bool force) {
  return guarded([&]() -> Result<void> {
    const std::lock_guard guard(impl_->mutex);
    RECANT_TRY(impl_->require_log("seal"));
    return impl_->keeper.seal(force);
  });
}

Result<RebuildSummary> Store::rebuild(const RebuildOptions& options) {
  return guarded([&]() -> Result<RebuildSummary> {
    const std::lock_guard guard(impl_->mutex);
    RECANT_TRY(impl_->require_log("rebuild"));
    if (options.until != 0 && options.into.empty()) {
      return fail(ErrorCode::kInvalidArgument,
                  "cannot rebuild: a prefix of the log must not replace the index (name another "
                  "directory with --into)");
    }
    return impl_->keeper.rebuild(options);
  });
}

Result<CompactSummary> Store::compact(const CompactOptions& options) {
  return guarded([&]() -> Result<CompactSummary> {
    const std::lock_guard guard(impl_->mutex);
    RECANT_TRY(impl_->require_log("compact"));
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
  });
}

Result<std::vector<VerifyFinding>> Store::verify(const VerifyOptions& options) {
  return guarded([&]() -> Result<std::vector<VerifyFinding>> {
    const std::lock_guard guard(impl_->mutex);
    if (impl_->sealed) return impl_->sealed->verify(options);
    return replay::verify_store(impl_->files, impl_->clock, impl_->options, options);
  });
}

Result<RepairSummary> Store::repair(bool dry_run) {
  return guarded([&]() -> Result<RepairSummary> {
    const std::lock_guard guard(impl_->mutex);
    RECANT_TRY(impl_->require_log("repair"));
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
  });
}

Result<void> Store::read_events(
    EventRange range,
    const std::function<bool(SequenceNumber sequence, const Event& event)>& on_event) const {
  return guarded([&]() -> Result<void> {
    RECANT_TRY(impl_->require_log("read the events of"));
    return replay::read_log(impl_->options.directory, {.from = range.first, .to = range.last},
                            on_event);
  });
}

Result<SealedSnapshot> Store::write_snapshot(const std::string& directory) {
  return guarded([&]() -> Result<SealedSnapshot> {
    replay::SealSource source{.store_directory = impl_->options.directory};
    {
      const std::lock_guard guard(impl_->mutex);
      RECANT_TRY(impl_->require_log("make a snapshot of"));
      RECANT_ASSIGN(auto kept, impl_->keeper.refresh());
      source.view = std::move(kept.view);
      source.last_sequence = kept.last_sequence;
    }
    return replay::write_sealed(impl_->files, impl_->clock, source, directory);
  });
}

}  // namespace recant
