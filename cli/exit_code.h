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

struct ExitMeaning {
  ExitCode code = kExitDone;
  const char* text = "";
};
/// What each code means, in order: for the manual.
inline constexpr ExitMeaning kExitMeanings[] = {
    {kExitDone, "done"},
    {kExitFound,
     "done, and something was found: rejected lines, an index that differs from its log, actions "
     "due under --exit-code, a gap under --require-complete"},
    {kExitUsage, "wrong usage; nothing was done"},
    {kExitIo, "could not do it: I/O error, no space, no store, no such file"},
    {kExitCorruption, "corruption: the store or the index is damaged"},
    {kExitLocked, "the store was locked by another writer for longer than --lock-wait"},
    {kExitRefused, "credentials or TLS refused"},
    {kExitNetwork, "the network gave up"},
};

}  // namespace recant::cli
