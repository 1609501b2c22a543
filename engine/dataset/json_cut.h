// Members of objects and elements of arrays taken out of a text, each with one comma; every other
// byte stays.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "engine/dataset/outline.h"

namespace recant::dataset {

struct Cut {
  Span span{};              ///< a member with its key, or an element
  std::size_t counter = 0;  ///< what it is, for the caller
};

/// Appends `text` without `cuts` to `out`, and leaves in `cuts` those that took something out: one
/// within another is no cut of its own. `text` is JSON.
void cut_json(std::string_view text, std::vector<Cut>& cuts, std::string& out);

}  // namespace recant::dataset
