// recant help: what --help says, for those who ask the other way round.
#include "cli/command.h"
#include "cli/help.h"

namespace recant::cli {
namespace {

struct Options {
  std::vector<std::string> words;
};

Result<ExitCode> run(CLI::App& program, Options& options) {
  RECANT_ASSIGN(const std::string text, help_of(program, options.words));
  RECANT_TRY(write_output("-", text));
  return kExitDone;
}

}  // namespace

void add_help(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command = add_command(app, "help", "Shows the help of a command, as --help does",
                                  "  recant help check\n  recant help log cat");
  command->add_option("COMMAND", options->words, "a command's words")->option_text("...");
  run_with(command, context, std::move(options),
           [&app](Context&, Options& given) { return run(app, given); });
}

}  // namespace recant::cli
