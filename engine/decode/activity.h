// An Activity Streams line with `"verb":"delete"`. Shape: the platform's reference, section 5.
#pragma once

#include <simdjson.h>

#include "engine/decode/context.h"

namespace recant::decode {

[[nodiscard]] Decoded<void> decode_activity_delete(const Context& context,
                                                   simdjson::dom::object activity);

}  // namespace recant::decode
