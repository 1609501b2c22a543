#include "engine/verdict/arguments.h"

#include <string>

namespace recant::verdict {
namespace {

constexpr bool is_letter(unsigned code) { return code >= 'A' && code <= 'Z'; }

}  // namespace

Result<void> require_policy(const Policy& policy) {
  if (!policy.country) return {};
  if (is_letter(*policy.country >> 8U) && is_letter(*policy.country & 0xFFU)) return {};
  return fail(ErrorCode::kInvalidArgument,
              "cannot judge for this country: its code is not two upper-case letters, the first "
              "in the high byte");
}

Result<void> require_ids(std::span<const Item> items, std::size_t first) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!names_nothing(items[i])) continue;
    return fail(ErrorCode::kInvalidArgument,
                "cannot judge item " + std::to_string(first + i) + " (counted from 0): its " +
                    (items[i].id == 0 ? "id" : "user") + " is 0, which is none");
  }
  return {};
}

}  // namespace recant::verdict
