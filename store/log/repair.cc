#include "store/log/repair.h"

#include <algorithm>
#include <utility>

#include "store/log/block_encoder.h"
#include "store/log/segment.h"

namespace recant::log {
namespace {

constexpr std::string_view kTemporarySuffix = ".tmp";
constexpr std::string_view kSource = "repair";
constexpr std::uint32_t kRecordsABlock = 4096;

class Repair {
 public:
  Repair(io::FileSystem& files, const std::string& store_directory, Salvage salvage, Time now)
      : files_(files),
        store_directory_(store_directory),
        directory_(log_directory(store_directory)),
        salvage_(std::move(salvage)),
        plan_(plan_repair(salvage_)),
        now_(now) {}

  [[nodiscard]] const RepairPlan& plan() const { return plan_; }
  Result<std::vector<std::string>> quarantine_damaged();
  Result<void> write_segments();
  Result<void> put_in_place();

 private:
  [[nodiscard]] std::string path(const PlannedSegment& segment) const {
    return io::join_path(directory_, segment_name(segment.header.first));
  }
  Result<void> write(const PlannedSegment& segment);
  Result<void> copy_block(const PlannedFrame& planned, io::File& target);
  Result<SequenceNumber> append_records(io::File& target);
  Result<void> put_in_place(const PlannedSegment& segment);

  io::FileSystem& files_;
  std::string store_directory_;
  std::string directory_;
  Salvage salvage_;
  RepairPlan plan_;
  Time now_;
};

Result<std::vector<std::string>> Repair::quarantine_damaged() {
  std::vector<std::string> kept;
  for (const DamagedBytes& damaged : plan_.damaged) {
    RECANT_ASSIGN(std::string path, quarantine(files_, store_directory_,
                                               salvage_.files[damaged.file].name, damaged.range));
    kept.push_back(std::move(path));
  }
  return kept;
}

// Beside the log, under names that readers pass over.
Result<void> Repair::write_segments() {
  for (const std::string& name : salvage_.temporaries) {
    RECANT_TRY(files_.remove(io::join_path(directory_, name)));
  }
  RECANT_TRY(files_.make_directory(directory_));
  RECANT_TRY(files_.sync_directory(store_directory_));
  for (const PlannedSegment& segment : plan_.segments) {
    if (!segment.unchanged) RECANT_TRY(write(segment));
  }
  return {};
}

Result<void> Repair::write(const PlannedSegment& segment) {
  RECANT_ASSIGN(const auto target, files_.create(path(segment) + std::string(kTemporarySuffix)));
  RECANT_TRY(target->append(encode(segment.header)));
  for (const PlannedFrame& planned : segment.frames) {
    if (planned.file) {
      RECANT_TRY(copy_block(planned, *target));
    } else {
      const Lost lost{salvage_.store, planned.frame.first, planned.frame.last};
      RECANT_TRY(target->append(encode(lost)));
    }
  }
  std::optional<SequenceNumber> mark = segment.mark;
  if (segment.records) {
    RECANT_ASSIGN(mark, append_records(*target));
  }
  if (mark) {
    RECANT_TRY(target->append(encode(Mark{.store = salvage_.store, .sequence = *mark})));
  }
  return target->sync_data();
}

Result<void> Repair::copy_block(const PlannedFrame& planned, io::File& target) {
  const std::string from = io::join_path(directory_, salvage_.files[*planned.file].name);
  RECANT_ASSIGN(const auto source, files_.open_read(from));
  const std::uint64_t begin = planned.frame.offset;
  return copy_bytes(*source, from, {.begin = begin, .end = begin + planned.frame.bytes}, target);
}

// One loss record a range. Returns the last one's sequence.
Result<SequenceNumber> Repair::append_records(io::File& target) {
  BlockEncoder encoder(kRecordsABlock);
  std::vector<std::byte> bytes;
  SequenceNumber sequence = plan_.last;
  SequenceNumber written = plan_.last;
  const auto write_block = [&]() -> Result<void> {
    bytes.clear();
    RECANT_TRY(encoder.finish(salvage_.store, written + 1, sequence, plan_.last, bytes));
    written = sequence;
    return target.append(bytes);
  };
  for (const LostRange& lost : plan_.records) {
    Event event{.kind = EventKind::kLoss, .at = now_, .source = std::string(kSource)};
    event.payload.make().first = lost.first;
    event.payload.make().last = lost.last;
    event.payload.make().bytes = lost.bytes;
    if (encoder.full()) RECANT_TRY(write_block());
    encoder.add(++sequence, event, now_);
  }
  RECANT_TRY(write_block());
  return sequence;
}

// The loss records first, durably: until the last hole before them is bridged the log counts as
// damaged, so that no crash leaves a log that goes on after a loss which nothing tells of.
Result<void> Repair::put_in_place() {
  if (!plan_.records.empty()) {
    RECANT_TRY(put_in_place(plan_.segments.back()));
    RECANT_TRY(files_.sync_directory(directory_));
  }
  // Then new names, then those that replace a file whose blocks a new one may hold, then removals.
  for (const bool replaces : {false, true}) {
    for (const PlannedSegment& segment : plan_.segments) {
      const bool is_there = std::ranges::any_of(salvage_.files, [&](const SalvagedFile& file) {
        return file.name == segment_name(segment.header.first);
      });
      const bool changed = !segment.unchanged && !segment.records;
      if (changed && is_there == replaces) RECANT_TRY(put_in_place(segment));
    }
    RECANT_TRY(files_.sync_directory(directory_));
  }
  for (const std::size_t file : plan_.removed) {
    RECANT_TRY(files_.remove(io::join_path(directory_, salvage_.files[file].name)));
  }
  return files_.sync_directory(directory_);
}

Result<void> Repair::put_in_place(const PlannedSegment& segment) {
  return files_.rename(path(segment) + std::string(kTemporarySuffix), path(segment));
}

}  // namespace

Result<RepairReport> repair_log(io::FileSystem& files, io::Clock& clock,
                                const std::string& store_directory, const RepairOptions& options) {
  RECANT_ASSIGN(Salvage salvaged, salvage(files, store_directory, options.hint));
  Repair repair(files, store_directory, std::move(salvaged), clock.now());
  const RepairPlan& plan = repair.plan();
  RepairReport report{.damaged = plan.needed, .lost = plan.lost, .kept = {}};
  if (!plan.needed || options.dry_run) return report;
  RECANT_ASSIGN(report.kept, repair.quarantine_damaged());
  const bool lost = !plan.lost.empty() || !plan.records.empty();
  if (lost && options.on_loss) RECANT_TRY(options.on_loss());
  RECANT_TRY(repair.write_segments());
  RECANT_TRY(repair.put_in_place());
  return report;
}

}  // namespace recant::log
