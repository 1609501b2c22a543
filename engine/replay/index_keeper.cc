#include "engine/replay/index_keeper.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "engine/replay/fact_collector.h"
#include "store/index/digest.h"
#include "store/index/part_builder.h"
#include "store/log/log_writer.h"
#include "store/log/read_ahead.h"

namespace recant::replay {
namespace {

// Readers that opened the manifest just before a part was replaced still want to map it.
constexpr Time kGraceToUnlinkMs = 3'600'000;

// Sorting needs the facts of the tail twice; the rest is room for blocks and LMDB's dirty pages.
constexpr std::uint64_t kMemoryPerFactByte = 3;
// A rebuild sorts what it collects in small runs, and folds those stretch by stretch.
constexpr std::uint64_t facts_that_fit(std::uint64_t memory_bytes) { return memory_bytes / 3 * 2; }

bool contains(const index::PartInfo& outer, const index::PartInfo& inner) {
  return outer.first <= inner.first && inner.last <= outer.last;
}

}  // namespace

IndexKeeper::IndexKeeper(io::FileSystem& files, io::Clock& clock, const StoreOptions& options)
    : files_(files),
      clock_(clock),
      options_(options),
      index_directory_(io::join_path(options.directory, "index")),
      integrity_(files, index_directory_, options.integrity) {}

void IndexKeeper::say(std::string_view text) const {
  if (options_.on_diagnostic) options_.on_diagnostic(text);
}

std::uint64_t IndexKeeper::memory_bytes(std::uint64_t wanted) const {
  if (wanted != 0) return wanted;
  if (options_.memory_bytes_max != 0) return options_.memory_bytes_max;
  const auto pages = static_cast<std::uint64_t>(std::max(sysconf(_SC_PHYS_PAGES), 1L));
  const auto page_bytes = static_cast<std::uint64_t>(std::max(sysconf(_SC_PAGESIZE), 1L));
  return pages * page_bytes / 4;
}

Result<index::Manifest> IndexKeeper::manifest() const {
  return index::read_manifest(files_, index_directory_);
}

Result<void> IndexKeeper::make_index_directory() {
  RECANT_ASSIGN(const auto info, files_.info(index_directory_));
  if (info) return {};
  RECANT_TRY(files_.make_directory(index_directory_));
  return files_.sync_directory(options_.directory);
}

// --- Opening -----------------------------------------------------------------------------------

// Opens what the manifest names. False where a part is gone: the manifest may have been replaced.
Result<bool> IndexKeeper::open_parts(std::vector<index::PartInfo>& damaged) {
  std::map<std::string, std::shared_ptr<const index::Part>> opened;
  damaged.clear();
  bool all_there = true;
  for (const index::PartInfo& info : manifest_.parts) {
    if (const auto known = open_parts_.find(info.file); known != open_parts_.end()) {
      opened.insert(*known);
      continue;
    }
    const bool verify = integrity_.must_verify(info);
    auto part = index::Part::open(files_, index_directory_, info, verify);
    if (part) {
      if (verify) integrity_.remember(info);
      opened.emplace(info.file, *std::move(part));
      continue;
    }
    RECANT_ASSIGN(const auto found, files_.info(io::join_path(index_directory_, info.file)));
    if (found && part.error().code != ErrorCode::kCorruption) {
      return std::unexpected(std::move(part).error());
    }
    all_there = all_there && found.has_value();
    damaged.push_back(info);
    say(part.error().what);
  }
  open_parts_ = std::move(opened);
  return all_there;
}

Result<void> IndexKeeper::load_parts() {
  constexpr int kAttempts = 5;
  std::vector<index::PartInfo> damaged;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    RECANT_ASSIGN(manifest_, manifest());
    RECANT_TRY(set_foreign_aside());
    RECANT_TRY(set_old_aside());
    RECANT_ASSIGN(const bool all_there, open_parts(damaged));
    if (all_there) break;
  }
  if (!damaged.empty()) RECANT_TRY(set_aside(damaged, "is damaged or gone"));
  parts_.clear();
  index::Manifest good;
  for (const index::PartInfo& info : manifest_.parts) {
    const auto part = open_parts_.find(info.file);
    if (part == open_parts_.end()) continue;
    parts_.push_back(part->second);
    good.parts.push_back(info);
  }
  sealed_ = good.sealed();
  if (!options_.read_only) integrity_.save();
  return {};
}

