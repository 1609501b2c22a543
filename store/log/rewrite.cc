#include "store/log/rewrite.h"

#include <optional>
#include <utility>
#include <vector>

#include "store/log/block_decoder.h"
#include "store/log/block_encoder.h"
#include "store/log/segment.h"

namespace recant::log {
namespace {

constexpr std::string_view kTemporarySuffix = ".tmp";
// Blocks of an import are cut at 32 Ki events; below this, headers and poor compression cost more
// than a tenth.
constexpr std::uint64_t kDenseBlockEvents = 4096;
constexpr std::uint64_t kSmallBlocksMin = 16;

// What stands in a segment between its header and its last mark.
struct Contents {
  std::vector<Frame> frames;  // blocks and lost ranges, in order
  std::uint64_t blocks = 0;
  std::uint64_t events = 0;
  SequenceNumber last = 0;
};

class Rewriter {
 public:
  Rewriter(io::FileSystem& files, const std::string& store_directory, Segment segment,
           const LogOptions& options)
      : files_(files),
        directory_(log_directory(store_directory)),
        segment_(std::move(segment)),
        encoder_(options.block_events_max) {}

  [[nodiscard]] const Contents& contents() const { return contents_; }
  Result<void> list();
  Result<Rewritten> rewrite(const KeepEvent& keep);

 private:
  Result<void> take_block(const Frame& frame, bool last_of_stretch, const KeepEvent& keep);
  Result<void> write_block(SequenceNumber last);
  Result<void> copy(const KeepEvent& keep);
  [[nodiscard]] const StoreId& store() const { return segment_.header().store; }

