// What the tweets of a page refer to in its includes.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "engine/dataset/outline.h"
#include "engine/json/json_line.h"

namespace recant::dataset {

/// Names of things in includes: a letter for what it is, then its id.
using References = std::set<std::string>;

class PageReferences {
 public:
  /// Adds what the tweet `text` (64 bytes after it are readable) refers to: users, media, polls,
  /// tweets, and its place.
  void add_tweet(std::string_view text, References& out);
  /// Adds the place alone.
  void add_geo(std::string_view text, References& out);
  /// The names that an entry of includes goes by.
  [[nodiscard]] References names_of(std::string_view text, Include::Kind kind);
  [[nodiscard]] static std::string tweet_name(TweetId id);

 private:
  json::JsonLine parser_;
};

}  // namespace recant::dataset
