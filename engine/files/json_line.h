// One line of JSON into simdjson's DOM, with what a reader of foreign lines needs on top of it.
#pragma once

#include <simdjson.h>

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

namespace recant::files {

/// Keeps its memory between lines. One thread at a time.
class JsonLineParser {
 public:
  /// Bytes past the end of a line that must be readable; their content does not matter.
  static constexpr std::size_t kPadding = simdjson::SIMDJSON_PADDING;
  /// Objects and arrays inside each other; an empty one is a value and does not count.
  static constexpr std::size_t kDepthMax = 64;

  /// The root of the JSON text that `line` is, or why it is none, in one clause. Both live until
  /// the next call. `line` is not copied: kPadding bytes after it must be readable.
  ///
  /// Numbers that no 64-bit type holds (an id of 30 digits, 1e999) do not spoil the rest of the
  /// line: each reads as -1, which is neither an id nor a time.
  [[nodiscard]] std::expected<simdjson::dom::element, std::string_view> parse(
      std::string_view line);

 private:
  [[nodiscard]] simdjson::error_code parse_bytes(const char* data, std::size_t size,
                                                 simdjson::dom::element& root);

  simdjson::dom::parser parser_;
  std::size_t capacity_ = 0;
  std::string rewritten_;
};

}  // namespace recant::files
