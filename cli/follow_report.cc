#include "cli/follow_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "cli/text.h"
#include "recant/time.h"

namespace recant::cli {
namespace {

using feed::StreamReport;
using State = feed::StreamMachine::State;

void add_time(nlohmann::ordered_json& object, const char* key, const std::optional<Time>& at) {
  if (at) object[key] = format_time(*at);
}

nlohmann::ordered_json stream_json(const StreamReport& stream) {
  nlohmann::ordered_json object = {
      {"source", stream.name.source},      {"partition", stream.name.partition},
      {"state", state_name(stream.state)}, {"events", stream.events},
      {"future", stream.future},           {"rejected", stream.rejected},
      {"notices", stream.notices},         {"bytes", stream.bytes},
      {"connects", stream.connects},       {"pauses", stream.pauses},
      {"gaps", stream.holes.size()}};
  add_time(object, "connected_at", stream.connected_at);
  add_time(object, "last_event", stream.last_event);
  add_time(object, "last_keep_alive", stream.last_keep_alive);
  add_time(object, "heard_to", stream.heard_to);
  if (!stream.trouble.empty()) object["trouble"] = stream.trouble;
  return object;
}

using Value = std::function<std::optional<double>(const StreamReport&)>;

std::optional<double> seconds(const std::optional<Time>& at) {
  if (!at) return {};
  return static_cast<double>(*at) / 1000;
}

// Sources and partitions are our own words: nothing in them needs escaping.
void add_metric(std::string& text, const feed::FollowReport& report, std::string_view name,
                std::string_view type, std::string_view help, const Value& value) {
  text += fmt::format("# HELP recant_{} {}\n# TYPE recant_{} {}\n", name, help, name, type);
  for (const StreamReport& stream : report.streams) {
    const auto number = value(stream);
    if (!number) continue;
    text += fmt::format("recant_{}{{source=\"{}\",partition=\"{}\"}} {}\n", name,
                        stream.name.source, stream.name.partition, *number);
  }
}

}  // namespace

std::string_view state_name(State state) {
  switch (state) {
    case State::kWaiting:
      return "waiting";
    case State::kConnecting:
      return "connecting";
    case State::kOpen:
      return "open";
    case State::kStopped:
      return "stopped";
  }
  return "";
}

std::string follow_json(const feed::FollowReport& report, Time at) {
  nlohmann::ordered_json object = {{"at", format_time(at)}};
  object["streams"] = nlohmann::ordered_json::array();
  for (const StreamReport& stream : report.streams) {
    object["streams"].push_back(stream_json(stream));
  }
  return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string follow_metrics(const feed::FollowReport& report) {
  std::string text;
  const auto counter = [&](std::string_view name, std::string_view help, auto member) {
    add_metric(text, report, name, "counter", help, [member](const StreamReport& stream) {
      return std::optional(static_cast<double>(stream.*member));
    });
  };
  const auto moment = [&](std::string_view name, std::string_view help, auto member) {
    add_metric(text, report, name, "gauge", help,
               [member](const StreamReport& stream) { return seconds(stream.*member); });
  };
  add_metric(text, report, "stream_open", "gauge", "1 while the stream is connected.",
             [](const StreamReport& stream) {
               return std::optional(stream.state == State::kOpen ? 1.0 : 0.0);
             });
  counter("stream_events_total", "Events stored.", &StreamReport::events);
  counter("stream_rejected_total", "Lines that were no events.", &StreamReport::rejected);
  counter("stream_notices_total", "Messages of the platform.", &StreamReport::notices);
  counter("stream_bytes_total", "Bytes received.", &StreamReport::bytes);
  counter("stream_connects_total", "Connections attempted.", &StreamReport::connects);
  counter("stream_pauses_total", "Times that reading waited for storing.", &StreamReport::pauses);
  add_metric(text, report, "stream_gaps_total", "counter", "Gaps that backfill could not close.",
             [](const StreamReport& stream) {
               return std::optional(static_cast<double>(stream.holes.size()));
             });
  moment("stream_last_event_seconds", "When an event last came.", &StreamReport::last_event);
  moment("stream_last_keep_alive_seconds", "When a keep-alive last came.",
         &StreamReport::last_keep_alive);
  moment("stream_heard_to_seconds", "Everything until then was heard.", &StreamReport::heard_to);
  return text;
}

std::uint64_t events_of(const feed::FollowReport& report) {
  std::uint64_t events = 0;
  for (const StreamReport& stream : report.streams) events += stream.events;
  return events;
}

std::string follow_line(const feed::FollowReport& report, std::uint64_t events_before, Time at) {
  const auto open = std::ranges::count(report.streams, State::kOpen, &StreamReport::state);
  Time last = 0;
  for (const StreamReport& stream : report.streams) {
    last = std::max({last, stream.last_event.value_or(0), stream.last_keep_alive.value_or(0)});
  }
  std::string line =
      fmt::format("{} of {} open, {} ({}/s)", open, counted(report.streams.size(), "stream"),
                  counted(events_of(report), "event"), grouped(events_of(report) - events_before));
  if (last != 0) line += fmt::format(", heard {} s ago", std::max<Time>(at - last, 0) / 1000);
  return line;
}

}  // namespace recant::cli
