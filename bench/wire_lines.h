// Events as the platform sends them, for the generator. The decoders of engine/decode read them
// back.
#pragma once

#include <cstdint>
#include <string>

#include "recant/event.h"

namespace recant::bench {

enum class WireFormat : std::uint8_t { kV2, kGnip, kCanonical };

/// Appends the line of `event` and a newline. [source: the platform's reference, sections 1.2, 1.3]
void append_line(const Event& event, WireFormat format, std::string& out);

}  // namespace recant::bench
