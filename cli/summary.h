// Summaries as JSON, keys in the order of cli.md.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/datasets.h"
#include "engine/dataset/check.h"
#include "engine/replay/ingest.h"
#include "engine/replay/log_access.h"
#include "recant/recant.h"

namespace recant::cli {

/// `ingest --summary`: one line with its newline. `by_kind` names the kinds that came.
[[nodiscard]] std::string ingest_summary_json(const replay::IngestSummary& summary);

/// Which share a summary is of, and of what state.
struct SummaryShard {
  dataset::Shard shard{};
  std::string digest{};
};

/// Nothing where --shard was not given. Errors: as of Snapshot::digest.
[[nodiscard]] Result<std::optional<SummaryShard>> shard_of(const DatasetArguments& datasets,
                                                           const Snapshot& snapshot);

/// `check --summary`: one line with its newline. A share's ends with `"shard":"I/N"` and the
/// state's digest, which tell `merge-summaries` what belongs together.
[[nodiscard]] std::string check_summary_json(const dataset::CheckSummary& summary,
                                             const std::optional<SummaryShard>& shard = {});

/// The summary of the whole from those of its shares. Errors: kInvalidArgument (a text is no
/// share's summary, or they are not all shares of one run: another as-of, digest or count, one
/// twice or missing).
struct NamedText {
  std::string name{};
  std::string text{};
};
[[nodiscard]] Result<std::string> merged_summary_json(const std::vector<NamedText>& shares);

/// More digits than the clock is good for would only be noise.
[[nodiscard]] double rounded(double value);

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
