#include "engine/feed/stream_machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <limits>
#include <utility>

#include "engine/feed/back_off.h"

namespace recant::feed {
namespace {

constexpr Time kMinuteMs = 60'000;
// Events come a little late and out of order: having one, or none at all waiting, proves only what
// is so much older.
constexpr Time kLateMs = 10'000;
// What is generally given oldest first is given again whole once events so much newer than the
// connection come.
constexpr Time kNewerMs = 30'000;
// A time further ahead of our clock says nothing about what has come.
constexpr Time kAheadMs = 60'000;
// An empty line sooner than that may come before what was asked for: it does not say that there is
// nothing of it.
constexpr std::int64_t kSettledMs = 1'000;
// A connection that lasted so long was a good one, and the next attempt needs no delay.
constexpr std::int64_t kGoodMs = 10'000;
// Partitions that were cut together do not come back together.
constexpr double kSpreadMs = 500;

}  // namespace

bool is_html(const Headers& headers) {
  const auto type = find_header(headers, "content-type");
  constexpr std::string_view kHtml = "text/html";
  return type && std::ranges::equal(type->substr(0, kHtml.size()), kHtml, {}, [](unsigned char c) {
           return static_cast<char>(std::tolower(c));
         });
}

StreamMachine::StreamMachine(StreamRules rules, ConnectBudget& budget, Pace& pace,
                             std::optional<Time> heard_to, Moment now)
    : rules_(rules), budget_(budget), pace_(pace), heard_to_(heard_to) {
  // Whoever wrote that had a clock that was ahead, or ours is behind: it hides no outage from now.
  if (heard_to_) heard_to_ = std::min(*heard_to_, now.wall);
  told_to_ = heard_to_;
  connect_at_ms_ = now.steady_ms + static_cast<std::int64_t>(pace_.chance() * kSpreadMs);
}

int StreamMachine::backfill_for(Time wall) const {
  if (backfill_refused_ || backfill_lost_) return 0;
  if (rules_.backfill_minutes_fixed > 0) return rules_.backfill_minutes_fixed;
  if (!heard_to_ || rules_.backfill_minutes_max == 0) return 0;
  // To connect takes time too, during which the gap grows.
  const Time gap = std::max<Time>(wall - *heard_to_, 0) + rules_.heartbeat_ms;
  const Time minutes = (gap + kMinuteMs - 1) / kMinuteMs;
  return static_cast<int>(std::clamp<Time>(minutes, 1, rules_.backfill_minutes_max));
}

StreamMachine::Step StreamMachine::tick(Moment now) {
  if (state_ == State::kStopped) {
    if (std::exchange(stop_told_, true)) return {};
    return {.what = Do::kStop};
  }
  if (state_ == State::kWaiting) {
    if (now.steady_ms < connect_at_ms_) return {};
    if (!budget_.take(now.steady_ms)) {
      connect_at_ms_ =
          budget_.next_ms() + static_cast<std::int64_t>(pace_.chance() * kSpreadMs) + 1;
      return {};
    }
    state_ = State::kConnecting;
    paused_ = false;
    last_byte_ms_ = now.steady_ms;
    advice_ = NoticeAdvice::kNone;
    distrust_future(now);
    backfill_asked_ = backfill_for(now.wall);
    return {.what = Do::kConnect, .backfill_minutes = backfill_asked_};
  }
  if (paused_) return {};
  if (state_ == State::kOpen && clock_.is_over(now)) {
    distrust_future(now);
    lost(now, "the clock was set: what was heard since is asked for again");
    return {.what = Do::kHangUp};
  }
  if (now.steady_ms - last_byte_ms_ < rules_.heartbeat_ms) return {};
  lost(now, fmt::format("silent for {} s", rules_.heartbeat_ms / 1000));
  return {.what = Do::kHangUp};
}

std::int64_t StreamMachine::next_ms() const {
  switch (state_) {
    case State::kWaiting:
      return connect_at_ms_;
    case State::kConnecting:
    case State::kOpen:
      return paused_ ? std::numeric_limits<std::int64_t>::max()
                     : last_byte_ms_ + rules_.heartbeat_ms;
    case State::kStopped:
      return stop_told_ ? std::numeric_limits<std::int64_t>::max() : 0;
  }
  return 0;
}

void StreamMachine::wait(Moment now, std::int64_t ms) {
  state_ = State::kWaiting;
  caught_up_ = false;
  const auto jitter =
      static_cast<std::int64_t>(pace_.chance() * std::max(kSpreadMs, static_cast<double>(ms) / 4));
  connect_at_ms_ = now.steady_ms + ms + jitter;
}

void StreamMachine::stop(ErrorCode code, const std::string& why) {
  state_ = State::kStopped;
  caught_up_ = false;
  trouble_ = {.code = code, .what = why};
}

void StreamMachine::responded(Moment now, int status, const Headers& headers) {
  if (state_ != State::kConnecting) return;
  last_byte_ms_ = now.steady_ms;
  if (status != 200 || is_html(headers)) return refused(now, status, headers);
  state_ = State::kOpen;
  opened_ms_ = now.steady_ms;
  opened_wall_ = now.wall;
  clock_.begin(now, headers);
  distrust_future(now);
  heard_before_ = heard_to_;
  doubt_until_.reset();  // from heard_to_ on, or with a hole that is told, it is given again
  given_from_ = now.wall - backfill_asked_ * kMinuteMs;
  const Time from = std::max(given_from_, heard_to_.value_or(given_from_));
  proof_until_ = from + (now.wall - from) / 2;
  backfill_seen_ = false;
  backfill_lost_ = false;
  caught_up_ = false;
  if (backfill_asked_ == 0 && clock_.believed(now)) catch_up();
}

void StreamMachine::refused(Moment now, int status, const Headers& headers) {
  const std::string why = status == 200 ? "HTTP 200 with HTML" : fmt::format("HTTP {}", status);
  trouble_ = {.code = ErrorCode::kNetwork, .what = why};
  if (is_rate_limited(status)) {
    return wait(now, rate_limit_wait_ms(headers, now.wall, ++limited_));
  }
  if (is_worth_retrying(status) || status == 200) {
    return wait(now, server_error_wait_ms(headers, ++http_errors_));
  }
  const bool bad_request = status == 400 || status == 406 || status == 422;
  if (bad_request && backfill_asked_ > 0) {
    // Not everyone is given backfill: go on without it, and let the gap be known.
    backfill_refused_ = true;
    return wait(now, http_wait_ms(1));
  }
  const bool credentials = status == 401 || status == 403;
  stop(credentials ? ErrorCode::kRefused : ErrorCode::kIo, why);
}

// What was waiting for us has come: from here on what is heard is whole.
void StreamMachine::catch_up() {
  if (caught_up_) return;
  caught_up_ = true;
  if (!rules_.backfill_documented && !backfill_seen_) given_from_ = opened_wall_;
  if (!heard_to_ || given_from_ > *heard_to_) begin_at(given_from_);
}

// What is heard goes on after a hole, or begins.
void StreamMachine::begin_at(Time from) {
  if (heard_to_) hole_ = Heard{.from = hole_ ? hole_->from : *heard_to_, .to = from};
  heard_from_ = from;
  told_to_.reset();
  heard_to_ = from;
}

void StreamMachine::heard_until(Time to) {
  if (!caught_up_ || to <= *heard_to_) return;
  if (doubt_until_) {
    // What was heard before the doubt is told first, or the hole would swallow it.
    const bool untold = !told_to_ || *told_to_ < *heard_to_;
    if (to <= *doubt_until_ || untold) return;
    begin_at(std::max(*doubt_until_, *heard_to_ + 1));
    doubt_until_.reset();
  }
  heard_to_ = to;
}

void StreamMachine::data_came() {
  not_reached_ = 0;
  http_errors_ = 0;
  limited_ = 0;
}

void StreamMachine::keep_alive(Moment now) {
  if (state_ != State::kOpen) return;
  data_came();
  const auto wall = clock_.believed(now);
  if (!wall) return;
  if (now.steady_ms - opened_ms_ >= kSettledMs) catch_up();
  heard_until(*wall - kLateMs);
}

void StreamMachine::event(Moment now, Time at) {
  if (state_ != State::kOpen) return;
  const auto wall = clock_.believed(now);
  if (!wall) return data_came();
  if (at > *wall + kAheadMs) return;
  data_came();
  backfill_seen_ = backfill_seen_ || at <= proof_until_;
  const Time seen = std::min(at, *wall);
  if (seen >= opened_wall_ + kNewerMs) catch_up();
  heard_until(seen - kLateMs);
}

void StreamMachine::doubt(Moment now) {
  if (state_ != State::kOpen) return;
  const Time until = clock_.believed(now).value_or(opened_wall_ + now.steady_ms - opened_ms_);
  // A millisecond at least: what follows must not touch what was told.
  doubt_until_ = std::max({until, doubt_until_.value_or(0), heard_to_.value_or(0) + 1});
}

void StreamMachine::notice(Moment, NoticeAdvice advice, const std::string& words) {
  if (state_ != State::kOpen && state_ != State::kConnecting) return;
  advice_ = advice;
  if (advice != NoticeAdvice::kNone) trouble_ = {.code = ErrorCode::kNetwork, .what = words};
}

void StreamMachine::lost(Moment now, const std::string& why) {
  if (advice_ == NoticeAdvice::kNone) trouble_ = {.code = ErrorCode::kNetwork, .what = why};
  const bool was_open = state_ == State::kOpen;
  if (advice_ == NoticeAdvice::kNoBackfill) backfill_lost_ = true;
  if (advice_ == NoticeAdvice::kStop) return stop(ErrorCode::kRefused, trouble_.what);
  if (advice_ == NoticeAdvice::kBackOff) return wait(now, rate_limit_wait_ms({}, 0, ++limited_));
  if (was_open && now.steady_ms - opened_ms_ >= kGoodMs) drops_ = 0;
  // The first time at once; those that follow each other fast, by the ladder.
  wait(now, drops_ == 0 ? 0 : network_wait_ms(drops_));
  ++drops_;
}

// The clock was ahead, or is behind now. Where it was ahead by less than this connection lasted,
// what was heard until now was heard all the same; else nothing that the connection gave is
// believed.
void StreamMachine::distrust_future(Moment now) {
  if (!heard_to_ || *heard_to_ <= now.wall) return;
  const bool heard_now = given_from_ <= now.wall;
  heard_to_ = heard_now ? now.wall : heard_before_;
  if (heard_to_) heard_to_ = std::min(*heard_to_, now.wall);
  if (heard_now && !told_to_) return;
  told_to_ = heard_to_;
  heard_from_.reset();
}

void StreamMachine::closed(Moment now, Close close, const std::string& why) {
  if (state_ != State::kOpen && state_ != State::kConnecting) return;
  if (close == Close::kTlsRefused) return stop(ErrorCode::kRefused, why);
  if (close == Close::kNotReached) {
    trouble_ = {.code = ErrorCode::kNetwork, .what = why};
    return wait(now, network_wait_ms(++not_reached_));
  }
  lost(now, why);
}

void StreamMachine::paused(Moment now, bool paused) {
  paused_ = paused;
  last_byte_ms_ = now.steady_ms;
}

std::optional<Heard> StreamMachine::take_heard(Moment now) {
  if (!heard_to_ || *heard_to_ > now.wall) return {};
  if (told_to_ && *told_to_ >= *heard_to_) return {};
  if (!told_to_ && !heard_from_) return {};
  const Heard heard{.from = told_to_ ? *told_to_ : *heard_from_, .to = *heard_to_};
  told_to_ = heard_to_;
  return heard;
}

std::optional<Heard> StreamMachine::take_hole() { return std::exchange(hole_, {}); }

}  // namespace recant::feed
