// What every command shares: the options before the command, and how it is registered and run.
// main.cc runs the one that was asked for; each cmd_*.cc adds its own.
#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/exit_code.h"
#include "cli/talk.h"
#include "engine/files/input.h"
#include "engine/files/output.h"
#include "engine/files/progress.h"
#include "engine/replay/ingest.h"
#include "recant/recant.h"

namespace recant::cli {

struct Context {
  Talk talk;
  StoreOptions store{};  ///< directory, lock wait and integrity as the command line has them
  /// Set by the command that was parsed. Returns what to exit with; an Error is reported by main.
  std::function<Result<ExitCode>()> run;
};

/// Adds a command. `example` is shown first in its help.
CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& what,
                      const std::string& example);

/// Makes `run` (called with the context and the options) what `command` does.
template <class Options, class Run>
void run_with(CLI::App* command, Context& context, std::shared_ptr<Options> options, Run run) {
  command->callback([&context, options = std::move(options), run] {
    context.run = [&context, options, run] { return run(context, *options); };
  });
}

void add_ingest(CLI::App& app, Context& context);
void add_track(CLI::App& app, Context& context);
void add_untrack(CLI::App& app, Context& context);
void add_check(CLI::App& app, Context& context);
void add_scrub(CLI::App& app, Context& context);
void add_changes(CLI::App& app, Context& context);
void add_tweet(CLI::App& app, Context& context);
void add_user(CLI::App& app, Context& context);
void add_rebuild(CLI::App& app, Context& context);
void add_verify(CLI::App& app, Context& context);
void add_repair(CLI::App& app, Context& context);
void add_digest(CLI::App& app, Context& context);
void add_snapshot(CLI::App& app, Context& context);
void add_merge_summaries(CLI::App& app, Context& context);
void add_stats(CLI::App& app, Context& context);
void add_log(CLI::App& app, Context& context);
void add_batch(CLI::App& app, Context& context);
void add_lookup(CLI::App& app, Context& context);
void add_follow(CLI::App& app, Context& context);
void add_status(CLI::App& app, Context& context);
void add_help(CLI::App& app, Context& context);

/// Opens the store, making it where there is none. Another writer is waited for as long as
/// --lock-wait says, at most `lock_wait_ms_max`.
[[nodiscard]] Result<Store> create_store(
    const Context& context,
    std::int64_t lock_wait_ms_max = std::numeric_limits<std::int64_t>::max());
/// Opens the store, or a snapshot, to read it; of a snapshot says of when it is. Errors: kIo,
/// saying how to make one, where there is none.
[[nodiscard]] Result<Store> open_store(Context& context);
/// Seals the tail after an import, unless another writer has the lock: what was imported is
/// durable, and whoever opens the store next folds it. Errors: as of Store::seal, without kLocked.
[[nodiscard]] Result<void> seal_if_free(Store& store);
/// kIo, saying how to make one, where there is no store.
[[nodiscard]] Result<void> require_store(const Context& context);
/// The same; kInvalidArgument where it is a snapshot, which has no log and never changes.
[[nodiscard]] Result<void> require_log(const Context& context);

/// Opens every input. Errors: kIo; kInvalidArgument if stdin is named twice.
[[nodiscard]] Result<std::vector<files::Input>> open_inputs(const std::vector<std::string>& paths);
/// Opens an output that need not be there: nothing for an empty path.
[[nodiscard]] Result<std::optional<files::Output>> open_output(const std::string& path);
/// Writes a whole file, or stdout for "-". Errors: kIo, kNoSpace.
[[nodiscard]] Result<void> write_output(const std::string& path, std::string_view bytes);
/// How far a job is after `seconds`, for a progress line: file, share, count of `noun`s, rate, and
/// the time that is left where that can be told.
[[nodiscard]] std::string progress_text(const files::Progress& progress, std::string_view noun,
                                        double seconds);

/// Shows the progress of a job that reads inputs, counted in `noun`s.
class ProgressTeller {
 public:
  ProgressTeller(Talk& talk, std::string_view noun)
      : talk_(talk), noun_(noun), begin_(std::chrono::steady_clock::now()) {}
  void operator()(const files::Progress& progress) const;
  void operator()(const files::Input& input, std::uint64_t count) const;

 private:
  Talk& talk_;
  std::string_view noun_;
  std::chrono::steady_clock::time_point begin_;
};

/// Shows the rejections and the progress of an engine job that reads inputs, counted in `noun`s.
template <class JobOptions>
void tell(Talk& talk, RejectionReport& rejections, std::string_view noun, JobOptions& options) {
  options.on_reject = [&rejections](const replay::Rejection& rejection) {
    rejections.add(rejection.file, rejection.line, rejection.why, rejection.text);
  };
  options.on_progress = ProgressTeller(talk, noun);
}

}  // namespace recant::cli
