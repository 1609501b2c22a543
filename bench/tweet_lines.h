// Tweets as tools stored them, for the generator: v1.1 objects of the usual size and nesting.
#pragma once

#include <string>

#include "bench/event_source.h"
#include "recant/event.h"

namespace recant::bench {

/// Appends a v1.1 object and a newline: one in four is a retweet, one in ten a quote; some have
/// places. [source: the platform's reference, section 5]
void append_tweet(TweetId id, UserId author, Random& random, std::string& out);

}  // namespace recant::bench
