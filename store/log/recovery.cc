#include "store/log/recovery.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "store/io/path.h"
#include "store/log/quarantine.h"
#include "store/log/segment.h"

namespace recant::log {
namespace {

constexpr std::string_view kTemporarySuffix = ".tmp";

Result<std::uint64_t> inode_of(io::FileSystem& files, const std::string& path) {
  RECANT_ASSIGN(const auto about, files.info(path));
  return about ? about->inode : 0;
}

// What is wrong, if anything, after the last good byte of the log.
struct LogEnd {
  std::uint64_t offset = 0;  // of the first byte that is not good, in the last segment
  SequenceNumber next = 1;   // the sequence expected there
  SequenceNumber durable = 0;
  bool ends_in_mark = false;
  bool bad = false;
};

class Recovery {
 public:
  Recovery(io::FileSystem& files, const std::string& store_directory, SequenceNumber durable_hint)
      : files_(files),
        store_directory_(store_directory),
        directory_(log_directory(store_directory)),
        durable_hint_(durable_hint) {}

  Result<Recovered> run();

 private:
  Result<void> check_sealed();
  Result<LogEnd> find_end();
  Result<void> judge(Segment& segment, const Frame& frame, LogEnd& end);
  Result<Recovered> begin_log();
  Result<Recovered> go_on(const LogEnd& end);
  Result<Recovered> set_tail_aside(const LogEnd& end);
  Result<TornTail> quarantine(const LogEnd& end);
  Result<void> rewrite(const LogEnd& end);
  Result<OpenSegment> reopen(const SegmentHeader& header);

  [[nodiscard]] const std::string& last_name() const { return listing_.segments.back().name; }
  [[nodiscard]] std::string last_path() const { return io::join_path(directory_, last_name()); }
  // Nothing where the last segment is the only one and its header is bad.
  [[nodiscard]] std::optional<StoreId> store() const {
    if (headers_.empty()) return {};
    return headers_.front().store;
  }
  [[nodiscard]] bool last_header_good() const {
    return headers_.size() == listing_.segments.size();
  }

