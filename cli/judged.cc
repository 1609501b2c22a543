#include "cli/judged.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "cli/id_warnings.h"
#include "cli/text.h"
#include "recant/time.h"

namespace recant::cli {
namespace {

double percent(std::uint64_t part, std::uint64_t whole) {
  return 100 * static_cast<double>(part) / static_cast<double>(std::max<std::uint64_t>(whole, 1));
}

// Nothing where it cannot be read: what is wrong then is told by what needs the log for its answer.
std::optional<Time> last_arrival(const Store& store, const Snapshot& snapshot) {
  if (snapshot.sealed()) return snapshot.sealed()->taken_at;
  std::optional<Time> at;
  const auto read = store.read_events({.first = snapshot.last_sequence()},
                                      [&at](SequenceNumber, const Event& event) {
                                        at = event.received_at;
                                        return false;
                                      });
  return read ? at : std::nullopt;
}

}  // namespace

void warn_of_clock(Talk& talk, const Store& store, const Snapshot& snapshot) {
  constexpr Time kDayMs = 86'400'000;
  const auto arrived = last_arrival(store, snapshot);
  const Time clock = now();
  if (!arrived || *arrived - clock <= kDayMs) return;
  talk.say(
      fmt::format("warning: the clock says {}, but the last event came in at {}: set the clock, or "
                  "name the day to judge by with --as-of",
                  format_time(clock), format_time(*arrived)));
}

void say_judged(Talk& talk, const dataset::CheckSummary& summary) {
  std::string actions;
  for (std::size_t action = 0; action < kActionCount; ++action) {
    if (summary.by_action[action] == 0) continue;
    actions +=
        fmt::format("{} {} {} ({:.1f} %)", actions.empty() ? ":" : ",",
                    action_name(static_cast<Action>(action)), grouped(summary.by_action[action]),
                    percent(summary.by_action[action], summary.items));
  }
  talk.say(fmt::format("{} as of {}{}", counted(summary.items, "item"), format_time(summary.as_of),
                       actions));
  if (summary.rejected > 0) talk.say(counted(summary.rejected, "line") + " rejected");
  if (summary.without_author > 0) {
    talk.say(
        fmt::format("{} judged without an author: what happened to authors could not be applied "
                    "to them",
                    counted(summary.without_author, "item")));
  }
  const double rate = static_cast<double>(summary.items) / std::max(summary.seconds, 0.001);
  talk.say(fmt::format("{:.1f} s, {} items/s", summary.seconds,
                       grouped(static_cast<std::uint64_t>(rate))));
  say_id_warnings(talk, summary.ids);
}

void add_require_complete(CLI::App* command, bool& required) {
  command->add_flag("--require-complete", required,
                    "exit 1 if the streams that were followed have gaps, or events were lost");
}

void say_completeness(Talk& talk, const feed::Coverage& coverage) {
  const std::string line = feed::coverage_line(coverage);
  if (!line.empty()) talk.say(line);
}

bool actions_due(const dataset::CheckSummary& summary) {
  return summary.by_action[static_cast<std::size_t>(Action::kKeep)] < summary.items;
}

}  // namespace recant::cli
