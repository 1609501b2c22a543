// recant track, recant untrack: which tweets the user stores.
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/datasets.h"
#include "cli/text.h"
#include "engine/dataset/track.h"

namespace recant::cli {
namespace {

struct Options {
  DatasetArguments datasets{};
  dataset::TrackOptions track{};
};

void say_summary(Talk& talk, const dataset::TrackSummary& summary, dataset::TrackAction action) {
  talk.say(fmt::format("{}: {} {}, {} unchanged, {} rejected", counted(summary.items, "item"),
                       grouped(summary.written),
                       action == dataset::TrackAction::kTrack ? "recorded" : "forgotten",
                       grouped(summary.unchanged), grouped(summary.rejected)));
}

Result<ExitCode> run(Context& context, Options& options) {
  RECANT_ASSIGN(auto inputs, open_inputs(options.datasets.files));
  const bool tracking = options.track.action == dataset::TrackAction::kTrack;
  if (!tracking) RECANT_TRY(require_log(context));
  RECANT_ASSIGN(auto store, tracking ? create_store(context) : open_store(context));
  options.track.reader = options.datasets.reader;
  RejectionReport rejections(context.talk, {});
  tell(context.talk, rejections, "item", options.track);
  const auto summary = dataset::track(store, std::move(inputs), options.track);
  RECANT_TRY(rejections.finish());
  RECANT_TRY(summary);
  say_summary(context.talk, *summary, options.track.action);
  RECANT_TRY(seal_if_free(store));
  return summary->rejected > 0 ? kExitFound : kExitDone;
}

void add(CLI::App& app, Context& context, dataset::TrackAction action, const std::string& name,
         const std::string& what) {
  auto options = std::make_shared<Options>();
  options->track.action = action;
  CLI::App* command = add_command(app, name, what, "  recant " + name + " my-tweets.jsonl.gz");
  add_dataset_arguments(command, options->datasets);
  run_with(command, context, std::move(options), run);
}

}  // namespace

void add_track(CLI::App& app, Context& context) {
  add(app, context, dataset::TrackAction::kTrack, "track",
      "Records which tweets you store, with authors and originals");
}

void add_untrack(CLI::App& app, Context& context) {
  add(app, context, dataset::TrackAction::kUntrack, "untrack", "Forgets tweets that you stored");
}

}  // namespace recant::cli
