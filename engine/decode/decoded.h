// What the pieces of the decoder return: a value, or why the line is rejected (one clause).
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include "recant/error.h"

namespace recant::decode {

template <class T>
using Decoded = std::expected<T, std::string>;

[[nodiscard]] inline std::unexpected<std::string> reject(std::string why) {
  return std::unexpected(std::move(why));
}

/// `text` in quotes, as it may be shown in a terminal: printable ASCII, at most 80 characters, the
/// rest escaped or cut.
[[nodiscard]] std::string quoted(std::string_view text);

}  // namespace recant::decode
