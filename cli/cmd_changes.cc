// recant changes: which tracked tweets may have a new verdict since a cursor.
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/judged.h"
#include "cli/options.h"
#include "cli/output_guard.h"
#include "cli/policy.h"
#include "cli/text.h"
#include "engine/dataset/verdict_writer.h"
#include "recant/time.h"

namespace recant::cli {
namespace {

struct Options {
  ChangesOptions changes{};
  std::optional<Time> as_of;
  std::string output = "-";
};

Result<ExitCode> run(Context& context, Options& options) {
  RECANT_TRY(
      guard_outputs({.store = context.store.directory, .outputs = {{"--output", options.output}}}));
  RECANT_TRY(require_log(context));
  RECANT_ASSIGN(auto output, files::Output::open(options.output));
  RECANT_ASSIGN(auto store, open_store(context));
  RECANT_ASSIGN(const auto snapshot, store.snapshot());
  if (!options.as_of) {
    warn_of_clock(context.talk, store, snapshot);
    RECANT_ASSIGN(options.as_of, snapshot.default_as_of(now()));
  }
  options.changes.as_of = *options.as_of;
  dataset::VerdictWriter writer(output, {dataset::OutputFormat::kNdjson, ItemType::kTweet, true});
  std::uint64_t tweets = 0;
  Result<void> written;
  const auto cursor =
      snapshot.changes(options.changes, [&](const Item& item, const Verdict& verdict) {
        written = writer.write(item, verdict);
        if (written) ++tweets;
        context.talk.progress([&] { return counted(tweets, "tweet"); });
        return written.has_value();
      });
  RECANT_TRY(written);
  RECANT_TRY(cursor);
  RECANT_TRY(writer.flush());
  RECANT_TRY(output.write(fmt::format("{{\"cursor\":\"{}\"}}\n", *cursor)));
  RECANT_TRY(output.finish());
  context.talk.say(
      fmt::format("{} as of {}", counted(tweets, "tweet"), format_time(*options.as_of)));
  return kExitDone;
}

}  // namespace

void add_changes(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command = add_command(
      app, "changes", "Prints the tracked tweets whose verdict may have changed, and a cursor",
      "  recant changes > lines.jsonl\n"
      "  recant changes --since \"$(tail -n 1 lines.jsonl | cut -d '\"' -f 4)\" --limit 1000");
  command
      ->add_option("--since", options->changes.since,
                   "the cursor of the last line of the last call (default: from the start)")
      ->option_text("CURSOR");
  add_id(command, "--limit", options->changes.limit,
         "print at most so many; the cursor goes on after them");
  add_policy(command, options->changes.policy);
  add_as_of(command, options->as_of);
  add_output(command, "--output", options->output, "write here; .gz and .zst are compressed");
  run_with(command, context, std::move(options), run);
}

}  // namespace recant::cli
