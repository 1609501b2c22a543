// The members of a Payload as bytes: rare, so kept simple rather than split into columns.
#pragma once

#include <cstddef>
#include <vector>

#include "recant/event.h"
#include "store/log/word_column.h"

namespace recant::log {

/// No Payload takes more bytes: eight times what the limits of event.h allow for any kind.
inline constexpr std::size_t kPayloadBytesMax = std::size_t{512} << 10;

/// An upper bound of what write_payload() appends.
[[nodiscard]] std::size_t payload_bytes_bound(const Payload& payload);
void write_payload(const Payload& payload, std::vector<std::byte>& out);
/// False if the bytes are no payload.
[[nodiscard]] bool read_payload(RawCursor& in, Payload& payload);

}  // namespace recant::log
