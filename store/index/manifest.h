// The manifest names the sealed parts and is published by one rename. Format: store/FORMAT.md,
// "Manifest".
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "recant/error.h"
#include "store/index/part.h"
#include "store/io/file_system.h"

namespace recant::index {

/// A part that no manifest names any more and that may be unlinked some time after `since`.
struct Superseded {
  std::string file;
  Time since = 0;
  friend bool operator==(const Superseded&, const Superseded&) = default;
};

struct Manifest {
  std::string store_id;  ///< 32 hex digits of the log it belongs to; empty before the first event
  SequenceNumber durable = 0;   ///< highest sequence known durable when it was written
  std::vector<PartInfo> parts;  ///< by first sequence
  std::vector<Superseded> superseded;
  bool old_parts = false;  ///< they are of an older format: to be replayed from the log

  /// Every event up to here is in a part: the end of the parts that follow one another from 1.
  [[nodiscard]] SequenceNumber sealed() const;
  friend bool operator==(const Manifest&, const Manifest&) = default;
};

[[nodiscard]] std::string format_manifest(const Manifest& manifest);
/// Errors: kCorruption (checksum, syntax), kIo (a newer version, named).
[[nodiscard]] Result<Manifest> parse_manifest(const std::string& text, const std::string& path);

/// The last event of any part in `index_directory`, by the parts' names: a part is made of what the
/// log held, so that a log which ends before it was cut. 0 where there are none. Errors: kIo.
[[nodiscard]] Result<SequenceNumber> durable_by_names(io::FileSystem& files,
                                                      const std::string& index_directory);
/// There is a manifest, so that names prove nothing.
[[nodiscard]] Result<bool> has_manifest(io::FileSystem& files, const std::string& index_directory);
/// Reads `index_directory`/MANIFEST; if there is none, a manifest without parts whose durable
/// sequence is durable_by_names(). Errors: kCorruption, kIo (a newer version, named).
[[nodiscard]] Result<Manifest> read_manifest(io::FileSystem& files,
                                             const std::string& index_directory);
/// Writes beside, syncs, renames, syncs the directory.
[[nodiscard]] Result<void> publish_manifest(io::FileSystem& files,
                                            const std::string& index_directory,
                                            const Manifest& manifest);

/// Writes `text` to `path` by the same steps (for the few small files of a store).
[[nodiscard]] Result<void> replace_file(io::FileSystem& files, const std::string& directory,
                                        const std::string& name, const std::string& text);
/// A whole small file; nothing if it is not there. Errors: kIo, kCorruption (over 16 MiB).
[[nodiscard]] Result<std::optional<std::string>> read_small_file(io::FileSystem& files,
                                                                 const std::string& path);

}  // namespace recant::index
