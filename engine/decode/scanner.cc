#include "engine/decode/scanner.h"

#include <chrono>

namespace recant::decode {
namespace {

constexpr Time kMsPerSecond = 1000;
constexpr Time kMsPerMinute = 60 * kMsPerSecond;
constexpr Time kMsPerHour = 60 * kMsPerMinute;
constexpr Time kMsPerDay = 24 * kMsPerHour;

/// Eight characters, '0' standing for any digit and NUL for nothing.
class Shape {
 public:
  consteval explicit Shape(std::string_view text) : zeros_(json::name_head(text)) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '0') others_ |= std::uint64_t{0xff} << (8 * i);
    }
  }
  /// The values of the digits, 0 where the others stand; false if `word` is not of this shape.
  bool read(std::uint64_t word, std::uint64_t& values) const {
    constexpr std::uint64_t kToHighBit = 0x7676767676767676;  // 9 stays below it, 10 does not
    constexpr std::uint64_t kHighBits = 0x8080808080808080;
    values = word ^ zeros_;
    return ((((values + kToHighBit) | values) & kHighBits) | (values & others_)) == 0;
  }

 private:
  std::uint64_t zeros_;
  std::uint64_t others_ = 0;
};

// The two digits of which `place` is the first, in digits' values times ten plus their neighbours.
unsigned pair_at(std::uint64_t pairs, unsigned place) { return pairs >> (8 * place) & 0xff; }
std::uint64_t pairs_of(std::uint64_t values) { return values * 10 + (values >> 8); }

bool date_ms(int year, unsigned month, unsigned day, Time& ms) {
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month},
                                         std::chrono::day{day}};
  if (!date.ok() || year < 1970) return false;
  ms = Time{std::chrono::sys_days{date}.time_since_epoch().count()} * kMsPerDay;
  return true;
}

}  // namespace

bool Scanner::take_time(Time& at) {
  const bool text = take('"');
  if (at_ >= end_) return false;
  if (text && at_[4] == '-') return take_rfc3339(at);
  const bool leading_zero = *at_ == '0';
  std::uint64_t ms = 0;
  const std::size_t digits = take_digits(ms);
  if (digits == 0 || digits > 15 || ms > static_cast<std::uint64_t>(kTimeMax)) return false;
  at = static_cast<Time>(ms);
  return text ? take('"') : !leading_zero;
}

bool Scanner::take_rfc3339(Time& at) {
  constexpr Shape kDate("0000-00-");
  constexpr Shape kClock("00T00:00");
  std::uint64_t date = 0;
  std::uint64_t clock = 0;
  std::uint64_t second = 0;
  if (!kDate.read(load(at_), date) || !kClock.read(load(at_ + 8), clock)) return false;
  at_ += 16;
  if (!take_second(second)) return false;
  date = pairs_of(date);
  clock = pairs_of(clock);
  const unsigned hours = pair_at(clock, 3);
  const unsigned minutes = pair_at(clock, 6);
  const unsigned seconds = pair_at(pairs_of(second), 1);
  if (hours > 23 || minutes > 59 || seconds > 59) return false;
  const auto year = static_cast<int>(100 * pair_at(date, 0) + pair_at(date, 2));
  if (!date_ms(year, pair_at(date, 5), pair_at(clock, 0), at)) return false;
  const unsigned ms = 10 * pair_at(pairs_of(second), 4) + (second >> 48 & 0xff);
  at += hours * kMsPerHour + minutes * kMsPerMinute + seconds * kMsPerSecond + ms;
  return take('"');
}

// ":12.345" and ":12", with "Z" or "+00:00" behind them; the values of the digits of the first
// form.
bool Scanner::take_second(std::uint64_t& values) {
  constexpr std::uint64_t kFourBytes = 0xffffffff;
  constexpr Shape kMsZ(":00.000Z");
  constexpr Shape kMsPlus(":00.000+");
  constexpr Shape kZ(":00Z");
  constexpr Shape kPlus(":00+");
  const std::uint64_t word = load(at_);
  if (kMsZ.read(word, values)) {
    at_ += 8;
    return true;
  }
  if (kZ.read(word & kFourBytes, values)) {
    at_ += 4;
    return true;
  }
  if (kMsPlus.read(word, values)) {
    at_ += 8;
  } else if (kPlus.read(word & kFourBytes, values)) {
    at_ += 4;
  } else {
    return false;
  }
  if (std::memcmp(at_, "00:00", 5) != 0) return false;
  at_ += 5;
  return true;
}

bool Scanner::take_text(std::string_view& text) {
  if (!take('"')) return false;
  const char* const begin = at_;
  while (at_ < end_ && *at_ >= ' ' && *at_ <= '~' && *at_ != '"' && *at_ != '\\') ++at_;
  text = {begin, at_};
  return take('"');
}

}  // namespace recant::decode
