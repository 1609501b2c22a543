// recant check: what must be done with the items of datasets, and why.
#include <map>

#include "cli/command.h"
#include "cli/datasets.h"
#include "cli/judged.h"
#include "cli/options.h"
#include "cli/output_guard.h"
#include "cli/policy.h"
#include "cli/summary.h"
#include "engine/dataset/check.h"

namespace recant::cli {
namespace {

struct Options {
  DatasetArguments datasets{};
  dataset::CheckOptions check{};
  std::string output = "-";
  std::string summary;
  bool exit_code = false;
  bool require_complete = false;
};

Result<ExitCode> run(Context& context, Options& options) {
  if (options.check.output_format == dataset::OutputFormat::kBatch &&
      options.datasets.reader.type == ItemType::kLike) {
    return fail(ErrorCode::kInvalidArgument,
                "--output-format batch: there are no batch results of likes (take ndjson or csv)");
  }
  RECANT_TRY(
      guard_outputs({.store = context.store.directory,
                     .inputs = options.datasets.files,
                     .outputs = {{"--output", options.output}, {"--summary", options.summary}}}));
  RECANT_ASSIGN(auto inputs, open_inputs(options.datasets.files));
  RECANT_TRY(require_store(context));
  RECANT_ASSIGN(auto output, files::Output::open(options.output));
  RECANT_ASSIGN(auto summary_file, open_output(options.summary));
  RECANT_ASSIGN(auto store, open_store(context));
  RECANT_ASSIGN(const auto snapshot, store.snapshot());
  RECANT_ASSIGN(const auto coverage,
                feed::coverage(snapshot, feed::read_stream_statuses(store.directory())));
  if (!options.check.as_of) warn_of_clock(context.talk, store, snapshot);
  options.check.reader = options.datasets.reader;
  options.check.header = options.datasets.shard.index == 1;
  RECANT_ASSIGN(auto share, dataset::take_shard(std::move(inputs), options.datasets.shard,
                                                options.datasets.reader));
  RECANT_ASSIGN(const auto shard, shard_of(options.datasets, snapshot));
  RejectionReport rejections(context.talk, {});
  tell(context.talk, rejections, "item", options.check);
  const auto summary = dataset::check(snapshot, std::move(share.inputs), options.check, output);
  RECANT_TRY(rejections.finish());
  RECANT_TRY(summary);
  RECANT_TRY(output.finish());
  say_judged(context.talk, *summary);
  say_completeness(context.talk, coverage);
  if (summary_file) {
    RECANT_TRY(summary_file->write(check_summary_json(*summary, shard)));
    RECANT_TRY(summary_file->finish());
  }
  const bool found = summary->rejected > 0 || (options.exit_code && actions_due(*summary)) ||
                     (options.require_complete && !coverage.complete());
  return found ? kExitFound : kExitDone;
}

}  // namespace

void add_check(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(app, "check", "Judges every item of datasets, and prints what must be done",
                  "  recant check my-tweets.jsonl.gz > actions.jsonl\n"
                  "  recant check ids.txt --all --as-of 2024-01-01T00:00:00Z --output verdicts.csv "
                  "--output-format csv");
  add_dataset_arguments(command, options->datasets);
  add_type(command, options->datasets);
  command->add_flag("--all", options->check.all, "print items to keep too");
  command->add_flag("--exit-code", options->exit_code, "exit 1 if anything must be done");
  add_require_complete(command, options->require_complete);
  add_policy(command, options->check.policy);
  add_shard(command, add_as_of(command, options->check.as_of), options->datasets);
  add_output(command, "--output", options->output, "write here; .gz and .zst are compressed");
  const std::map<std::string, dataset::OutputFormat> formats = {
      {"ndjson", dataset::OutputFormat::kNdjson},
      {"csv", dataset::OutputFormat::kCsv},
      {"batch", dataset::OutputFormat::kBatch}};
  command
      ->add_option("--output-format", options->check.output_format,
                   "ndjson (default), csv, or batch: the platform's result lines")
      ->transform(one_of(formats))
      ->option_text("FORMAT");
  add_summary(command, options->summary);
  run_with(command, context, std::move(options), run);
}

}  // namespace recant::cli
