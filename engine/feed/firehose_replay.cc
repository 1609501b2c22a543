#include "engine/feed/firehose_replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "engine/feed/api.h"
#include "engine/feed/back_off.h"
#include "recant/time.h"

namespace recant::feed {
namespace {

constexpr Time kMinuteMs = 60'000;
constexpr Time kStretchMs = 120 * kMinuteMs;
constexpr Time kYoungestMs = 31 * kMinuteMs;
constexpr Time kOldestMs = 5 * 24 * 60 * kMinuteMs;
constexpr unsigned kAttemptsMax = 4;
constexpr std::size_t kGroupEvents = 16 * 1024;
constexpr std::string_view kSource = "firehose";

// `YYYYMMDDHHMM`, UTC.
std::string minute_text(Time at) {
  std::string text = format_time(at).substr(0, 16);
  std::erase_if(text, [](char c) { return c == '-' || c == 'T' || c == ':'; });
  return text;
}

/// What an `info` line says of how a request ended.
struct Ending {
  bool complete = false;
  std::vector<Interval> failed{};  ///< minutes of it that are missing
};

std::optional<Ending> read_ending(std::string_view line) {
  const auto json = nlohmann::json::parse(line, nullptr, false);
  if (!json.is_object() || !json.contains("info") || !json["info"].is_object()) return {};
  const auto& info = json["info"];
  const std::string message = info.value("message", "");
  if (!message.starts_with("Replay Request Completed")) return Ending{};
  Ending ending{.complete = true};
  if (message.find("with Errors") == std::string::npos) return ending;
  const auto minutes = info.find("minutes_failed");
  if (minutes == info.end() || !minutes->is_array()) return Ending{};
  for (const auto& minute : *minutes) {
    const auto at = minute.is_string() ? parse_rfc3339(minute.get<std::string>()) : std::nullopt;
    if (!at) return Ending{};  // which minutes failed is not known
    ending.failed.push_back({*at, *at + kMinuteMs});
  }
  std::ranges::sort(ending.failed, {}, &Interval::from);
  return ending;
}

/// Takes one response in: its lines become events, its last message says how it ended.
class Intake {
 public:
  Intake(Store& store, Time received_at, ReplaySummary& summary)
      : store_(store), received_at_(received_at), summary_(summary) {}

  Result<void> add(std::string_view bytes) {
    // Only the body tells whether it is compressed: it begins as every gzip member does.
    if (!lines_) lines_.emplace(bytes.starts_with('\x1f'));
    const auto broken = lines_->add(bytes, [this](std::string_view line, bool) { read(line); });
    if (broken) return fail(ErrorCode::kNetwork, *broken);
    return events_.size() < kGroupEvents ? Result<void>() : append();
  }

  Result<void> append() {
    if (events_.empty()) return {};
    RECANT_TRY(store_.append(events_));
    summary_.events += events_.size();
    events_.clear();
    return {};
  }
  [[nodiscard]] const Ending& ending() const { return ending_; }

 private:
  void read(std::string_view line) {
    const std::size_t before = events_.size();
    const auto result = decoder_.decode(line, events_);
    for (std::size_t i = before; i < events_.size(); ++i) {
      events_[i].source = kSource;
      events_[i].received_at = received_at_;
    }
    if (result.line_class == decode::LineClass::kRejected) ++summary_.rejected;
    if (result.line_class != decode::LineClass::kNotice) return;
    if (const auto ending = read_ending(line)) ending_ = *ending;
  }

  Store& store_;
  Time received_at_;
  ReplaySummary& summary_;
  decode::EventDecoder decoder_{decode::DecodeOptions{}};
  std::optional<StreamLines> lines_;
  std::vector<Event> events_;
  Ending ending_;
};

class Replay {
 public:
  Replay(FollowParts parts, HttpClient& http, const ReplayOptions& options)
      : parts_(parts), http_(http), options_(options) {}

