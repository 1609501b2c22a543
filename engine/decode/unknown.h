// Events of kinds that this version does not know: kept, but without any text of people.
#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>

#include "engine/decode/context.h"

namespace recant::decode {

/// Appends an unknown event that keeps the whole line, blanked. Its time is the body's `event_at`
/// or `timestamp_ms` where that is readable, else 0.
[[nodiscard]] Decoded<void> append_unknown(const Context& context,
                                           std::optional<simdjson::dom::object> body);

/// `line`, which is valid JSON, without white space between tokens and with every string value
/// empty unless it is all digits, a time, or two letters. Rejects what is over kRawBytesMax.
[[nodiscard]] Decoded<std::string> blanked(std::string_view line);

}  // namespace recant::decode
