// Text of one line to a JSON tree: the whole line is validated (UTF-8, grammar, depth).
#pragma once

#include <simdjson.h>

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "engine/json/lines_ahead.h"

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
  /// The lines that come are parts of `lines`, in their order, until the next call. Changes nothing
  /// but how long they take. 64 bytes past the end of `lines` must be readable; before that memory
  /// holds anything else, this is called again, if only with nothing.
  void expect(std::string_view lines);

 private:
  void reserve(std::size_t bytes);
  simdjson::error_code parse_into(std::string_view text, simdjson::dom::element& root);
  simdjson::error_code parse_patched(std::string_view line, simdjson::dom::element& root);
  simdjson::error_code parse_deep(std::string_view line, simdjson::dom::element& root);

  simdjson::dom::parser parser_;
  simdjson::dom::document document_;
  std::string patched_;
  std::unique_ptr<LinesAhead> ahead_;  // once any were expected
};

}  // namespace recant::json
