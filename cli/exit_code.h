// What the program returns. Contract: cli.md, "Exit codes".
#pragma once

#include "recant/error.h"

namespace recant::cli {

/// The greatest wins where several apply.
enum ExitCode : int {
  kExitDone = 0,
  kExitFound = 1,  ///< done, and something was found
  kExitUsage = 2,  ///< nothing was done
  kExitIo = 3,
  kExitCorruption = 4,
  kExitLocked = 5,
  kExitRefused = 6,
  kExitNetwork = 7,
};

[[nodiscard]] ExitCode exit_code(ErrorCode code);

}  // namespace recant::cli
