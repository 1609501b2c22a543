// Damaged bytes are never deleted: they are copied to quarantine/ before a segment goes on without
// them.
#pragma once

#include <cstdint>
#include <string>

#include "recant/error.h"
#include "store/io/file_system.h"

namespace recant::log {

/// Bytes of a file, `end` excluded.
struct ByteRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

/// Appends `range` of `source` to `target`. `path` is the source's, for errors. Errors: kIo,
/// kNoSpace.
[[nodiscard]] Result<void> copy_bytes(io::File& source, const std::string& path, ByteRange range,
                                      io::File& target);

/// Copies `range` of a segment of the log to a file in quarantine/ and makes it durable. Returns
/// its path. A crash in between leaves the log as it was, and the next attempt copies once more.
/// Errors: kIo, kNoSpace.
[[nodiscard]] Result<std::string> quarantine(io::FileSystem& files,
                                             const std::string& store_directory,
                                             const std::string& segment, ByteRange range);

}  // namespace recant::log
