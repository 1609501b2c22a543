// recant verify: every block, every part, and the index beside a fresh replay.
#include <fmt/format.h>

#include <algorithm>

#include "cli/command.h"
#include "cli/text.h"

namespace recant::cli {
namespace {

struct Options {};

Result<ExitCode> run(Context& context, Options&) {
  context.store.read_only = true;  // what verify looks at must not be mended before it is seen
  RECANT_TRY(require_log(context));
  RECANT_ASSIGN(auto store, open_store(context));
  RECANT_ASSIGN(const auto findings, store.verify());
  if (findings.empty()) {
    context.talk.say("the log and the index are whole, and they agree");
    return kExitDone;
  }
  std::string lines;
  for (const VerifyFinding& finding : findings) {
    lines +=
        fmt::format("{}: {}\n", finding.damage ? "damage" : "differs", printable(finding.what));
  }
  RECANT_TRY(write_output("-", lines));
  const bool damage = std::ranges::any_of(findings, &VerifyFinding::damage);
  // What helps stands in each: a rebuild mends an index, and only a repair a log.
  context.talk.say(fmt::format("{}: {}", store.directory(), counted(findings.size(), "finding")));
  return damage ? kExitCorruption : kExitFound;
}

}  // namespace

void add_verify(CLI::App& app, Context& context) {
  CLI::App* command = add_command(
      app, "verify", "Checks the log and the index, and that they agree; changes nothing",
      "  recant verify");
  run_with(command, context, std::make_shared<Options>(), run);
}

}  // namespace recant::cli
