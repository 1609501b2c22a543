#include "store/log/log_format.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <cstring>

#include "store/log/little_endian.h"

namespace recant::log {
namespace {

constexpr std::string_view kMagicStart = "RECANT-";
constexpr std::string_view kSegmentMagic = "RECANT-S";
constexpr std::string_view kBlockMagic = "RECANT-B";
constexpr std::string_view kMarkMagic = "RECANT-M";
constexpr std::string_view kLostMagic = "RECANT-L";
constexpr std::size_t kFrameHeadBytes = 8;  // skippable magic and length
constexpr std::size_t kChecksumBytes = 8;
constexpr std::size_t kHeaderBytesMin = 24 + kStoreIdBytes + kChecksumBytes;
constexpr std::string_view kNameSuffix = ".zst";
constexpr std::size_t kNameDigits = 20;

void begin_frame(std::span<std::byte> frame, std::string_view magic, std::uint32_t flags,
                 const StoreId& store) {
  store_le(&frame[0], kSkippableMagic);
  store_le(&frame[4], static_cast<std::uint32_t>(frame.size() - kFrameHeadBytes));
  std::memcpy(&frame[8], magic.data(), magic.size());
  store_le(&frame[16], kFormatVersion);
  store_le(&frame[20], flags);
  std::memcpy(&frame[24], store.data(), store.size());
}

void end_frame(std::span<std::byte> frame) {
  const std::size_t end = frame.size() - kChecksumBytes;
  store_le(&frame[end], checksum(frame.first(end)));
}

StoreId load_store(std::span<const std::byte> frame) {
  StoreId store;
  std::memcpy(store.data(), &frame[24], store.size());
  return store;
}

std::uint64_t field(std::span<const std::byte> frame, std::size_t offset) {
  return load_le<std::uint64_t>(&frame[offset]);
}

std::string_view block_malformed(const BlockHeader& block) {
  const bool gaps = (block.flags & kBlockHasGaps) != 0;
  if (block.first == 0 || block.last < block.first) return "its block header has no sequences";
  if (block.count == 0 || block.count - 1 > block.last - block.first) {
    return "its block header counts more events than sequences";
  }
  if (block.count > kBlockEventsCap) return "its block header counts more events than the cap";
  if (!gaps && block.count - 1 != block.last - block.first) {
    return "its block header counts fewer events than sequences";
  }
  if (block.durable >= block.first) return "its block header calls itself durable";
  if (block.raw_bytes == 0 || block.raw_bytes > kRawBytesCap || block.compressed_bytes == 0 ||
      block.compressed_bytes > kCompressedBytesCap) {
    return "its block header has a length over the cap";
  }
  if (block.at_min < 0 || block.at_min > block.at_max || block.at_max > kTimeMax) {
    return "its block header has a time outside 1970 to 9999";
  }
  return {};
}

Header parse_segment(std::span<const std::byte> frame) {
  Header header;
  if (frame.size() != kSegmentHeaderBytes) {
    header.kind = HeaderKind::kNewer;
    return header;
  }
  header.segment = {.store = load_store(frame),
                    .generation = load_le<std::uint32_t>(&frame[20]),
                    .ordinal = field(frame, 40),
                    .first = field(frame, 48)};
  if (header.segment.ordinal == 0 || header.segment.first == 0) {
    header.why = "its segment header has no ordinal or sequence";
    return header;
  }
  header.kind = HeaderKind::kSegment;
  return header;
}

Header parse_block(std::span<const std::byte> frame) {
  Header header;
  const auto flags = load_le<std::uint32_t>(&frame[20]);
  if (frame.size() != kBlockHeaderBytes || (flags & ~kBlockHasGaps) != 0 ||
      load_le<std::uint32_t>(&frame[68]) != 0) {
    header.kind = HeaderKind::kNewer;
    return header;
  }
  header.block = {.store = load_store(frame),
                  .flags = flags,
                  .first = field(frame, 40),
                  .last = field(frame, 48),
                  .count = load_le<std::uint32_t>(&frame[56]),
                  .raw_bytes = load_le<std::uint32_t>(&frame[60]),
                  .compressed_bytes = load_le<std::uint32_t>(&frame[64]),
                  .payload_checksum = field(frame, 72),
                  .durable = field(frame, 80),
                  .at_min = static_cast<Time>(field(frame, 88)),
                  .at_max = static_cast<Time>(field(frame, 96))};
  header.why = block_malformed(header.block);
  if (header.why.empty()) header.kind = HeaderKind::kBlock;
  return header;
}

Header parse_mark(std::span<const std::byte> frame) {
  Header header;
  if (frame.size() != kMarkBytes || load_le<std::uint32_t>(&frame[20]) != 0) {
    header.kind = HeaderKind::kNewer;
    return header;
  }
  header.mark = {.store = load_store(frame), .sequence = field(frame, 40)};
  header.kind = HeaderKind::kMark;
  return header;
}

Header parse_lost(std::span<const std::byte> frame) {
  Header header;
  if (frame.size() != kLostBytes || load_le<std::uint32_t>(&frame[20]) != 0) {
    header.kind = HeaderKind::kNewer;
    return header;
  }
  header.lost = {.store = load_store(frame), .first = field(frame, 40), .last = field(frame, 48)};
  if (header.lost.first == 0 || header.lost.last < header.lost.first) {
    header.why = "what it calls lost has no sequences";
    return header;
  }
  header.kind = HeaderKind::kLost;
  return header;
}

}  // namespace

std::array<std::byte, kSegmentHeaderBytes> encode(const SegmentHeader& header) {
  std::array<std::byte, kSegmentHeaderBytes> frame{};
  begin_frame(frame, kSegmentMagic, header.generation, header.store);
  store_le(&frame[40], header.ordinal);
  store_le(&frame[48], header.first);
  end_frame(frame);
  return frame;
}

std::array<std::byte, kBlockHeaderBytes> encode(const BlockHeader& header) {
  std::array<std::byte, kBlockHeaderBytes> frame{};
  begin_frame(frame, kBlockMagic, header.flags, header.store);
  store_le(&frame[40], header.first);
  store_le(&frame[48], header.last);
  store_le(&frame[56], header.count);
  store_le(&frame[60], header.raw_bytes);
  store_le(&frame[64], header.compressed_bytes);
  store_le(&frame[72], header.payload_checksum);
  store_le(&frame[80], header.durable);
  store_le(&frame[88], static_cast<std::uint64_t>(header.at_min));
  store_le(&frame[96], static_cast<std::uint64_t>(header.at_max));
  end_frame(frame);
  return frame;
}

std::array<std::byte, kMarkBytes> encode(const Mark& mark) {
  std::array<std::byte, kMarkBytes> frame{};
  begin_frame(frame, kMarkMagic, 0, mark.store);
  store_le(&frame[40], mark.sequence);
  end_frame(frame);
  return frame;
}

std::array<std::byte, kLostBytes> encode(const Lost& lost) {
  std::array<std::byte, kLostBytes> frame{};
  begin_frame(frame, kLostMagic, 0, lost.store);
  store_le(&frame[40], lost.first);
  store_le(&frame[48], lost.last);
  end_frame(frame);
  return frame;
}

const StoreId& Header::store() const {
  if (kind == HeaderKind::kSegment) return segment.store;
  if (kind == HeaderKind::kLost) return lost.store;
  return kind == HeaderKind::kMark ? mark.store : block.store;
}

Header parse_header(std::span<const std::byte> bytes) {
  Header header;
  if (bytes.size() < kFrameHeadBytes) {
    header.why = "the file ends inside a header";
    return header;
  }
  if (load_le<std::uint32_t>(bytes.data()) != kSkippableMagic) {
    header.why = "no header begins there";
    return header;
  }
  const std::size_t length = load_le<std::uint32_t>(&bytes[4]);
  if (length < kHeaderBytesMin - kFrameHeadBytes || length > kHeaderBytesMax - kFrameHeadBytes) {
    header.why = "its header has an impossible length";
    return header;
  }
  if (bytes.size() < kFrameHeadBytes + length) {
    header.why = "the file ends inside a header";
    return header;
  }
  const auto frame = bytes.first(kFrameHeadBytes + length);
  const std::size_t end = frame.size() - kChecksumBytes;
  const std::string_view magic(reinterpret_cast<const char*>(&frame[8]), kSegmentMagic.size());
  const bool segment = magic == kSegmentMagic;
  const bool block = magic == kBlockMagic;
  if (!magic.starts_with(kMagicStart)) {
    header.why = "no header of a recant log begins there";
    return header;
  }
  if (field(frame, end) != checksum(frame.first(end))) {
    header.why = "its header's checksum does not match";
    return header;
  }
  const bool lost = magic == kLostMagic;
  const bool known = segment || block || lost || magic == kMarkMagic;
  if (!known || load_le<std::uint32_t>(&frame[16]) != kFormatVersion) {
    header.kind = HeaderKind::kNewer;
  } else if (segment) {
    header = parse_segment(frame);
  } else if (lost) {
    header = parse_lost(frame);
  } else {
    header = block ? parse_block(frame) : parse_mark(frame);
  }
  if (header.kind == HeaderKind::kNewer) header.why = "it has a newer format version";
  return header;
}

std::uint64_t checksum(std::span<const std::byte> bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::string store_id_text(const StoreId& store) {
  std::string text;
  for (const std::byte byte : store) text += fmt::format("{:02x}", static_cast<unsigned>(byte));
  return text;
}

std::string segment_name(SequenceNumber first) {
  return fmt::format("{:020}{}", first, kNameSuffix);
}

std::optional<SequenceNumber> parse_segment_name(std::string_view name) {
  SequenceNumber first = 0;
  for (const char digit : name.substr(0, kNameDigits)) {
    first = first * 10 + static_cast<SequenceNumber>(digit - '0');
  }
  // Whatever was no digit, too many of them or more than 64 bits does not come out the same.
  if (first == 0 || segment_name(first) != name) return {};
  return first;
}

}  // namespace recant::log
