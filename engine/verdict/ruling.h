// Verdicts without copies of their reasons.
#pragma once

#include <span>
#include <vector>

#include "recant/verdict.h"

namespace recant::verdict {

/// A verdict whose reasons stay where they were made, until the next item: strongest first.
struct Ruling {
  Action action = Action::kKeep;
  bool without_author = false;
  std::span<const Reason* const> reasons{};
};

/// Copies a ruling; what `out` held before lends its memory.
void tell(const Ruling& ruling, Verdict& out);

/// `verdict` seen as one; `reasons` is where the pointers are kept.
[[nodiscard]] inline Ruling ruling_of(const Verdict& verdict, std::vector<const Reason*>& reasons) {
  reasons.clear();
  for (const Reason& reason : verdict.reasons) reasons.push_back(&reason);
  return {.action = verdict.action, .without_author = verdict.without_author, .reasons = reasons};
}

}  // namespace recant::verdict
