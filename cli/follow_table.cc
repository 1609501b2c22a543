#include "cli/follow_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/follow_report.h"
#include "cli/text.h"

namespace recant::cli {
namespace {

using feed::StreamReport;
using State = feed::StreamMachine::State;

constexpr const char* kHeader =
    "source     part  state       events/s        events  last event  keep-alive  gaps";
constexpr std::size_t kStateColumn = 17;
constexpr std::size_t kStateWidth = 10;

// "3s", "4m05s", "2h07m", "3d04h" ago.
std::string ago(const std::optional<Time>& then, Time at) {
  if (!then) return "-";
  const Time seconds = std::max<Time>(at - *then, 0) / 1000;
  if (seconds < 60) return fmt::format("{}s", seconds);
  if (seconds < 3600) return fmt::format("{}m{:02}s", seconds / 60, seconds % 60);
  if (seconds < 86'400) return fmt::format("{}h{:02}m", seconds / 3600, seconds / 60 % 60);
  return fmt::format("{}d{:02}h", seconds / 86'400, seconds / 3600 % 24);
}

std::string row(const StreamReport& stream, std::uint64_t events_before, Time at) {
  return fmt::format("{:<10} {:>4}  {:<10} {:>9}  {:>12}  {:>10}  {:>10}  {:>4}",
                     stream.name.source, stream.name.partition, state_name(stream.state),
                     grouped(stream.events - std::min(events_before, stream.events)),
                     grouped(stream.events), ago(stream.last_event, at),
                     ago(stream.last_keep_alive, at), stream.holes.size());
}

int color_of(State state) {
  constexpr int kRed = 31;
  constexpr int kGreen = 32;
  constexpr int kYellow = 33;
  if (state == State::kOpen) return kGreen;
  return state == State::kStopped ? kRed : kYellow;
}

std::string colored(const std::string& line, State state) {
  if (line.size() < kStateColumn + kStateWidth) return line;
  return fmt::format("{}\x1b[{}m{}\x1b[0m{}", line.substr(0, kStateColumn), color_of(state),
                     line.substr(kStateColumn, kStateWidth),
                     line.substr(kStateColumn + kStateWidth));
}

}  // namespace

std::vector<std::string> follow_table(const feed::FollowReport& report,
                                      const feed::FollowReport& before, Time at,
                                      const TableSize& size) {
  constexpr std::size_t kOtherLines = 3;  // header, sum, and where the cursor is
  const std::size_t room = size.rows > kOtherLines ? size.rows - kOtherLines : 0;
  const std::size_t streams = report.streams.size();
  const std::size_t shown = streams <= room ? streams : room - std::min<std::size_t>(room, 1);
  const auto fitting = [&size](const std::string& line) {
    return line.substr(0, size.columns - 1);
  };
  std::vector<std::string> lines = {fitting(kHeader)};
  for (std::size_t i = 0; i < shown; ++i) {
    const StreamReport& stream = report.streams[i];
    const bool known = i < before.streams.size();
    const std::string line =
        fitting(row(stream, known ? before.streams[i].events : stream.events, at));
    lines.push_back(size.color ? colored(line, stream.state) : line);
  }
  if (shown < streams && room > 0) {
    lines.push_back(fitting(fmt::format("... and {} more", streams - shown)));
  }
  lines.push_back(fitting(follow_line(report, events_of(before), at)));
  return lines;
}

}  // namespace recant::cli
