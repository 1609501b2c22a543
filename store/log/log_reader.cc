#include "store/log/log_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>

#include "store/log/block_decoder.h"
#include "store/log/segment.h"

namespace recant::log {
namespace {

using Depth = Segment::Depth;

// How often a place is read again although a durable mark says that it must be good.
constexpr int kReadsMax = 4;
constexpr std::chrono::milliseconds kPause{1};

}  // namespace

class LogReader::Impl {
 public:
  Impl(io::FileSystem& files, const std::string& store_directory, SequenceNumber from,
       SequenceNumber durable_hint)
      : files_(files),
        directory_(log_directory(store_directory)),
        from_(std::max<SequenceNumber>(from, 1)),
        last_(from_ - 1),
        durable_(durable_hint) {}

  Result<void> open(const std::optional<LogPosition>& position);
  Result<bool> next(LogBlock& out, const Wanted& wanted);
  Result<bool> next_info(BlockInfo& out);

  [[nodiscard]] SequenceNumber last_sequence() const { return last_; }
  [[nodiscard]] SequenceNumber durable_sequence() const { return durable_; }
  [[nodiscard]] LogPosition position() const;
  [[nodiscard]] std::string store_id() const { return store_ ? store_id_text(*store_) : ""; }

 private:
  // A place that could not be read, to tell whether reading it again finds the same.
  struct Sight {
    std::string segment;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    std::string why;
    bool operator==(const Sight&) const = default;
  };
  enum class Step : std::uint8_t { kAgain, kNoMore };

  Result<void> enter_log();
  Result<bool> use_position(const LogPosition& position);
  Result<void> enter_segment(Segment segment);
  Result<bool> next_block(Frame& frame, Depth depth, const Wanted& wanted);
  Result<Step> at_obstacle(const Frame& frame);
  Result<Step> judge(const Frame& frame, std::span<const SegmentInfo> rest);
  Result<bool> seen_twice(const Frame& frame);
  void pass(const Frame& frame);