  Result<ReplaySummary> run() {
    Interval range = options_.range;
    range.from -= range.from % kMinuteMs;
    range.to += (kMinuteMs - range.to % kMinuteMs) % kMinuteMs;
    const Time now = parts_.clock.now();
    if (range.from >= range.to || range.from < now - kOldestMs || range.to > now - kYoungestMs) {
      return fail(
          ErrorCode::kInvalidArgument,
          "cannot replay: the platform gives what is within the last 5 days and at least 31 "
          "minutes old (name FROM..TO in between)");
    }
    for (Time from = range.from; from < range.to; from += kStretchMs) {
      RECANT_TRY(stretch({from, std::min(from + kStretchMs, range.to)}));
      if (options_.progress) options_.progress(summary_.events);
    }
    return std::move(summary_);
  }

 private:
  Result<void> stretch(Interval wanted) {
    for (unsigned attempt = 1; attempt <= kAttemptsMax; ++attempt) {
      if (attempt > 1) parts_.pace.wait(http_wait_ms(attempt - 1));
      while (!budget_.take(parts_.clock.steady_ms())) {
        parts_.pace.wait(budget_.next_ms() - parts_.clock.steady_ms());
      }
      const std::uint64_t rejected = summary_.rejected;
      RECANT_ASSIGN(const Ending ending, request(wanted));
      if (ending.complete && summary_.rejected == rejected) return heard(wanted, ending.failed);
    }
    summary_.missed.push_back(wanted);
    return {};
  }

  // How it ended: not complete where it was cut or refused for now.
  Result<Ending> request(Interval wanted) {
    const std::string what =
        fmt::format("cannot replay {} to {}", format_time(wanted.from), format_time(wanted.to));
    Intake intake(parts_.store, parts_.clock.now(), summary_);
    HttpRequest request{.url = fmt::format("{}{}fromDate={}&toDate={}", options_.url,
                                           options_.url.find('?') == std::string::npos ? '?' : '&',
                                           minute_text(wanted.from), minute_text(wanted.to)),
                        .authorized = true,
                        .headers = {{"Accept-Encoding", "gzip"}},
                        .timeout_ms = 0};
    request.sink = [&intake](std::string_view bytes) { return intake.add(bytes); };
    const auto response = http_.send(request);
    RECANT_TRY(intake.append());  // what came before a cut is as true
    if (!response && response.error().code != ErrorCode::kNetwork) {
      return std::unexpected(response.error());
    }
    if (response && response->status == 200) return intake.ending();
    const Error error =
        response ? status_error(what, *response, parts_.redact, true) : response.error();
    if (error.code != ErrorCode::kNetwork) return std::unexpected(error);
    if (options_.say) options_.say(parts_.redact(error.what));
    if (response && is_rate_limited(response->status)) {
      parts_.pace.wait(rate_limit_wait_ms(response->headers, parts_.clock.now(), 1));
    }
    return Ending{};
  }

  // All of it but the minutes that failed, for every partition.
  Result<void> heard(Interval wanted, const std::vector<Interval>& failed) {
    std::vector<Interval> heard;
    Time from = wanted.from;
    for (const Interval& minute : failed) {
      if (minute.to <= from || minute.from >= wanted.to) continue;
      if (minute.from > from) heard.push_back({from, minute.from});
      summary_.missed.push_back(minute);
      from = minute.to;
    }
    if (from < wanted.to) heard.push_back({from, wanted.to});
    std::vector<Event> events;
    for (unsigned partition = 1; partition <= kFirehosePartitions; ++partition) {
      for (const Interval& each : heard) {
        Event& event = events.emplace_back();
        event.kind = EventKind::kCoverage;
        event.at = each.to;
        event.source = kSource;
        event.payload.make().partition = std::to_string(partition);
        event.payload.make().from = each.from;
        event.payload.make().to = each.to;
      }
    }
    if (!events.empty()) RECANT_TRY(parts_.store.append(events));
    summary_.heard.insert(summary_.heard.end(), heard.begin(), heard.end());
    return {};
  }

  FollowParts parts_;
  HttpClient& http_;
  const ReplayOptions& options_;
  ConnectBudget budget_{5, 300'000};
  ReplaySummary summary_;
};

}  // namespace

Result<ReplaySummary> replay_firehose(FollowParts parts, HttpClient& http,
                                      const ReplayOptions& options) {
  return Replay(parts, http, options).run();
}

}  // namespace recant::feed
