// recant digest: 32 hex digits of the state, the same for the same events.
#include "cli/command.h"

namespace recant::cli {
namespace {

struct Options {};

Result<ExitCode> run(Context& context, Options&) {
  RECANT_ASSIGN(auto store, open_store(context));
  RECANT_ASSIGN(const auto snapshot, store.snapshot());
  RECANT_ASSIGN(const auto digest, snapshot.digest());
  RECANT_TRY(write_output("-", digest + "\n"));
  return kExitDone;
}

}  // namespace

void add_digest(CLI::App& app, Context& context) {
  CLI::App* command =
      add_command(app, "digest", "Prints 32 hex digits of the state, the same for the same events",
                  "  recant digest");
  run_with(command, context, std::make_shared<Options>(), run);
}

}  // namespace recant::cli
