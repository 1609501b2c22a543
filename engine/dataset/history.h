// The events behind a state, as far as the state still tells them: what joining thinned out (a
// later second deletion, say) is only in the log.
#pragma once

#include <vector>

#include "recant/event.h"
#include "recant/state.h"

namespace recant::dataset {

/// Events about tweet `id` whose join is `state`, by at. `retweeted` and `quoted` are its
/// relations; a tweet_held event names them where there is just one of each.
[[nodiscard]] std::vector<Event> tweet_history(TweetId id, const TweetState& state,
                                               const std::vector<TweetId>& retweeted,
                                               const std::vector<TweetId>& quoted);
/// Events about user `id` whose join is `state`, by at.
[[nodiscard]] std::vector<Event> user_history(UserId id, const UserState& state);

}  // namespace recant::dataset
