#include "engine/json/json_patch.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace recant::json {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t skip_digits(std::string_view token, std::size_t i) {
  while (i < token.size() && is_digit(token[i])) ++i;
  return i;
}

enum class Number : std::uint8_t { kNone, kInteger, kFraction };

// RFC 8259, section 6: number = [ minus ] int [ frac ] [ exp ].
Number number_grammar(std::string_view token) {
  std::size_t i = token.starts_with('-') ? 1 : 0;
  const std::size_t whole = i;
  i = skip_digits(token, i);
  if (i == whole || (token[whole] == '0' && i > whole + 1)) return Number::kNone;
  if (i == token.size()) return Number::kInteger;
  if (token[i] == '.') {
    const std::size_t fraction = i + 1;
    i = skip_digits(token, fraction);
    if (i == fraction) return Number::kNone;
  }
  if (i < token.size() && (token[i] == 'e' || token[i] == 'E')) {
    ++i;
    if (i < token.size() && (token[i] == '+' || token[i] == '-')) ++i;
    const std::size_t exponent = i;
    i = skip_digits(token, exponent);
    if (i == exponent) return Number::kNone;
  }
  return i == token.size() ? Number::kFraction : Number::kNone;
}

template <class Integer>
bool fits(std::string_view token) {
  Integer value = 0;
  return std::from_chars(token.data(), token.data() + token.size(), value).ec == std::errc{};
}

// No fraction is ever read as an id or a time, so every one of them may read as 0.5.
bool may_be_replaced(std::string_view token) {
  switch (number_grammar(token)) {
    case Number::kNone:
      return false;
    case Number::kInteger:
      return !fits<std::uint64_t>(token) && !fits<std::int64_t>(token);
    case Number::kFraction:
      return true;
  }
  return false;
}

std::optional<std::uint16_t> unicode_escape(std::string_view text, std::size_t at) {
  if (text.size() < at + 6 || text[at] != '\\' || text[at + 1] != 'u') return {};
  std::uint16_t unit = 0;
  const char* digits = text.data() + at + 2;
  const auto [end, error] = std::from_chars(digits, digits + 4, unit, 16);
  if (error != std::errc{} || end != digits + 4) return {};
  return unit;
}

bool is_high(std::uint16_t unit) { return unit >= 0xd800 && unit < 0xdc00; }
bool is_low(std::uint16_t unit) { return unit >= 0xdc00 && unit < 0xe000; }

// The escape that begins at `i`: repairs it where needed and returns the place behind it.
std::size_t patch_escape(std::string& text, std::size_t i, bool& changed) {
  const auto unit = unicode_escape(text, i);
  if (!unit) return i + 2;
  if (is_high(*unit)) {
    const auto next = unicode_escape(text, i + 6);
    if (next && is_low(*next)) return i + 12;
  }
  if (is_high(*unit) || is_low(*unit)) {
    text.replace(i, 6, "\\ufffd");
    changed = true;
  }
  return i + 6;
}

std::size_t patch_number(std::string& text, std::size_t i, bool& changed) {
  const std::size_t end = std::min(text.find_first_not_of("0123456789+-.eE", i), text.size());
  if (may_be_replaced(std::string_view(text).substr(i, end - i))) {
    text.replace(i, end - i, "0.5" + std::string(end - i - 3, ' '));
    changed = true;
  }
  return end;
}

}  // namespace

bool patch_unreadable_tokens(std::string& text) {
  bool changed = false;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (in_string && c == '\\') {
      i = patch_escape(text, i, changed);
    } else if (c == '"') {
      in_string = !in_string;
      ++i;
    } else if (!in_string && (c == '-' || is_digit(c))) {
      i = patch_number(text, i, changed);
    } else {
      ++i;
    }
  }
  return changed;
}

}  // namespace recant::json
