// A batch job from a list of ids to events in the log. What is on disk in between is in
// STORE/batch/JOB/, so that any interruption can be gone on from. [store/FORMAT.md, "Batch jobs"]
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "engine/feed/batch_job.h"
#include "engine/replay/ingest.h"
#include "recant/recant.h"

namespace recant::feed {

/// The next id, or nothing at the end.
using IdSource = std::function<Result<std::optional<std::uint64_t>>()>;

struct BatchRunOptions {
  NewJob job{};
  /// Go on with this job instead of creating one. The ids are taken from what was kept on disk, or
  /// from `next_id` where the job still waits for its upload.
  std::string resume{};
  IdSource next_id{};
  std::int64_t poll_ms = 5'000;  ///< the first wait for the platform; later ones grow to 60 s
  std::function<void(std::string_view)> say{};       ///< what an operator should know, a line each
  std::function<void(std::string_view)> progress{};  ///< how far it is; may be shown or not
  std::function<void(const replay::Rejection&)> on_reject{};
};

struct BatchRunSummary {
  BatchJob job{};
  std::uint64_t ids = 0;  ///< uploaded; 0 where nothing was done
  replay::IngestSummary ingest{};
  std::uint64_t lifted = 0;  ///< events that say that something is there again
  /// Ids without a result line were taken for compliant. Not where the download could have been
  /// cut, a line of it was not understood, or the uploaded ids are not known any more.
  bool observed = false;
};

/// Errors: those of the steps, naming the job once there is one.
[[nodiscard]] Result<BatchRunSummary> run_batch(Store& store, Api& api,
                                                const BatchRunOptions& options);

}  // namespace recant::feed
