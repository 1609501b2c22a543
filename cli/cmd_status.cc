// recant status: what was heard of the platform, until when, and what was missed.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/text.h"
#include "engine/feed/coverage.h"
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

std::string status_json(const feed::Coverage& coverage) {
  nlohmann::ordered_json object = nlohmann::ordered_json::object();
  if (const auto through = coverage.compliant_through()) {
    object["compliant_through"] = format_time(*through);
  }
  object["complete"] = coverage.complete();
  object["streams"] = nlohmann::ordered_json::array();
  for (const feed::StreamCoverage& stream : coverage.streams) {
    nlohmann::ordered_json gaps = nlohmann::ordered_json::array();
    for (const feed::Interval& gap : stream.gaps()) gaps.push_back(interval_json(gap));
    object["streams"].push_back({{"source", stream.source},
                                 {"partition", stream.partition},
                                 {"from", format_time(stream.heard.front().from)},
                                 {"to", format_time(stream.heard.back().to)},
                                 {"gaps", std::move(gaps)}});
  }
  object["losses"] = nlohmann::ordered_json::array();
  for (const auto& loss : coverage.losses) {
    object["losses"].push_back({{"first", std::to_string(loss.first)},
                                {"last", std::to_string(loss.last)},
                                {"at", format_time(loss.at)}});
  }
  return object.dump() + "\n";
}

std::string status_text(const feed::Coverage& coverage) {
  std::string text;
  for (const feed::StreamCoverage& stream : coverage.streams) {
    text += fmt::format("{:<10} {:>2}  heard {} to {}, {}\n", stream.source, stream.partition,
                        format_time(stream.heard.front().from), format_time(stream.heard.back().to),
                        counted(stream.heard.size() - 1, "gap"));
    for (const feed::Interval& gap : stream.gaps()) {
      text += fmt::format("{:14}missed {} to {}\n", "", format_time(gap.from), format_time(gap.to));
    }
  }
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
  RECANT_ASSIGN(const feed::Coverage coverage, feed::coverage(snapshot));
  RECANT_TRY(write_output("-", options.json ? status_json(coverage) : status_text(coverage)));
  return options.require_complete && !coverage.complete() ? kExitFound : kExitDone;
}

}  // namespace

void add_status(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(app, "status", "Tells until when the platform was heard, and every gap",
                  "  recant status\n  recant status --json");
  command->add_flag("--json", options->json, "one JSON object");
  command->add_flag("--require-complete", options->require_complete, "exit 1 if there is a gap");
  run_with(command, context, std::move(options), run);
}

}  // namespace recant::cli
