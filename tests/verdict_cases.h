// The law's table by example: what each row and each detail of semantics.md, section 3, says of a
// few events, with the expected reasons written by hand from its sentences. Oracle and Judge are
// both held to them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "recant/verdict.h"

namespace recant::laws {

struct VerdictCase {
  std::string law;  ///< the sentence that the case is an example of
  std::vector<Event> events = {};
  Item item = {};
  Time as_of = 0;
  Policy policy = {};
  std::vector<std::string> reasons = {};  ///< as describe(Reason) writes them, in order
  std::optional<bool> without_author = {};
};

/// Examples of the rows for tweets, users and likes.
[[nodiscard]] std::vector<VerdictCase> row_cases();
/// Examples of states (histories, versions, relations) and of the details under the table.
[[nodiscard]] std::vector<VerdictCase> state_cases();
[[nodiscard]] std::vector<VerdictCase> detail_cases();

/// In all examples: item tweet 10 by 7, its original 20 by 8, its quoted tweet 30 by 9.
inline constexpr Time kDay = 86'400'000;

}  // namespace recant::laws
