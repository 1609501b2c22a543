// Legal JSON that simdjson refuses, made readable in place.
#pragma once

#include <string>

namespace recant::json {

/// Outside strings, number tokens that simdjson finds out of range become `0.5` and spaces; inside
/// strings, an escape of half a surrogate pair becomes `\ufffd`. Lengths stay, and text that is not
/// JSON stays so. True if anything changed.
bool patch_unreadable_tokens(std::string& text);

}  // namespace recant::json
