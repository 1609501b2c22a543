#include "store/log/segment.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace recant::log {
namespace {

constexpr std::string_view kTemporarySuffix = ".tmp";

std::unexpected<Error> wrong_file(const std::string& path, std::string_view why) {
  return fail(ErrorCode::kCorruption,
              fmt::format("the log cannot be read: {} {} (move it out of log/, or restore what "
                          "belongs there)",
                          path, why));
}

std::unexpected<Error> wrong_segment(const std::string& path, std::string_view why) {
  return fail(
      ErrorCode::kCorruption,
      fmt::format("the log cannot be read: {} {} (restore what belongs there from a copy, or "
                  "go on without it: `recant repair`)",
                  path, why));
}

}  // namespace

std::string log_directory(const std::string& store_directory) {
  return io::join_path(store_directory, "log");
}

Result<Listing> list_log(io::FileSystem& files, const std::string& directory) {
  Listing listing;
  RECANT_ASSIGN(const auto about, files.info(directory));
  if (!about) return listing;
  if (!about->directory) return wrong_file(directory, "is not a directory");
  listing.exists = true;
  RECANT_ASSIGN(const auto names, files.list(directory));
  for (const std::string& name : names) {
    const std::string path = io::join_path(directory, name);
    RECANT_ASSIGN(const auto file, files.info(path));
    if (!file) continue;  // renamed or moved since it was listed
    if (!file->regular) return wrong_file(path, "is not a regular file");
    if (name.ends_with(kTemporarySuffix)) {
      listing.temporaries.push_back(name);
      continue;
    }
    const auto first = parse_segment_name(name);
    if (!first) return wrong_file(path, "is no segment of it");
    listing.segments.push_back({.name = name, .bytes = file->size, .first = *first});
  }
  std::ranges::sort(listing.segments, {}, &SegmentInfo::first);
  return listing;
}

Result<Segment> Segment::open(io::FileSystem& files, const std::string& directory,
                              const std::string& name) {
  Segment segment;
  segment.name_ = name;
  segment.path_ = io::join_path(directory, name);
  // The inode is asked for by path before opening. If the file is replaced in between, the two
  // differ, and whoever compares them later opens once more than needed.
  RECANT_ASSIGN(const auto about, files.info(segment.path_));
  segment.inode_ = about ? about->inode : 0;
  RECANT_ASSIGN(segment.file_, files.open_read(segment.path_));
  std::array<std::byte, kHeaderBytesMax> bytes{};
  RECANT_ASSIGN(const std::size_t count, segment.file_->read_at(0, bytes));
  segment.header_ = parse_header(std::span(bytes).first(count));
  const HeaderKind kind = segment.header_.kind;
  if (kind == HeaderKind::kBlock || kind == HeaderKind::kMark || kind == HeaderKind::kLost) {
    segment.header_.why = "it begins with something else than a segment header";
    segment.header_.kind = HeaderKind::kNone;
  }
  return segment;
}

Result<Frame> Segment::read_frame(std::uint64_t offset, const StoreId& store, Depth depth) {
  Frame frame;
  frame.offset = offset;
  std::array<std::byte, kHeaderBytesMax> bytes{};
  RECANT_ASSIGN(const std::size_t count, file_->read_at(offset, bytes));
  if (count == 0) {
    // Also where the file became shorter than it was, which reading there does not tell.
    RECANT_ASSIGN(const std::uint64_t size, file_->size());
    frame.kind = size < offset ? Frame::Kind::kBad : Frame::Kind::kEnd;
    frame.why = size < offset ? "the file is shorter than it was" : "the file ends";
    return frame;
  }
  const Header header = parse_header(std::span(bytes).first(count));
  frame.why = header.why;
  if (header.kind == HeaderKind::kNewer) {
    frame.kind = Frame::Kind::kRefused;
  } else if (header.kind == HeaderKind::kSegment) {
    frame.why = "a segment header stands inside the segment";
  } else if (header.kind != HeaderKind::kNone && header.store() != store) {
    frame.why = fmt::format("it belongs to another store, {}", store_id_text(header.store()));
  } else if (header.kind == HeaderKind::kMark) {
    frame.kind = Frame::Kind::kMark;
    frame.mark = header.mark.sequence;
    frame.bytes = kMarkBytes;
  } else if (header.kind == HeaderKind::kLost) {
    frame.kind = Frame::Kind::kLost;
    frame.block.first = header.lost.first;
    frame.block.last = header.lost.last;
    frame.bytes = kLostBytes;
  } else if (header.kind == HeaderKind::kBlock) {
    frame.block = header.block;
    RECANT_TRY(read_payload(frame, depth));
  }
  return frame;
}

