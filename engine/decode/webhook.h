// The account activity webhook's deletes. Shape: the platform's reference, section 1.3.
#pragma once

#include <simdjson.h>

#include "engine/decode/context.h"

namespace recant::decode {

/// `deletes` is the value of `tweet_delete_events`. One bad status rejects the line.
[[nodiscard]] Decoded<void> decode_webhook(const Context& context, simdjson::dom::element deletes);

}  // namespace recant::decode