// Moves damaged parts to quarantine/ where the lock can be had at once; where it cannot, the caller
// still goes on without them: what they held is folded from the log.
Result<void> IndexKeeper::set_aside(const std::vector<index::PartInfo>& damaged,
                                    std::string_view why) {
  if (options_.read_only) return {};
  auto lock = StoreLock::acquire(files_, clock_, options_.directory, 0);
  if (!lock) return {};
  RECANT_ASSIGN(index::Manifest fresh, manifest());
  const std::string quarantine = io::join_path(options_.directory, "quarantine");
  RECANT_TRY(files_.make_directory(quarantine));
  for (const index::PartInfo& info : damaged) {
    if (std::erase(fresh.parts, info) == 0) continue;
    const std::string path = io::join_path(index_directory_, info.file);
    RECANT_ASSIGN(const auto found, files_.info(path));
    if (found) RECANT_TRY(files_.rename(path, io::join_path(quarantine, info.file)));
    say(fmt::format("part {} {}: {}its events {} to {} are replayed from the log", info.file, why,
                    found ? "set aside in quarantine/, " : "", info.first, info.last));
  }
  if (fresh.parts.empty()) fresh.old_parts = false;
  if (!log_store_id_.empty() && fresh.store_id != log_store_id_) {
    fresh.store_id = log_store_id_;
    fresh.durable = 0;
  }
  manifest_ = fresh;
  RECANT_TRY(lock->check());
  return publish_locked(std::move(fresh));
}

// An index that belongs to another log (a copied directory, a restored backup) says nothing of
// ours.
Result<bool> IndexKeeper::is_foreign(const index::Manifest& manifest) {
  if (manifest.store_id.empty()) return false;
  if (log_store_id_.empty()) {
    RECANT_ASSIGN(const auto reader, log::LogReader::open(files_, options_.directory, 1, 0));
    log_store_id_ = reader.store_id();
  }
  return !log_store_id_.empty() && log_store_id_ != manifest.store_id;
}

Result<SequenceNumber> IndexKeeper::durable_hint() {
  RECANT_ASSIGN(const index::Manifest known, manifest());
  RECANT_ASSIGN(const bool foreign, is_foreign(known));
  return foreign ? 0 : known.durable;
}

Result<void> IndexKeeper::set_foreign_aside() {
  RECANT_ASSIGN(const bool foreign_index, is_foreign(manifest_));
  if (!foreign_index) return {};
  say("the index belongs to another log: it is set aside and replayed from this one");
  const std::vector<index::PartInfo> foreign = std::exchange(manifest_, {}).parts;
  return set_aside(foreign, "belongs to another log");
}

// Parts of an older format are as good as none: the log still tells what they held.
Result<void> IndexKeeper::set_old_aside() {
  if (!manifest_.old_parts) return {};
  manifest_.old_parts = false;
  const std::vector<index::PartInfo> old = std::exchange(manifest_.parts, {});
  return set_aside(old, "is of an older format");
}

// --- The tail ----------------------------------------------------------------------------------

Result<void> IndexKeeper::restart_tail() {
  tail_ = Tail{};
  tail_.first = sealed_ + 1;
  tail_.last = sealed_;
  RECANT_ASSIGN(tail_.reader,
                log::LogReader::open(files_, options_.directory, tail_.first, manifest_.durable));
  return {};
}

// Runs are kept as a binary counter, so that a tail that grows in small groups costs n log n and a
// lookup meets few runs.
void IndexKeeper::add_run(model::Facts facts) {
  tail_.runs.push_back(std::make_shared<const index::Run>(std::move(facts)));
  while (tail_.runs.size() > 1 &&
         tail_.runs[tail_.runs.size() - 2]->events() <= 2 * tail_.runs.back()->events()) {
    model::Facts joined = tail_.runs[tail_.runs.size() - 2]->facts();
    joined.append(tail_.runs.back()->facts());
    tail_.runs.resize(tail_.runs.size() - 2);
    tail_.runs.push_back(std::make_shared<const index::Run>(std::move(joined)));
  }
}

