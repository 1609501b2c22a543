// recant lookup: asks the platform about the items of datasets, and keeps what it learns.
#include <fmt/format.h>

#include <map>
#include <memory>

#include "cli/command.h"
#include "cli/datasets.h"
#include "cli/network.h"
#include "cli/options.h"
#include "cli/text.h"
#include "engine/dataset/dataset_ids.h"
#include "engine/feed/gap_tweets.h"
#include "engine/feed/lookup.h"

namespace recant::cli {
namespace {

struct Options {
  NetworkOptions network{};
  DatasetArguments datasets{};
  feed::LookupOptions lookup{};
  bool gaps = false;
};

Result<void> look_up(Context& context, Store& store, feed::Api& api, feed::LookupOptions& lookup) {
  lookup.progress = [&context](std::uint64_t count) {
    context.talk.progress([count] { return counted(count, "id") + " looked up"; });
  };
  RECANT_ASSIGN(const auto summary, feed::lookup(store, api, lookup));
  context.talk.say(fmt::format("{} looked up: {} to be seen, {} not; {} written, {} lift something",
                               counted(summary.ids, "id"), grouped(summary.seen),
                               grouped(summary.hidden), counted(summary.events, "event"),
                               grouped(summary.lifted)));
  if (summary.impossible > 0) {
    context.talk.say(counted(summary.impossible, "id") +
                     " not asked about: the platform has none of over 19 digits");
  }
  return seal_if_free(store);
}

Result<ExitCode> run_gaps(Context& context, Options& options) {
  if (!options.datasets.files.empty() || options.lookup.type != feed::LookupType::kTweets) {
    return fail(ErrorCode::kInvalidArgument,
                "lookup --gaps: it asks about the tweets that you track (name no DATASET, and no "
                "--type users)");
  }
  RECANT_TRY(require_log(context));
  RECANT_ASSIGN(auto store, open_store(context));
  RECANT_ASSIGN(const auto connection, ApiConnection::open(context, options.network));
  RECANT_ASSIGN(const auto snapshot, store.snapshot());
  RECANT_ASSIGN(const auto coverage,
                feed::coverage(snapshot, feed::read_stream_statuses(store.directory())));
  feed::GapTweets tweets(snapshot, coverage, now());
  options.lookup.next_id = [&tweets] { return tweets.next(); };
  RECANT_TRY(look_up(context, store, connection->api(), options.lookup));
  return kExitDone;
}

Result<ExitCode> run(Context& context, Options& options) {
  if (options.gaps) return run_gaps(context, options);
  if (options.datasets.files.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "lookup: there is nothing to ask about (name a DATASET, or give --gaps)");
  }
  RECANT_ASSIGN(auto inputs, open_inputs(options.datasets.files));
  RECANT_ASSIGN(const auto connection, ApiConnection::open(context, options.network));
  RECANT_ASSIGN(auto store, create_store(context));
  const bool tweets = options.lookup.type == feed::LookupType::kTweets;
  options.datasets.reader.type = tweets ? ItemType::kTweet : ItemType::kUser;
  RejectionReport rejections(context.talk, {});
  dataset::DatasetIds ids(std::move(inputs), options.datasets.reader,
                          [&rejections](const replay::Rejection& rejection) {
                            rejections.add(rejection.file, rejection.line, rejection.why,
                                           rejection.text);
                          });
  options.lookup.next_id = [&ids] { return ids.next(); };
  const auto done = look_up(context, store, connection->api(), options.lookup);
  RECANT_TRY(rejections.finish());
  RECANT_TRY(done);
  return ids.rejected() > 0 ? kExitFound : kExitDone;
}

}  // namespace

void add_lookup(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(app, "lookup", "Asks the platform about every item of datasets, 100 a call",
                  "  recant lookup my-tweets.jsonl.gz --token-file token\n"
                  "  recant lookup authors.txt --type users --token-file token");
  add_dataset_arguments(command, options->datasets);
  command->get_option("DATASET")->required(false);
  add_network(command, options->network);
  const std::map<std::string, feed::LookupType> types = {{"tweets", feed::LookupType::kTweets},
                                                         {"users", feed::LookupType::kUsers}};
  command->add_option("--type", options->lookup.type, "tweets (default) or users")
      ->transform(one_of(types))
      ->option_text("TYPE");
  const std::map<std::string, feed::LookupApi> apis = {{"v2", feed::LookupApi::kV2},
                                                       {"v1.1", feed::LookupApi::kV1}};
  command->add_option("--api", options->lookup.api, "v2 (default) or v1.1")
      ->transform(one_of(apis))
      ->option_text("API");
  command->add_flag("--gaps", options->gaps,
                    "ask about the tracked tweets that a gap in what was heard put in doubt");
  run_with(command, context, std::move(options), run);
}

}  // namespace recant::cli
