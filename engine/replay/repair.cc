#include "engine/replay/repair.h"

#include <utility>

#include "store/index/manifest.h"
#include "store/log/repair.h"

namespace recant::replay {
namespace {

std::optional<log::StoreId> parse_store_id(const std::string& text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  log::StoreId id;
  if (text.size() != 2 * id.size()) return {};
  for (std::size_t i = 0; i < id.size(); ++i) {
    const std::size_t high = kDigits.find(text[2 * i]);
    const std::size_t low = kDigits.find(text[2 * i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return {};
    id[i] = static_cast<std::byte>(high << 4 | low);
  }
  return id;
}

// A crash in between leaves a manifest that names parts which are gone, as if they were damaged.
Result<std::vector<std::string>> set_parts_aside(io::FileSystem& files, const StoreOptions& options,
                                                 index::Manifest manifest) {
  std::vector<std::string> moved;
  const std::string index = io::join_path(options.directory, "index");
  const std::string quarantine = io::join_path(options.directory, "quarantine");
  RECANT_ASSIGN(const auto there, files.info(index));
  if (!there) return moved;
  RECANT_TRY(files.make_directory(quarantine));
  for (const index::PartInfo& part : std::exchange(manifest.parts, {})) {
    const std::string from = io::join_path(index, part.file);
    RECANT_ASSIGN(const auto found, files.info(from));
    if (!found) continue;
    moved.push_back(io::join_path(quarantine, part.file));
    RECANT_TRY(files.rename(from, moved.back()));
  }
  RECANT_TRY(files.sync_directory(quarantine));
  RECANT_TRY(files.sync_directory(index));
  manifest.old_parts = false;
  RECANT_TRY(index::publish_manifest(files, index, manifest));
  return moved;
}

}  // namespace

Result<RepairSummary> repair_store(io::FileSystem& files, io::Clock& clock,
                                   const StoreOptions& options, bool dry_run) {
  // A manifest that cannot be read tells nothing of the log; the index is built anew if need be.
  auto read = index::read_manifest(files, io::join_path(options.directory, "index"));
  if (!read && read.error().code != ErrorCode::kCorruption) {
    return std::unexpected(std::move(read).error());
  }
  if (!read && options.on_diagnostic) options.on_diagnostic(read.error().what);
  index::Manifest manifest;
  if (read) {
    manifest = *std::move(read);
  } else {
    RECANT_ASSIGN(manifest.durable,
                  index::durable_by_names(files, io::join_path(options.directory, "index")));
  }
  RepairSummary summary;
  const auto on_loss = [&]() -> Result<void> {
    RECANT_ASSIGN(summary.set_aside, set_parts_aside(files, options, manifest));
    return {};
  };
  RECANT_ASSIGN(log::RepairReport report,
                log::repair_log(files, clock, options.directory,
                                {.hint = {.store = parse_store_id(manifest.store_id),
                                          .durable = manifest.durable},
                                 .dry_run = dry_run,
                                 .on_loss = on_loss}));
  summary.damaged = report.damaged;
  summary.kept = std::move(report.kept);
  for (log::LostRange& lost : report.lost) {
    summary.lost.push_back({.first = lost.first,
                            .last = lost.last,
                            .segment = std::move(lost.segment),
                            .offset = lost.offset,
                            .bytes = lost.bytes});
  }
  return summary;
}

}  // namespace recant::replay
