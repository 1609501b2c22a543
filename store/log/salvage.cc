#include "store/log/salvage.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "store/log/block_decoder.h"

namespace recant::log {
namespace {

std::unexpected<Error> newer(const Segment& segment, std::uint64_t offset) {
  return fail(
      ErrorCode::kCorruption,
      fmt::format("cannot repair log segment {}: at offset {} it has a newer format version "
                  "(use a newer recant)",
                  segment.path(), offset),
      offset);
}

class Salvager {
 public:
  Salvager(io::FileSystem& files, const std::string& store_directory, const LogHint& hint)
      : files_(files), directory_(log_directory(store_directory)), hint_(hint) {}

  Result<Salvage> run();

 private:
  Result<void> choose_store(const std::vector<SegmentInfo>& segments);
  Result<void> read_file(const SegmentInfo& info);
  Result<void> read_frames(Segment& segment, std::uint64_t offset, SalvagedFile& file);
  Result<std::uint64_t> next_place(Segment& segment, std::uint64_t offset);
  void keep(const Segment& segment, const Frame& frame, SalvagedFile& file);
  void cut_torn_tail();

  io::FileSystem& files_;
  std::string directory_;
  LogHint hint_;
  Salvage found_;
  // Where headers of this log begin in the file that is read; looked for at its first bad place.
  std::optional<std::vector<std::uint64_t>> places_;
  BlockDecoder decoder_;
  LogBlock block_;
};

Result<Salvage> Salvager::run() {
  RECANT_ASSIGN(Listing listing, list_log(files_, directory_));
  found_.temporaries = std::move(listing.temporaries);
  RECANT_TRY(choose_store(listing.segments));
  for (const SegmentInfo& info : listing.segments) RECANT_TRY(read_file(info));
  cut_torn_tail();
  return std::move(found_);
}

// The manifest's store if anything in the log is of it; else that of most headers.
Result<void> Salvager::choose_store(const std::vector<SegmentInfo>& segments) {
  std::map<StoreId, std::uint64_t> counts;
  for (const SegmentInfo& info : segments) {
    RECANT_ASSIGN(const Segment segment, Segment::open(files_, directory_, info.name));
    if (segment.header_refused()) return newer(segment, 0);
    if (segment.header_good()) ++counts[segment.header().store];
  }
  const bool named = hint_.store && counts.contains(*hint_.store);
  for (const SegmentInfo& info : segments) {
    if (named || !counts.empty()) break;
    RECANT_ASSIGN(Segment segment, Segment::open(files_, directory_, info.name));
    RECANT_TRY(find_headers(segment.file(), 0, [&](const Header& header, std::uint64_t) {
      if (header.kind != HeaderKind::kNewer) ++counts[header.store()];
    }));
  }
  if (hint_.store && (counts.empty() || counts.contains(*hint_.store))) {
    found_.store = *hint_.store;
  } else if (!counts.empty()) {
    found_.store =
        std::ranges::max_element(counts, {}, [](const auto& count) { return count.second; })->first;
  } else {
    RECANT_TRY(files_.random(found_.store));
  }
  // An index of another log says nothing of this one.
  if (!hint_.store || *hint_.store == found_.store) found_.durable = hint_.durable;
  return {};
}

Result<void> Salvager::read_file(const SegmentInfo& info) {
  RECANT_ASSIGN(Segment segment, Segment::open(files_, directory_, info.name));
  SalvagedFile file;
  file.name = info.name;
  file.first = info.first;
  RECANT_ASSIGN(file.bytes, segment.size());
  places_.reset();
  file.foreign = segment.header_good() && segment.header().store != found_.store;
  if (segment.header_good() && !file.foreign) {
    file.header = segment.header();
    found_.durable = std::max(found_.durable, segment.header().first - 1);
  } else if (!file.foreign) {
    // Nothing but its name is known, which was given when all before it was durable.
    found_.durable = std::max(found_.durable, info.first - 1);
  }
  std::uint64_t offset = kSegmentHeaderBytes;
  if (!segment.header_good()) {
    RECANT_ASSIGN(offset, next_place(segment, 0));
  }
  RECANT_TRY(read_frames(segment, offset, file));
  found_.files.push_back(std::move(file));
  return {};
}

Result<void> Salvager::read_frames(Segment& segment, std::uint64_t offset, SalvagedFile& file) {
  while (offset < file.bytes) {
    RECANT_ASSIGN(const Frame frame,
                  segment.read_frame(offset, found_.store, Segment::Depth::kPayloads));
    if (frame.kind == Frame::Kind::kEnd) return {};
    if (frame.kind == Frame::Kind::kRefused) return newer(segment, offset);
    found_.durable = std::max(found_.durable, frame.block.durable);
    const std::size_t before = file.frames.size();
    if (frame.kind != Frame::Kind::kBad) keep(segment, frame, file);
    if (file.frames.size() != before) {
      offset += frame.bytes;
      continue;
    }
    RECANT_ASSIGN(offset, next_place(segment, offset + 1));
  }
  return {};
}

void Salvager::keep(const Segment& segment, const Frame& frame, SalvagedFile& file) {
  GoodFrame good{.kind = frame.kind,
                 .offset = frame.offset,
                 .bytes = frame.bytes,
                 .first = frame.block.first,
                 .last = frame.block.last,
                 .told = {}};
  if (frame.kind == Frame::Kind::kMark) {
    good.first = good.last = frame.mark;
    found_.durable = std::max(found_.durable, frame.mark);
  } else if (frame.kind == Frame::Kind::kLost) {
    found_.durable = std::max(found_.durable, frame.block.last);
  } else {
    if (decoder_.decode(frame.block, segment.payload(), block_.sequences, block_.events)) {
      // Its checksums hold, so that it was written like this: damage, never a torn tail.
      found_.durable = std::max(found_.durable, frame.block.first);
      return;
    }
    for (const Event& event : block_.events) {
      if (event.kind != EventKind::kLoss) continue;
      good.told.push_back({event.payload.get().first, event.payload.get().last});
    }
  }
  file.frames.push_back(std::move(good));
}

// The next place from `offset` on where a header of this log begins; the file's end if none does.
Result<std::uint64_t> Salvager::next_place(Segment& segment, std::uint64_t offset) {
  if (!places_) {
    places_.emplace();
    RECANT_TRY(find_headers(segment.file(), offset, [&](const Header& header, std::uint64_t at) {
      // A newer one is met by the walk, which then refuses.
      const bool ours = header.kind == HeaderKind::kNewer || header.store() == found_.store;
      if (ours && header.kind != HeaderKind::kSegment) places_->push_back(at);
    }));
  }
  const auto next = std::ranges::lower_bound(*places_, offset);
  if (next != places_->end()) return *next;
  return segment.size();
}

// The rule of recovery, for the last segment: what follows the first bad place with a sequence that
// nothing calls durable is an unfinished write, and the next writer sets it aside.
void Salvager::cut_torn_tail() {
  if (found_.files.empty() || found_.files.back().foreign) return;
  SalvagedFile& file = found_.files.back();
  if (file.header && file.header->first != file.first) return;  // misnamed: no write did that
  SequenceNumber expected = file.first;
  std::uint64_t offset = file.header ? kSegmentHeaderBytes : 0;
  for (std::size_t i = 0; i <= file.frames.size(); ++i) {
    const bool end = i == file.frames.size();
    const std::uint64_t begin = end ? file.bytes : file.frames[i].offset;
    bool good = begin == offset && (file.header || i > 0);
    if (!end && good) {
      const GoodFrame& frame = file.frames[i];
      good = frame.kind == Frame::Kind::kMark ? frame.first < expected : frame.first == expected;
    }
    if (!good && expected > found_.durable) {
      file.torn = offset;
      file.frames.resize(i);
      return;
    }
    if (end) return;
    offset = begin + file.frames[i].bytes;
    if (file.frames[i].kind != Frame::Kind::kMark) {
      expected = std::max(expected, file.frames[i].last + 1);
    }
  }
}

}  // namespace

std::vector<SequenceRange> without(SequenceRange range, std::vector<SequenceRange> others) {
  std::ranges::sort(others);
  std::vector<SequenceRange> left;
  for (const SequenceRange& other : others) {
    if (other.last < range.first || other.first > range.last) continue;
    if (other.first > range.first) left.push_back({range.first, other.first - 1});
    if (other.last >= range.last) return left;
    range.first = other.last + 1;
  }
  left.push_back(range);
  return left;
}

Result<Salvage> salvage(io::FileSystem& files, const std::string& store_directory,
                        const LogHint& hint) {
  return Salvager(files, store_directory, hint).run();
}

}  // namespace recant::log