Result<void> Segment::read_payload(Frame& frame, Depth depth) {
  const std::uint64_t begin = frame.offset + kBlockHeaderBytes;
  const std::size_t length = frame.block.compressed_bytes;
  bool whole = false;
  bool good = true;
  if (depth == Depth::kPayloads) {
    payload_.resize(length);
    RECANT_ASSIGN(const std::size_t count, file_->read_at(begin, payload_));
    whole = count == length;
    good = whole && checksum(payload_) == frame.block.payload_checksum;
  } else {
    RECANT_ASSIGN(const std::uint64_t size, file_->size());
    whole = size >= begin && size - begin >= length;
  }
  if (!whole) {
    frame.why = "the file ends inside a block";
  } else if (!good) {
    frame.why = "its payload's checksum does not match";
  } else {
    frame.kind = Frame::Kind::kBlock;
    frame.bytes = kBlockHeaderBytes + length;
  }
  return {};
}

std::string misplaced(const Segment& segment, std::uint64_t ordinal,
                      const std::optional<StoreId>& store) {
  const SegmentHeader& header = segment.header();
  if (segment_name(header.first) != segment.name()) {
    return fmt::format("is misnamed: its first sequence is {}", header.first);
  }
  if (store && header.store != *store) {
    return fmt::format("belongs to another store, {}", store_id_text(header.store));
  }
  if (header.ordinal > ordinal) {
    return fmt::format("is segment {} of the log, but {} of those before it are missing",
                       header.ordinal, header.ordinal - ordinal);
  }
  if (header.ordinal < ordinal) {
    return fmt::format("is segment {} of the log, which is there already", header.ordinal);
  }
  if (ordinal == 1 && header.first != 1) {
    return "is the first segment, but does not begin with sequence 1";
  }
  return {};
}

Result<std::vector<SegmentHeader>> check_chain(io::FileSystem& files, const std::string& directory,
                                               std::span<const SegmentInfo> segments) {
  std::vector<SegmentHeader> headers;
  for (const SegmentInfo& info : segments) {
    RECANT_ASSIGN(const Segment segment, Segment::open(files, directory, info.name));
    const bool last = &info == &segments.back();
    if (segment.header_refused()) {
      return fail(ErrorCode::kCorruption,
                  fmt::format("log segment {} cannot be read: {} (use a newer recant)",
                              segment.path(), segment.header_why()));
    }
    if (!segment.header_good()) {
      if (last) break;
      return damage(segment.path(), 0, info.first, segments[headers.size() + 1].first - 1,
                    segment.header_why());
    }
    std::optional<StoreId> store;
    if (!headers.empty()) store = headers.front().store;
    const std::string why = misplaced(segment, headers.size() + 1, store);
    if (!why.empty()) return wrong_segment(segment.path(), why);
    headers.push_back(segment.header());
  }
  return headers;
}