Result<void> IndexKeeper::fold_tail(bool may_seal) {
  if (!tail_.whole || tail_.first != sealed_ + 1) RECANT_TRY(restart_tail());
  tail_.whole = false;
  const std::uint64_t bytes_max = memory_bytes(0) / kMemoryPerFactByte;
  std::uint64_t tail_bytes = 0;
  for (const auto& run : tail_.runs) tail_bytes += run->facts().bytes();
  model::Facts facts;
  log::LogBlock block;
  while (true) {
    RECANT_ASSIGN(const bool more, tail_.reader->next(block));
    if (!more) break;
    for (const Event& event : block.events) facts.add(event);
    tail_.events += block.events.size();
    tail_.last = block.info.last;
    if (tail_bytes + facts.bytes() < bytes_max) continue;
    add_run(std::exchange(facts, {}));
    auto sealed = may_seal ? seal_tail(0) : fail(ErrorCode::kIo, "this store is opened read-only");
    if (!sealed) {
      return fail(
          sealed.error().code == ErrorCode::kNoSpace ? ErrorCode::kNoSpace : ErrorCode::kIo,
          fmt::format("{}: over {} events are not in the index and do not fit in memory: {} "
                      "(run `recant rebuild`)",
                      options_.directory, tail_.events, sealed.error().what));
    }
    tail_.whole = false;
    tail_bytes = 0;
  }
  if (facts.events != 0) add_run(std::move(facts));
  tail_.whole = true;
  return {};
}

Result<KeptView> IndexKeeper::refresh() {
  RECANT_TRY(load_parts());
  RECANT_TRY(fold_tail(!options_.read_only));
  if (!options_.read_only && tail_.events > options_.seal_events_min) {
    // A reader seals only where nobody is in the way; what it folded serves it all the same.
    auto sealed = seal_tail(0);
    const bool served = tail_.whole && tail_.first == sealed_ + 1;
    if (!sealed && (!served || sealed.error().code == ErrorCode::kCorruption)) {
      return std::unexpected(std::move(sealed).error());
    }
  }
  return KeptView{.view = std::make_shared<const index::View>(index::Sources{parts_, tail_.runs}),
                  .last_sequence = tail_.last,
                  .tail_events = tail_.events};
}

// --- Sealing, merging, publishing
// ------------------------------------------------------------------

// Builds without the lock and takes it only to publish. Afterwards the tail is empty and the new
// part open; if another process sealed the same events first, its parts are loaded instead.
Result<void> IndexKeeper::seal_tail(std::int64_t wait_ms) {
  if (tail_.events == 0) return {};
  RECANT_TRY(make_index_directory());
  RECANT_TRY(sync_before_first_part());
  RECANT_ASSIGN(const index::PartInfo part,
                index::build_part(files_, {.parts = {}, .runs = tail_.runs},
                                  {.directory = index_directory_,
                                   .first = tail_.first,
                                   .last = tail_.last,
                                   .others = parts_}));
  RECANT_ASSIGN(const bool published, publish(part, wait_ms));
  RECANT_TRY(load_parts());
  if (!published || sealed_ != part.last) {
    tail_.whole = false;
    return fold_tail(false);
  }
  tail_.first = part.last + 1;
  tail_.runs.clear();
  tail_.events = 0;
  return {};
}

Result<bool> IndexKeeper::publish(const index::PartInfo& part, std::int64_t wait_ms) {
  auto lock = StoreLock::acquire(files_, clock_, options_.directory, wait_ms);
  const auto discard = [&] { (void)files_.remove(io::join_path(index_directory_, part.file)); };
  if (!lock) {
    discard();
    return std::unexpected(std::move(lock).error());
  }
  RECANT_ASSIGN(index::Manifest fresh, manifest());
  if (fresh.old_parts || fresh.sealed() + 1 != part.first) {
    discard();
    return false;
  }
  std::erase_if(fresh.parts, [&](const index::PartInfo& old) {
    if (!contains(part, old)) return false;
    if (old.file != part.file) fresh.superseded.push_back({old.file, clock_.now()});
    return true;
  });
  if (auto durable = make_durable(fresh, part.last); !durable) {
    discard();
    return std::unexpected(std::move(durable).error());
  }
  fresh.parts.push_back(part);
  std::ranges::sort(fresh.parts, {}, &index::PartInfo::first);
  if (tail_.reader) fresh.store_id = tail_.reader->store_id();
  integrity_.remember(part);
  RECANT_TRY(lock->check());
  RECANT_TRY(publish_locked(std::move(fresh)));
  return true;
}

