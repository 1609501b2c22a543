#include "engine/json/json_line.h"

#include <algorithm>
#include <bit>
#include <new>

#include "engine/json/json_patch.h"

namespace recant::json {
namespace {

constexpr std::size_t kCapacityMin = 4096;
// Above this the parser's buffers (about 25 bytes for each byte of the line) are given back.
constexpr std::size_t kCapacityKept = std::size_t{1} << 20;

// Lines do not nest deeper than this, nearly all of them; those that do are looked at again.
constexpr std::size_t kDepthUsual = kDepthMax / 2;

// simdjson does not count an innermost empty container, so depth is measured where it could matter.
bool too_deep(std::string_view line) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kDepthMax) return true;
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return false;
}

std::string why_not_json(simdjson::error_code error, std::string_view line) {
  if (error == simdjson::DEPTH_ERROR) return "nested deeper than 64";
  if (line.find('\0') != std::string_view::npos) return "not JSON: a NUL byte";
  switch (error) {
    case simdjson::UTF8_ERROR:
      return "not JSON: invalid UTF-8";
    case simdjson::NUMBER_ERROR:
      return "not JSON: a malformed number";
    case simdjson::STRING_ERROR:
      return "not JSON: a malformed escape in a string";
    case simdjson::UNCLOSED_STRING:
      return "not JSON: a string without its end";
    case simdjson::UNESCAPED_CHARS:
      return "not JSON: a control character in a string";
    case simdjson::CAPACITY:
      return "longer than 4 GiB";
    default:
      return "not JSON";
  }
}

}  // namespace

JsonLine::JsonLine() { reserve(kCapacityMin); }

// Powers of two, so that slowly growing lines do not allocate each time.
void JsonLine::reserve(std::size_t bytes) {
  if (bytes > simdjson::SIMDJSON_MAXSIZE_BYTES) return;  // the parser says CAPACITY
  const std::size_t capacity = std::max(kCapacityMin, std::bit_ceil(bytes));
  const bool shrink = parser_.capacity() > kCapacityKept && capacity <= kCapacityKept;
  if (parser_.capacity() >= capacity && !shrink) return;
  if (shrink) {
    parser_ = simdjson::dom::parser();
    document_ = simdjson::dom::document();
    patched_ = std::string();
  }
  // simdjson refuses at its limit, not only above it.
  if (parser_.allocate(std::min(capacity, simdjson::SIMDJSON_MAXSIZE_BYTES), kDepthUsual) ||
      document_.allocate(std::min(capacity, simdjson::SIMDJSON_MAXSIZE_BYTES))) {
    throw std::bad_alloc();
  }
}

simdjson::error_code JsonLine::parse_into(std::string_view text, simdjson::dom::element& root) {
  return parser_.parse_into_document(document_, text.data(), text.size(), false).get(root);
}

simdjson::error_code JsonLine::parse_patched(std::string_view line, simdjson::dom::element& root) {
  const simdjson::error_code error = parse_into(line, root);
  if (error != simdjson::NUMBER_ERROR && error != simdjson::STRING_ERROR) return error;
  patched_.reserve(line.size() + kLinePadding);
  patched_ = line;
  return patch_unreadable_tokens(patched_) ? parse_into(patched_, root) : error;
}

// A line that nests deeper than most: parsed again with room for it, and measured.
simdjson::error_code JsonLine::parse_deep(std::string_view line, simdjson::dom::element& root) {
  if (parser_.allocate(parser_.capacity(), kDepthMax + 1)) throw std::bad_alloc();
  const simdjson::error_code error = parse_patched(line, root);
  if (parser_.allocate(parser_.capacity(), kDepthUsual)) throw std::bad_alloc();
  return !error && too_deep(line) ? simdjson::DEPTH_ERROR : error;
}

void JsonLine::expect(std::string_view lines) {
  if (!ahead_ && !lines.empty()) ahead_ = std::make_unique<LinesAhead>(kDepthUsual);
  if (ahead_) ahead_->begin(lines);
}

std::expected<simdjson::dom::element, std::string> JsonLine::parse(std::string_view line) {
  if (ahead_) {
    if (const auto found = ahead_->find(line)) return *found;
  }
  reserve(line.size());
  simdjson::dom::element root;
  simdjson::error_code error = parse_patched(line, root);
  if (error == simdjson::DEPTH_ERROR) error = parse_deep(line, root);
  if (error == simdjson::MEMALLOC) throw std::bad_alloc();
  if (error) return std::unexpected(why_not_json(error, line));
  return root;
}

}  // namespace recant::json
