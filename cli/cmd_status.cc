// recant status: what was heard of the platform, until when, and what was missed.
#include <fmt/format.h>

#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/text.h"
#include "engine/feed/coverage.h"
#include "engine/feed/stream_status.h"
#include "recant/time.h"

namespace recant::cli {
namespace {

struct Options {
  bool json = false;
  bool require_complete = false;
};

nlohmann::ordered_json interval_json(const feed::Interval& interval) {
  return {{"from", format_time(interval.from)}, {"to", format_time(interval.to)}};
}

void add_time(nlohmann::ordered_json& object, const char* key, const std::optional<Time>& at) {
  if (at) object[key] = format_time(*at);
}

/// A stream as the log and whoever follows it tell of it.
struct StreamLine {
  feed::StreamName name{};
  std::optional<feed::StreamCoverage> coverage{};  ///< nothing: never heard
  feed::StreamStatus status{};
};

std::vector<StreamLine> stream_lines(const feed::Coverage& coverage,
                                     const std::vector<feed::StreamStatus>& statuses) {
  std::map<feed::StreamName, StreamLine> lines;
  for (const feed::StreamCoverage& each : coverage.streams) {
    lines[{each.source, each.partition}].coverage = each;
  }
  for (const feed::StreamName& name : coverage.unheard) lines[name];
  for (const feed::StreamStatus& status : statuses) lines[status.name].status = status;
  std::vector<StreamLine> sorted;
  for (auto& [name, line] : lines) {
    line.name = name;
    sorted.push_back(std::move(line));
  }
  return sorted;
}

nlohmann::ordered_json stream_json(const StreamLine& line) {
  nlohmann::ordered_json object = {{"source", line.name.source},
                                   {"partition", line.name.partition}};
  if (line.coverage) {
    object["from"] = format_time(line.coverage->heard.front().from);
    object["to"] = format_time(line.coverage->heard.back().to);
  }
  object["heard"] = line.coverage.has_value();
  object["followed"] = line.status.followed;
  add_time(object, "connected_since", line.status.connected_since);
  add_time(object, "last_event", line.status.last_event);
  add_time(object, "last_keep_alive", line.status.last_keep_alive);
  object["gaps"] = nlohmann::ordered_json::array();
  if (!line.coverage) return object;
  for (const feed::Interval& gap : line.coverage->gaps()) {
    object["gaps"].push_back(interval_json(gap));
  }
  return object;
}

std::string status_json(const feed::Coverage& coverage, const std::vector<StreamLine>& lines) {
  nlohmann::ordered_json object = nlohmann::ordered_json::object();
  add_time(object, "compliant_through", coverage.compliant_through());
  object["complete"] = coverage.complete();
  object["streams"] = nlohmann::ordered_json::array();
  for (const StreamLine& line : lines) object["streams"].push_back(stream_json(line));
  object["losses"] = nlohmann::ordered_json::array();
  for (const auto& loss : coverage.losses) {
    object["losses"].push_back({{"first", std::to_string(loss.first)},
                                {"last", std::to_string(loss.last)},
                                {"at", format_time(loss.at)}});
  }
  return object.dump() + "\n";
}

std::string connection_words(const feed::StreamStatus& status) {
  std::string words = "not followed now";
  if (status.followed) words = "not connected";
  if (status.connected_since) words = "connected since " + format_time(*status.connected_since);
  const auto add = [&words](const char* what, const std::optional<Time>& at) {
    if (at) words += fmt::format(", {} {}", what, format_time(*at));
  };
  add("last event", status.last_event);
  add("last keep-alive", status.last_keep_alive);
  return words;
}

std::string stream_text(const StreamLine& line) {
  constexpr std::string_view kIndent = "                ";
  std::string text = fmt::format("{:<10} {:>3}  {}\n", line.name.source, line.name.partition,
                                 connection_words(line.status));
  if (!line.coverage) return text + fmt::format("{}never heard\n", kIndent);
  const auto& heard = line.coverage->heard;
  text += fmt::format("{}heard {} to {}, {}\n", kIndent, format_time(heard.front().from),
                      format_time(heard.back().to), counted(heard.size() - 1, "gap"));
  for (const feed::Interval& gap : line.coverage->gaps()) {
    text += fmt::format("{}missed {} to {}\n", kIndent, format_time(gap.from), format_time(gap.to));
  }
  return text;
}

std::string status_text(const feed::Coverage& coverage, const std::vector<StreamLine>& lines) {
  std::string text;
  for (const StreamLine& line : lines) text += stream_text(line);
  for (const auto& loss : coverage.losses) {
    text += fmt::format("lost by damage: events {} to {}, repaired {}\n", loss.first, loss.last,
                        format_time(loss.at));
  }
  const std::string line = feed::coverage_line(coverage);
  text += line.empty() ? "no stream was ever followed (see `recant follow`)" : line;
  return text + "\n";
}

Result<ExitCode> run(Context& context, Options& options) {
  RECANT_ASSIGN(auto store, open_store(context));
  RECANT_ASSIGN(const auto snapshot, store.snapshot());
  const auto statuses = feed::read_stream_statuses(store.directory());
  RECANT_ASSIGN(const feed::Coverage coverage, feed::coverage(snapshot, statuses));
  const auto lines = stream_lines(coverage, statuses);
  RECANT_TRY(write_output(
      "-", options.json ? status_json(coverage, lines) : status_text(coverage, lines)));
  return options.require_complete && !coverage.complete() ? kExitFound : kExitDone;
}

}  // namespace

void add_status(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(app, "status", "Tells until when the platform was heard, and every gap",
                  "  recant status\n  recant status --json");
  command->add_flag("--json", options->json, "one JSON object");
  command->add_flag(
      "--require-complete", options->require_complete,
      "exit 1 if there is a gap, or a partition of a followed source was never heard");
  run_with(command, context, std::move(options), run);
}

}  // namespace recant::cli
