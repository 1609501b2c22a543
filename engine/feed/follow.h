// Follows compliance streams: one thread for all connections, one that stores; in between a queue
// bounded in bytes. Memory: the queue's 32 MiB, a group of 1 MiB and its events, an inflater and an
// unfinished line (at most 16 MiB) a stream, and the folded tail of the store, which is sealed
// every 250,000 events.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/feed/coverage.h"
#include "engine/feed/http.h"
#include "engine/feed/pace.h"
#include "engine/feed/stream_machine.h"
#include "engine/feed/stream_reports.h"
#include "engine/feed/stream_store.h"
#include "recant/recant.h"
#include "store/io/file_system.h"

namespace recant::feed {

/// One connection to keep up. What it points to outlives the following.
struct FollowedStream {
  StreamName name{};
  std::string url{};                 ///< with its partition
  std::string backfill_parameter{};  ///< "backfill_minutes"
  bool takes_range = false;          ///< start_time and end_time close longer gaps
  const HttpSettings* settings = nullptr;
  ConnectBudget* budget = nullptr;
  StreamRules rules{};
};

struct FollowReport {
  std::vector<StreamReport> streams{};
};

struct FollowOptions {
  std::vector<FollowedStream> streams{};
  std::int64_t duration_ms = 0;  ///< 0: until stopped
  const std::atomic<bool>* stop = nullptr;
  std::size_t queue_bytes_max = std::size_t{32} << 20;
  std::int64_t heard_every_ms = 60'000;  ///< how often coverage is written
  std::function<void(std::string_view)> say{};
  std::function<void(const FollowReport&)> on_second{};
};

/// What of the surroundings tests replace.
struct FollowParts {
  Store& store;
  io::Clock& clock;
  Pace& pace;
  const Redactor& redact;
};

/// Follows until stopped, for the duration, or until nothing can go on. What was received is
/// durable and what was heard is written when it returns, also with an error; what could not be
/// stored within three seconds of the end is let go, and not heard. Errors: kRefused (a stream was
/// refused for good), kNetwork (the duration is over, and no stream was ever connected), those of
/// Store::append.
[[nodiscard]] Result<FollowReport> follow(FollowParts parts, const FollowOptions& options);

}  // namespace recant::feed
