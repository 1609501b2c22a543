// Which parts were found whole since the machine booted, so that checksums are not read again at
// every open (reliability.md, A7).
#pragma once

#include <map>
#include <string>

#include "recant/recant.h"
#include "store/index/part.h"
#include "store/io/file_system.h"

namespace recant::replay {

/// Remembered in index/VERIFIED. A file that was copied, replaced or written to in any way has
/// another inode or change time, and is read again.
class IntegrityMemory {
 public:
  IntegrityMemory(io::FileSystem& files, std::string index_directory, Integrity integrity);

  /// Whether the part's checksum has to be compared before it is trusted.
  [[nodiscard]] bool must_verify(const index::PartInfo& part);
  /// The part was compared, or has just been written and read back.
  void remember(const index::PartInfo& part);
  /// Writes what was remembered since the last call. A store that cannot be written forgets.
  void save();

 private:
  [[nodiscard]] std::string describe(const index::PartInfo& part) const;
  void load();

  io::FileSystem& files_;
  std::string directory_;
  Integrity integrity_;
  bool loaded_ = false;
  bool changed_ = false;
  std::string boot_;
  std::map<std::string, std::string> verified_;  // file name -> describe()
};

}  // namespace recant::replay
