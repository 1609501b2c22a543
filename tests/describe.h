// Text of events, items and verdicts, for hand-written expectations and for failures.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "recant/event.h"
#include "recant/verdict.h"

namespace recant::laws {

/// "suppress user_delete author user=7 at=100", then what applies of countries=, up_to=, latest=,
/// fields=, grace_expired, why=.
[[nodiscard]] std::string describe(const Reason& reason);
[[nodiscard]] std::vector<std::string> describe(const std::vector<Reason>& reasons);
/// The action, each reason on a line, and whether an author is missing.
[[nodiscard]] std::string describe(const Verdict& verdict);
[[nodiscard]] std::string describe(const Event& event);
[[nodiscard]] std::string describe(std::span<const Event> events);
[[nodiscard]] std::string describe(const Item& item);
[[nodiscard]] std::string describe(const Policy& policy);

}  // namespace recant::laws
