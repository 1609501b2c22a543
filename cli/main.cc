// The recant program: reads the words, runs one command, reports an error in one line.
// Read command.h first. Contract: exit_code.h and README.md.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <new>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "cli/command.h"
#include "cli/help.h"
#include "cli/program.h"
#include "engine/feed/sealer.h"
#include "engine/files/unfinished.h"

namespace recant::cli {
namespace {

// A file opened under a closed descriptor's number would take the talk or the results of the
// program as its content: the numbers are occupied, by what can be neither read nor written, nor
// opened anew as /dev/stdin: a closed stdin is no empty one.
void occupy_standard_descriptors() {
  for (int descriptor = 0; descriptor <= STDERR_FILENO; ++descriptor) {
    if (fcntl(descriptor, F_GETFD) == -1 && errno == EBADF) open("/", O_PATH);
  }
}

// What a killed program leaves half-written has no name that anyone looks for, and posts in it.
void remove_unfinished_and_die(int signal_number) {
  recant::files::remove_unfinished();
  // SA_RESETHAND has put the default action back: it ends the program once this returns.
  raise(signal_number);
}

// `follow` handles SIGINT and SIGTERM in its own way afterwards. What is ignored (nohup) stays so.
void catch_fatal_signals() {
  for (const int signal_number : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction action{};
    if (sigaction(signal_number, nullptr, &action) != 0 || action.sa_handler == SIG_IGN) continue;
    action = {};
    action.sa_handler = &remove_unfinished_and_die;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigfillset(&action.sa_mask);
    sigaction(signal_number, &action, nullptr);
  }
}

constexpr const char* kNoMemory =
    "out of memory: the machine refused more (free some, or raise its limits, see ulimit -a)";

ExitCode report(Context& context, const Error& error) {
  context.talk.say(error.what);
  return exit_code(error.code);
}

Result<ExitCode> run_command(CLI::App& app, Context& context) {
  Result<ExitCode> result;
  try {
    result = context.run();
  } catch (const std::bad_alloc&) {
    result = fail(ErrorCode::kNoMemory, "");
  }
  if (!result && result.error().code == ErrorCode::kNoMemory) {
    result.error().what = given_command_takes(app, "--memory")
                              ? "out of memory: the machine refused more (give --memory a smaller "
                                "SIZE)"
                              : kNoMemory;
  }
  return result;
}

// CLI11 would take the next word, which may be the name of a file, for the value.
std::optional<std::string> word_without_value(const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (word == "--") break;
    if (word.starts_with("--") && word.find('=') == word.size() - 1) return word;
  }
  return {};
}

ExitCode show(Context& context, const std::string& text) {
  const auto written = write_output("-", text);
  return written ? kExitDone : report(context, written.error());
}

ExitCode run(int argc, char** argv) {
  Context context;
  context.store.on_diagnostic = [&context](std::string_view text) { context.talk.say(text); };
  const auto program = make_program(context);
  CLI::App& app = *program;
  if (const auto word = word_without_value({argv + 1, argv + argc})) {
    context.talk.say(*word + ": there is no value behind it (recant --help shows how)");
    return kExitUsage;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return show(context, app.help());
  } catch (const CLI::CallForVersion& version) {
    return show(context, std::string(version.what()) + "\n");
  } catch (const CLI::ParseError& error) {
    context.talk.say(explain_usage_error(app, error));
    return kExitUsage;
  }
  const auto result = run_command(app, context);
  return result ? *result : report(context, result.error());
}

}  // namespace
}  // namespace recant::cli

int main(int argc, char** argv) {
  using namespace recant::cli;
  // A reader that went away is an error of that write, not the end of the program.
  std::signal(SIGPIPE, SIG_IGN);
  // Nor is a limit on the size of files.
  std::signal(SIGXFSZ, SIG_IGN);
  catch_fatal_signals();
  occupy_standard_descriptors();
  try {
    const ExitCode code = run(argc, argv);
    // What it works on has no name yet: the next writer removes it.
    if (recant::feed::Sealer::left_running()) std::_Exit(code);
    return code;
  } catch (const std::bad_alloc&) {
    Talk().say(kNoMemory);
  } catch (const std::system_error& error) {
    Talk().say(std::string("the machine refused a thread: ") + error.what() +
               " (raise its limits, see ulimit -a)");
  } catch (const std::exception& error) {
    Talk().say(std::string("this is a bug of recant: ") + error.what());
  }
  return kExitIo;
}
