// recant rebuild: the whole index anew, from the log.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "cli/command.h"
#include "cli/options.h"
#include "cli/output_guard.h"
#include "cli/text.h"

namespace recant::cli {
namespace {

struct Options {
  RebuildOptions rebuild;
  std::uint64_t threads = 0;
};

Result<ExitCode> run(Context& context, Options& options) {
  if (options.rebuild.until != 0 && options.rebuild.into.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "--until: a store's own index holds its whole log (name another directory by "
                "--into DIR)");
  }
  RECANT_TRY(guard_directory(context.store.directory, "--into", options.rebuild.into));
  RECANT_TRY(require_log(context));
  RECANT_ASSIGN(auto store, open_store(context));
  options.rebuild.threads = static_cast<unsigned>(std::min<std::uint64_t>(options.threads, 1024));
  options.rebuild.on_progress = [&context](SequenceNumber done, SequenceNumber all) {
    context.talk.progress(
        [&] { return fmt::format("replayed {} of {} events", grouped(done), grouped(all)); });
  };
  RECANT_ASSIGN(const RebuildSummary summary, store.rebuild(options.rebuild));
  context.talk.say(fmt::format("{} replayed into {}", counted(summary.events, "event"),
                               human_bytes(summary.part_bytes)));
  RECANT_TRY(write_output("-", summary.digest + "\n"));
  return kExitDone;
}

}  // namespace

void add_rebuild(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(app, "rebuild", "Builds the index anew from the log, and prints its digest",
                  "  recant rebuild\n"
                  "  recant rebuild --into /tmp/then --until 1000000");
  command->add_option("--into", options->rebuild.into, "build there, and leave the store as it is")
      ->check(refuse_empty)
      ->option_text("DIR");
  add_id(command, "--until", options->rebuild.until, "replay only up to this sequence number");
  add_size(command, "--memory", options->rebuild.memory_bytes_max,
           "use about so much (default: a quarter of the machine)");
  add_id(command, "--threads", options->threads, "use at most so many threads");
  run_with(command, context, std::move(options), run);
}

}  // namespace recant::cli
