// Ids as text, and what to say of text that is none.
#pragma once

#include <algorithm>
#include <string_view>

#include "recant/time.h"

namespace recant::dataset {

inline constexpr std::string_view kNoId = "not an id (1 to 20 digits, no spaces, not 0)";
inline constexpr std::string_view kSpreadsheetId =
    "not an id but a rounded number (a spreadsheet destroyed it: go back to the original file)";
inline constexpr std::string_view kOversizedId =
    "not an id but a number of over 20 digits or over 2^64 (go back to the original file)";

/// Why `text` is no id.
[[nodiscard]] inline std::string_view why_no_id(std::string_view text) {
  if (text.size() >= 20 && text.find_first_not_of("0123456789") == std::string_view::npos) {
    return kOversizedId;
  }
  const bool number = !text.empty() && text.front() >= '0' && text.front() <= '9' &&
                      text.find_first_not_of("0123456789.,eE+-") == std::string_view::npos;
  const bool scientific = number && text.find_first_of("eE.") != std::string_view::npos;
  return scientific ? kSpreadsheetId : kNoId;
}

[[nodiscard]] inline std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

/// Without the CR of a CRLF, and without one pair of double quotes.
[[nodiscard]] inline std::string_view unquoted_line(std::string_view text) {
  if (text.ends_with('\r')) text.remove_suffix(1);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    text = text.substr(1, text.size() - 2);
  }
  return text;
}

/// A header begins with a letter, after an optional quote. Bytes of other alphabets are letters.
[[nodiscard]] inline bool begins_with_letter(std::string_view text) {
  if (text.starts_with('"')) text.remove_prefix(1);
  if (text.empty()) return false;
  const auto c = static_cast<unsigned char>(text.front());
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
}

}  // namespace recant::dataset
