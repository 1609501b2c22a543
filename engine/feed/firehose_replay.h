// The firehose's Replay: what it sent in a stretch of the last five days, once more, all partitions
// in one connection. Source: the platform's reference, section 2.4.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/feed/coverage.h"
#include "engine/feed/follow.h"

namespace recant::feed {

struct ReplayOptions {
  std::string url{};  ///< without fromDate and toDate
  Interval range{};   ///< widened to whole minutes
  const std::atomic<bool>* stop = nullptr;
  std::function<void(std::string_view)> say{};
  std::function<void(std::uint64_t events)> progress{};
};

struct ReplaySummary {
  std::uint64_t events = 0;
  std::uint64_t rejected = 0;
  std::vector<Interval> heard{};   ///< written as coverage of all partitions
  std::vector<Interval> missed{};  ///< the rest of the range
};

/// Requests the range, two hours at a time, and again what of it a request left out. Only what the
/// platform says to be complete, and is durable, counts as heard. Errors: kInvalidArgument (not
/// within what Replay gives), kRefused, kIo (the request is refused), those of Store::append.
[[nodiscard]] Result<ReplaySummary> replay_firehose(FollowParts parts, HttpClient& http,
                                                    const ReplayOptions& options);

inline constexpr unsigned kFirehosePartitions = 8;

}  // namespace recant::feed