  io::FileSystem& files_;
  std::string directory_;
  SequenceNumber from_;  // events before it are left out
  SequenceNumber last_;
  SequenceNumber durable_;
  std::optional<StoreId> store_;
  std::optional<Segment> segment_;  // nothing while the log is empty
  std::uint64_t offset_ = 0;
  SequenceNumber expected_ = 1;
  bool at_hint_ = false;         // where we are was a caller's hint, and no block has proved it yet
  bool successor_seen_ = false;  // the next segment was there before the end was read again
  std::optional<Sight> sight_;
  int reads_ = 0;
  BlockDecoder decoder_;
};

Result<void> LogReader::Impl::open(const std::optional<LogPosition>& position) {
  RECANT_TRY(enter_log());
  if (segment_ && position && position->next <= from_) {
    RECANT_ASSIGN(at_hint_, use_position(*position));
  }
  return {};
}

// Enters the segment that holds `from_`, if there is a log yet.
Result<void> LogReader::Impl::enter_log() {
  RECANT_ASSIGN(const Listing listing, list_log(files_, directory_));
  if (listing.segments.empty()) {
    if (durable_ == 0) return {};
    return fail(ErrorCode::kCorruption,
                fmt::format("the log {} is missing: sequences 1 to {} were acknowledged (restore "
                            "it from a copy, or go on without them: `recant repair`)",
                            directory_, durable_));
  }
  RECANT_ASSIGN(const auto headers, check_chain(files_, directory_, listing.segments));
  if (headers.empty()) {
    const SegmentInfo& only = listing.segments.front();
    RECANT_ASSIGN(const LookAhead ahead,
                  look_ahead(files_, directory_, listing.segments, 0, only.first, {}));
    if (ahead.refused || std::max(ahead.durable, durable_) >= only.first) {
      return damage(io::join_path(directory_, only.name), 0, only.first,
                    std::max(ahead.durable, durable_), "its segment header cannot be read");
    }
    return {};
  }
  store_ = headers.front().store;
  std::size_t index = headers.size() - 1;
  while (index > 0 && headers[index].first > from_) --index;
  RECANT_ASSIGN(Segment segment, Segment::open(files_, directory_, listing.segments[index].name));
  return enter_segment(std::move(segment));
}

Result<void> LogReader::Impl::enter_segment(Segment segment) {
  if (!segment.header_good() || segment.header().store != *store_) {
    return damage(segment.path(), 0, expected_, expected_, "its segment header cannot be read");
  }
  durable_ = std::max(durable_, segment.header().first - 1);
  expected_ = segment.header().first;
  offset_ = kSegmentHeaderBytes;
  segment_ = std::move(segment);
  at_hint_ = false;
  successor_seen_ = false;
  return {};
}

// A position fits where a block or mark of the right sequence stands, or the segment's end.
Result<bool> LogReader::Impl::use_position(const LogPosition& position) {
  if (position.offset < kSegmentHeaderBytes || !parse_segment_name(position.segment)) return false;
  if (position.segment != segment_->name()) {
    RECANT_ASSIGN(const auto about, files_.info(io::join_path(directory_, position.segment)));
    if (!about || !about->regular) return false;
    RECANT_ASSIGN(Segment segment, Segment::open(files_, directory_, position.segment));
    if (!segment.header_good() || segment.header().store != *store_) return false;
    RECANT_TRY(enter_segment(std::move(segment)));
  }
  RECANT_ASSIGN(const Frame frame, segment_->read_frame(position.offset, *store_, Depth::kHeaders));
  const bool block = frame.kind == Frame::Kind::kBlock && frame.block.first == position.next;
  const bool mark = frame.kind == Frame::Kind::kMark && frame.mark < position.next;
  const bool lost = frame.kind == Frame::Kind::kLost && frame.block.first == position.next;
  if (!block && !mark && !lost && frame.kind != Frame::Kind::kEnd) return false;
  offset_ = position.offset;
  expected_ = position.next;
  return true;
}

LogPosition LogReader::Impl::position() const {
  if (!segment_) return {};
  return {.segment = segment_->name(), .offset = offset_, .next = expected_};
}

void LogReader::Impl::pass(const Frame& frame) {
  offset_ += frame.bytes;
  sight_.reset();
  reads_ = 0;
  successor_seen_ = false;
}

// Goes on to the next block that has an event to return; false at the end for now.
Result<bool> LogReader::Impl::next_block(Frame& frame, Depth depth, const Wanted& wanted) {
  while (true) {
    if (!segment_) {
      RECANT_TRY(enter_log());
      if (!segment_) return false;
    }
    // A block that is only passed need not be read whole; where any may be, headers come first.
    const Depth first_depth = expected_ >= from_ && !wanted ? depth : Depth::kHeaders;
    RECANT_ASSIGN(frame, segment_->read_frame(offset_, *store_, first_depth));
    if (frame.kind == Frame::Kind::kMark && frame.mark < expected_) {
      durable_ = std::max(durable_, frame.mark);
      pass(frame);
      continue;
    }
    if (frame.kind == Frame::Kind::kLost && frame.block.first == expected_) {
      durable_ = std::max(durable_, frame.block.last);
      expected_ = frame.block.last + 1;
      pass(frame);
      continue;
    }
    if (frame.kind == Frame::Kind::kBlock && frame.block.first == expected_) {
      const bool stop =
          frame.block.last >= from_ && (!wanted || wanted(block_info(segment_->name(), frame)));
      if (stop && depth != first_depth) {
        RECANT_ASSIGN(frame, segment_->read_frame(offset_, *store_, depth));
      }
      if (frame.kind == Frame::Kind::kBlock) {
        durable_ = std::max(durable_, frame.block.durable);
        if (stop) return true;
        expected_ = frame.block.last + 1;
        pass(frame);
        continue;
      }
    }
    RECANT_ASSIGN(const Step step, at_obstacle(frame));
    if (step == Step::kNoMore) return false;
  }
}

// The end of the segment, or a place that cannot be read.
Result<LogReader::Impl::Step> LogReader::Impl::at_obstacle(const Frame& frame) {
  RECANT_ASSIGN(const auto about, files_.info(segment_->path()));
  if (!about || about->inode != segment_->inode()) {
    // Another file was put in its place: the tail was cut, or its blocks written anew. It is read
    // from its start, past all that was returned already.
    from_ = std::max(from_, last_ + 1);
    RECANT_ASSIGN(Segment again, Segment::open(files_, directory_, segment_->name()));
    RECANT_TRY(enter_segment(std::move(again)));
    return Step::kAgain;
  }
  RECANT_ASSIGN(const Listing listing, list_log(files_, directory_));
  std::span<const SegmentInfo> rest = listing.segments;
  while (!rest.empty() && rest.front().name != segment_->name()) rest = rest.subspan(1);
  if (rest.empty()) return Step::kAgain;  // gone since: found out above

  const bool followed = rest.size() > 1;
  if (frame.kind == Frame::Kind::kEnd && !followed && durable_ < expected_) return Step::kNoMore;
  if (frame.kind != Frame::Kind::kEnd || !followed || rest[1].first != expected_) {
    return judge(frame, rest);
  }
  if (!successor_seen_) {
    // Only now that its successor is there is this segment certain not to grow any more.
    successor_seen_ = true;
    return Step::kAgain;
  }
  RECANT_ASSIGN(Segment next, Segment::open(files_, directory_, rest[1].name));
  if (!next.header_good() || next.header().store != *store_ ||
      next.header().ordinal != segment_->header().ordinal + 1) {
    Frame bad;
    bad.why = next.header_good() ? "it is not the segment that follows" : next.header_why();
    segment_ = std::move(next);
    offset_ = 0;
    return judge(bad, rest.subspan(1));
  }
  RECANT_TRY(enter_segment(std::move(next)));
  return Step::kAgain;
}

// The rule of recovery: with a durable mark M at or past what is expected here, it is damage.
Result<LogReader::Impl::Step> LogReader::Impl::judge(const Frame& frame,
                                                     std::span<const SegmentInfo> rest) {
  if (at_hint_) {
    // The hint may be stale; what the segment says from its start on is what counts.
    RECANT_ASSIGN(Segment again, Segment::open(files_, directory_, segment_->name()));
    RECANT_TRY(enter_segment(std::move(again)));
    return Step::kAgain;
  }
  RECANT_ASSIGN(const LookAhead ahead,
                look_ahead(files_, directory_, rest, offset_, expected_, store_));
  const SequenceNumber durable = std::max(durable_, ahead.durable);
  if (durable < expected_ && !ahead.refused) return Step::kNoMore;
  // The writer may have been in the middle of it when it was read, and done when the mark was.
  RECANT_ASSIGN(const bool twice, seen_twice(frame));
  if (!twice) return Step::kAgain;
  if (ahead.refused) {
    return fail(
        ErrorCode::kCorruption,
        fmt::format("log segment {} cannot be read from offset {} on: it has a newer format "
                    "version (use a newer recant)",
                    segment_->path(), offset_),
        offset_);
  }
  return damage(segment_->path(), offset_, expected_,
                ahead.resume != 0 ? ahead.resume - 1 : durable, describe(frame, expected_));
}

// True where this place was read before, and looked the same.
Result<bool> LogReader::Impl::seen_twice(const Frame& frame) {
  RECANT_ASSIGN(const std::uint64_t size, segment_->size());
  Sight sight{segment_->name(), offset_, size, describe(frame, expected_)};
  const bool same = sight_ == sight;
  if (sight_ && !same) std::this_thread::sleep_for(kPause);
  sight_ = std::move(sight);
  return same || ++reads_ >= kReadsMax;
}

Result<bool> LogReader::Impl::next(LogBlock& out, const Wanted& wanted) {
  while (true) {
    Frame frame;
    RECANT_ASSIGN(const bool found, next_block(frame, Depth::kPayloads, wanted));
    if (!found) return false;
    if (const auto malformed =
            decoder_.decode(frame.block, segment_->payload(), out.sequences, out.events)) {
      // Its checksums hold, so that it was written like this: reading it again would not help.
      return damage(segment_->path(), offset_, frame.block.first, frame.block.last, *malformed);
    }
    out.info = block_info(segment_->name(), frame);
    const auto skipped = std::ranges::lower_bound(out.sequences, from_) - out.sequences.begin();
    out.sequences.erase(out.sequences.begin(), out.sequences.begin() + skipped);
    out.events.erase(out.events.begin(), out.events.begin() + skipped);
    last_ = frame.block.last;
    expected_ = last_ + 1;
    at_hint_ = false;
    pass(frame);
    if (!out.events.empty()) return true;  // else all that is left of it was compacted away
  }
}

Result<bool> LogReader::Impl::next_info(BlockInfo& out) {
  Frame frame;
  RECANT_ASSIGN(const bool found, next_block(frame, Depth::kHeaders, {}));
  if (!found) return false;
  out = block_info(segment_->name(), frame);
  last_ = frame.block.last;
  expected_ = last_ + 1;
  at_hint_ = false;
  pass(frame);
  return true;
}

Result<LogReader> LogReader::open(io::FileSystem& files, const std::string& store_directory,
                                  SequenceNumber from, SequenceNumber durable_hint,
                                  const std::optional<LogPosition>& position) {
  auto impl = std::make_unique<Impl>(files, store_directory, from, durable_hint);
  RECANT_TRY(impl->open(position));
  return LogReader(std::move(impl));
}

LogReader::LogReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LogReader::LogReader(LogReader&&) noexcept = default;
LogReader& LogReader::operator=(LogReader&&) noexcept = default;
LogReader::~LogReader() = default;

Result<bool> LogReader::next(LogBlock& out) { return impl_->next(out, {}); }
Result<bool> LogReader::next(LogBlock& out, const Wanted& wanted) {
  return impl_->next(out, wanted);
}
Result<bool> LogReader::next_info(BlockInfo& out) { return impl_->next_info(out); }
SequenceNumber LogReader::last_sequence() const { return impl_->last_sequence(); }
LogPosition LogReader::position() const { return impl_->position(); }
SequenceNumber LogReader::durable_sequence() const { return impl_->durable_sequence(); }
std::string LogReader::store_id() const { return impl_->store_id(); }

Result<std::vector<SegmentInfo>> list_segments(io::FileSystem& files,
                                               const std::string& store_directory) {
  RECANT_ASSIGN(Listing listing, list_log(files, log_directory(store_directory)));
  return std::move(listing.segments);
}

}  // namespace recant::log
