// The tracked tweets that a gap in what was heard put in doubt: what a lookup has to ask about.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "engine/feed/coverage.h"
#include "recant/recant.h"

namespace recant::feed {

class GapTweets {
 public:
  /// In constant memory, a page of ids at a time. The snapshot outlives it.
  GapTweets(const Snapshot& snapshot, const Coverage& coverage, Time now,
            std::uint64_t page_tweets = 10'000);

  /// The next tweet, or nothing at the end; none at all where there is no gap. Leaves out tweets
  /// that were made after the last gap. Errors: those of Snapshot::changes.
  [[nodiscard]] Result<std::optional<TweetId>> next();

 private:
  [[nodiscard]] Result<void> next_page();

  const Snapshot& snapshot_;
  Time now_;
  std::uint64_t page_tweets_;
  std::optional<Time> last_gap_end_{};
  std::deque<TweetId> page_{};
  std::string cursor_{};
  bool ended_ = false;
};

}  // namespace recant::feed
