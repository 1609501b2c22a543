// Datasets judged item by item. Contract: cli.md, "check".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/dataset/dataset_reader.h"
#include "engine/dataset/id_lint.h"
#include "engine/dataset/verdict_writer.h"
#include "engine/files/output.h"
#include "engine/files/progress.h"
#include "engine/replay/ingest.h"
#include "recant/recant.h"

namespace recant::dataset {

struct CheckOptions {
  ReaderOptions reader{};
  Policy policy{};
  std::optional<Time> as_of{};  ///< nothing: Snapshot::default_as_of, once at the start
  OutputFormat output_format = OutputFormat::kNdjson;
  bool all = false;
  bool header = true;  ///< of CSV output; a share that is not the first has none
  /// Told of each rejected record; `text` is empty. May be empty, as on_progress.
  std::function<void(const replay::Rejection&)> on_reject{};
  std::function<void(const files::Progress&)> on_progress{};
  std::size_t threads = 0;  ///< that parse, judge and format side by side; 0: as the machine has
};

/// What the ids of one input look like.
struct FileIds {
  std::string file;
  IdFigures figures{};
};

struct CheckSummary {
  std::uint64_t items = 0;
  std::uint64_t skipped = 0;
  std::uint64_t rejected = 0;
  std::uint64_t without_author = 0;
  std::array<std::uint64_t, kActionCount> by_action{};
  Time as_of = 0;
  double seconds = 0;
  std::vector<FileIds> ids{};  ///< one for each input
};

/// Judges the items of `inputs`, in order, against one snapshot, and writes them to `out`, which is
/// the caller's to finish. Errors: kInvalidArgument (batch results of likes), kIo, kNoSpace,
/// kCorruption (the index is damaged: what was written must not be used).
[[nodiscard]] Result<CheckSummary> check(const Snapshot& snapshot, std::vector<files::Input> inputs,
                                         const CheckOptions& options, files::Output& out);

}  // namespace recant::dataset
