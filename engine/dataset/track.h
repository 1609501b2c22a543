// What the user stores, kept in the log: tweet_held and tweet_released. Contract: cli.md, "track".
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "engine/dataset/dataset_reader.h"
#include "engine/replay/ingest.h"
#include "recant/recant.h"

namespace recant::dataset {

enum class TrackAction : std::uint8_t { kTrack, kUntrack };

struct TrackOptions {
  ReaderOptions reader{};  ///< of tweets
  TrackAction action = TrackAction::kTrack;
  std::function<void(const replay::Rejection&)> on_reject{};
  std::function<void(const files::Input&, std::uint64_t items)> on_progress{};
  /// The lock is held, and memory used, for so many tweets at a time.
  std::size_t group_tweets_max = 200'000;
};

struct TrackSummary {
  std::uint64_t items = 0;
  std::uint64_t skipped = 0;
  std::uint64_t rejected = 0;
  std::uint64_t written = 0;    ///< events
  std::uint64_t unchanged = 0;  ///< items that said nothing new
  double seconds = 0;
};

/// Records (or forgets) the tweets of `inputs`, writing only what changes something. When it
/// returns a value, everything is durable. Errors: kInvalidArgument (not a dataset of tweets), and
/// those of Store::begin_import, Store::snapshot and Import::append.
[[nodiscard]] Result<TrackSummary> track(Store& store, std::vector<files::Input> inputs,
                                         const TrackOptions& options);

}  // namespace recant::dataset
