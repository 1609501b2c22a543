// What is asked for must be something: a policy that nothing matches, or an item without an id,
// would be judged "keep".
#pragma once

#include <cstddef>
#include <span>

#include "recant/verdict.h"

namespace recant::verdict {

/// Errors: kInvalidArgument (the country is none).
[[nodiscard]] Result<void> require_policy(const Policy& policy);

[[nodiscard]] inline bool names_nothing(const Item& item) {
  return item.id == 0 || (item.type == ItemType::kLike && item.user == 0);
}
/// `first` is the place of the first one among all that were given. Errors: kInvalidArgument (one
/// without an id, by its place).
[[nodiscard]] Result<void> require_ids(std::span<const Item> items, std::size_t first);

}  // namespace recant::verdict