  io::FileSystem& files_;
  std::string store_directory_;
  std::string directory_;
  SequenceNumber durable_hint_;
  Listing listing_;
  std::vector<SegmentHeader> headers_;
};

Result<Recovered> Recovery::run() {
  RECANT_ASSIGN(listing_, list_log(files_, directory_));
  if (listing_.segments.empty() && durable_hint_ > 0) {
    return fail(ErrorCode::kCorruption,
                fmt::format("the log {} is missing: sequences 1 to {} were acknowledged (restore "
                            "it from a copy, or go on without them: `recant repair`)",
                            directory_, durable_hint_));
  }
  RECANT_ASSIGN(headers_, check_chain(files_, directory_, listing_.segments));
  RECANT_TRY(check_sealed());
  LogEnd end;
  if (!listing_.segments.empty()) {
    RECANT_ASSIGN(end, find_end());
  }
  // Only now is it certain that something may be modified.
  for (const std::string& name : listing_.temporaries) {
    RECANT_TRY(files_.remove(io::join_path(directory_, name)));
  }
  if (listing_.segments.empty()) return begin_log();
  return end.bad ? set_tail_aside(end) : go_on(end);
}

// Every segment that another one follows ends in a mark naming the sequence before that one.
Result<void> Recovery::check_sealed() {
  for (std::size_t i = 0; i + 1 < listing_.segments.size(); ++i) {
    const SequenceNumber last = listing_.segments[i + 1].first - 1;
    RECANT_ASSIGN(Segment segment, Segment::open(files_, directory_, listing_.segments[i].name));
    RECANT_ASSIGN(const std::uint64_t size, segment.size());
    const std::uint64_t offset = size - std::min<std::uint64_t>(size, kMarkBytes);
    RECANT_ASSIGN(const Frame frame,
                  segment.read_frame(offset, *store(), Segment::Depth::kHeaders));
    if (frame.kind != Frame::Kind::kMark || frame.mark != last) {
      return damage(segment.path(), offset, last, last,
                    fmt::format("it does not end in a mark of sequence {}, where {} begins", last,
                                listing_.segments[i + 1].name));
    }
  }
  return {};
}

Result<LogEnd> Recovery::find_end() {
  RECANT_ASSIGN(Segment segment, Segment::open(files_, directory_, last_name()));
  LogEnd end{.next = listing_.segments.back().first,
             .durable = std::max(durable_hint_, listing_.segments.back().first - 1)};
  if (!last_header_good()) {
    Frame frame;
    frame.why = segment.header_why();
    RECANT_TRY(judge(segment, frame, end));
    return end;
  }
  end.offset = kSegmentHeaderBytes;
  while (true) {
    RECANT_ASSIGN(Frame frame, segment.read_frame(end.offset, *store(), Segment::Depth::kPayloads));
    if (frame.kind == Frame::Kind::kBlock && frame.block.first == end.next) {
      end.durable = std::max(end.durable, frame.block.durable);
      end.next = frame.block.last + 1;
    } else if (frame.kind == Frame::Kind::kLost && frame.block.first == end.next) {
      end.durable = std::max(end.durable, frame.block.last);
      end.next = frame.block.last + 1;
    } else if (frame.kind == Frame::Kind::kMark && frame.mark < end.next) {
      end.durable = std::max(end.durable, frame.mark);
    } else {
      if (frame.kind == Frame::Kind::kEnd && end.durable < end.next) return end;
      RECANT_TRY(judge(segment, frame, end));
      return end;
    }
    end.ends_in_mark = frame.kind == Frame::Kind::kMark && frame.mark + 1 == end.next;
    end.offset += frame.bytes;
  }
}

// The rule: at the first bad place with sequence S, a durable mark M >= S means damage.
Result<void> Recovery::judge(Segment& segment, const Frame& frame, LogEnd& end) {
  RECANT_ASSIGN(const LookAhead ahead,
                look_ahead(files_, directory_, std::span(listing_.segments).last(1), end.offset,
                           end.next, store()));
  if (ahead.refused) {
    return fail(
        ErrorCode::kCorruption,
        fmt::format("log segment {} cannot be read from offset {} on: it has a newer format "
                    "version (use a newer recant)",
                    segment.path(), end.offset),
        end.offset);
  }
  end.durable = std::max(end.durable, ahead.durable);
  if (end.next <= end.durable) {
    const SequenceNumber through = ahead.resume != 0 ? ahead.resume - 1 : end.durable;
    return damage(segment.path(), end.offset, end.next, through, describe(frame, end.next));
  }
  end.bad = true;
  return {};
}

Result<Recovered> Recovery::begin_log() {
  if (!listing_.exists) {
    RECANT_TRY(files_.make_directory(directory_));
  }
  // Also where the directories are there: whoever made them may have died before they were durable.
  RECANT_TRY(files_.sync_directory(store_directory_));
  RECANT_TRY(files_.sync_directory(io::parent_path(store_directory_)));
  SegmentHeader header{.ordinal = 1, .first = 1};
  RECANT_TRY(files_.random(header.store));
  Recovered recovered;
  RECANT_ASSIGN(recovered.segment, create_segment(files_, directory_, header));
  return recovered;
}

Result<Recovered> Recovery::go_on(const LogEnd& end) {
  Recovered recovered;
  recovered.next = end.next;
  // Blocks that no mark covers may be in the page cache only, after a failed sync that another
  // process saw: the kernel calls such pages clean, and no later sync would write them. Written
  // anew, they are certainly dirty.
  if (end.durable + 1 < end.next) {
    RECANT_TRY(rewrite(end));
  }
  RECANT_ASSIGN(recovered.segment, reopen(headers_.back()));
  recovered.segment.ends_in_mark = end.ends_in_mark || end.durable + 1 < end.next;
  return recovered;
}

Result<Recovered> Recovery::set_tail_aside(const LogEnd& end) {
  Recovered recovered;
  recovered.next = end.next;
  RECANT_ASSIGN(recovered.torn_tail, quarantine(end));
  if (!last_header_good()) {
    RECANT_TRY(files_.remove(last_path()));
    RECANT_TRY(files_.sync_directory(directory_));
  } else {
    RECANT_TRY(rewrite(end));
    if (headers_.back().first == end.next) {
      // It holds no event, and a new segment would bear its name.
      RECANT_ASSIGN(recovered.segment, reopen(headers_.back()));
      recovered.segment.ends_in_mark = end.next > 1;
      return recovered;
    }
  }
  SegmentHeader header{.ordinal = headers_.size() + 1, .first = end.next};
  if (store()) {
    header.store = *store();
  } else {
    RECANT_TRY(files_.random(header.store));
  }
  RECANT_ASSIGN(recovered.segment, create_segment(files_, directory_, header));
  return recovered;
}

Result<TornTail> Recovery::quarantine(const LogEnd& end) {
  RECANT_ASSIGN(const auto about, files_.info(last_path()));
  const std::uint64_t size = about ? about->size : end.offset;
  TornTail torn{
      .segment = last_name(), .offset = end.offset, .bytes = size - end.offset, .quarantine = {}};
  RECANT_ASSIGN(torn.quarantine, log::quarantine(files_, store_directory_, last_name(),
                                                 {.begin = end.offset, .end = size}));
  return torn;
}

// Puts a synced copy of the last segment's good bytes in its place, with a mark that says so.
Result<void> Recovery::rewrite(const LogEnd& end) {
  const std::string temporary = last_path() + std::string(kTemporarySuffix);
  RECANT_ASSIGN(const auto source, files_.open_read(last_path()));
  RECANT_ASSIGN(const auto target, files_.create(temporary));
  RECANT_TRY(copy_bytes(*source, last_path(), {.begin = 0, .end = end.offset}, *target));
  if (end.next > 1) {
    RECANT_TRY(target->append(encode(Mark{.store = *store(), .sequence = end.next - 1})));
  }
  RECANT_TRY(target->sync_data());
  RECANT_TRY(files_.rename(temporary, last_path()));
  return files_.sync_directory(directory_);
}

Result<OpenSegment> Recovery::reopen(const SegmentHeader& header) {
  OpenSegment segment;
  segment.header = header;
  segment.path = last_path();
  RECANT_ASSIGN(segment.file, files_.open_append(segment.path));
  RECANT_ASSIGN(segment.bytes, segment.file->size());
  RECANT_ASSIGN(segment.inode, inode_of(files_, segment.path));
  return segment;
}

}  // namespace

Result<OpenSegment> create_segment(io::FileSystem& files, const std::string& directory,
                                   const SegmentHeader& header) {
  OpenSegment segment;
  segment.header = header;
  segment.path = io::join_path(directory, segment_name(header.first));
  segment.bytes = kSegmentHeaderBytes;
  const std::string temporary = segment.path + std::string(kTemporarySuffix);
  RECANT_ASSIGN(segment.file, files.create(temporary));
  RECANT_TRY(segment.file->append(encode(header)));
  RECANT_TRY(segment.file->sync_data());
  RECANT_TRY(files.rename(temporary, segment.path));
  RECANT_TRY(files.sync_directory(directory));
  RECANT_ASSIGN(segment.inode, inode_of(files, segment.path));
  return segment;
}

Result<Recovered> recover(io::FileSystem& files, const std::string& store_directory,
                          SequenceNumber durable_hint) {
  return Recovery(files, store_directory, durable_hint).run();
}

}  // namespace recant::log
