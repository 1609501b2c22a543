// The ids of a batch job's upload that its results do not name: the platform says of them that they
// need no action.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "recant/error.h"

namespace recant::feed {

/// Calls `on_id` for each line of `ids_path` whose id is in no line of `results_path`. In no
/// particular order; holds 64 MiB of ids at most, reading the files once more for each.
/// Returns false, with nothing called, where a result line names no id: what it meant is unknown.
[[nodiscard]] Result<bool> for_each_compliant_id(
    const std::string& ids_path, const std::string& results_path,
    const std::function<Result<void>(std::uint64_t)>& on_id, std::size_t ids_max = 8'388'608);

}  // namespace recant::feed
