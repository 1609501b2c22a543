// Guards against outputs that would destroy something: an input, another output, the store.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "recant/error.h"

namespace recant::cli {

/// What a command reads and writes, as it was named; empty names stand for nothing.
struct NamedFiles {
  std::string store;  ///< its directory, which need not be there
  std::vector<std::string> inputs{};
  std::vector<std::pair<std::string, std::string>> outputs{};  ///< an option, and the name given
  /// Two outputs may go to one stream (stdout), a line of the one between lines of the other.
  bool streams_may_mix = true;
};

/// kInvalidArgument if an output is an input, two outputs are one file, or one is the store or in
/// it. A file is told by device and inode, one that is not there yet by those of its directory and
/// its name. Devices and pipes may be named any number of times.
[[nodiscard]] Result<void> guard_outputs(const NamedFiles& files);

/// kInvalidArgument if `directory` is the store's or in it.
[[nodiscard]] Result<void> guard_directory(const std::string& store, const std::string& option,
                                           const std::string& directory);

}  // namespace recant::cli
