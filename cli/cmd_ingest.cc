// recant ingest: event files into the log.
#include <fmt/format.h>

#include <map>
#include <memory>

#include "cli/command.h"
#include "cli/options.h"
#include "cli/output_guard.h"
#include "cli/summary.h"
#include "cli/text.h"
#include "engine/replay/ingest.h"

namespace recant::cli {
namespace {

struct Options {
  std::vector<std::string> files;
  replay::IngestOptions ingest;
  std::string rejects;
  std::string summary;
  bool log_only = false;
};

void say_summary(Talk& talk, const replay::IngestSummary& summary, bool strict) {
  const double rate = summary.seconds > 0 ? static_cast<double>(summary.accepted) / summary.seconds
                                          : static_cast<double>(summary.accepted);
  talk.say(fmt::format("{}: {} accepted, {} rejected{}, {:.1f} s ({} events/s)",
                       counted(summary.lines, "line"), grouped(summary.accepted),
                       grouped(summary.rejected),
                       strict && summary.rejected > 0 ? " (stopped there: --strict)" : "",
                       summary.seconds, grouped(static_cast<std::uint64_t>(rate))));
  if (summary.unknown > 0) {
    talk.say(fmt::format("{} of a kind that this version does not know (kept in the log)",
                         counted(summary.unknown, "event")));
  }
  if (summary.future > 0) {
    talk.say(
        fmt::format("warning: {} more than 24 hours ahead of the clock (kept; they count once "
                    "their time has come)",
                    counted(summary.future, "event")));
  }
}

Result<ExitCode> run(Context& context, Options& options) {
  RECANT_TRY(
      guard_outputs({.store = context.store.directory,
                     .inputs = options.files,
                     .outputs = {{"--rejects", options.rejects}, {"--summary", options.summary}}}));
  RECANT_ASSIGN(auto inputs, open_inputs(options.files));
  RECANT_ASSIGN(auto rejects, open_output(options.rejects));
  RECANT_ASSIGN(auto summary_file, open_output(options.summary));
  RECANT_ASSIGN(auto store, create_store(context));
  RejectionReport rejections(context.talk, std::move(rejects));
  tell(context.talk, rejections, "line", options.ingest);
  const auto summary = replay::ingest(store, std::move(inputs), options.ingest);
  const auto reported = rejections.finish();
  if (!summary) return std::unexpected(summary.error());
  say_summary(context.talk, *summary, options.ingest.strict);
  if (summary_file) {
    RECANT_TRY(summary_file->write(ingest_summary_json(*summary)));
    RECANT_TRY(summary_file->finish());
  }
  RECANT_TRY(reported);
  if (!options.log_only) RECANT_TRY(seal_if_free(store));
  return summary->rejected > 0 ? kExitFound : kExitDone;
}

}  // namespace

void add_ingest(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command = add_command(
      app, "ingest", "Reads compliance events into the store",
      "  recant ingest events.jsonl more.jsonl.gz\n"
      "  curl ... | recant ingest -\n"
      "  recant ingest --format batch-tweets --default-at 2024-03-01T00:00:00Z results.jsonl");
  command->add_option("FILE", options->files, "event lines; - is stdin; gzip, zstd or bzip2 too")
      ->required()
      ->option_text("...");
  const std::map<std::string, decode::BatchIds> formats = {
      {"auto", decode::BatchIds::kUnsaid},
      {"batch-tweets", decode::BatchIds::kTweets},
      {"batch-users", decode::BatchIds::kUsers}};
  command
      ->add_option(
          "--format", options->ingest.decode.batch_ids,
          "what the ids of batch result lines are: batch-tweets or batch-users; every other "
          "line is told by its shape (auto)")
      ->transform(one_of(formats))
      ->option_text("FORMAT");
  add_time(command, "--default-at", options->ingest.decode.default_at,
           "the time of events that have none");
  command->add_flag("--strict", options->ingest.strict,
                    "stop at the first rejected line, and append nothing of that file");
  add_output(command, "--rejects", options->rejects,
             "write the rejected lines here, as they came; of one over --max-line its first 4 KiB");
  add_summary(command, options->summary);
  command->add_flag("--log-only", options->log_only, "leave the index to later commands");
  add_max_line(command, options->ingest.line_bytes_max);
  run_with(command, context, std::move(options), run);
}

}  // namespace recant::cli
