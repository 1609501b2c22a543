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
constexpr Time kYoungestMs = 30 * kMinuteMs;
constexpr Time kYoungestFromMs = 31 * kMinuteMs;
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

std::optional<Time> read_date(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return {};
  const auto& text = found->get_ref<const std::string&>();
  if (text.size() != 12) return parse_rfc3339(text);
  // As it was asked for: YYYYMMDDHHMM.
  return parse_rfc3339(fmt::format("{}-{}-{}T{}:{}:00Z", text.substr(0, 4), text.substr(4, 2),
                                   text.substr(6, 2), text.substr(8, 2), text.substr(10, 2)));
}

/// What of a request's range is missing, as an `info` line at its end says; nothing where it cannot
/// be told, and so all of it.
using Missing = std::optional<std::vector<Interval>>;

Missing failed_minutes(const nlohmann::json& info) {
  const auto minutes = info.find("minutes_failed");
  if (minutes == info.end() || !minutes->is_array()) return {};
  std::vector<Interval> failed;
  for (const auto& minute : *minutes) {
    const auto at = minute.is_string() ? parse_rfc3339(minute.get<std::string>()) : std::nullopt;
    if (!at) return {};
    failed.push_back({*at, *at + kMinuteMs});
  }
  return failed;
}

Missing read_ending(std::string_view line) {
  const auto json = nlohmann::json::parse(line, nullptr, false);
  if (!json.is_object() || !json.contains("info") || !json["info"].is_object()) return {};
  const auto& info = json["info"];
  const auto told = info.find("message");
  const std::string message =
      told != info.end() && told->is_string() ? told->get<std::string>() : std::string();
  if (message.starts_with("Replay Request Completed")) {
    const bool errors = message.find("with Errors") != std::string::npos;
    return errors ? failed_minutes(info) : std::vector<Interval>();
  }
  const auto rest = info.find("unprocessed_range");
  if (rest == info.end() || !rest->is_object()) return {};
  const auto from = read_date(*rest, "fromDate");
  const auto to = read_date(*rest, "toDate");
  if (!from || !to || *from >= *to) return {};
  return std::vector<Interval>{{*from, *to}};
}

// `missing` within `wanted`: ascending, what touches joined.
std::vector<Interval> within(Interval wanted, std::vector<Interval> missing) {
  std::ranges::sort(missing, {}, &Interval::from);
  std::vector<Interval> joined;
  for (Interval each : missing) {
    each = {std::max(each.from, wanted.from), std::min(each.to, wanted.to)};
    if (each.from >= each.to) continue;
    if (!joined.empty() && each.from <= joined.back().to) {
      joined.back().to = std::max(joined.back().to, each.to);
    } else {
      joined.push_back(each);
    }
  }
  return joined;
}

/// Takes one response in: its lines become events, its last message says how it ended.
class Intake {
 public:
  Intake(Store& store, Time received_at, ReplaySummary& summary)
      : store_(store), received_at_(received_at), summary_(summary) {}

  Result<void> add(std::string_view bytes) {
    const auto broken = lines_.add(bytes, [this](const StreamLines::Line& line) { read(line); });
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
  [[nodiscard]] const Missing& missing() const { return missing_; }

 private:
  void read(const StreamLines::Line& line) {
    const std::size_t before = events_.size();
    decode::LineResult result;
    if (line.too_long == 0) result = decoder_.decode(line.text, events_);
    for (std::size_t i = before; i < events_.size(); ++i) {
      events_[i].source = kSource;
      events_[i].received_at = received_at_;
    }
    if (result.line_class == decode::LineClass::kRejected) ++summary_.rejected;
    if (result.line_class != decode::LineClass::kNotice) return;
    if (auto missing = read_ending(line.text)) missing_ = std::move(missing);
  }

  Store& store_;
  Time received_at_;
  ReplaySummary& summary_;
  decode::EventDecoder decoder_{decode::DecodeOptions{}};
  StreamLines lines_;
  std::vector<Event> events_;
  Missing missing_;
};

class Replay {
 public:
  Replay(FollowParts parts, HttpClient& http, const ReplayOptions& options)
      : parts_(parts), http_(http), options_(options) {}

