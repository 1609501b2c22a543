// The recant program: reads the words, runs one command, reports an error in one line.
// Read command.h first. Contract: exit_code.h and README.md.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <exception>
#include <map>
#include <memory>
#include <new>
#include <string>
#include <system_error>

#include "cli/command.h"
#include "cli/help.h"
#include "cli/options.h"

namespace recant::cli {
namespace {

// A file opened under a closed descriptor's number would take the talk or the results of the
// program as its content: the numbers are occupied, and writing to stdout still fails.
void occupy_standard_descriptors() {
  for (int descriptor = 0; descriptor <= STDERR_FILENO; ++descriptor) {
    if (fcntl(descriptor, F_GETFD) == -1 && errno == EBADF) open("/dev/null", O_RDONLY);
  }
}

void add_shared_options(CLI::App& app, Context& context) {
  context.store.directory = "./recant-store";
  app.add_option("--store", context.store.directory, "the store's directory")
      ->type_name("DIR")
      ->envname("RECANT_STORE")
      ->capture_default_str()
      ->check([](const std::string& text) { return text.empty() ? "the name is empty" : ""; });
  add_seconds(&app, "--lock-wait", context.store.lock_wait_ms,
              "how long to wait for another writer (default 10)");
  const std::map<std::string, Integrity> integrities = {
      {"always", Integrity::kAlways}, {"boot", Integrity::kBoot}, {"off", Integrity::kOff}};
  app.add_option("--integrity", context.store.integrity,
                 "when to check the index's checksums: always, boot (the default) or off")
      ->transform(one_of(integrities))
      ->option_text("WHEN");
  const std::map<std::string, ProgressMode> modes = {{"auto", ProgressMode::kAuto},
                                                     {"always", ProgressMode::kAlways},
                                                     {"never", ProgressMode::kNever}};
  app.add_option_function<ProgressMode>(
         "--progress", [&context](const ProgressMode& mode) { context.talk.set_progress(mode); },
         "a progress line on stderr: auto (the default), always or never")
      ->transform(one_of(modes))
      ->option_text("WHEN");
}

void add_commands(CLI::App& app, Context& context) {
  add_ingest(app, context);
  add_check(app, context);
  add_scrub(app, context);
  add_track(app, context);
  add_untrack(app, context);
  add_changes(app, context);
  add_tweet(app, context);
  add_user(app, context);
  add_stats(app, context);
  add_digest(app, context);
  add_rebuild(app, context);
  add_verify(app, context);
  add_repair(app, context);
  add_log(app, context);
  add_batch(app, context);
  add_lookup(app, context);
  add_follow(app, context);
  add_status(app, context);
}

ExitCode report(Context& context, const Error& error) {
  context.talk.say(error.what);
  return exit_code(error.code);
}

ExitCode show(Context& context, const std::string& text) {
  const auto written = write_output("-", text);
  return written ? kExitDone : report(context, written.error());
}

ExitCode run(int argc, char** argv) {
  Context context;
  context.store.on_diagnostic = [&context](std::string_view text) { context.talk.say(text); };
  CLI::App app{
      "Keeps stored X posts in compliance: events go in, and every item of a dataset gets a "
      "verdict.",
      "recant"};
  app.footer("  recant ingest events.jsonl\n  recant check my-tweets.jsonl > actions.jsonl");
  app.formatter(std::make_shared<HelpFormatter>());
  app.set_version_flag("--version", std::string("recant ") + RECANT_VERSION);
  app.require_subcommand(1);
  add_shared_options(app, context);
  add_commands(app, context);
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
    return run(argc, argv);
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
