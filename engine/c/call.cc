#include "engine/c/call.h"

#include <cstdlib>

#include "engine/verdict/arguments.h"

namespace recant::c {

recant_code hand_over(const Error& error, recant_error* out) noexcept {
  const auto code = static_cast<recant_code>(static_cast<int>(error.code) + 1);
  static_assert(static_cast<int>(ErrorCode::kInvalidArgument) + 1 == RECANT_INVALID_ARGUMENT);
  static_assert(static_cast<int>(ErrorCode::kCancelled) + 1 == RECANT_CANCELLED);
  if (out == nullptr || out->size < offsetof(recant_error, message) + 1) return code;
  out->code = code;
  out->offset = error.offset;
  const std::size_t room =
      std::min<std::size_t>(out->size, sizeof(recant_error)) - offsetof(recant_error, message) - 1;
  std::size_t size = std::min(error.what.size(), room);
  // A character that does not fit whole is left out.
  while (size > 0 && size < error.what.size() &&
         (static_cast<unsigned char>(error.what[size]) & 0xC0U) == 0x80U) {
    --size;
  }
  std::memcpy(&out->message[0], error.what.data(), size);
  out->message[size] = '\0';
  return code;
}

Result<Policy> take_policy(const recant_policy* given) {
  Policy policy;
  if (given == nullptr) return policy;
  RECANT_ASSIGN(const recant_policy taken, take(given, "recant_policy"));
  for (std::uint32_t kind = 0; kind < 32; ++kind) {
    if ((taken.delete_on >> kind & 1U) == 0) continue;
    switch (static_cast<EventKind>(kind)) {
      case EventKind::kUserSuspend:
      case EventKind::kUserProtect:
      case EventKind::kUserDelete:
      case EventKind::kTweetDrop:
      case EventKind::kTweetUnavailable:
        policy.delete_on.push_back(static_cast<EventKind>(kind));
        break;
      default:
        return invalid("recant_policy: delete_on names a kind that never suppresses");
    }
  }
  if (taken.country != 0) policy.country = taken.country;
  RECANT_TRY(verdict::require_policy(policy));
  return policy;
}

void* copy_of(const void* bytes, std::size_t size) {
  void* const copy = std::malloc(std::max<std::size_t>(size, 1));
  if (copy == nullptr) throw std::bad_alloc();
  if (size > 0) std::memcpy(copy, bytes, size);
  return copy;
}

}  // namespace recant::c

void recant_free(void* memory) { std::free(memory); }
