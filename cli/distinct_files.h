// Guards against writing over what is being read, and two outputs over one another.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "recant/error.h"

namespace recant::cli {

/// kInvalidArgument if two of `outputs` (an option and the name given to it; those without a name
/// are left out of account) are one file, or one of them is an input: by device and inode where
/// there is a file, else by its path. Devices and pipes may be named any number of times.
[[nodiscard]] Result<void> require_distinct(
    const std::vector<std::string>& inputs,
    const std::vector<std::pair<std::string, std::string>>& outputs);

}  // namespace recant::cli
