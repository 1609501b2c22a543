// `{"id":...,"author_id":...}`: how a wire names a tweet and its author.
#pragma once

#include <simdjson.h>

#include "engine/decode/decoded.h"
#include "recant/event.h"

namespace recant::decode {

/// Reads the id and, where told as author_id or user_id, the author.
[[nodiscard]] Decoded<void> read_tweet_object(simdjson::dom::object tweet, Event& event);

}  // namespace recant::decode
