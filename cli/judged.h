// What check and scrub say in the end of the items that they judged.
#pragma once

#include <CLI/CLI.hpp>

#include "cli/talk.h"
#include "engine/dataset/check.h"
#include "engine/feed/coverage.h"

namespace recant::cli {

void say_judged(Talk& talk, const dataset::CheckSummary& summary);

/// Warns where no --as-of was given and the clock is over 24 hours behind the last event's arrival:
/// with a clock that was set back, what happened since would be kept.
void warn_of_clock(Talk& talk, const Store& store, const Snapshot& snapshot);

/// Adds --require-complete.
void add_require_complete(CLI::App* command, bool& required);

/// Says how far the store is known to be complete, where streams were followed or events lost.
void say_completeness(Talk& talk, const feed::Coverage& coverage);

/// Whether anything must be done with any item.
[[nodiscard]] bool actions_due(const dataset::CheckSummary& summary);

}  // namespace recant::cli
