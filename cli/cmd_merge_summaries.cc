// recant merge-summaries: one summary from those of all shards of a check or scrub.
#include <array>

#include "cli/command.h"
#include "cli/options.h"
#include "cli/output_guard.h"
#include "cli/summary.h"

namespace recant::cli {
namespace {

struct Options {
  std::vector<std::string> files;
  std::string output = "-";
};

Result<std::string> read_all(files::Input& input) {
  constexpr std::size_t kBytesMax = std::size_t{1} << 20;
  std::string text;
  std::array<char, 4096> bytes{};
  while (true) {
    RECANT_ASSIGN(const std::size_t count, input.read(bytes));
    if (count == 0 || text.size() > kBytesMax) return text;
    text.append(bytes.data(), count);
  }
}

Result<ExitCode> run(Context& context, Options& options) {
  RECANT_TRY(guard_outputs({.store = context.store.directory,
                            .inputs = options.files,
                            .outputs = {{"--output", options.output}}}));
  RECANT_ASSIGN(auto inputs, open_inputs(options.files));
  RECANT_ASSIGN(auto output, files::Output::open(options.output));
  std::vector<NamedText> shares;
  for (files::Input& input : inputs) {
    RECANT_ASSIGN(std::string text, read_all(input));
    shares.push_back({.name = input.name(), .text = std::move(text)});
  }
  RECANT_ASSIGN(const std::string merged, merged_summary_json(shares));
  RECANT_TRY(output.write(merged));
  RECANT_TRY(output.finish());
  return kExitDone;
}

}  // namespace

void add_merge_summaries(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command = add_command(app, "merge-summaries",
                                  "Adds up the summaries of all shards of one check or scrub",
                                  "  recant merge-summaries summary-*.json");
  command
      ->add_option("FILE", options->files,
                   "what --summary wrote for every shard 1/N to N/N; refused where as-of or digest "
                   "differ, or one is missing")
      ->required()
      ->option_text("...");
  add_output(command, "--output", options->output, "write here");
  run_with(command, context, std::move(options), run);
}

}  // namespace recant::cli
