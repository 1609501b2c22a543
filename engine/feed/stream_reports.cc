#include "engine/feed/stream_reports.h"

#include <fmt/format.h>

#include "recant/time.h"

namespace recant::feed {
namespace {

constexpr std::uint64_t kRejectionsSaid = 10;
constexpr std::int64_t kSayAgainMs = 60'000;

}  // namespace

StreamReports::StreamReports(const std::vector<StreamName>& names, Say say) : say_(std::move(say)) {
  for (const StreamName& name : names) reports_.emplace_back().report.name = name;
}

std::string StreamReports::label(std::size_t stream) const {
  const StreamName& name = reports_[stream].report.name;
  return fmt::format("{} partition {}", name.source, name.partition);
}

void StreamReports::say(const std::string& text) const {
  if (say_) say_(text);
}

void StreamReports::say_once(Kept& kept, const std::string& text, Moment now) {
  if (kept.said == text && now.steady_ms - kept.said_ms < kSayAgainMs) return;
  kept.said = text;
  kept.said_ms = now.steady_ms;
  say(text);
}

void StreamReports::stored(std::size_t stream, const Stored& stored) {
  Kept& kept = reports_[stream];
  StreamReport& report = kept.report;
  switch (stored.kind) {
    case Stored::Kind::kEvents:
      report.events += stored.count;
      report.future += stored.future;
      report.last_event = stored.arrived.wall;
      if (stored.future == 0 || kept.future_said) return;
      kept.future_said = true;
      return say(
          fmt::format("{}: an event is over 24 hours ahead of this clock (kept as it is: see "
                      "the clock)",
                      label(stream)));
    case Stored::Kind::kKeepAlive:
      report.last_keep_alive = stored.arrived.wall;
      return;
    case Stored::Kind::kNotice:
      ++report.notices;
      return;
    case Stored::Kind::kRejected:
      return rejected(stream, stored);
    case Stored::Kind::kTrouble:
      return say(stored.words);
    case Stored::Kind::kBroken:
    case Stored::Kind::kClosed:
      return;
  }
}

void StreamReports::rejected(std::size_t stream, const Stored& stored) {
  reports_[stream].report.rejected += stored.count;
  if (++rejections_said_ > kRejectionsSaid) return;
  const std::string more =
      stored.count > 1 ? fmt::format(", and {} more beside it", stored.count - 1) : std::string();
  say(fmt::format("{}: a line was rejected: {}{}", label(stream), stored.words, more));
}

void StreamReports::trouble(std::size_t stream, const std::string& words, Moment now, bool said) {
  Kept& kept = reports_[stream];
  kept.report.trouble = words;
  if (said) say_once(kept, fmt::format("{}: {}", label(stream), words), now);
}

void StreamReports::notice(std::size_t stream, const std::string& words, Moment now) {
  say_once(reports_[stream], fmt::format("{}: the platform says: {}", label(stream), words), now);
}

void StreamReports::hole(std::size_t stream, Heard hole, bool recovers) {
  StreamReport& report = reports_[stream].report;
  report.holes.push_back({hole.from, hole.to});
  const std::string_view advice = recovers ? "it is asked for again by its times"
                                  : report.name.source == "firehose"
                                      ? "close the gap with `recant follow firehose --replay`, "
                                        "`recant batch` or `recant lookup`"
                                      : "close the gap with `recant batch` or `recant lookup`";
  say(fmt::format("{}: nothing was heard from {} to {} ({})", label(stream), format_time(hole.from),
                  format_time(hole.to), advice));
}

void StreamReports::closed(std::size_t stream, Heard gap) {
  std::erase(reports_[stream].report.holes, Interval{gap.from, gap.to});
  say(fmt::format("{}: the gap from {} to {} is closed", label(stream), format_time(gap.from),
                  format_time(gap.to)));
}

std::vector<StreamReport> StreamReports::all() const {
  std::vector<StreamReport> all;
  for (const Kept& kept : reports_) all.push_back(kept.report);
  return all;
}

}  // namespace recant::feed
