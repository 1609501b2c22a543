#include "engine/files/json_line.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstdint>

namespace recant::files {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t skip_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) ++at;
  return at;
}

// The length of the JSON number that `text` begins with; 0 if it begins with none. [RFC 8259, 6]
std::size_t number_size(std::string_view text, bool& integer) {
  const std::size_t first = text.starts_with('-') ? 1 : 0;
  std::size_t at = skip_digits(text, first);
  if (at == first || (text[first] == '0' && at > first + 1)) return 0;
  integer = true;
  if (at < text.size() && text[at] == '.') {
    integer = false;
    const std::size_t fraction = at + 1;
    at = skip_digits(text, fraction);
    if (at == fraction) return 0;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    integer = false;
    std::size_t exponent = at + 1;
    if (exponent < text.size() && (text[exponent] == '+' || text[exponent] == '-')) ++exponent;
    at = skip_digits(text, exponent);
    if (at == exponent) return 0;
  }
  return at;
}

template <class T>
bool out_of_range(std::string_view token) {
  T value{};
  return std::from_chars(token.data(), token.data() + token.size(), value).ec ==
         std::errc::result_out_of_range;
}

bool over_range(std::string_view token, bool integer) {
  if (!integer) return out_of_range<double>(token);
  return token.front() == '-' ? out_of_range<std::int64_t>(token)
                              : out_of_range<std::uint64_t>(token);
}

// Replaces numbers that are out of range by -1 and blanks; every one of them is longer than that.
bool replace_over_range(std::string& json) {
  bool replaced = false;
  bool in_string = false;
  for (std::size_t at = 0; at < json.size(); ++at) {
    const char c = json[at];
    if (in_string) {
      if (c == '\\') ++at;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '-' || is_digit(c)) {
      bool integer = false;
      const std::string_view rest = std::string_view(json).substr(at);
      const std::size_t size = number_size(rest, integer);
      if (size == 0) return replaced;  // not JSON: the parser has said so and will again
      if (over_range(rest.substr(0, size), integer)) {
        json.replace(at, size, size, ' ').replace(at, 2, "-1");
        replaced = true;
      }
      at += size - 1;
    }
  }
  return replaced;
}

std::string_view reason(simdjson::error_code code) {
  switch (code) {
    case simdjson::DEPTH_ERROR:
      return "nested deeper than 64";
    case simdjson::UTF8_ERROR:
      return "not valid UTF-8";
    case simdjson::UNCLOSED_STRING:
      return "not JSON: a string is not closed (the line is cut off)";
    case simdjson::UNESCAPED_CHARS:
      return "not JSON: a control character in a string";
    case simdjson::CAPACITY:
    case simdjson::MEMALLOC:
      return "no memory to read it";
    default:
      return "not JSON";
  }
}

}  // namespace

simdjson::error_code JsonLineParser::parse_bytes(const char* data, std::size_t size,
                                                 simdjson::dom::element& root) {
  // By powers of two, or lines that grow slowly would each allocate anew.
  if (size > capacity_) {
    constexpr std::size_t kCapacityMin = std::size_t{64} << 10;
    const std::size_t capacity = std::max(std::bit_ceil(size), kCapacityMin);
    if (const auto code = parser_.allocate(capacity, kDepthMax + 1)) return code;
    capacity_ = capacity;
  }
  return parser_.parse(data, size, false).get(root);
}

std::expected<simdjson::dom::element, std::string_view> JsonLineParser::parse(
    std::string_view line) {
  simdjson::dom::element root;
  simdjson::error_code code = parse_bytes(line.data(), line.size(), root);
  // Which codes out-of-range numbers give is not promised by simdjson, so both are looked into.
  if (code == simdjson::NUMBER_ERROR || code == simdjson::NUMBER_OUT_OF_RANGE) {
    rewritten_.reserve(line.size() + kPadding);  // the padding must be readable in the copy too
    rewritten_.assign(line);
    if (replace_over_range(rewritten_)) {
      code = parse_bytes(rewritten_.data(), rewritten_.size(), root);
    }
  }
  if (code != simdjson::SUCCESS) return std::unexpected(reason(code));
  return root;
}

}  // namespace recant::files
