// verify_log(): the whole log, block by block, going on after damage.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store/log/block_decoder.h"
#include "store/log/log_reader.h"
#include "store/log/segment.h"

namespace recant::log {
namespace {

class Verifier {
 public:
  Verifier(io::FileSystem& files, const std::string& directory, SequenceNumber durable_hint,
           const std::function<void(const BlockInfo&)>& on_block)
      : files_(files), directory_(directory), durable_(durable_hint), on_block_(on_block) {}

  Result<std::vector<LogDamage>> run();

 private:
  Result<void> verify_segment(const SegmentInfo& info, std::uint64_t ordinal);
  Result<void> walk(Segment& segment, const SegmentInfo& info);
  [[nodiscard]] std::string check_block(Segment& segment, const Frame& frame);
  void report(const std::string& segment, std::uint64_t offset, std::string why);

  io::FileSystem& files_;
  std::string directory_;
  SequenceNumber durable_;
  const std::function<void(const BlockInfo&)>& on_block_;
  std::optional<StoreId> store_;
  SequenceNumber expected_ = 1;
  bool last_segment_ = false;
  // The place up to which all was read, for what is found to be missing only later.
  std::string end_segment_;
  std::uint64_t end_offset_ = 0;
  BlockDecoder decoder_;
  LogBlock block_;
  std::vector<LogDamage> damages_;
};

Result<std::vector<LogDamage>> Verifier::run() {
  RECANT_ASSIGN(const Listing listing, list_log(files_, directory_));
  for (const SegmentInfo& info : listing.segments) {
    RECANT_ASSIGN(const Segment segment, Segment::open(files_, directory_, info.name));
    if (!store_ && segment.header_good()) store_ = segment.header().store;
  }
  RECANT_ASSIGN(const LookAhead all,
                look_ahead(files_, directory_, listing.segments, 0, 1, store_));
  durable_ = std::max(durable_, all.durable);
  std::uint64_t ordinal = 0;
  for (const SegmentInfo& info : listing.segments) {
    last_segment_ = &info == &listing.segments.back();
    RECANT_TRY(verify_segment(info, ++ordinal));
  }
  const bool told = !damages_.empty() && damages_.back().expected >= expected_;
  if (expected_ <= durable_ && !told) {
    report(end_segment_, end_offset_,
           fmt::format("the log ends, but sequence {} was acknowledged", durable_));
  }
  return std::move(damages_);
}

void Verifier::report(const std::string& segment, std::uint64_t offset, std::string why) {
  // A segment that another one follows was whole and synced: what is bad in it was acknowledged.
  const SequenceNumber durable = last_segment_ ? durable_ : std::max(durable_, expected_);
  damages_.push_back({.segment = segment,
                      .offset = offset,
                      .expected = expected_,
                      .durable = durable,
                      .why = std::move(why)});
}

Result<void> Verifier::verify_segment(const SegmentInfo& info, std::uint64_t ordinal) {
  RECANT_ASSIGN(Segment segment, Segment::open(files_, directory_, info.name));
  if (expected_ != info.first) {
    const bool told = !damages_.empty() && damages_.back().expected >= expected_;
    if (!told) {
      // The segment before this one ends too early or goes on for too long.
      const bool last = std::exchange(last_segment_, false);
      report(end_segment_.empty() ? info.name : end_segment_, end_offset_,
             fmt::format("segment {} follows where sequence {} is expected", info.name, expected_));
      last_segment_ = last;
    }
    expected_ = info.first;
  }
  if (!segment.header_good()) {
    report(info.name, 0, std::string(segment.header_why()));
  } else if (std::string why = misplaced(segment, ordinal, store_); !why.empty()) {
    durable_ = std::max(durable_, expected_);
    report(info.name, 0, "it " + why);
    if (segment.header().store != *store_) return {};
  }
  if (!store_) return {};
  return walk(segment, info);
}

Result<void> Verifier::walk(Segment& segment, const SegmentInfo& info) {
  std::uint64_t offset = kSegmentHeaderBytes;
  while (true) {
    RECANT_ASSIGN(const Frame frame,
                  segment.read_frame(offset, *store_, Segment::Depth::kPayloads));
    end_segment_ = info.name;
    end_offset_ = offset;
    std::string why;
    if (frame.kind == Frame::Kind::kEnd) return {};
    if (frame.kind == Frame::Kind::kMark && frame.mark < expected_) {
      offset += frame.bytes;
      continue;
    }
    if (frame.kind == Frame::Kind::kLost && frame.block.first == expected_) {
      expected_ = frame.block.last + 1;
      offset += frame.bytes;
      continue;
    }
    if (frame.kind == Frame::Kind::kBlock && frame.block.first == expected_) {
      why = check_block(segment, frame);
    } else {
      why = describe(frame, expected_);
    }
    if (why.empty()) {
      expected_ = frame.block.last + 1;
      offset += frame.bytes;
      continue;
    }
    report(info.name, offset, why);
    RECANT_ASSIGN(const LookAhead ahead,
                  look_ahead(files_, directory_, std::span(&info, 1), offset, expected_, store_));
    if (ahead.resume == 0) return {};
    offset = ahead.resume_offset;
    expected_ = ahead.resume;
  }
}

// Decodes the block; empty if it is good.
std::string Verifier::check_block(Segment& segment, const Frame& frame) {
  if (const auto malformed =
          decoder_.decode(frame.block, segment.payload(), block_.sequences, block_.events)) {
    durable_ = std::max(durable_, frame.block.first);
    return *malformed;
  }
  if (on_block_) {
    on_block_(block_info(segment.name(), frame));
  }
  return {};
}

}  // namespace

Result<std::vector<LogDamage>> verify_log(io::FileSystem& files, const std::string& store_directory,
                                          SequenceNumber durable_hint,
                                          const std::function<void(const BlockInfo&)>& on_block) {
  return Verifier(files, log_directory(store_directory), durable_hint, on_block).run();
}

}  // namespace recant::log
