// A result line of a batch compliance job. Shape: the platform's reference, section 3.
#pragma once

#include <simdjson.h>

#include "engine/decode/context.h"

namespace recant::decode {

/// `result` has an id and an action.
[[nodiscard]] Decoded<void> decode_batch_result(const Context& context,
                                                simdjson::dom::object result);

}  // namespace recant::decode
