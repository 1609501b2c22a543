#include "cli/exit_code.h"

namespace recant::cli {

ExitCode exit_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return kExitUsage;
    case ErrorCode::kIo:
    case ErrorCode::kNoSpace:
    case ErrorCode::kNoMemory:
    case ErrorCode::kCancelled:
      return kExitIo;
    case ErrorCode::kCorruption:
      return kExitCorruption;
    case ErrorCode::kLocked:
      return kExitLocked;
    case ErrorCode::kRefused:
      return kExitRefused;
    case ErrorCode::kNetwork:
      return kExitNetwork;
  }
  return kExitIo;
}

}  // namespace recant::cli
