// Text for people: escaping, numbers, and guesses at what a mistyped word meant.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace recant::cli {

/// `text` on one line and safe for a terminal: control bytes, direction overrides and what is not
/// UTF-8 become \xNN; cut with "..." after about `bytes_max` bytes.
[[nodiscard]] std::string printable(std::string_view text, std::size_t bytes_max = 2000);

/// "512", "64K", "16MiB", "2G" (powers of 1024) in bytes; nothing for anything else.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text);
/// Seconds with an optional fraction, 0 to ten years, in milliseconds; nothing for anything else.
[[nodiscard]] std::optional<std::int64_t> parse_seconds(std::string_view text);

/// 1234567 as "1,234,567".
[[nodiscard]] std::string grouped(std::uint64_t number);
/// "1 line", "2 lines".
[[nodiscard]] std::string counted(std::uint64_t number, std::string_view noun);
/// Bytes as "1.5 GB".
[[nodiscard]] std::string human_bytes(std::uint64_t bytes);

/// The candidate that `word` was probably meant to be: the one that begins with it, or one with few
/// letters wrong for its length.
[[nodiscard]] std::optional<std::string> closest(std::string_view word,
                                                 const std::vector<std::string>& candidates);

}  // namespace recant::cli
