// Text of one line to a JSON tree: the whole line is validated (UTF-8, grammar, depth).
#pragma once

#include <simdjson.h>

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

namespace recant::json {

/// Bytes past the end of a line that must be readable (their content does not matter).
inline constexpr std::size_t kLinePadding = 64;
static_assert(kLinePadding >= simdjson::SIMDJSON_PADDING);

/// How deep objects and arrays may nest; the line's own object counts as 1.
inline constexpr std::size_t kDepthMax = 64;

/// Keeps its buffers between lines, but not those of a huge one.
class JsonLine {
 public:
  JsonLine();

  /// The line's value, valid until the next call. 64 bytes past the end of `line` must be readable.
  /// Numbers that no 64-bit integer or double can hold read as fractions, and halves of surrogate
  /// pairs as U+FFFD: both are JSON, and an event must not be refused for a field that is not read.
  [[nodiscard]] std::expected<simdjson::dom::element, std::string> parse(std::string_view line);

 private:
  void reserve(std::size_t bytes);
  simdjson::error_code parse_into(std::string_view text, simdjson::dom::element& root);
  simdjson::error_code parse_patched(std::string_view line, simdjson::dom::element& root);
  simdjson::error_code parse_deep(std::string_view line, simdjson::dom::element& root);

  simdjson::dom::parser parser_;
  simdjson::dom::document document_;
  std::string patched_;
};

}  // namespace recant::json