Result<void> find_headers(io::File& file, std::uint64_t offset, const OnHeader& on_header) {
  constexpr std::string_view kMagic = "RECANT-";
  constexpr std::size_t kMagicOffset = 8;
  constexpr std::size_t kChunkBytes = std::size_t{1} << 20;
  std::vector<std::byte> chunk(kChunkBytes + kHeaderBytesMax);
  while (true) {
    RECANT_ASSIGN(const std::size_t count, file.read_at(offset, chunk));
    const auto bytes = std::span<const std::byte>(chunk).first(count);
    std::size_t from = 0;
    // A header that begins in the overlap is left to the next chunk, which has all of it.
    while (from < std::min(count, kChunkBytes)) {
      const auto rest = bytes.subspan(from);
      const auto* const magic = static_cast<const std::byte*>(
          ::memmem(rest.data(), rest.size(), kMagic.data(), kMagic.size()));
      if (magic == nullptr) break;
      const auto place = static_cast<std::size_t>(magic - bytes.data());
      from = place + 1;
      if (place < kMagicOffset || place - kMagicOffset >= kChunkBytes) continue;
      const Header header = parse_header(bytes.subspan(place - kMagicOffset));
      if (header.kind != HeaderKind::kNone) on_header(header, offset + place - kMagicOffset);
    }
    if (count < chunk.size()) return {};
    offset += kChunkBytes;
  }
}

Result<LookAhead> look_ahead(io::FileSystem& files, const std::string& directory,
                             std::span<const SegmentInfo> segments, std::uint64_t offset,
                             SequenceNumber expected, const std::optional<StoreId>& store) {
  LookAhead found;
  for (const SegmentInfo& info : segments) {
    const bool here = &info == &segments.front();
    RECANT_ASSIGN(auto file, files.open_read(io::join_path(directory, info.name)));
    const auto on_header = [&](const Header& header, std::uint64_t at) {
      if (header.kind == HeaderKind::kNewer) {
        found.refused = true;
      } else if (store && header.store() != *store) {
        return;
      } else if (header.kind == HeaderKind::kMark) {
        found.durable = std::max(found.durable, header.mark.sequence);
      } else if (header.kind == HeaderKind::kBlock) {
        found.durable = std::max(found.durable, header.block.durable);
        if (found.resume == 0 && header.block.first > expected) {
          found.resume = header.block.first;
          found.resume_offset = here ? at : 0;
        }
      } else if (header.kind == HeaderKind::kLost) {
        found.durable = std::max(found.durable, header.lost.last);
        if (found.resume == 0 && header.lost.first > expected) {
          found.resume = header.lost.first;
          found.resume_offset = here ? at : 0;
        }
      } else if (!here && at == 0) {
        // A segment is begun only after the one before it is whole and synced: bytes that are bad
        // although another segment follows are damage, even if no sequence is missing.
        found.durable = std::max({found.durable, header.segment.first - 1, expected});
      }
    };
    RECANT_TRY(find_headers(*file, here ? offset : 0, on_header));
  }
  return found;
}

std::string describe(const Frame& frame, SequenceNumber expected) {
  if (frame.kind == Frame::Kind::kLost) {
    return fmt::format("sequences {} to {} are called lost where {} is expected", frame.block.first,
                       frame.block.last, expected);
  }
  if (frame.kind == Frame::Kind::kBlock) {
    return fmt::format("a block of sequences {} to {} stands where {} is expected",
                       frame.block.first, frame.block.last, expected);
  }
  if (frame.kind == Frame::Kind::kMark) {
    return fmt::format("a mark names sequence {}, which is not there", frame.mark);
  }
  return frame.why;
}

BlockInfo block_info(const std::string& segment, const Frame& frame) {
  return {.segment = segment,
          .offset = frame.offset,
          .bytes = frame.bytes,
          .raw_bytes = frame.block.raw_bytes,
          .first = frame.block.first,
          .last = frame.block.last,
          .count = frame.block.count,
          .durable = frame.block.durable,
          .at_min = frame.block.at_min,
          .at_max = frame.block.at_max};
}

std::unexpected<Error> damage(const std::string& path, std::uint64_t offset,
                              SequenceNumber expected, SequenceNumber through,
                              std::string_view why) {
  const std::string range = through > expected
                                ? fmt::format("sequences {} to {}", expected, through)
                                : fmt::format("sequence {}", expected);
  return fail(ErrorCode::kCorruption,
              fmt::format("log segment {} is damaged at offset {}: {}, so {} cannot be read (run "
                          "`recant verify`, then restore the segment from a copy, or go on without "
                          "them: `recant repair`)",
                          path, offset, why, range),
              offset);
}

}  // namespace recant::log
