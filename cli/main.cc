// The recant program: reads the words, runs one command, reports an error in one line.
// Read command.h first. Contract: exit_code.h and README.md.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <new>
#include <string>
#include <system_error>

#include "cli/command.h"
#include "cli/help.h"
#include "cli/program.h"
#include "engine/feed/sealer.h"

namespace recant::cli {
namespace {

// A file opened under a closed descriptor's number would take the talk or the results of the
// program as its content: the numbers are occupied, and writing to stdout still fails.
void occupy_standard_descriptors() {
  for (int descriptor = 0; descriptor <= STDERR_FILENO; ++descriptor) {
    if (fcntl(descriptor, F_GETFD) == -1 && errno == EBADF) open("/dev/null", O_RDONLY);
  }
}

ExitCode report(Context& context, const Error& error) {
  context.talk.say(error.code == ErrorCode::kNoMemory
                       ? "out of memory: the machine refused more (give --memory a smaller SIZE)"
                       : error.what);
  return exit_code(error.code);
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
  const auto result = context.run();
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
  occupy_standard_descriptors();
  try {
    const ExitCode code = run(argc, argv);
    // What it works on has no name yet: the next writer removes it.
    if (recant::feed::Sealer::left_running()) std::_Exit(code);
    return code;
  } catch (const std::bad_alloc&) {
    Talk().say("out of memory: the machine refused more (give --memory a smaller SIZE)");
  } catch (const std::system_error& error) {
    Talk().say(std::string("the machine refused a thread: ") + error.what() +
               " (raise its limits, see ulimit -a)");
  } catch (const std::exception& error) {
    Talk().say(std::string("this is a bug of recant: ") + error.what());
  }
  return kExitIo;
}
