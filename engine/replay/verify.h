// Checks a whole store and changes nothing in it: log, manifest, parts, and whether the indexes say
// what the log says.
#pragma once

#include <vector>

#include "recant/recant.h"
#include "store/io/file_system.h"

namespace recant::replay {

/// Errors: kIo, kCancelled. What is wrong with the store itself is a finding.
[[nodiscard]] Result<std::vector<VerifyFinding>> verify_store(io::FileSystem& files,
                                                              io::Clock& clock,
                                                              const StoreOptions& options,
                                                              const VerifyOptions& how);

}  // namespace recant::replay
