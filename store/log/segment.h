// The files of the log: their names and headers, the frames in one of them, and the search for
// what can still be read after a bad place. Reads only. Bytes: store/FORMAT.md, "Log".
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "recant/error.h"
#include "store/io/file_system.h"
#include "store/log/log_format.h"
#include "store/log/log_reader.h"

namespace recant::log {

[[nodiscard]] std::string log_directory(const std::string& store_directory);

/// What the log directory holds.
struct Listing {
  bool exists = false;
  std::vector<SegmentInfo> segments;     ///< by first sequence
  std::vector<std::string> temporaries;  ///< names of unfinished files
};
/// Errors: kIo; kCorruption where anything but segments and unfinished files is there.
[[nodiscard]] Result<Listing> list_log(io::FileSystem& files, const std::string& directory);

/// What stands at one place of a segment.
struct Frame {
  enum class Kind : std::uint8_t {
    kEnd,      ///< the file ends there, cleanly
    kBlock,    ///< a block, its checksums good
    kMark,     ///< a mark, likewise
    kLost,     ///< the first and last of `block` are sequences that a repair found lost
    kBad,      ///< something else: the recovery rule decides whether it is damage
    kRefused,  ///< written by a newer version: never to be touched
  };
  Kind kind = Kind::kBad;
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;  ///< of the whole frame or pair of frames, where good
  BlockHeader block;
  SequenceNumber mark = 0;
  std::string why;  ///< where bad or refused
};
/// What is wrong with a frame at a place where sequence `expected` should begin.
[[nodiscard]] std::string describe(const Frame& frame, SequenceNumber expected);

/// What a reader is told of a block.
[[nodiscard]] BlockInfo block_info(const std::string& segment, const Frame& frame);

/// One open segment.
class Segment {
 public:
  /// Opens the segment and reads its header. A header that is no good is no error here: see `why`.
  [[nodiscard]] static Result<Segment> open(io::FileSystem& files, const std::string& directory,
                                            const std::string& name);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  /// The file's inode, by which a file that was put in its place is told.
  [[nodiscard]] std::uint64_t inode() const { return inode_; }
  [[nodiscard]] const SegmentHeader& header() const { return header_.segment; }
  [[nodiscard]] bool header_good() const { return header_.kind == HeaderKind::kSegment; }
  [[nodiscard]] bool header_refused() const { return header_.kind == HeaderKind::kNewer; }
  [[nodiscard]] std::string_view header_why() const { return header_.why; }
  [[nodiscard]] Result<std::uint64_t> size() { return file_->size(); }
  [[nodiscard]] io::File& file() { return *file_; }

  enum class Depth : std::uint8_t { kHeaders, kPayloads };
  /// The frame at `offset`. Where `depth` is kPayloads, a block's payload is read too and its
  /// checksum checked; it then stays in payload() until the next call.
  [[nodiscard]] Result<Frame> read_frame(std::uint64_t offset, const StoreId& store, Depth depth);
  [[nodiscard]] std::span<const std::byte> payload() const { return payload_; }

 private:
  Result<void> read_payload(Frame& frame, Depth depth);

  std::string name_;
  std::string path_;
  std::uint64_t inode_ = 0;
  std::unique_ptr<io::File> file_;
  Header header_;
  std::vector<std::byte> payload_;
};

/// What is wrong with a segment that should be the `ordinal`th of a log; empty if nothing. Its
/// header is good. `store` is the log's, or nothing for the first.
[[nodiscard]] std::string misplaced(const Segment& segment, std::uint64_t ordinal,
                                    const std::optional<StoreId>& store);
/// Opens all segments in turn and checks that they belong together: one store, ordinals 1, 2, 3,
/// ..., names that say their first sequences. Only the last one's header may be bad.
/// Errors: kIo; kCorruption, naming the segment.
[[nodiscard]] Result<std::vector<SegmentHeader>> check_chain(io::FileSystem& files,
                                                             const std::string& directory,
                                                             std::span<const SegmentInfo> segments);

using OnHeader = std::function<void(const Header&, std::uint64_t offset)>;
/// Finds every valid header of a file from `offset` on, wherever it begins.
[[nodiscard]] Result<void> find_headers(io::File& file, std::uint64_t offset,
                                        const OnHeader& on_header);

/// What can be read after a bad place.
struct LookAhead {
  SequenceNumber durable = 0;  ///< highest durable mark in any valid header there
  bool refused = false;        ///< a header of a newer version is among them
  SequenceNumber resume = 0;   ///< first sequence of the next valid block or lost range; 0: none
  std::uint64_t resume_offset = 0;  ///< where it is, if it is in the first of the segments
};
/// Looks at everything after `offset` of the first of `segments`, and at the others whole. Headers
/// of other stores do not count; if `store` is not known, all do.
[[nodiscard]] Result<LookAhead> look_ahead(io::FileSystem& files, const std::string& directory,
                                           std::span<const SegmentInfo> segments,
                                           std::uint64_t offset, SequenceNumber expected,
                                           const std::optional<StoreId>& store);

/// The sentence for damage at `expected`; `through` is the last sequence known to be lost.
[[nodiscard]] std::unexpected<Error> damage(const std::string& path, std::uint64_t offset,
                                            SequenceNumber expected, SequenceNumber through,
                                            std::string_view why);

}  // namespace recant::log
