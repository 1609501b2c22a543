#include "cli/program.h"

#include <map>

#include "cli/help.h"
#include "cli/options.h"

namespace recant::cli {
namespace {

void add_shared_options(CLI::App& app, Context& context) {
  context.store.directory = "./recant-store";
  app.add_option("--store", context.store.directory, "the store's directory")
      ->type_name("DIR")
      ->envname("RECANT_STORE")
      ->capture_default_str()
      ->check(refuse_empty);
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
         "progress on stderr: auto (the default: where it is a terminal), always (elsewhere a line "
         "every 10 seconds) or never")
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
  add_snapshot(app, context);
  add_merge_summaries(app, context);
  add_rebuild(app, context);
  add_verify(app, context);
  add_repair(app, context);
  add_log(app, context);
  add_batch(app, context);
  add_lookup(app, context);
  add_follow(app, context);
  add_status(app, context);
  add_help(app, context);
}

}  // namespace

std::unique_ptr<CLI::App> make_program(Context& context) {
  auto app = std::make_unique<CLI::App>(
      "Keeps stored X posts in compliance: events go in, and every item of a dataset gets a "
      "verdict.",
      "recant");
  app->footer("  recant ingest events.jsonl\n  recant check my-tweets.jsonl > actions.jsonl");
  app->formatter(std::make_shared<HelpFormatter>());
  app->set_version_flag("--version", std::string("recant ") + RECANT_VERSION);
  app->require_subcommand(1);
  add_shared_options(*app, context);
  add_commands(*app, context);
  return app;
}

}  // namespace recant::cli
