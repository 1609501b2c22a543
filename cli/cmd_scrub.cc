// recant scrub: datasets as they may be kept.
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>

#include "cli/command.h"
#include "cli/datasets.h"
#include "cli/judged.h"
#include "cli/options.h"
#include "cli/output_guard.h"
#include "cli/policy.h"
#include "cli/receipt.h"
#include "cli/summary.h"
#include "cli/text.h"
#include "engine/dataset/scrub.h"

namespace recant::cli {
namespace {

struct Options {
  DatasetArguments datasets{};
  dataset::ScrubOptions scrub{};
  std::string output;
  std::string held;
  std::string receipt;
  std::string summary;
  bool dry_run = false;
  bool exit_code = false;
  bool require_complete = false;
};

/// The files that are written; those that are not wanted are absent.
struct Written {
  std::optional<files::Output> output{};
  std::optional<files::Output> held{};
  std::optional<files::Output> receipt{};
  std::optional<files::Output> summary{};
};

void say_removed(Talk& talk, const dataset::ScrubSummary& summary, const Options& options) {
  const auto removed = [&summary](dataset::RemovedPart part) {
    return summary.removed[static_cast<std::size_t>(part)];
  };
  using enum dataset::RemovedPart;
  if (removed(kGeo) + removed(kCopy) + removed(kIncludedTweet) + removed(kIncluded) > 0) {
    talk.say(fmt::format(
        "removed from what stays: {}; copies of other posts: {}; {} and {} in includes",
        counted(removed(kGeo), "geo field"), removed(kCopy),
        counted(removed(kIncludedTweet), "post"), counted(removed(kIncluded), "other object")));
  }
  const std::uint64_t suppressed =
      summary.check.by_action[static_cast<std::size_t>(Action::kSuppress)];
  if (suppressed > 0 && options.held.empty()) {
    talk.say(fmt::format("{} left out that may be shown again one day (--held FILE keeps them)",
                         counted(suppressed, "suppressed item")));
  }
  if (summary.check.rejected > 0) {
    talk.say("what was rejected is left out: nothing could judge it");
  }
  if (summary.parts_in_rows > 0) {
    talk.say(
        fmt::format("warning: geo or a quote is due in {} that stay whole: recant does not "
                    "know where these columns hold them",
                    counted(summary.parts_in_rows, "row")));
  }
  if (options.dry_run) talk.say("dry run: nothing was written");
}

Result<Written> open_written(const Options& options) {
  Written written;
  RECANT_ASSIGN(written.summary, open_output(options.summary));
  if (options.dry_run) return written;
  RECANT_ASSIGN(written.output, open_output(options.output));
  RECANT_ASSIGN(written.held, open_output(options.held));
  RECANT_ASSIGN(written.receipt, open_output(options.receipt));
  return written;
}

void watch(Receipt& receipt, const Options& options, std::vector<files::Input>& inputs,
           Written& written) {
  if (!written.receipt) return;
  for (files::Input& input : inputs) receipt.watch(input);
  receipt.watch("output", options.output, *written.output);
  if (written.held) receipt.watch("held", options.held, *written.held);
}

Result<void> finish(std::optional<files::Output>& file, std::string_view bytes) {
  if (!file) return {};
  RECANT_TRY(file->write(bytes));
  return file->finish();
}

Result<ExitCode> run(Context& context, Options& options) {
  if (options.output.empty() && !options.dry_run) {
    return fail(ErrorCode::kInvalidArgument,
                "scrub: there is no --output FILE (--dry-run does without)");
  }
  RECANT_TRY(guard_outputs({.store = context.store.directory,
                            .inputs = options.datasets.files,
                            .outputs = {{"--output", options.output},
                                        {"--held", options.held},
                                        {"--receipt", options.receipt},
                                        {"--summary", options.summary}},
                            .streams_may_mix = false}));
  if (options.datasets.shard.count > 1 && !options.receipt.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "--receipt: a receipt names whole files, and a shard reads parts of them (make "
                "it without --shard)");
  }
  const Time begin = now();
  RECANT_ASSIGN(auto inputs, open_inputs(options.datasets.files));
  RECANT_TRY(require_store(context));
  RECANT_ASSIGN(auto written, open_written(options));
  RECANT_ASSIGN(auto store, open_store(context));
  RECANT_ASSIGN(const auto snapshot, store.snapshot());
  RECANT_ASSIGN(const auto coverage,
                feed::coverage(snapshot, feed::read_stream_statuses(store.directory())));
  if (!options.scrub.as_of) warn_of_clock(context.talk, store, snapshot);
  Receipt receipt;
  watch(receipt, options, inputs, written);
  options.scrub.reader = options.datasets.reader;
  const dataset::Shard& shard = options.datasets.shard;
  RECANT_ASSIGN(auto share, dataset::take_shard(std::move(inputs), shard, options.scrub.reader));
  options.scrub.place = {.before = std::move(share.before),
                         .shard = shard.count > 1,
                         .last = shard.index == shard.count};
  RECANT_ASSIGN(const auto sharded, shard_of(options.datasets, snapshot));
  RejectionReport rejections(context.talk, {});
  tell(context.talk, rejections, "item", options.scrub);
  const auto summary = dataset::scrub(snapshot, std::move(share.inputs), options.scrub,
                                      {.output = written.output ? &*written.output : nullptr,
                                       .held = written.held ? &*written.held : nullptr});
  RECANT_TRY(rejections.finish());
  RECANT_TRY(summary);
  // The held file first: an item that the output lacks must be in it.
  RECANT_TRY(finish(written.held, {}));
  RECANT_TRY(finish(written.output, {}));
  if (written.receipt) {
    RECANT_ASSIGN(const std::string digest, snapshot.digest());
    RECANT_TRY(finish(written.receipt, receipt.json(options.scrub, *summary, digest,
                                                    snapshot.last_sequence(), begin, now())));
  }
  say_judged(context.talk, summary->check);
  say_removed(context.talk, *summary, options);
  say_completeness(context.talk, coverage);
  RECANT_TRY(finish(written.summary, check_summary_json(summary->check, sharded)));
  const bool found = summary->check.rejected > 0 ||
                     (options.exit_code && actions_due(summary->check)) ||
                     (options.require_complete && !coverage.complete());
  return found ? kExitFound : kExitDone;
}

}  // namespace

