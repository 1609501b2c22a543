// A reason as JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "recant/verdict.h"

namespace recant::dataset {

/// `item_text`: the digits of `item_id`, the id of the item, which most reasons name again.
/// Format: cli.md, "check".
void append_reason(const Reason& reason, std::uint64_t item_id, std::string_view item_text,
                   std::string& out);

}  // namespace recant::dataset
