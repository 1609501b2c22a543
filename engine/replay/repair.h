// Repairs a store whose log is damaged, so that it can be written and read again.
// Contract: reliability.md, "Recovery of the log", A3 and A9.
#pragma once

#include "recant/recant.h"
#include "store/io/file_system.h"

namespace recant::replay {

/// Repairs the log, and sets aside the sealed parts if events are lost: they hold state that the
/// log does not tell any more, and an index is what its log replays to. The caller holds the
/// store's lock, and rebuilds the index afterwards. Errors: kIo, kNoSpace, kCorruption.
[[nodiscard]] Result<RepairSummary> repair_store(io::FileSystem& files, io::Clock& clock,
                                                 const StoreOptions& options, bool dry_run);

}  // namespace recant::replay
