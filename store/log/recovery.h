// Opening the log for writing: the recovery rule of reliability.md, and the creation of segments.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "recant/error.h"
#include "store/io/file_system.h"
#include "store/log/log_format.h"
#include "store/log/log_writer.h"

namespace recant::log {

/// The segment that a writer goes on in.
struct OpenSegment {
  SegmentHeader header;
  std::string path;
  std::unique_ptr<io::File> file;
  std::uint64_t bytes = 0;
  std::uint64_t inode = 0;
  bool ends_in_mark = false;  ///< the last frame is a mark that names the last sequence
};

struct Recovered {
  OpenSegment segment;
  SequenceNumber next = 1;  ///< everything before it is durable
  std::optional<TornTail> torn_tail;
};

/// Creates a segment under a temporary name, syncs it, renames it in and syncs the directory.
[[nodiscard]] Result<OpenSegment> create_segment(io::FileSystem& files,
                                                 const std::string& directory,
                                                 const SegmentHeader& header);

/// Checks the log and makes it ready for appending. Where acknowledged data is damaged it modifies
/// nothing and returns kCorruption.
[[nodiscard]] Result<Recovered> recover(io::FileSystem& files, const std::string& store_directory,
                                        SequenceNumber durable_hint);

}  // namespace recant::log
