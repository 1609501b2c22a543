// What one tweet object tells, in each of the platform's shapes.
// Shapes: the platform's reference, section 5.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/dataset/json_fields.h"
#include "recant/verdict.h"

namespace recant::dataset {

/// A tweet as far as rules look at it.
struct Identity {
  TweetId id = 0;
  UserId author = 0;
  std::vector<TweetId> history;  ///< the first version first; empty if it was not edited

  void clear();
  /// Takes from another copy of the same tweet what is not known here.
  void complete(const Identity& other);
};

struct TweetFacts {
  Identity self;
  Identity quoted;
  void clear();
};

/// One item: a tweet and, where it is a retweet, its original.
struct ItemFacts {
  TweetFacts tweet;
  TweetFacts original;
  void clear();
  /// Writes the item; every other member of `out` is reset.
  void write(Item& out);
};

/// v1.1, native enriched, v2 and flattened v2: one reader, for their fields do not collide.
[[nodiscard]] Read<void> read_tweet(const Fields& fields, TweetFacts& out);
[[nodiscard]] Read<void> read_tweet_item(const Fields& fields, ItemFacts& out);
/// Activity streams.
[[nodiscard]] Read<void> read_activity_item(const Fields& fields, ItemFacts& out);

}  // namespace recant::dataset