// Makes durable what any writer left in the log, and returns its last sequence.
Result<SequenceNumber> IndexKeeper::mark_log(SequenceNumber known_durable) {
  RECANT_ASSIGN(auto writer, log::LogWriter::open(files_, clock_, options_.directory,
                                                  {.segment_bytes_max = options_.segment_bytes_max},
                                                  known_durable));
  if (const auto& torn = writer.torn_tail()) say(log::tell(*torn));
  RECANT_TRY(writer.mark());
  return writer.last_sequence();
}

// A part is synced before it is published. Were a power cut to take events from the log that it
// holds, their sequences would be given again, to events that nobody would fold. The caller holds
// the lock.
Result<void> IndexKeeper::make_durable(index::Manifest& manifest, SequenceNumber last) {
  // The name of the part at hand proves nothing yet.
  RECANT_ASSIGN(const bool published, index::has_manifest(files_, index_directory_));
  const SequenceNumber known = published ? manifest.durable : 0;
  if (known >= last) return {};
  RECANT_ASSIGN(const SequenceNumber end, mark_log(known));
  if (end < last) {
    return fail(ErrorCode::kCorruption,
                fmt::format("{}: the log ends at {}, though {} was read from it (run `recant "
                            "verify`)",
                            options_.directory, end, last));
  }
  manifest.durable = std::max(manifest.durable, last);
  return {};
}

// As long as there is no manifest the names of parts tell what the log must hold: so the first part
// must not have its name before the log is durable. Where another process writes, it sees to that.
Result<void> IndexKeeper::sync_before_first_part() {
  RECANT_ASSIGN(const bool published, index::has_manifest(files_, index_directory_));
  if (published) return {};
  RECANT_ASSIGN(const auto reader, log::LogReader::open(files_, options_.directory, 1, 0));
  if (reader.store_id().empty()) return {};
  const auto lock = StoreLock::acquire(files_, clock_, options_.directory, 0);
  if (!lock) return {};
  RECANT_TRY(mark_log(0));
  return {};
}

Result<void> IndexKeeper::publish_locked(index::Manifest manifest) {
  clean(manifest);
  // The part's own name must be durable before a manifest names it.
  RECANT_TRY(files_.sync_directory(index_directory_));
  return index::publish_manifest(files_, index_directory_, manifest);
}

// Unlinks what has been superseded for an hour, and what crashed builds left behind.
void IndexKeeper::clean(index::Manifest& manifest) {
  const Time now = clock_.now();
  const auto remove = [this](const std::string& file) {
    (void)files_.remove(io::join_path(index_directory_, file));
  };
  const auto is_named = [&](const std::string& file) {
    return std::ranges::find(manifest.parts, file, &index::PartInfo::file) != manifest.parts.end();
  };
  std::erase_if(manifest.superseded, [&](const index::Superseded& old) {
    if (is_named(old.file)) return true;
    if (now - old.since < kGraceToUnlinkMs) return false;
    remove(old.file);
    return true;
  });
  const auto names = files_.list(index_directory_);
  if (!names) return;
  for (const std::string& name : *names) {
    const bool ours = name.ends_with(".tmp") || (name.starts_with("part-") && !is_named(name));
    const bool waits = std::ranges::find(manifest.superseded, name, &index::Superseded::file) !=
                       manifest.superseded.end();
    if (!ours || waits) continue;
    const auto info = files_.info(io::join_path(index_directory_, name));
    constexpr std::int64_t kNsPerMs = 1'000'000;
    if (info && *info && now - (*info)->changed_ns / kNsPerMs > kGraceToUnlinkMs) remove(name);
  }
}