void add_scrub(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command = add_command(
      app, "scrub", "Writes datasets as they may be kept, every other byte as it was",
      "  recant scrub tweets.jsonl.gz --output clean.jsonl.gz --held held.jsonl.gz\n"
      "  recant scrub held.jsonl.gz --output shown-again.jsonl.gz --held still-held.jsonl.gz\n"
      "  recant scrub tweets.csv --dry-run");
  add_dataset_arguments(command, options->datasets);
  add_type(command, options->datasets);
  add_output(command, "--output", options->output,
             "write what is kept here, never over an input; .gz and .zst are compressed. "
             "Rejected lines are left out (exit 1): nothing can judge them. Several inputs "
             "become one, and must have the same header, which is written once");
  add_output(command, "--held", options->held,
             "write suppressed items here; scrub this file later to get back what may be "
             "shown again");
  add_output(command, "--receipt", options->receipt,
             "write here, as JSON, which bytes became which (SHA-256), and by what events");
  command->add_flag("--dry-run", options->dry_run,
                    "write nothing but the summary: say what would be done");
  command->add_flag("--exit-code", options->exit_code, "exit 1 if anything was due");
  add_require_complete(command, options->require_complete);
  add_policy(command, options->scrub.policy);
  add_shard(command, add_as_of(command, options->scrub.as_of), options->datasets);
  add_summary(command, options->summary);
  run_with(command, context, std::move(options), run);
}

}  // namespace recant::cli