  io::FileSystem& files_;
  std::string directory_;
  Segment segment_;
  Contents contents_;
  BlockDecoder decoder_;
  BlockEncoder encoder_;
  std::vector<SequenceNumber> sequences_;
  std::vector<Event> events_;
  std::vector<std::byte> bytes_;
  std::unique_ptr<io::File> target_;
  SequenceNumber added_ = 0;    // the last event given to the encoder
  SequenceNumber covered_ = 0;  // by frames that are written
  std::uint64_t kept_ = 0;
};

// Reads the headers only. What is no frame of a whole segment is damage.
Result<void> Rewriter::list() {
  SequenceNumber expected = segment_.header().first;
  std::uint64_t offset = kSegmentHeaderBytes;
  while (true) {
    RECANT_ASSIGN(Frame frame, segment_.read_frame(offset, store(), Segment::Depth::kHeaders));
    if (frame.kind == Frame::Kind::kEnd) break;
    const bool range = frame.kind == Frame::Kind::kBlock || frame.kind == Frame::Kind::kLost;
    const bool good = range ? frame.block.first == expected : frame.kind == Frame::Kind::kMark;
    if (!good) {
      return damage(segment_.path(), offset, expected, expected, describe(frame, expected));
    }
    offset += frame.bytes;
    if (!range) continue;
    expected = frame.block.last + 1;
    if (frame.kind == Frame::Kind::kBlock) {
      ++contents_.blocks;
      contents_.events += frame.block.count;
    }
    contents_.frames.push_back(std::move(frame));
  }
  contents_.last = expected - 1;
  return {};
}

Result<void> Rewriter::write_block(SequenceNumber last) {
  if (encoder_.empty()) return {};
  bytes_.clear();
  // Everything in a finished segment is durable; a block names what was before it.
  RECANT_TRY(encoder_.finish(store(), covered_ + 1, last, covered_, bytes_));
  covered_ = last;
  return target_->append(bytes_);
}

Result<void> Rewriter::take_block(const Frame& frame, bool last_of_stretch, const KeepEvent& keep) {
  RECANT_ASSIGN(const Frame read,
                segment_.read_frame(frame.offset, store(), Segment::Depth::kPayloads));
  const auto damaged = [&](std::string_view why) {
    return damage(segment_.path(), frame.offset, frame.block.first, frame.block.last, why);
  };
  if (read.kind != Frame::Kind::kBlock) return damaged(describe(read, frame.block.first));
  if (const auto why = decoder_.decode(read.block, segment_.payload(), sequences_, events_)) {
    return damaged(*why);
  }
  for (std::size_t i = 0; i < events_.size(); ++i) {
    const bool needed = last_of_stretch && i + 1 == events_.size();
    if (!keep(sequences_[i], events_[i]) && !needed) continue;
    if (encoder_.full()) RECANT_TRY(write_block(added_));
    added_ = sequences_[i];
    encoder_.add(added_, events_[i], events_[i].received_at);
    ++kept_;
  }
  return {};
}

Result<void> Rewriter::copy(const KeepEvent& keep) {
  SegmentHeader header = segment_.header();
  ++header.generation;
  RECANT_TRY(target_->append(encode(header)));
  covered_ = header.first - 1;
  for (std::size_t i = 0; i < contents_.frames.size(); ++i) {
    const Frame& frame = contents_.frames[i];
    if (frame.kind == Frame::Kind::kLost) {
      RECANT_TRY(target_->append(encode(Lost{store(), frame.block.first, frame.block.last})));
      covered_ = frame.block.last;
      continue;
    }
    const bool last_of_stretch =
        i + 1 == contents_.frames.size() || contents_.frames[i + 1].kind == Frame::Kind::kLost;
    RECANT_TRY(take_block(frame, last_of_stretch, keep));
    if (last_of_stretch) RECANT_TRY(write_block(frame.block.last));
  }
  RECANT_TRY(target_->append(encode(Mark{.store = store(), .sequence = contents_.last})));
  return target_->sync_data();
}

Result<Rewritten> Rewriter::rewrite(const KeepEvent& keep) {
  Rewritten done{.events_before = contents_.events};
  RECANT_ASSIGN(done.bytes_before, segment_.size());
  const std::string temporary = segment_.path() + std::string(kTemporarySuffix);
  RECANT_ASSIGN(target_, files_.create(temporary));
  auto copied = copy(keep);
  if (copied) {
    RECANT_ASSIGN(done.bytes_after, target_->size());
    copied = files_.rename(temporary, segment_.path());
  }
  if (!copied) {
    // Readers pass over it and the next writer removes it; it only takes room.
    (void)files_.remove(temporary);
    return std::unexpected(std::move(copied).error());
  }
  done.events_after = kept_;
  RECANT_TRY(files_.sync_directory(directory_));
  return done;
}

Result<Rewriter> open_rewriter(io::FileSystem& files, const std::string& store_directory,
                               const std::string& name, const LogOptions& options) {
  RECANT_ASSIGN(Segment segment, Segment::open(files, log_directory(store_directory), name));
  if (!segment.header_good()) {
    const auto first = parse_segment_name(name).value_or(0);
    return damage(segment.path(), 0, first, first, segment.header_why());
  }
  Rewriter rewriter(files, store_directory, std::move(segment), options);
  RECANT_TRY(rewriter.list());
  return rewriter;
}

}  // namespace

Result<Rewritten> rewrite_segment(io::FileSystem& files, const std::string& store_directory,
                                  const std::string& name, const LogOptions& options,
                                  const KeepEvent& keep) {
  RECANT_ASSIGN(Rewriter rewriter, open_rewriter(files, store_directory, name, options));
  return rewriter.rewrite(keep);
}

Result<bool> make_dense(io::FileSystem& files, const std::string& store_directory,
                        const std::string& name, const LogOptions& options) {
  RECANT_ASSIGN(Rewriter rewriter, open_rewriter(files, store_directory, name, options));
  const Contents& contents = rewriter.contents();
  if (contents.blocks < kSmallBlocksMin || contents.events / contents.blocks >= kDenseBlockEvents) {
    return false;
  }
  RECANT_TRY(rewriter.rewrite([](SequenceNumber, const Event&) { return true; }));
  return true;
}

}  // namespace recant::log
