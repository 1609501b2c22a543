// A finished segment written anew, with the same sequence numbers: in dense blocks, after a live
// stream wrote it in small groups, and without the events that nobody needs any more.
// Bytes: store/FORMAT.md, "Writing a segment anew". Promise: reliability.md, A3.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "recant/error.h"
#include "recant/event.h"
#include "store/io/file_system.h"
#include "store/log/log_writer.h"

namespace recant::log {

/// False for an event that the new segment shall do without.
using KeepEvent = std::function<bool(SequenceNumber, const Event&)>;

struct Rewritten {
  std::uint64_t bytes_before = 0;
  std::uint64_t bytes_after = 0;
  std::uint64_t events_before = 0;
  std::uint64_t events_after = 0;
};

/// Puts a copy of the segment `name` in its place. The caller holds the store's lock; another
/// segment follows this one. Of each stretch of sequences the last event is kept whatever `keep`
/// says: a segment tells by it where it ends. A crash leaves the one file or the other.
/// Errors: kIo, kNoSpace, kCorruption (the segment is damaged); it is then as it was.
[[nodiscard]] Result<Rewritten> rewrite_segment(io::FileSystem& files,
                                                const std::string& store_directory,
                                                const std::string& name, const LogOptions& options,
                                                const KeepEvent& keep);

/// The same without leaving out anything, where the segment's blocks are small ones. Returns
/// whether it was done. Errors: as above.
[[nodiscard]] Result<bool> make_dense(io::FileSystem& files, const std::string& store_directory,
                                      const std::string& name, const LogOptions& options);

}  // namespace recant::log
