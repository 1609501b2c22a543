#include "engine/feed/gap_tweets.h"

#include <algorithm>

#include "recant/time.h"

namespace recant::feed {

GapTweets::GapTweets(const Snapshot& snapshot, const Coverage& coverage, Time now,
                     std::uint64_t page_tweets)
    : snapshot_(snapshot), now_(now), page_tweets_(page_tweets) {
  const auto doubt_until = [this](Time end) {
    last_gap_end_ = std::max(last_gap_end_.value_or(end), end);
  };
  for (const StreamCoverage& stream : coverage.streams) {
    for (const Interval& gap : stream.gaps()) doubt_until(gap.to);
  }
  // What was lost may have been about anything that was known until then.
  for (const Loss& loss : coverage.losses) doubt_until(loss.at);
  ended_ = !last_gap_end_;
}

Result<std::optional<TweetId>> GapTweets::next() {
  while (page_.empty() && !ended_) RECANT_TRY(next_page());
  if (page_.empty()) return std::optional<TweetId>();
  const TweetId tweet = page_.front();
  page_.pop_front();
  return std::optional(tweet);
}

// From the start on, `changes` tells each held tweet, and its cursor goes on after a page.
Result<void> GapTweets::next_page() {
  std::uint64_t told = 0;
  RECANT_ASSIGN(cursor_, snapshot_.changes({.since = cursor_, .limit = page_tweets_, .as_of = now_},
                                           [&](const Item& item, const Verdict&) {
                                             ++told;
                                             const auto made = snowflake_time(item.id);
                                             if (!made || *made < *last_gap_end_)
                                               page_.push_back(item.id);
                                             return true;
                                           }));
  ended_ = told < page_tweets_;
  return {};
}

}  // namespace recant::feed
