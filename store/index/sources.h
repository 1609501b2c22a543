// Several parts and runs read as one: the streaming join of their rows in key order. Sealing,
// merging, rebuilding, digests and counts are all made of these loops.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "recant/error.h"
#include "store/index/fact_stretches.h"
#include "store/index/part.h"
#include "store/index/run.h"

namespace recant::index {

struct Sources {
  std::vector<std::shared_ptr<const Part>> parts;
  std::vector<std::shared_ptr<const Run>> runs;
};

using Ids = std::vector<std::uint64_t>;

/// Keys from `first` to `last`, both among them.
struct KeyRange {
  std::uint64_t first = 0;
  std::uint64_t last = ~std::uint64_t{0};
};

/// The facts about tweets of each run that has any, sorted by key.
[[nodiscard]] std::vector<FactSpan> tweet_facts(const Sources& sources, KeyRange range = {});

// Each calls `emit` once a key, ascending, with the joined and normalized state, which is valid
// during the call. Errors: kCorruption (a row that is none), kIo.
[[nodiscard]] Result<void> for_each_tweet(
    const Sources& sources, const std::function<void(TweetId, const TweetState&)>& emit,
    KeyRange range = {});
[[nodiscard]] Result<void> for_each_user(const Sources& sources,
                                         const std::function<void(UserId, const UserState&)>& emit,
                                         KeyRange range = {});
/// A relation: kRetweets, kRetweetedBy, kQuotes, kQuotedBy; or kAuthorTweets, which only parts
/// have.
[[nodiscard]] Result<void> for_each_ids(const Sources& sources, Table table,
                                        const std::function<void(std::uint64_t, const Ids&)>& emit);
[[nodiscard]] Result<void> for_each_favorite(
    const Sources& sources, const std::function<void(TweetId, UserId, Time)>& emit);
[[nodiscard]] Result<void> for_each_coverage(
    const Sources& sources,
    const std::function<void(const model::CoverageKey&, const model::Coverage&)>& emit);
[[nodiscard]] Result<void> for_each_loss(const Sources& sources,
                                         const std::function<void(const model::Loss&)>& emit);

}  // namespace recant::index
