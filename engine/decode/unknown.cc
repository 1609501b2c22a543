#include "engine/decode/unknown.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "engine/decode/fields.h"
#include "recant/time.h"

namespace recant::decode {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// The characters of a string token (without its quotes) if all of them are ASCII and none needs an
// escape; only such a string may stay.
std::optional<std::string> plain_ascii(std::string_view token) {
  std::string text;
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] != '\\') {
      text += token[i];
      continue;
    }
    if (token.size() < i + 6 || token[i + 1] != 'u') return {};
    std::uint16_t unit = 0;
    const char* digits = token.data() + i + 2;
    if (std::from_chars(digits, digits + 4, unit, 16).ptr != digits + 4) return {};
    if (unit < ' ' || unit > '~') return {};
    text += static_cast<char>(unit);
    i += 5;
  }
  return text;
}

// Digits, times and two letters hold no character that JSON would escape.
std::string kept_value(std::string_view token) {
  auto text = plain_ascii(token);
  if (!text || text->empty()) return {};
  const bool keep = std::ranges::all_of(*text, is_digit) || parse_rfc3339(*text).has_value() ||
                    (text->size() == 2 && std::ranges::all_of(*text, is_letter));
  return keep ? *std::move(text) : std::string();
}

// One past the closing quote of the string token that begins at `begin`.
std::size_t string_end(std::string_view line, std::size_t begin) {
  std::size_t i = begin + 1;
  while (i < line.size() && line[i] != '"') i += line[i] == '\\' ? 2U : 1U;
  return std::min(i + 1, line.size());
}

bool is_key(std::string_view line, std::size_t end) {
  while (end < line.size() && is_space(line[end])) ++end;
  return end < line.size() && line[end] == ':';
}

// The first of the time members that can be read: an unreadable time is no reason to lose a line
// that nobody understands yet.
Decoded<Time> lenient_time(simdjson::dom::object body) {
  constexpr std::array<std::string_view, 3> kNames = {"event_at", "timestamp_ms", "timestampMs"};
  const FieldsOf<3> fields(kNames, body);
  for (std::size_t slot = 0; slot < kNames.size(); ++slot) {
    RECANT_ASSIGN(const Member member, fields.find({slot}));
    if (!member) continue;
    if (const auto at = read_time(member.value)) return *at;
  }
  return 0;
}

}  // namespace

Decoded<std::string> blanked(std::string_view line) {
  std::string out;
  for (std::size_t i = 0; i < line.size();) {
    if (is_space(line[i])) {
      ++i;
      continue;
    }
    if (line[i] != '"') {
      out += line[i++];
    } else {
      const std::size_t end = string_end(line, i);
      const std::string_view token = line.substr(i, end - i);
      out += is_key(line, end) ? std::string(token)
                               : '"' + kept_value(token.substr(1, token.size() - 2)) + '"';
      i = end;
    }
    if (out.size() > kRawBytesMax) return reject("an unknown event over 64 KiB");
  }
  return out;
}

Decoded<void> append_unknown(const Context& context, std::optional<simdjson::dom::object> body) {
  Event& event = append_event(context, EventKind::kUnknown);
  if (body) {
    RECANT_ASSIGN(event.at, lenient_time(*body));
  }
  RECANT_ASSIGN(event.payload.make().raw, blanked(context.line));
  return {};
}

}  // namespace recant::decode
