// recant tweet, recant user: what is known of one, and its verdict.
#include <fmt/format.h>

#include <memory>

#include "cli/command.h"
#include "cli/options.h"
#include "cli/text.h"
#include "engine/dataset/describe.h"

namespace recant::cli {
namespace {

struct Options {
  std::vector<std::string> words;
  std::optional<Time> as_of;
};

using Describe = Result<nlohmann::ordered_json> (*)(const Snapshot&, std::uint64_t, Time);

Result<ExitCode> run(Context& context, const Options& options, Describe describe) {
  std::vector<std::uint64_t> ids;
  for (const std::string& word : options.words) {
    const auto id = parse_id(word);
    if (!id) {
      return fail(
          ErrorCode::kInvalidArgument,
          fmt::format("{}: not an id (an id is a number from 1 to 2^64-1)", printable(word, 40)));
    }
    ids.push_back(*id);
  }
  RECANT_ASSIGN(auto store, open_store(context));
  RECANT_ASSIGN(const auto snapshot, store.snapshot());
  Time as_of = options.as_of.value_or(0);
  if (!options.as_of) {
    RECANT_ASSIGN(as_of, snapshot.default_as_of(now()));
  }
  RECANT_ASSIGN(auto output, files::Output::open("-"));
  for (const std::uint64_t id : ids) {
    RECANT_ASSIGN(const auto json, describe(snapshot, id, as_of));
    RECANT_TRY(output.write(json.dump() + "\n"));
  }
  RECANT_TRY(output.finish());
  return kExitDone;
}

void add(CLI::App& app, Context& context, const std::string& name, const std::string& example,
         Describe describe) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(app, name, "Tells what is known of a " + name + ", and its verdict", example);
  command->add_option("ID", options->words, name + " ids")->required()->option_text("...");
  add_as_of(command, options->as_of);
  run_with(command, context, std::move(options),
           [describe](Context& with, const Options& what) { return run(with, what, describe); });
}

}  // namespace

void add_tweet(CLI::App& app, Context& context) {
  add(app, context, "tweet", "  recant tweet 1587734789333454849", dataset::describe_tweet);
}

void add_user(CLI::App& app, Context& context) {
  add(app, context, "user", "  recant user 1375036999 --as-of 2024-01-01T00:00:00Z",
      dataset::describe_user);
}

}  // namespace recant::cli
