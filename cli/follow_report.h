// How the streams are doing: for machines (JSON, Prometheus) and in one line for people.
#pragma once

#include <string>
#include <string_view>

#include "engine/feed/follow.h"

namespace recant::cli {

/// `{"at":"…","streams":[{"source":"…","partition":"…","state":"open","events":…,…}]}`, a line.
[[nodiscard]] std::string follow_json(const feed::FollowReport& report, Time at);
/// The Prometheus text format, for the node exporter's textfile collector.
[[nodiscard]] std::string follow_metrics(const feed::FollowReport& report);
/// "8 of 8 streams open, 12 events/s, last heard 2 s ago".
[[nodiscard]] std::string follow_line(const feed::FollowReport& report, std::uint64_t events_before,
                                      Time at);

/// "waiting", "connecting", "open" or "stopped".
[[nodiscard]] std::string_view state_name(feed::StreamMachine::State state);
[[nodiscard]] std::uint64_t events_of(const feed::FollowReport& report);

}  // namespace recant::cli
