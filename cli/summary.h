// Summaries as JSON, keys in the order of cli.md.
#pragma once

#include <string>
#include <vector>

#include "engine/dataset/check.h"
#include "engine/replay/ingest.h"
#include "engine/replay/log_access.h"
#include "recant/recant.h"

namespace recant::cli {

/// `ingest --summary`: one line with its newline. `by_kind` names the kinds that came.
[[nodiscard]] std::string ingest_summary_json(const replay::IngestSummary& summary);

/// `check --summary`: one line with its newline.
[[nodiscard]] std::string check_summary_json(const dataset::CheckSummary& summary);

/// What `stats` tells.
struct StoreStats {
  replay::LogStats log;
  StateCounts state;
  std::uint64_t index_bytes = 0;
  std::uint64_t parts = 0;
  std::uint64_t tail_events = 0;
  std::vector<Loss> losses{};
};
[[nodiscard]] std::string stats_json(const StoreStats& stats);
/// The same for people, a line each.
[[nodiscard]] std::string stats_text(const StoreStats& stats);

}  // namespace recant::cli
