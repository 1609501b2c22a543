// Judges many items at once: what their verdicts will ask for is read together before the first one
// is judged.
#pragma once

#include <memory>
#include <span>

#include "recant/verdict.h"
#include "store/index/view.h"

namespace recant::replay {

/// Snapshot::check. `verdicts` has the length of `items`.
[[nodiscard]] Result<void> check_batch(const std::shared_ptr<const index::View>& view,
                                       std::span<const Item> items, Time as_of,
                                       const Policy& policy, std::span<Verdict> verdicts);

}  // namespace recant::replay
