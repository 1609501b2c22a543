// Datasets as they may be kept. Contract: cli.md, "scrub".
//
// Batches of records are read, worked on side by side, and written in order: scrub_batch.h,
// scrub_worker.h, scrub_editor.h. What may go out of a line: outline.h; of an array over
// lines: array_lines.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "engine/dataset/check.h"
#include "engine/dataset/dataset_reader.h"
#include "engine/dataset/scrub_edit.h"
#include "engine/dataset/shard.h"
#include "engine/files/output.h"
#include "engine/files/progress.h"
#include "recant/recant.h"

namespace recant::dataset {

/// Where the inputs stand in a dataset of which they may be a share (shard.h).
struct ScrubPlace {
  /// Of the dataset's first input with anything in it, where that stands before the inputs.
  std::optional<Head> before{};
  bool shard = false;  ///< they are a share: a header goes to the held file whether rows do or not
  bool last = true;    ///< nothing comes after them
};

struct ScrubOptions {
  ReaderOptions reader{};
  Policy policy{};
  ScrubPlace place{};
  std::optional<Time> as_of{};  ///< nothing: Snapshot::default_as_of, once at the start
  /// Told of each rejected record; `text` is empty. May be empty, as on_progress.
  std::function<void(const replay::Rejection&)> on_reject{};
  std::function<void(const files::Progress&)> on_progress{};
  std::size_t threads = 0;  ///< that read, judge and write side by side; 0: as the machine has
  /// Read at once: large enough for the switch from thread to thread to cost nothing, small enough
  /// for a few of them to stay in a third-level cache.
  std::size_t batch_bytes = std::size_t{1} << 20;
};

struct ScrubSummary {
  CheckSummary check{};             ///< what check would have counted
  RemovedParts removed{};           ///< from what went to the output and to the held file
  std::uint64_t parts_in_rows = 0;  ///< rows of CSV kept whole though geo or a quote is due
};

/// Where scrub writes. Either may be absent: then what would go there is left out.
struct ScrubOutputs {
  files::Output* output = nullptr;
  files::Output* held = nullptr;
};

/// Writes what may be kept of `inputs`, one after another, to the outputs, which are the caller's
/// to finish. Left out: what is to be deleted, suppressed items where there is no held file, and
/// what was rejected, for nothing could judge it. Everything that holds no item stays.
/// Errors: kInvalidArgument (the inputs are no one dataset: other columns or another format), kIo,
/// kNoSpace, kCorruption; what was written must not be used then.
[[nodiscard]] Result<ScrubSummary> scrub(const Snapshot& snapshot, std::vector<files::Input> inputs,
                                         const ScrubOptions& options, ScrubOutputs outputs);

}  // namespace recant::dataset
