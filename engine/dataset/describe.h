// What is known of one tweet or user, as JSON for people: its state, and the events that make it.
#pragma once

#include <nlohmann/json.hpp>

#include "recant/recant.h"

namespace recant::dataset {

/// `{"id":…,"state":{…},"history":[…],"verdict":{…}}` of a tweet as of `as_of`. The state is all
/// that is known; the history leaves out events after `as_of`. Errors: kCorruption.
[[nodiscard]] Result<nlohmann::ordered_json> describe_tweet(const Snapshot& snapshot, TweetId id,
                                                            Time as_of);
/// The same of a user.
[[nodiscard]] Result<nlohmann::ordered_json> describe_user(const Snapshot& snapshot, UserId id,
                                                           Time as_of);

}  // namespace recant::dataset
