#include "store/log/repair_plan.h"

#include <algorithm>
#include <tuple>
#include <unordered_set>
#include <utility>

namespace recant::log {
namespace {

struct Block {
  std::size_t file = 0;
  const GoodFrame* frame = nullptr;
};

class Planner {
 public:
  explicit Planner(const Salvage& salvage) : salvage_(salvage) {}

  RepairPlan run();

 private:
  void choose_blocks();
  void lay_out();
  void begin_segment(std::size_t file, SequenceNumber first);
  void bridge(SequenceNumber through, std::uint64_t ordinal);
  void add_lost(SequenceNumber through);
  void add_records();
  void find_unchanged();
  void find_damaged();
  [[nodiscard]] bool is_unchanged(const PlannedSegment& segment, std::size_t file) const;
  void find_bad_bytes();
  [[nodiscard]] LostRange locate(SequenceRange range) const;
  void find_lost();

  const Salvage& salvage_;
  RepairPlan plan_;
  std::vector<Block> blocks_;                // kept, by sequence
  std::vector<std::vector<ByteRange>> bad_;  // of each file
  std::vector<SequenceRange> holes_;
  SequenceNumber covered_ = 0;  // laid out so far
};

// Every block that stands for sequences which no block before it has.
void Planner::choose_blocks() {
  std::vector<Block> all;
  for (std::size_t file = 0; file < salvage_.files.size(); ++file) {
    for (const GoodFrame& frame : salvage_.files[file].frames) {
      if (frame.kind == Frame::Kind::kBlock) all.push_back({file, &frame});
    }
  }
  std::ranges::stable_sort(all, {}, [](const Block& block) { return block.frame->first; });
  SequenceNumber last = 0;
  for (const Block& block : all) {
    if (block.frame->first <= last) continue;
    blocks_.push_back(block);
    last = block.frame->last;
  }
}

// Calls the sequences up to `through` lost, at the end of what is laid out.
void Planner::add_lost(SequenceNumber through) {
  if (through <= covered_) return;
  GoodFrame frame{.kind = Frame::Kind::kLost, .first = covered_ + 1, .last = through, .told = {}};
  plan_.segments.back().frames.push_back({.file = {}, .frame = std::move(frame)});
  if (!holes_.empty() && holes_.back().last == covered_) {
    holes_.back().last = through;
  } else {
    holes_.push_back({covered_ + 1, through});
  }
  covered_ = through;
}

// The same before a segment with `ordinal`: where segments are missing, others take their places,
// so that those after them keep their ordinals.
void Planner::bridge(SequenceNumber through, std::uint64_t ordinal) {
  const std::uint64_t lost = through - covered_;
  if (lost == 0) return;
  const std::uint64_t next = plan_.segments.size() + 1;
  std::uint64_t fill = ordinal > next && ordinal - next <= lost ? ordinal - next : 0;
  if (plan_.segments.empty()) fill = std::max<std::uint64_t>(fill, 1);
  for (; fill > 0; --fill) {
    plan_.segments.push_back({.header = {.store = salvage_.store,
                                         .ordinal = plan_.segments.size() + 1,
                                         .first = covered_ + 1},
                              .frames = {},
                              .mark = {},
                              .unchanged = {}});
    add_lost(fill == 1 ? through : covered_ + 1);
  }
  add_lost(through);
}

// Begins the segment that holds what is left of a file, under its own name where that fits.
void Planner::begin_segment(std::size_t file, SequenceNumber first) {
  const SalvagedFile& from = salvage_.files[file];
  const bool fits = from.first > covered_ && from.first <= first;
  const SequenceNumber begin = fits ? from.first : first;
  bridge(begin - 1, from.header ? from.header->ordinal : 0);
  SegmentHeader header = from.header.value_or(SegmentHeader{});
  header.store = salvage_.store;
  header.ordinal = plan_.segments.size() + 1;
  header.first = begin;
  plan_.segments.push_back({.header = header, .frames = {}, .mark = {}, .unchanged = {}});
}

void Planner::lay_out() {
  std::optional<std::size_t> current;
  for (const Block& block : blocks_) {
    if (current != block.file) begin_segment(block.file, block.frame->first);
    current = block.file;
    add_lost(block.frame->first - 1);
    plan_.segments.back().frames.push_back({.file = block.file, .frame = *block.frame});
    covered_ = block.frame->last;
  }
  // The last segment may hold no block yet.
  if (!salvage_.files.empty() && salvage_.files.back().header &&
      salvage_.files.back().first > covered_ &&
      salvage_.files.back().first == salvage_.files.back().header->first) {
    begin_segment(salvage_.files.size() - 1, salvage_.files.back().first);
  }
  if (salvage_.durable > covered_) {
    if (plan_.segments.empty()) {
      bridge(salvage_.durable, 1);
    } else {
      add_lost(salvage_.durable);
    }
  }
  plan_.last = covered_;
}

// Puts the loss records into a segment of their own, which is in place before anything else is.
void Planner::add_records() {
  if (plan_.records.empty()) return;
  if (!plan_.segments.back().frames.empty()) {
    plan_.segments.push_back({.header = {.store = salvage_.store,
                                         .ordinal = plan_.segments.size() + 1,
                                         .first = plan_.last + 1},
                              .frames = {},
                              .mark = {},
                              .unchanged = {}});
  }
  plan_.segments.back().records = true;
}

bool Planner::is_unchanged(const PlannedSegment& segment, std::size_t file) const {
  const SalvagedFile& is = salvage_.files[file];
  if (!is.header || is.name != segment_name(segment.header.first) ||
      is.header->first != segment.header.first || is.header->ordinal != segment.header.ordinal) {
    return false;
  }
  std::uint64_t offset = kSegmentHeaderBytes;
  SequenceNumber last = is.first - 1;
  auto wanted = segment.frames.begin();
  bool marked = false;
  for (const GoodFrame& frame : is.frames) {
    if (frame.offset != offset) return false;
    offset += frame.bytes;
    marked = frame.kind == Frame::Kind::kMark && frame.first == last;
    if (frame.kind == Frame::Kind::kMark) {
      if (frame.first > last) return false;
      continue;
    }
    if (wanted == segment.frames.end() || wanted->frame.kind != frame.kind ||
        wanted->frame.first != frame.first || wanted->frame.last != frame.last) {
      return false;
    }
    ++wanted;
    last = frame.last;
  }
  const bool last_segment = &segment == &plan_.segments.back();
  return wanted == segment.frames.end() && (last_segment || marked) &&
         (offset == is.bytes || (last_segment && is.torn == offset));
}

void Planner::find_unchanged() {
  for (std::size_t i = 0; i < plan_.segments.size(); ++i) {
    PlannedSegment& segment = plan_.segments[i];
    const bool last = i + 1 == plan_.segments.size();
    const SequenceNumber end = last ? plan_.last : plan_.segments[i + 1].header.first - 1;
    if (end > 0) segment.mark = end;
    for (std::size_t file = 0; file < salvage_.files.size() && !segment.records; ++file) {
      if (is_unchanged(segment, file)) segment.unchanged = file;
    }
    if (!segment.unchanged) ++segment.header.generation;
  }
}

// What is neither a good header of this log nor a frame that stays. A mark says nothing that the
// new one does not.
void Planner::find_bad_bytes() {
  std::unordered_set<const GoodFrame*> kept;
  for (const Block& block : blocks_) kept.insert(block.frame);
  for (const SalvagedFile& is : salvage_.files) {
    std::vector<ByteRange>& bad = bad_.emplace_back();
    std::uint64_t offset = is.header ? kSegmentHeaderBytes : 0;
    const auto reach = [&](std::uint64_t begin, std::uint64_t end) {
      if (begin > offset) bad.push_back({offset, begin});
      offset = end;
    };
    for (const GoodFrame& frame : is.frames) {
      const bool dropped = frame.kind == Frame::Kind::kBlock && !kept.contains(&frame);
      if (!dropped) reach(frame.offset, frame.offset + frame.bytes);
    }
    reach(is.bytes, is.bytes);
  }
}

void Planner::find_damaged() {
  for (std::size_t file = 0; file < salvage_.files.size(); ++file) {
    const auto is_this = [&](const PlannedSegment& segment) { return segment.unchanged == file; };
    if (std::ranges::any_of(plan_.segments, is_this)) continue;
    for (const ByteRange range : bad_[file]) plan_.damaged.push_back({file, range});
    const bool replaced = std::ranges::any_of(plan_.segments, [&](const PlannedSegment& segment) {
      return segment_name(segment.header.first) == salvage_.files[file].name;
    });
    if (!replaced) plan_.removed.push_back(file);
  }
}

// Where a lost range was: between the blocks on both sides of it.
LostRange Planner::locate(SequenceRange range) const {
  LostRange lost{.first = range.first, .last = range.last, .segment = segment_name(range.first)};
  const auto after = std::ranges::find_if(
      blocks_, [&](const Block& block) { return block.frame->first > range.first; });
  std::tuple<std::size_t, std::uint64_t> begin{0, 0};
  std::tuple<std::size_t, std::uint64_t> end{salvage_.files.size(), 0};
  if (after != blocks_.begin()) {
    const Block& before = *(after - 1);
    begin = {before.file, before.frame->offset + before.frame->bytes};
    const SalvagedFile& file = salvage_.files[before.file];
    // A segment that goes on, or that nothing follows, is where it was; else a segment is missing.
    const bool inside = after != blocks_.end() ? after->file == before.file
                                               : before.file + 1 == salvage_.files.size();
    if (inside) {
      lost.segment = file.name;
      lost.offset = std::get<1>(begin);
    }
  }
  if (after != blocks_.end()) end = {after->file, after->frame->offset};
  bool first = true;
  for (std::size_t file = 0; file < salvage_.files.size(); ++file) {
    if (file < std::get<0>(begin) || file > std::get<0>(end)) continue;
    for (const ByteRange bad : bad_[file]) {
      const std::tuple place{file, bad.begin};
      if (place < begin || place >= end) continue;
      if (std::exchange(first, false)) {
        lost.segment = salvage_.files[file].name;
        lost.offset = bad.begin;
      }
      lost.bytes += bad.end - bad.begin;
    }
  }
  return lost;
}

void Planner::find_lost() {
  std::vector<SequenceRange> bridged;
  std::vector<SequenceRange> told;
  for (const SalvagedFile& file : salvage_.files) {
    for (const GoodFrame& frame : file.frames) {
      if (frame.kind == Frame::Kind::kLost) bridged.push_back({frame.first, frame.last});
    }
  }
  for (const Block& block : blocks_) {
    told.insert(told.end(), block.frame->told.begin(), block.frame->told.end());
  }
  for (const SequenceRange& hole : holes_) {
    for (const SequenceRange& range : without(hole, bridged)) plan_.lost.push_back(locate(range));
    for (const SequenceRange& range : without(hole, told)) plan_.records.push_back(locate(range));
  }
}

RepairPlan Planner::run() {
  choose_blocks();
  find_bad_bytes();
  lay_out();
  find_lost();
  add_records();
  find_unchanged();
  find_damaged();
  const bool changed = std::ranges::any_of(
      plan_.segments, [](const PlannedSegment& segment) { return !segment.unchanged; });
  // A last segment whose header was never finished holds nothing, and is a torn tail.
  const bool only_torn = !changed && plan_.removed.size() == 1 &&
                         plan_.removed.front() + 1 == salvage_.files.size() &&
                         salvage_.files.back().torn == 0;
  plan_.needed = changed || (!plan_.removed.empty() && !only_torn);
  return std::move(plan_);
}

}  // namespace

RepairPlan plan_repair(const Salvage& salvage) { return Planner(salvage).run(); }

}  // namespace recant::log
