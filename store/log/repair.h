// Makes a log with damaged events readable again: what is good stays, what is not is called lost.
// Contract: reliability.md, "Recovery of the log", A3 and A9. Bytes: store/FORMAT.md, "Log".
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "recant/error.h"
#include "recant/event.h"
#include "store/io/file_system.h"
#include "store/log/repair_plan.h"

namespace recant::log {

struct RepairOptions {
  LogHint hint{};
  bool dry_run = false;  ///< only say what would be done
  /// Called when the damaged bytes are safe and before the log changes, if events are lost. May be
  /// empty. After an error from it the log is as it was.
  std::function<Result<void>()> on_loss{};
};

struct RepairReport {
  bool damaged = false;           ///< false: there was nothing to repair
  std::vector<LostRange> lost;    ///< empty where the damage took no event
  std::vector<std::string> kept;  ///< files in quarantine/ that this repair wrote
};

/// Repairs the log. The caller holds the store's lock. A crash at any point leaves a log that is
/// damaged as before or in fewer places, or the repaired one; repairing again finishes.
/// Errors: kIo, kNoSpace; kCorruption where a newer version wrote any of the log.
[[nodiscard]] Result<RepairReport> repair_log(io::FileSystem& files, io::Clock& clock,
                                              const std::string& store_directory,
                                              const RepairOptions& options);

}  // namespace recant::log
