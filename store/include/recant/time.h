// Times in and out. Rules: cli.md, "Times, ids, files"; reliability.md, "Content".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "recant/api.h"
#include "recant/event.h"

namespace recant {

/// RFC 3339 (any offset, `t`/`z` in either case, any number of fraction digits, truncated to ms;
/// a leap second `:60` is `:59.999`). Nothing for anything else: no offset, month 13, 30 February,
/// a moment outside 1970 to 9999.
[[nodiscard]] RECANT_API std::optional<Time> parse_rfc3339(std::string_view text);
/// RFC 3339, or a decimal count of milliseconds since 1970 (digits only).
[[nodiscard]] RECANT_API std::optional<Time> parse_time(std::string_view text);
/// `2022-07-01T21:48:43.030Z`.
[[nodiscard]] RECANT_API std::string format_time(Time at);
/// The same into `out`, which has room for 24 bytes. Returns the end.
RECANT_API char* write_time(Time at, char* out);

/// A decimal id, 1 to 2^64-1, 1 to 20 digits, leading zeros allowed; nothing for anything else.
[[nodiscard]] RECANT_API std::optional<std::uint64_t> parse_id(std::string_view text);

/// The creation time inside a snowflake tweet id; nothing for ids before 4 November 2010.
/// [source: x-compliance.md, section 0: (id >> 22) + 1288834974657]
[[nodiscard]] RECANT_API std::optional<Time> snowflake_time(TweetId id);

}  // namespace recant
