#include "engine/feed/recovery.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/feed/back_off.h"
#include "recant/time.h"

namespace recant::feed {
namespace {

constexpr std::size_t kAtOnce = 2;
constexpr unsigned kAttemptsMax = 5;
constexpr Time kDayMs = 86'400'000;
// Clocks differ, and events come late: what is asked for reaches over both ends.
constexpr Time kMarginMs = 60'000;
constexpr Time kNotYetMs = 10'000;
constexpr std::int64_t kSilenceMs = 60'000;
constexpr std::int64_t kLongestMs = 3'600'000;
// Events so far behind the range: the server does not know ranges, and sends what is new.
constexpr Time kBeyondMs = 300'000;

// `YYYY-MM-DDTHH:mm:ssZ`, as the platform takes it.
std::string second_text(Time at) { return format_time(at).substr(0, 19) + "Z"; }

}  // namespace

bool Recovery::add(std::size_t stream, Heard gap, Moment now) {
  if (!streams_.contains(stream)) return false;
  gap.from = std::max(gap.from, now.wall - kDayMs + 2 * kMarginMs);
  if (gap.from >= gap.to) return false;
  // What is asked for has to be over, or its end would be missing.
  const Time until_over = std::max<Time>(gap.to + kMarginMs + kNotYetMs - now.wall, 0);
  waiting_.push_back({.stream = stream, .gap = gap, .not_before_ms = now.steady_ms + until_over});
  return true;
}

void Recovery::step(Moment now) {
  std::vector<std::size_t> dead;
  for (auto& [stream, job] : running_) {
    const bool silent = now.steady_ms - job.last_byte_ms >= kSilenceMs;
    const bool endless = now.steady_ms - job.begun_ms >= kLongestMs;
    if (silent || endless || job.hang_up) dead.push_back(stream);
  }
  for (const std::size_t stream : dead) {
    sockets_.close(first_slot_ + stream);
    again(stream, now, http_wait_ms(running_[stream].attempts), "it came to no end");
  }
  for (auto job = waiting_.begin(); job != waiting_.end() && running_.size() < kAtOnce;) {
    const bool ready = job->not_before_ms <= now.steady_ms && !running_.contains(job->stream);
    if (!ready || !streams_.at(job->stream).budget->take(now.steady_ms)) {
      ++job;
      continue;
    }
    Job next = *job;
    job = waiting_.erase(job);
    begin(next, now);
  }
}

std::string Recovery::url_of(const Job& job) const {
  const std::string& url = streams_.at(job.stream).url;
  return fmt::format("{}{}start_time={}&end_time={}", url,
                     url.find('?') == std::string::npos ? '?' : '&',
                     second_text(std::max<Time>(job.gap.from - kMarginMs, 0)),
                     second_text(job.gap.to + kMarginMs));
}

void Recovery::begin(Job job, Moment now) {
  const RecoverableStream& stream = streams_.at(job.stream);
  ++job.attempts;
  job.open = false;
  job.hang_up = false;
  job.doubtful = false;
  job.begun_ms = now.steady_ms;
  job.last_byte_ms = now.steady_ms;
  ++connections_[job.stream];
  running_[job.stream] = job;
  const HttpRequest request{.url = url_of(job),
                            .authorized = true,
                            .headers = {{"Accept-Encoding", "gzip"}},
                            .timeout_ms = 0};
  const auto opened = sockets_.open(first_slot_ + job.stream, *stream.settings, request);
  if (!opened) give_up(job.stream, opened.error().what);
}

void Recovery::again(std::size_t stream, Moment now, std::int64_t wait_ms, const std::string& why) {
  Job job = running_.at(stream);
  if (job.attempts >= kAttemptsMax) return give_up(stream, why);
  running_.erase(stream);
  job.not_before_ms = now.steady_ms + wait_ms +
                      static_cast<std::int64_t>(pace_.chance() * static_cast<double>(wait_ms) / 4);
  waiting_.push_back(job);
}

void Recovery::give_up(std::size_t stream, const std::string& why) {
  const Heard gap = running_.at(stream).gap;
  running_.erase(stream);
  host_.say(
      fmt::format("{}: the gap from {} to {} stays: {} (close it with `recant batch` or "
                  "`recant lookup`)",
                  streams_.at(stream).label, format_time(gap.from), format_time(gap.to), why));
}

void Recovery::responded(std::size_t stream, Moment now, int status, const Headers& headers) {
  const auto found = running_.find(stream);
  if (found == running_.end()) return;
  Job& job = found->second;
  job.last_byte_ms = now.steady_ms;
  if (status == 200 && !is_html(headers)) {
    job.open = true;
    return;
  }
  const std::string why = fmt::format("HTTP {}", status);
  if (is_rate_limited(status)) {
    return again(stream, now, rate_limit_wait_ms(headers, now.wall, job.attempts), why);
  }
  if (status == 200) {
    job.hang_up = true;  // HTML; any other answer has ended by itself
    return;
  }
  if (is_worth_retrying(status)) return again(stream, now, http_wait_ms(job.attempts), why);
  give_up(stream, why);
}

bool Recovery::is_open(std::size_t stream) const {
  const auto found = running_.find(stream);
  return found != running_.end() && found->second.open;
}

void Recovery::received(std::size_t stream, Moment now) {
  if (const auto found = running_.find(stream); found != running_.end()) {
    found->second.last_byte_ms = now.steady_ms;
  }
}

void Recovery::closed(std::size_t stream, Moment now, const std::string& why) {
  const auto found = running_.find(stream);
  if (found == running_.end()) return;
  again(stream, now, http_wait_ms(found->second.attempts), why);
}

void Recovery::stored(const Stored& stored, std::size_t stream, Moment now) {
  const auto found = running_.find(stream);
  if (found == running_.end() || stored.connection != connection(stream)) return;
  Job& job = found->second;
  switch (stored.kind) {
    case Stored::Kind::kEvents:
      if (stored.at <= job.gap.to + kMarginMs + kBeyondMs) return;
      sockets_.close(first_slot_ + stream);
      return give_up(stream, "the platform takes no time range here");
    case Stored::Kind::kNotice:
      job.doubtful = job.doubtful || stored.advice != NoticeAdvice::kNone;
      return;
    case Stored::Kind::kRejected:
      job.doubtful = true;
      return;
    case Stored::Kind::kClosed:
      if (stored.close != Close::kEnded || job.doubtful) return closed(stream, now, stored.words);
      host_.recovered(stream, job.gap);
      running_.erase(found);
      return;
    case Stored::Kind::kBroken:
      sockets_.close(first_slot_ + stream);
      return closed(stream, now, stored.words);
    case Stored::Kind::kKeepAlive:
    case Stored::Kind::kTrouble:
      return;
  }
}

std::uint64_t Recovery::connection(std::size_t stream) const {
  const auto found = connections_.find(stream);
  return found == connections_.end() ? 0 : found->second;
}

}  // namespace recant::feed
