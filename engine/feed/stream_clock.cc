#include "engine/feed/stream_clock.h"

#include <curl/curl.h>

#include <algorithm>
#include <cstdlib>

namespace recant::feed {
namespace {

// Less than events may come late by: a claim that is so much off is still true.
constexpr Time kStepMs = 5'000;
// Who sets a clock by mistake, or for a test, sets it right again soon.
constexpr std::int64_t kStaysMs = 300'000;
// An answer's date is that of its making, and it was under way.
constexpr Time kForeignMs = 60'000;

std::optional<Time> date_of(const Headers& headers) {
  const auto text = find_header(headers, "date");
  if (!text) return {};
  const time_t seconds = curl_getdate(std::string(*text).c_str(), nullptr);
  if (seconds < 0 || seconds > kTimeMax / 1000) return {};
  return Time{seconds} * 1000;
}

}  // namespace

void StreamClock::begin(Moment now, const Headers& headers) {
  begun_ = now;
  set_since_ms_.reset();
  const auto theirs = date_of(headers);
  foreign_ = theirs && std::abs(*theirs - now.wall) > kForeignMs;
}

// By how much the clock was set since the connection began.
Time StreamClock::step(Moment now) const {
  if (!begun_) return 0;
  return now.wall - begun_->wall - (now.steady_ms - begun_->steady_ms);
}

std::optional<Time> StreamClock::believed(Moment now) const {
  const Time set_by = step(now);
  if (std::abs(set_by) > kStepMs) return {};
  return now.wall - std::max<Time>(set_by, 0);
}

bool StreamClock::is_over(Moment now) {
  if (std::abs(step(now)) <= kStepMs) {
    set_since_ms_.reset();
    return false;
  }
  if (!set_since_ms_) set_since_ms_ = now.steady_ms;
  return now.steady_ms - *set_since_ms_ >= kStaysMs;
}

}  // namespace recant::feed
