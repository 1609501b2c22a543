#include "recant/time.h"

#include <algorithm>
#include <charconv>
#include <chrono>

namespace recant {
namespace {

constexpr Time kMsPerSecond = 1000;
constexpr Time kMsPerMinute = 60 * kMsPerSecond;
constexpr Time kMsPerHour = 60 * kMsPerMinute;
constexpr Time kMsPerDay = 24 * kMsPerHour;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes exactly `digits` digits from the front of `text`.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits || !std::all_of(text.begin(), text.begin() + digits, is_digit))
    return {};
  int value = 0;
  std::from_chars(text.data(), text.data() + digits, value);
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

// "2022-07-01" to the midnight it begins with.
std::optional<Time> take_date(std::string_view& text) {
  const auto year = take_number(text, 4);
  if (!year || !take(text, '-')) return {};
  const auto month = take_number(text, 2);
  if (!month || !take(text, '-')) return {};
  const auto day = take_number(text, 2);
  if (!day) return {};
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return {};
  return Time{std::chrono::sys_days{date}.time_since_epoch().count()} * kMsPerDay;
}

// ".123456" to 123; nothing where a point has no digit behind it.
std::optional<Time> take_fraction(std::string_view& text) {
  if (!take(text, '.')) return 0;
  Time ms = 0;
  std::size_t digits = 0;
  for (; digits < text.size() && is_digit(text[digits]); ++digits) {
    if (digits < 3) ms = ms * 10 + (text[digits] - '0');
  }
  if (digits == 0) return {};
  for (std::size_t i = digits; i < 3; ++i) ms *= 10;
  text.remove_prefix(digits);
  return ms;
}

std::optional<Time> take_clock(std::string_view& text) {
  const auto hour = take_number(text, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return {};
  const auto minute = take_number(text, 2);
  if (!minute || *minute > 59 || !take(text, ':')) return {};
  const auto second = take_number(text, 2);
  if (!second || *second > 60) return {};
  auto ms = take_fraction(text);
  if (!ms) return {};
  // A leap second has no place in milliseconds since 1970: its last one before it stands for it.
  if (*second == 60) return *hour * kMsPerHour + *minute * kMsPerMinute + 59 * kMsPerSecond + 999;
  return *hour * kMsPerHour + *minute * kMsPerMinute + *second * kMsPerSecond + *ms;
}

// "Z" or "+05:30" to the offset from UTC.
std::optional<Time> take_offset(std::string_view& text) {
  if (take(text, 'Z') || take(text, 'z')) return 0;
  const bool negative = !text.empty() && text.front() == '-';
  if (!take(text, '+') && !take(text, '-')) return {};
  const auto hour = take_number(text, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return {};
  const auto minute = take_number(text, 2);
  if (!minute || *minute > 59) return {};
  const Time offset = *hour * kMsPerHour + *minute * kMsPerMinute;
  return negative ? -offset : offset;
}

}  // namespace

std::optional<Time> parse_rfc3339(std::string_view text) {
  const auto date = take_date(text);
  if (!date || (!take(text, 'T') && !take(text, 't'))) return {};
  const auto clock = take_clock(text);
  if (!clock) return {};
  const auto offset = take_offset(text);
  if (!offset || !text.empty()) return {};
  const Time at = *date + *clock - *offset;
  if (at < 0 || at > kTimeMax) return {};
  return at;
}

std::optional<Time> parse_time(std::string_view text) {
  if (!text.empty() && text.size() <= 15 && std::ranges::all_of(text, is_digit)) {
    Time at = 0;
    std::from_chars(text.data(), text.data() + text.size(), at);
    if (at > kTimeMax) return {};
    return at;
  }
  return parse_rfc3339(text);
}

char* write_time(Time at, char* out) {
  const auto put = [&out](Time value, int digits) {
    for (int i = digits; i-- > 0; value /= 10) out[i] = static_cast<char>('0' + value % 10);
    out += digits;
  };
  const Time days = at / kMsPerDay;
  const std::chrono::year_month_day date{
      std::chrono::sys_days{std::chrono::days{static_cast<int>(days)}}};
  const Time ms = at - days * kMsPerDay;
  put(static_cast<int>(date.year()), 4);
  *out++ = '-';
  put(static_cast<unsigned>(date.month()), 2);
  *out++ = '-';
  put(static_cast<unsigned>(date.day()), 2);
  *out++ = 'T';
  put(ms / kMsPerHour, 2);
  *out++ = ':';
  put(ms / kMsPerMinute % 60, 2);
  *out++ = ':';
  put(ms / kMsPerSecond % 60, 2);
  *out++ = '.';
  put(ms % kMsPerSecond, 3);
  *out++ = 'Z';
  return out;
}

std::string format_time(Time at) {
  std::string text(24, '\0');
  write_time(at, text.data());
  return text;
}

std::optional<std::uint64_t> parse_id(std::string_view text) {
  if (text.empty() || text.size() > 20) return {};
  std::uint64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc{} || end != text.data() + text.size() || id == 0) return {};
  return id;
}

std::optional<Time> snowflake_time(TweetId id) {
  constexpr TweetId kFirstSnowflake = 29'700'859'247;
  constexpr Time kEpochMs = 1'288'834'974'657;
  if (id < kFirstSnowflake) return {};
  return static_cast<Time>(id >> 22) + kEpochMs;
}

}  // namespace recant
