// Event files into the log: read, decode, append, report. Contract: cli.md, "ingest".
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/decode/decode.h"
#include "engine/files/input.h"
#include "recant/recant.h"

namespace recant::replay {

/// A line that was rejected. Views are valid during the call.
struct Rejection {
  std::string_view file;
  std::uint64_t line = 0;
  std::string_view why;
  std::string_view text;  ///< as it came (its first 4 KiB where it was too long)
};

struct IngestOptions {
  decode::DecodeOptions decode;
  bool strict = false;  ///< stop at the first rejection and append nothing of that file
  std::uint64_t line_bytes_max = std::uint64_t{16} << 20;
  std::string source = "file";  ///< for events whose line names none
  unsigned threads = 0;         ///< what is stored is the same with any; 0: one a core, up to 4
  std::function<void(const Rejection&)> on_reject;
  std::function<void(const files::Input&, std::uint64_t lines)> on_progress;
};

struct IngestSummary {
  std::uint64_t lines = 0;
  std::uint64_t accepted = 0;
  std::uint64_t rejected = 0;
  std::uint64_t unknown = 0;
  std::uint64_t notices = 0;
  std::uint64_t blank = 0;
  std::uint64_t future = 0;  ///< `at` more than 24 hours ahead of the clock
  SequenceNumber first_seq = 0;
  SequenceNumber last_seq = 0;
  std::array<std::uint64_t, kEventKindCount + 1> by_kind{};
  double seconds = 0;
};

/// Reads `inputs` in order, one import (one hold of the lock) a file. When it returns a value,
/// everything accepted is durable. A strict stop returns the summary with `rejected` 1.
[[nodiscard]] Result<IngestSummary> ingest(Store& store, std::vector<files::Input> inputs,
                                           const IngestOptions& options);

}  // namespace recant::replay
