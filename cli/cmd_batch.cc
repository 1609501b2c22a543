// recant batch: the platform's batch compliance jobs, all at once (run) or step by step.
#include <fmt/format.h>

#include <map>
#include <memory>

#include "cli/command.h"
#include "cli/datasets.h"
#include "cli/network.h"
#include "cli/options.h"
#include "cli/output_guard.h"
#include "cli/summary.h"
#include "cli/text.h"
#include "engine/dataset/dataset_ids.h"
#include "engine/feed/batch_run.h"
#include "engine/feed/batch_transfer.h"

namespace recant::cli {
namespace {

struct StepOptions {
  NetworkOptions network{};
  feed::NewJob job{};
  std::string job_id{};
  std::string file{};
  std::optional<feed::JobStatus> status{};
};

struct RunOptions {
  NetworkOptions network{};
  DatasetArguments datasets{};
  feed::BatchRunOptions run{};
  std::string summary{};
};

Result<ExitCode> print(const std::string& text) {
  RECANT_TRY(write_output("-", text));
  return kExitDone;
}

Result<ExitCode> run_create(Context& context, StepOptions& options) {
  RECANT_ASSIGN(const auto connection, ApiConnection::open(context, options.network));
  RECANT_ASSIGN(const auto job, feed::create_job(connection->api(), options.job));
  return print(feed::job_json(job) + "\n");
}

Result<ExitCode> run_get(Context& context, StepOptions& options) {
  RECANT_ASSIGN(const auto connection, ApiConnection::open(context, options.network));
  RECANT_ASSIGN(const auto job, feed::get_job(connection->api(), options.job_id));
  return print(feed::job_json(job) + "\n");
}

Result<ExitCode> run_list(Context& context, StepOptions& options) {
  RECANT_ASSIGN(const auto connection, ApiConnection::open(context, options.network));
  RECANT_ASSIGN(const auto jobs,
                feed::list_jobs(connection->api(), options.job.type, options.status));
  std::string lines;
  for (const feed::BatchJob& job : jobs) lines += feed::job_json(job) + "\n";
  return print(lines);
}

feed::TransferProgress tell_bytes(Context& context, std::string_view verb) {
  return [&context, verb](std::uint64_t done, std::uint64_t all) {
    context.talk.progress([&] {
      return all == 0 ? fmt::format("{} {}", human_bytes(done), verb)
                      : fmt::format("{} of {} {}", human_bytes(done), human_bytes(all), verb);
    });
  };
}

Result<ExitCode> run_upload(Context& context, StepOptions& options) {
  RECANT_ASSIGN(const auto connection, ApiConnection::open(context, options.network));
  RECANT_ASSIGN(const auto job, feed::get_job(connection->api(), options.job_id));
  RECANT_TRY(
      feed::upload_ids(connection->api(), job, options.file, tell_bytes(context, "uploaded")));
  context.talk.say(fmt::format("job {}: uploaded {}", job.id, options.file));
  return kExitDone;
}

Result<ExitCode> run_download(Context& context, StepOptions& options) {
  RECANT_TRY(guard_outputs({.store = context.store.directory,
                            .inputs = files_of(options.network),
                            .outputs = {{"--output", options.file}}}));
  RECANT_ASSIGN(const auto connection, ApiConnection::open(context, options.network));
  RECANT_ASSIGN(const auto job, feed::get_job(connection->api(), options.job_id));
  RECANT_ASSIGN(const auto download, feed::download_results(connection->api(), job, options.file,
                                                            tell_bytes(context, "downloaded")));
  context.talk.say(fmt::format("job {}: {} of results in {}", job.id, human_bytes(download.bytes),
                               options.file));
  context.talk.say(
      fmt::format("to take them in: recant ingest --format batch-{} --default-at {} {}",
                  feed::job_type_name(job.type), format_time(job.created_at), options.file));
  if (!download.whole) {
    context.talk.say("warning: the server did not say where the results end: they may be cut");
  }
  return kExitDone;
}

void say_run(Talk& talk, const feed::BatchRunSummary& summary) {
  if (summary.job.id.empty()) {
    talk.say("no ids: nothing to ask");
    return;
  }
  talk.say(fmt::format("job {}: {}: {} accepted, {} rejected; {} there again", summary.job.id,
                       counted(summary.ingest.lines, "result"), grouped(summary.ingest.accepted),
                       grouped(summary.ingest.rejected), grouped(summary.lifted)));
  if (!summary.observed) {
    talk.say(
        "note: ids without a result were not taken for compliant: it is not certain that no "
        "result is missing");
  }
}

Result<ExitCode> run_run(Context& context, RunOptions& options) {
  if (options.datasets.files.empty() && options.run.resume.empty()) {
    return fail(
        ErrorCode::kInvalidArgument,
        "batch run: there is nothing to ask about (name a DATASET, or a job to go on with by "
        "--resume)");
  }
  std::vector<std::string> read = files_of(options.network);
  read.insert(read.end(), options.datasets.files.begin(), options.datasets.files.end());
  RECANT_TRY(guard_outputs({.store = context.store.directory,
                            .inputs = std::move(read),
                            .outputs = {{"--summary", options.summary}}}));
  RECANT_ASSIGN(auto inputs, open_inputs(options.datasets.files));
  RECANT_ASSIGN(auto summary_file, open_output(options.summary));
  RECANT_ASSIGN(const auto connection, ApiConnection::open(context, options.network));
  RECANT_ASSIGN(auto store, create_store(context));
  RejectionReport rejections(context.talk, {});
  options.run.on_reject = [&rejections](const replay::Rejection& rejection) {
    rejections.add(rejection.file, rejection.line, rejection.why, rejection.text);
  };
  const bool tweets = options.run.job.type == feed::JobType::kTweets;
  options.datasets.reader.type = tweets ? ItemType::kTweet : ItemType::kUser;
  const bool named = !inputs.empty();
  dataset::DatasetIds ids(std::move(inputs), options.datasets.reader, options.run.on_reject);
  if (named) options.run.next_id = [&ids] { return ids.next(); };
  options.run.say = [&context](std::string_view text) { context.talk.say(text); };
  options.run.progress = [&context](std::string_view text) {
    context.talk.progress([text] { return std::string(text); });
  };
  const auto summary = feed::run_batch(store, connection->api(), options.run);
  RECANT_TRY(rejections.finish());
  RECANT_TRY(summary);
  say_run(context.talk, *summary);
  if (summary_file) {
    RECANT_TRY(summary_file->write(ingest_summary_json(summary->ingest)));
    RECANT_TRY(summary_file->finish());
  }
  RECANT_TRY(seal_if_free(store));
  return ids.rejected() > 0 || summary->ingest.rejected > 0 ? kExitFound : kExitDone;
}

CLI::Option* add_type(CLI::App* command, feed::JobType& out) {
  const std::map<std::string, feed::JobType> types = {{"tweets", feed::JobType::kTweets},
                                                      {"users", feed::JobType::kUsers}};
  return command->add_option("--type", out, "what the ids are: tweets or users")
      ->transform(one_of(types))
      ->option_text("TYPE");
}

void add_job_id(CLI::App* command, StepOptions& options) {
  command->add_option("JOB", options.job_id, "the job's id")->required()->option_text("");
}

void add_new_job(CLI::App* command, feed::NewJob& job) {
  command->add_option("--name", job.name, "a name for the job, at most 64 characters")
      ->option_text("TEXT");
  command->add_flag("--resumable", job.resumable, "an upload that can go on where it was cut");
}

void add_create(CLI::App& batch, Context& context) {
  auto options = std::make_shared<StepOptions>();
  CLI::App* command = add_command(batch, "create", "Creates a job, and prints it",
                                  "  recant batch create --type tweets --token-file token");
  add_network(command, options->network);
  add_type(command, options->job.type)->required();
  add_new_job(command, options->job);
  run_with(command, context, std::move(options), run_create);
}

void add_upload(CLI::App& batch, Context& context) {
  auto options = std::make_shared<StepOptions>();
  CLI::App* command =
      add_command(batch, "upload", "Uploads the ids of a job, within 15 minutes of its creation",
                  "  recant batch upload 1425543269983784962 ids.txt");
  add_network(command, options->network);
  add_job_id(command, *options);
  command->add_option("FILE", options->file, "an id a line, nothing else")
      ->required()
      ->option_text("");
  run_with(command, context, std::move(options), run_upload);
}

void add_list(CLI::App& batch, Context& context) {
  auto options = std::make_shared<StepOptions>();
  CLI::App* command = add_command(batch, "list", "Prints the jobs, a JSON line each",
                                  "  recant batch list --type tweets --status complete");
  add_network(command, options->network);
  add_type(command, options->job.type)->required();
  const std::map<std::string, feed::JobStatus> statuses = {
      {"created", feed::JobStatus::kCreated},
      {"in_progress", feed::JobStatus::kInProgress},
      {"failed", feed::JobStatus::kFailed},
      {"complete", feed::JobStatus::kComplete}};
  command
      ->add_option("--status", options->status,
                   "these alone: created, in_progress, failed or complete")
      ->transform(one_of(statuses))
      ->option_text("STATUS");
  run_with(command, context, std::move(options), run_list);
}

void add_get(CLI::App& batch, Context& context) {
  auto options = std::make_shared<StepOptions>();
  CLI::App* command =
      add_command(batch, "get", "Prints a job", "  recant batch get 1425543269983784962");
  add_network(command, options->network);
  add_job_id(command, *options);
  run_with(command, context, std::move(options), run_get);
}

void add_download(CLI::App& batch, Context& context) {
  auto options = std::make_shared<StepOptions>();
  CLI::App* command =
      add_command(batch, "download", "Downloads the results of a complete job",
                  "  recant batch download 1425543269983784962 --output results.jsonl");
  add_network(command, options->network);
  add_job_id(command, *options);
  add_output(command, "--output", options->file, "write here")->required();
  run_with(command, context, std::move(options), run_download);
}

void add_run(CLI::App& batch, Context& context) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command =
      add_command(batch, "run", "Asks about every id of datasets, and takes in what became of them",
                  "  recant batch run my-tweets.jsonl.gz --type tweets --token-file token\n"
                  "  recant batch run --resume 1425543269983784962 --token-file token");
  add_dataset_arguments(command, options->datasets);
  command->get_option("DATASET")->required(false);
  add_network(command, options->network);
  add_type(command, options->run.job.type);
  add_new_job(command, options->run.job);
  command->add_option("--resume", options->run.resume, "go on with this job")->option_text("JOB");
  add_seconds(command, "--poll", options->run.poll_ms,
              "how soon to ask again whether it is done (default 5, growing to 60)");
  add_summary(command, options->summary);
  run_with(command, context, std::move(options), run_run);
}

}  // namespace

void add_batch(CLI::App& app, Context& context) {
  CLI::App* batch =
      add_command(app, "batch", "Runs the platform's batch compliance jobs",
                  "  recant batch run my-tweets.jsonl.gz --type tweets --token-file token");
  batch->require_subcommand(1);
  add_run(*batch, context);
  add_create(*batch, context);
  add_upload(*batch, context);
  add_list(*batch, context);
  add_get(*batch, context);
  add_download(*batch, context);
}

}  // namespace recant::cli
