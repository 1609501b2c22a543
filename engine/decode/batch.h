// A result line of a batch compliance job. Shape: the platform's reference, section 3.
#pragma once

#include <simdjson.h>

#include <string_view>

#include "engine/decode/context.h"

namespace recant::decode {

/// `result` has an id and an action.
[[nodiscard]] Decoded<void> decode_batch_result(const Context& context,
                                                simdjson::dom::object result);

/// Sets the kind, and why, that a reason means ("" where the line has none).
void set_tweet_reason(std::string_view reason, Event& event);
void set_user_reason(std::string_view reason, Event& event);

}  // namespace recant::decode
