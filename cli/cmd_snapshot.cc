// recant snapshot: a sealed copy of the indexes that many readers can open, also over NFS.
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/output_guard.h"
#include "cli/text.h"
#include "recant/time.h"

namespace recant::cli {
namespace {

struct Options {
  std::string directory;
};

Result<ExitCode> run_write(Context& context, Options& options) {
  if (options.directory.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "snapshot: no directory was given (recant snapshot DIR makes a new one)");
  }
  RECANT_TRY(guard_directory(context.store.directory, "snapshot", options.directory));
  RECANT_TRY(require_log(context));
  RECANT_ASSIGN(auto store, open_store(context));
  RECANT_ASSIGN(const SealedSnapshot made, store.write_snapshot(options.directory));
  context.talk.say(fmt::format("{}: {} up to sequence {}, {}", options.directory,
                               format_time(made.taken_at), grouped(made.last_sequence),
                               human_bytes(made.bytes)));
  RECANT_TRY(write_output("-", made.digest + "\n"));
  return kExitDone;
}

Result<ExitCode> run_verify(Context& context, Options& options) {
  context.store.directory = options.directory;
  RECANT_ASSIGN(auto store, open_store(context));
  if (!store.sealed()) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("{}: this is no snapshot (`recant verify` checks a store)", options.directory));
  }
  RECANT_ASSIGN(const auto findings, store.verify());
  if (findings.empty()) {
    context.talk.say("the snapshot is whole, and its digest is what it says");
    return kExitDone;
  }
  std::string lines;
  for (const VerifyFinding& finding : findings) {
    lines += fmt::format("damage: {}\n", printable(finding.what));
  }
  RECANT_TRY(write_output("-", lines));
  context.talk.say(fmt::format("{}: {} (copy it again, or make another)", options.directory,
                               counted(findings.size(), "finding")));
  return kExitCorruption;
}

}  // namespace

void add_snapshot(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command = add_command(
      app, "snapshot", "Writes a sealed copy of the index that many can read, also over NFS",
      "  recant snapshot /nfs/recant-2024-06-01\n"
      "  recant --store /nfs/recant-2024-06-01 check my-tweets.jsonl.gz\n"
      "  recant snapshot verify /nfs/recant-2024-06-01");
  command
      ->add_option("DIR", options->directory,
                   "a directory that is not there yet (one called verify: ./verify)")
      ->option_text(" ");
  auto verify_options = std::make_shared<Options>();
  CLI::App* verify =
      add_command(*command, "verify", "Compares every checksum of a snapshot, and its digest",
                  "  recant snapshot verify /nfs/recant-2024-06-01");
  verify->add_option("DIR", verify_options->directory, "a snapshot")->required()->option_text(" ");
  run_with(verify, context, std::move(verify_options), run_verify);
  command->callback([&context, command, options] {
    if (!command->get_subcommands().empty()) return;  // the one below runs
    context.run = [&context, options] { return run_write(context, *options); };
  });
}

}  // namespace recant::cli
