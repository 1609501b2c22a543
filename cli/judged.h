// What check and scrub say in the end of the items that they judged.
#pragma once

#include "cli/talk.h"
#include "engine/dataset/check.h"

namespace recant::cli {

void say_judged(Talk& talk, const dataset::CheckSummary& summary);

/// Whether anything must be done with any item.
[[nodiscard]] bool actions_due(const dataset::CheckSummary& summary);

}  // namespace recant::cli
