// recant log cat, recant log info: the log as it is.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/options.h"
#include "cli/text.h"
#include "engine/decode/decode.h"
#include "engine/replay/log_access.h"
#include "recant/time.h"

namespace recant::cli {
namespace {

struct CatOptions {
  replay::LogRange range;
};

struct InfoOptions {
  bool json = false;
};

Result<ExitCode> run_compact(Context& context, CompactOptions& options) {
  RECANT_TRY(require_store(context));
  RECANT_ASSIGN(auto store, open_store(context));
  options.on_progress = [&context](std::uint64_t done, std::uint64_t all) {
    context.talk.progress(
        [&] { return fmt::format("read {} of {} events", grouped(done), grouped(all)); });
  };
  RECANT_ASSIGN(const CompactSummary summary, store.compact(options));
  if (summary.segments == 0) {
    context.talk.say("no event is needless, and no segment has small blocks: nothing was changed");
  } else {
    context.talk.say(fmt::format(
        "{} written anew: {} and {} before, {} and {} now", counted(summary.segments, "segment"),
        counted(summary.events_before, "event"), human_bytes(summary.bytes_before),
        counted(summary.events_after, "event"), human_bytes(summary.bytes_after)));
  }
  return kExitDone;
}

Result<ExitCode> run_cat(Context& context, CatOptions& options) {
  if (options.range.to != 0 && options.range.from > options.range.to) {
    return fail(ErrorCode::kInvalidArgument, "--from: it is after --to (swap them)");
  }
  RECANT_TRY(require_log(context));
  RECANT_ASSIGN(auto output, files::Output::open("-"));
  Result<void> written;
  std::string line;
  const auto read = replay::read_log(context.store.directory, options.range,
                                     [&](SequenceNumber sequence, const Event& event) {
                                       line.clear();
                                       decode::append_canonical_line(event, sequence, true, line);
                                       line += '\n';
                                       written = output.write(line);
                                       return written.has_value();
                                     });
  RECANT_TRY(written);
  // What stands before damage is shown even so.
  RECANT_TRY(output.finish());
  RECANT_TRY(read);
  return kExitDone;
}

std::string info_json(const replay::SegmentBlocks& segment) {
  nlohmann::ordered_json blocks = nlohmann::ordered_json::array();
  for (const log::BlockInfo& block : segment.blocks) {
    blocks.push_back({{"offset", block.offset},
                      {"bytes", block.bytes},
                      {"raw_bytes", block.raw_bytes},
                      {"first_seq", std::to_string(block.first)},
                      {"last_seq", std::to_string(block.last)},
                      {"events", block.count},
                      {"durable_seq", std::to_string(block.durable)},
                      {"first_at", format_time(block.at_min)},
                      {"last_at", format_time(block.at_max)}});
  }
  const nlohmann::ordered_json json = {{"segment", segment.segment.name},
                                       {"bytes", segment.segment.bytes},
                                       {"first_seq", std::to_string(segment.segment.first)},
                                       {"blocks", std::move(blocks)}};
  return json.dump() + "\n";
}

std::string info_text(const replay::SegmentBlocks& segment) {
  std::string text =
      fmt::format("{}: {} from sequence {} on, {}\n", segment.segment.name,
                  counted(segment.blocks.size(), "block"), grouped(segment.segment.first),
                  human_bytes(segment.segment.bytes));
  for (const log::BlockInfo& block : segment.blocks) {
    text += fmt::format("  at {:>12}: {:>9} bytes, {:>6} events, {} to {}, {} to {}\n",
                        block.offset, block.bytes, block.count, block.first, block.last,
                        format_time(block.at_min), format_time(block.at_max));
  }
  return text;
}

Result<ExitCode> run_info(Context& context, InfoOptions& options) {
  RECANT_TRY(require_log(context));
  RECANT_ASSIGN(const auto segments, replay::log_blocks(context.store.directory));
  RECANT_ASSIGN(auto output, files::Output::open("-"));
  for (const replay::SegmentBlocks& segment : segments) {
    RECANT_TRY(output.write(options.json ? info_json(segment) : info_text(segment)));
  }
  RECANT_TRY(output.finish());
  return kExitDone;
}

}  // namespace

void add_log(CLI::App& app, Context& context) {
  CLI::App* log =
      add_command(app, "log", "Shows the log of events",
                  "  recant log cat > everything.jsonl\n  recant log info\n  recant log compact");
  log->require_subcommand(1);

  auto cat_options = std::make_shared<CatOptions>();
  CLI::App* cat = add_command(*log, "cat", "Prints events as canonical lines, which ingest reads",
                              "  recant log cat --from 100 --to 200");
  add_id(cat, "--from", cat_options->range.from, "the first sequence number");
  add_id(cat, "--to", cat_options->range.to, "the last sequence number");
  run_with(cat, context, std::move(cat_options), run_cat);

  auto info_options = std::make_shared<InfoOptions>();
  CLI::App* info =
      add_command(*log, "info", "Lists the log's segments and blocks", "  recant log info --json");
  info->add_flag("--json", info_options->json, "one JSON object a segment");
  run_with(info, context, std::move(info_options), run_info);

  auto compact_options = std::make_shared<CompactOptions>();
  CLI::App* compact = add_command(
      *log, "compact",
      "Writes the log anew without the events that others make needless; state and verdicts stay",
      "  recant log compact");
  add_size(compact, "--memory", compact_options->memory_bytes_max,
           "use about so much (default: a quarter of the machine)");
  run_with(compact, context, std::move(compact_options), run_compact);
}

}  // namespace recant::cli
