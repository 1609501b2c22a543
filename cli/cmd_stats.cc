// recant stats: how much of what the store holds.
#include "cli/command.h"
#include "cli/summary.h"

namespace recant::cli {
namespace {

struct Options {
  bool json = false;
};

Result<ExitCode> run(Context& context, Options& options) {
  RECANT_TRY(require_log(context));
  RECANT_ASSIGN(auto store, open_store(context));
  RECANT_ASSIGN(const auto snapshot, store.snapshot());
  StoreStats stats;
  RECANT_ASSIGN(stats.log, replay::log_stats(context.store.directory));
  RECANT_ASSIGN(stats.state, snapshot.counts());
  RECANT_ASSIGN(stats.losses, snapshot.losses());
  stats.index_bytes = snapshot.part_bytes();
  stats.parts = snapshot.part_count();
  stats.tail_events = snapshot.tail_events();
  RECANT_TRY(write_output("-", options.json ? stats_json(stats) : stats_text(stats)));
  return kExitDone;
}

}  // namespace

void add_stats(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command = add_command(app, "stats", "Counts what the store holds",
                                  "  recant stats\n  recant stats --json");
  command->add_flag("--json", options->json, "one JSON object");
  run_with(command, context, std::move(options), run);
}

}  // namespace recant::cli