Result<void> IndexKeeper::seal(bool force) {
  RECANT_TRY(load_parts());
  RECANT_TRY(fold_tail(true));
  if (tail_.events > (force ? 0 : options_.seal_events_min)) {
    RECANT_TRY(seal_tail(options_.lock_wait_ms));
  }
  return merge_if_many();
}

// Merges the newest parts, taking in older ones while they are not much larger than what is merged
// already: every event is so merged a logarithmic number of times.
Result<void> IndexKeeper::merge_if_many() {
  if (parts_.size() <= kPartsMax) return {};
  std::size_t begin = parts_.size() - 2;
  std::uint64_t facts = parts_[begin]->info().facts + parts_[begin + 1]->info().facts;
  while (begin > 0 && (begin > kPartsMax / 2 || parts_[begin - 1]->info().facts <= 2 * facts)) {
    facts += parts_[--begin]->info().facts;
  }
  const auto first = parts_.begin() + static_cast<std::ptrdiff_t>(begin);
  const std::vector<std::shared_ptr<const index::Part>> inputs(first, parts_.end());
  SequenceNumber last = 0;
  for (const auto& part : inputs) last = std::max(last, part->info().last);
  RECANT_ASSIGN(const index::PartInfo merged,
                index::build_part(files_, {.parts = inputs, .runs = {}},
                                  {.directory = index_directory_,
                                   .first = inputs.front()->info().first,
                                   .last = last,
                                   .others = {}}));
  auto lock = StoreLock::acquire(files_, clock_, options_.directory, options_.lock_wait_ms);
  if (!lock) return std::unexpected(std::move(lock).error());
  RECANT_ASSIGN(index::Manifest fresh, manifest());
  for (const auto& part : inputs) {
    if (std::erase(fresh.parts, part->info()) == 0) {
      // Another process merged or rebuilt meanwhile: its work stands.
      (void)files_.remove(io::join_path(index_directory_, merged.file));
      return load_parts();
    }
    fresh.superseded.push_back({part->info().file, clock_.now()});
  }
  fresh.parts.push_back(merged);
  std::ranges::sort(fresh.parts, {}, &index::PartInfo::first);
  integrity_.remember(merged);
  RECANT_TRY(lock->check());
  RECANT_TRY(publish_locked(std::move(fresh)));
  return load_parts();
}

Result<void> IndexKeeper::note_durable(const std::string& store_id, SequenceNumber sequence) {
  RECANT_TRY(make_index_directory());
  RECANT_ASSIGN(index::Manifest fresh, manifest());
  if (fresh.durable >= sequence) return {};
  fresh.durable = sequence;
  if (fresh.parts.empty()) fresh.store_id = store_id;
  return publish_locked(std::move(fresh));
}

// --- Rebuilding ----------------------------------------------------------------------------------

// Replays the log piece by piece, each as large as memory allows, and joins the pieces. The result
// has the same bytes however many pieces there were.
Result<IndexKeeper::Replayed> IndexKeeper::replay_into(const std::string& directory,
                                                       const RebuildOptions& options) {
  const unsigned threads =
      options.threads != 0 ? options.threads : std::max(std::thread::hardware_concurrency(), 1U);
  const std::uint64_t bytes_max = facts_that_fit(memory_bytes(options.memory_bytes_max));
  RECANT_ASSIGN(auto log, log::LogReader::open(files_, options_.directory, 1, manifest_.durable));
  log::ReadAhead reader(std::move(log), threads);
  std::vector<std::shared_ptr<const index::Part>> pieces;
  FactCollector facts;
  log::LogBlock block;
  SequenceNumber first = 1;
  SequenceNumber last = 0;
  Replayed replayed;
  while (true) {
    RECANT_ASSIGN(const bool more, reader.next(block));
    if (!more) break;
    for (std::size_t i = 0; i < block.events.size(); ++i) {
      if (options.until != 0 && block.sequences[i] > options.until) break;
      facts.add(block.events[i]);
      last = block.sequences[i];
      ++replayed.events;
    }
    if (options.on_progress) options.on_progress(last, reader.durable_sequence());
    if (options.cancel.stop_requested()) {
      return fail(ErrorCode::kCancelled, "the rebuild was cancelled: the index is as it was");
    }
    if (options.until != 0 && block.info.last >= options.until) break;
    if (facts.bytes() < bytes_max) continue;
    RECANT_ASSIGN(const index::PartInfo piece,
                  index::build_part(files_, {.parts = {}, .runs = facts.take()},
                                    {.directory = directory,
                                     .first = first,
                                     .last = last,
                                     .others = {},
                                     .threads = threads}));
    RECANT_ASSIGN(auto part, index::Part::open(files_, directory, piece, false));
    pieces.push_back(std::move(part));
    first = last + 1;
  }
  RECANT_ASSIGN(replayed.part, index::build_part(files_, {.parts = pieces, .runs = facts.take()},
                                                 {.directory = directory,
                                                  .first = 1,
                                                  .last = last,
                                                  .others = {},
                                                  .whole = true,
                                                  .threads = threads,
                                                  .digest = &replayed.digest}));
  for (const auto& piece : pieces) {
    // One piece that was all of the log is the whole: the same bytes under the same name.
    if (piece->info().file != replayed.part.file) (void)files_.remove(piece->path());
  }
  return replayed;
}

