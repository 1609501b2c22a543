// The files of a batch job, up to and down from the hosts that its signed URLs name. They get no
// credential. Source: the platform's reference, section 3.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "engine/feed/batch_job.h"

namespace recant::feed {

/// Bytes done, of how many (0: not known).
using TransferProgress = std::function<void(std::uint64_t done, std::uint64_t all)>;

/// Uploads the file at `path` (an id a line) to a job that was created and has none yet. A
/// resumable job's upload goes on where it was cut; another begins anew, as long as its URL lives.
/// Errors: kIo (the job expired or has its ids already, the file cannot be read, a status that
/// refuses), kNetwork.
[[nodiscard]] Result<void> upload_ids(Api& api, const BatchJob& job, const std::string& path,
                                      const TransferProgress& on_progress);

struct Download {
  std::uint64_t bytes = 0;
  /// That nothing is missing at the end is proven by the protocol.
  bool whole = false;
};

/// Downloads a complete job's results to `path`, beside it first, synced and renamed.
/// Errors: kIo (not complete, expired, cannot be written), kNoSpace, kNetwork.
[[nodiscard]] Result<Download> download_results(Api& api, const BatchJob& job,
                                                const std::string& path,
                                                const TransferProgress& on_progress);

}  // namespace recant::feed
