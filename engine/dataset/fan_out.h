// Which tweets' verdicts a fact about one tweet can reach. Pure reading of the index.
#pragma once

#include <functional>

#include "engine/dataset/cursor.h"
#include "recant/error.h"
#include "store/index/view.h"

namespace recant::dataset {

/// Told of a tweet that is reached; false stops, and the tweet counts as not taken.
using TakeTweet = std::function<Result<bool>(TweetId)>;

/// All versions of `id`, itself among them, whenever they became known. Ascending.
[[nodiscard]] Result<index::Ids> all_versions(const index::Reader& index, TweetId id);

/// Takes, for each of `sources` (ascending): it and its retweets, then for each of its quotes that
/// quote and its retweets (a retweet shows the quoted tweet of its original). Those are all tweets
/// that show a source. Goes on after `place` and moves it along; false where `take` stopped.
/// A tweet that shows two sources is taken twice.
[[nodiscard]] Result<bool> take_showing(const index::Reader& index, const index::Ids& sources,
                                        FanOutPlace& place, const TakeTweet& take);

}  // namespace recant::dataset