  Result<ReplaySummary> run() {
    Interval range = options_.range;
    const Time now = parts_.clock.now();
    if (range.from >= range.to || range.from < now - kOldestMs ||
        range.from > now - kYoungestFromMs || range.to > now - kYoungestMs) {
      return fail(
          ErrorCode::kInvalidArgument,
          "cannot replay: the platform gives what is within the last 5 days, begins at least 31 "
          "minutes ago and ends at least 30 minutes ago (name FROM..TO in between)");
    }
    const Time youngest = now - kYoungestMs;
    range.from -= range.from % kMinuteMs;
    range.to += (kMinuteMs - range.to % kMinuteMs) % kMinuteMs;
    range.to = std::min(range.to, youngest - youngest % kMinuteMs);
    for (Time from = range.from; from < range.to; from += kStretchMs) {
      RECANT_TRY(stretch({from, std::min(from + kStretchMs, range.to)}));
      if (options_.progress) options_.progress(summary_.events);
    }
    return std::move(summary_);
  }

 private:
  // What a request leaves out is asked for again, a few times.
  Result<void> stretch(Interval wanted) {
    std::vector<Interval> open = {wanted};
    for (unsigned attempt = 1; attempt <= kAttemptsMax && !open.empty() && !stopped(); ++attempt) {
      if (attempt > 1) wait(http_wait_ms(attempt - 1));
      std::vector<Interval> missing;
      for (const Interval& each : open) {
        RECANT_ASSIGN(const auto left, request(each));
        RECANT_TRY(heard(each, left));
        missing.insert(missing.end(), left.begin(), left.end());
      }
      open = within(wanted, std::move(missing));
    }
    summary_.missed.insert(summary_.missed.end(), open.begin(), open.end());
    return {};
  }

  [[nodiscard]] bool stopped() const { return options_.stop != nullptr && options_.stop->load(); }

  void wait(std::int64_t ms) {
    constexpr std::int64_t kSliceMs = 100;
    for (; ms > 0 && !stopped(); ms -= kSliceMs) parts_.pace.wait(std::min(ms, kSliceMs));
  }

  // Returns what of it is missing: all where it was cut, refused for now, or not understood.
  Result<std::vector<Interval>> request(Interval wanted) {
    while (!budget_.take(parts_.clock.steady_ms()) && !stopped()) {
      wait(budget_.next_ms() - parts_.clock.steady_ms());
    }
    const std::vector<Interval> all = {wanted};
    if (stopped()) return all;
    const std::uint64_t rejected = summary_.rejected;
    Intake intake(parts_.store, parts_.clock.now(), summary_);
    RECANT_ASSIGN(const bool answered, send(wanted, intake));
    if (!answered || !intake.missing() || summary_.rejected != rejected) return all;
    return within(wanted, *intake.missing());
  }

  Result<bool> send(Interval wanted, Intake& intake) {
    const std::string what =
        fmt::format("cannot replay {} to {}", format_time(wanted.from), format_time(wanted.to));
    HttpRequest request{.url = fmt::format("{}{}fromDate={}&toDate={}", options_.url,
                                           options_.url.find('?') == std::string::npos ? '?' : '&',
                                           minute_text(wanted.from), minute_text(wanted.to)),
                        .authorized = true,
                        .headers = {{"Accept-Encoding", "gzip"}},
                        .timeout_ms = 0};
    request.sink = [&](std::string_view bytes) -> Result<void> {
      if (stopped()) return fail(ErrorCode::kNetwork, "stopped");
      return intake.add(bytes);
    };
    const auto response = http_.send(request);
    RECANT_TRY(intake.append());  // what came before a cut is as true
    if (!response && response.error().code != ErrorCode::kNetwork) {
      return std::unexpected(response.error());
    }
    if (response && response->status == 200) return true;
    const Error error =
        response ? status_error(what, *response, parts_.redact, true) : response.error();
    if (error.code != ErrorCode::kNetwork) return std::unexpected(error);
    if (options_.say && !stopped()) options_.say(parts_.redact(error.what));
    if (response && is_rate_limited(response->status)) {
      wait(rate_limit_wait_ms(response->headers, parts_.clock.now(), ++limited_));
    }
    return false;
  }

  // All of it but what is missing, for every partition.
  Result<void> heard(Interval wanted, const std::vector<Interval>& missing) {
    std::vector<Interval> heard;
    Time from = wanted.from;
    for (const Interval& each : missing) {
      if (each.from > from) heard.push_back({from, each.from});
      from = each.to;
    }
    if (from < wanted.to) heard.push_back({from, wanted.to});
    std::vector<Event> events;
    for (unsigned partition = 1; partition <= kFirehosePartitions; ++partition) {
      const StreamName name{std::string(kSource), std::to_string(partition)};
      for (const Interval& each : heard) {
        events.push_back(coverage_event(name, {each.from, each.to}));
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
  unsigned limited_ = 0;
  ReplaySummary summary_;
};

}  // namespace

Result<ReplaySummary> replay_firehose(FollowParts parts, HttpClient& http,
                                      const ReplayOptions& options) {
  return Replay(parts, http, options).run();
}

}  // namespace recant::feed
