// What was heard of the platform, from when to when, by source and partition: the answer to "how
// far can the answers be trusted?". [semantics.md, 1 and 2; cli.md, "status"]
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/feed/stream_machine.h"
#include "engine/feed/stream_status.h"
#include "recant/recant.h"

namespace recant::feed {

struct Interval {
  Time from = 0;
  Time to = 0;
  friend bool operator==(const Interval&, const Interval&) = default;
};

struct StreamCoverage {
  std::string source{};
  std::string partition{};
  std::vector<Interval> heard{};  ///< ascending, apart from each other; at least one
  /// Between them: nothing heard since has closed these.
  [[nodiscard]] std::vector<Interval> gaps() const;
};

struct Coverage {
  std::vector<StreamCoverage> streams{};  ///< by source, then partition
  /// Partitions that were never heard, of sources that were followed here, or are said to be heard
  /// from a time to come: a gap without end.
  std::vector<StreamName> unheard{};
  std::vector<Loss> losses{};

  /// The end of what the least advanced stream heard: with no gap before, and nothing unheard,
  /// everything until then is known. Nothing where no stream was ever heard.
  [[nodiscard]] std::optional<Time> compliant_through() const;
  [[nodiscard]] std::size_t gap_count() const;
  /// No gap, nothing unheard, no loss.
  [[nodiscard]] bool complete() const {
    return gap_count() == 0 && unheard.empty() && losses.empty();
  }
};

/// What tells the log that a stream was heard.
[[nodiscard]] Event coverage_event(const StreamName& stream, Heard heard);

/// `followed`: what read_stream_statuses told, so that what was followed and never heard is known.
/// What was heard after `now` was not: a clock was ahead when it was written. Errors: kCorruption,
/// kIo.
[[nodiscard]] Result<Coverage> coverage(const Snapshot& snapshot,
                                        const std::vector<StreamStatus>& followed = {},
                                        Time now = recant::now());

/// One line for summaries: "compliant through 2026-…Z, no gap" or what is missing; empty where no
/// stream was ever followed and nothing was lost.
[[nodiscard]] std::string coverage_line(const Coverage& coverage);

}  // namespace recant::feed
