// recant repair: goes on without acknowledged events that are damaged.
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/text.h"

namespace recant::cli {
namespace {

struct Options {
  bool dry_run = false;
};

std::string line_of(const RepairLoss& loss, bool dry_run) {
  const std::string what = loss.bytes == 0 ? "missing" : counted(loss.bytes, "byte");
  return fmt::format("{}: sequences {} to {}, log/{}, offset {}, {}\n",
                     dry_run ? "would be lost" : "lost", loss.first, loss.last, loss.segment,
                     loss.offset, what);
}

void tell(Context& context, const std::string& directory, const RepairSummary& summary,
          bool dry_run) {
  if (dry_run) {
    context.talk.say(fmt::format(
        "{}: nothing was changed (`recant repair` without --dry-run does it)", directory));
    return;
  }
  for (const std::string& path : summary.kept) {
    context.talk.say(fmt::format("{}: damaged bytes are kept there", path));
  }
  for (const std::string& path : summary.set_aside) {
    context.talk.say(fmt::format(
        "{}: this part of the old index, which may know of lost events, is kept there", path));
  }
  context.talk.say(
      summary.lost.empty()
          ? fmt::format("{}: repaired; no event is lost", directory)
          : fmt::format("{}: repaired; the index was built anew from what is left, and `recant "
                        "stats` tells of the loss (ingest what it held again if you have it)",
                        directory));
}

Result<ExitCode> run(Context& context, Options& options) {
  RECANT_TRY(require_log(context));
  RECANT_ASSIGN(auto store, open_store(context));
  RECANT_ASSIGN(const RepairSummary summary, store.repair(options.dry_run));
  if (!summary.damaged) {
    context.talk.say(
        fmt::format("{}: the log is whole: there is nothing to repair", store.directory()));
    return kExitDone;
  }
  std::string lines;
  for (const RepairLoss& loss : summary.lost) lines += line_of(loss, options.dry_run);
  RECANT_TRY(write_output("-", lines));
  tell(context, store.directory(), summary, options.dry_run);
  return kExitFound;
}

}  // namespace

void add_repair(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(app, "repair", "Goes on without events that are damaged, and records the loss",
                  "  recant verify\n  recant repair --dry-run\n  recant repair");
  command->add_flag("--dry-run", options->dry_run, "only say what would be lost");
  run_with(command, context, std::move(options), run);
}

}  // namespace recant::cli
