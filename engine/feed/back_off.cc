#include "engine/feed/back_off.h"

#include <algorithm>
#include <charconv>

namespace recant::feed {
namespace {

constexpr std::int64_t kRateLimitMaxMs = 901'000;
constexpr std::int64_t kRateLimitMarginMs = 10'000;

std::int64_t doubled(std::int64_t first_ms, std::int64_t max_ms, unsigned attempt) {
  std::int64_t wait = first_ms;
  for (unsigned i = 1; i < attempt && wait < max_ms; ++i) wait *= 2;
  return std::min(wait, max_ms);
}

std::optional<std::int64_t> number(const Headers& headers, std::string_view name) {
  const auto text = find_header(headers, name);
  if (!text) return {};
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size() || value < 0) return {};
  return value;
}

std::int64_t seconds_ms(std::int64_t seconds) {
  return std::min(seconds, kRateLimitMaxMs / 1000) * 1000;
}

Time reset_time(std::int64_t reset_s) { return std::min(reset_s, kTimeMax / 1000) * 1000; }

// Within 10 to 901 s, also where a clock is wrong, ours or theirs.
std::int64_t until_reset_ms(Time reset, Time now) {
  return std::clamp(reset - now + kRateLimitMarginMs, kRateLimitMarginMs, kRateLimitMaxMs);
}

}  // namespace

std::int64_t network_wait_ms(unsigned attempt) {
  return std::min<std::int64_t>(std::int64_t{250} * attempt, 16'000);
}

std::int64_t http_wait_ms(unsigned attempt) { return doubled(5'000, 320'000, attempt); }

std::int64_t rate_limit_wait_ms(const Headers& headers, Time now, unsigned attempt) {
  const auto reset = number(headers, "x-rate-limit-reset");
  if (!reset || *reset == 0) {
    const auto after = number(headers, "retry-after");
    if (!after) return doubled(60'000, kRateLimitMaxMs, attempt);
    return std::max(seconds_ms(*after), kRateLimitMarginMs);
  }
  const Time at = reset_time(*reset);
  if (at <= now && attempt > 1) return doubled(60'000, kRateLimitMaxMs, attempt - 1);
  return until_reset_ms(at, now);
}

std::int64_t server_error_wait_ms(const Headers& headers, unsigned attempt) {
  const auto after = number(headers, "retry-after");
  return std::max(http_wait_ms(attempt), after ? seconds_ms(*after) : 0);
}

std::int64_t exhausted_wait_ms(const Headers& headers, Time now) {
  const auto remaining = number(headers, "x-rate-limit-remaining");
  const auto reset = number(headers, "x-rate-limit-reset");
  // A reset that is over says nothing of the window that has begun since.
  if (!remaining || *remaining != 0 || !reset || reset_time(*reset) <= now) return 0;
  return until_reset_ms(reset_time(*reset), now);
}

}  // namespace recant::feed