// A damaged manifest names nothing worth keeping: the log is the truth, and the names of the parts
// tell whether all of it is there. What a newer recant wrote, or the disk does not give, is kept.
Result<index::Manifest> IndexKeeper::manifest_to_replace(bool tell) {
  auto known = manifest();
  if (known || known.error().code != ErrorCode::kCorruption) return known;
  if (tell) say(known.error().what);
  index::Manifest nothing;
  RECANT_ASSIGN(nothing.durable, index::durable_by_names(files_, index_directory_));
  return nothing;
}

Result<RebuildSummary> IndexKeeper::rebuild(const RebuildOptions& options) {
  RECANT_ASSIGN(manifest_, manifest_to_replace(true));
  RECANT_ASSIGN(const bool foreign, is_foreign(manifest_));
  if (foreign) manifest_ = {};
  if (manifest_.old_parts) manifest_.parts.clear();
  const bool elsewhere = !options.into.empty();
  const std::string directory = elsewhere ? options.into : index_directory_;
  if (elsewhere) {
    RECANT_TRY(files_.make_directory(directory));
  } else {
    RECANT_TRY(make_index_directory());
    RECANT_TRY(sync_before_first_part());
  }
  RECANT_ASSIGN(const Replayed replayed, replay_into(directory, options));
  const index::PartInfo& part = replayed.part;
  const RebuildSummary summary{
      .events = replayed.events, .part_bytes = part.bytes, .digest = replayed.digest.hex()};
  RECANT_ASSIGN(const auto reader,
                log::LogReader::open(files_, options_.directory, part.last + 1, manifest_.durable));
  if (elsewhere) {
    const index::Manifest alone{
        .store_id = reader.store_id(), .durable = part.last, .parts = {part}, .superseded = {}};
    RECANT_TRY(files_.sync_directory(directory));
    RECANT_TRY(index::publish_manifest(files_, directory, alone));
    return summary;
  }
  auto lock = StoreLock::acquire(files_, clock_, options_.directory, options_.lock_wait_ms);
  if (!lock) return std::unexpected(std::move(lock).error());
  RECANT_ASSIGN(index::Manifest fresh, manifest_to_replace(false));
  // What was sealed meanwhile stays; its events may overlap ours, which a join does not mind.
  std::erase_if(fresh.parts, [&](const index::PartInfo& old) {
    const bool fits = fresh.store_id == reader.store_id() && !fresh.old_parts;
    if (fits && old.last > part.last) return false;
    if (old.file != part.file) fresh.superseded.push_back({old.file, clock_.now()});
    return true;
  });
  fresh.old_parts = false;
  fresh.parts.push_back(part);
  std::ranges::sort(fresh.parts, {}, &index::PartInfo::first);
  fresh.store_id = reader.store_id();
  RECANT_TRY(make_durable(fresh, part.last));
  integrity_.remember(part);
  RECANT_TRY(lock->check());
  RECANT_TRY(publish_locked(std::move(fresh)));
  integrity_.save();
  return summary;
}

}  // namespace recant::replay
