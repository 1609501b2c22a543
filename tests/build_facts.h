// Events and items written as sentences, for tests: fact(kTweetDelete).tweet(10).at(100).
#pragma once

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "recant/event.h"
#include "recant/verdict.h"

namespace recant::laws {

class Fact {
 public:
  explicit Fact(EventKind kind) { event_.kind = kind; }
  // NOLINTNEXTLINE(google-explicit-constructor): a sentence is an event
  operator Event() const { return event_; }

  Fact& at(Time at) { return event_.at = at, *this; }
  Fact& tweet(TweetId id) { return event_.tweet = id, *this; }
  Fact& author(UserId id) { return event_.author = id, *this; }
  Fact& user(UserId id) { return event_.user = id, *this; }
  Fact& quote_tweet(TweetId id) { return event_.quote_tweet = id, *this; }
  Fact& why(Why why) { return event_.why = why, *this; }
  Fact& initial(TweetId id) { return payload().initial_tweet = id, *this; }
  Fact& edits(std::vector<TweetId> ids) { return payload().edit_tweets = std::move(ids), *this; }
  Fact& up_to(TweetId id) { return payload().up_to_tweet = id, *this; }
  Fact& field(std::string name) { return payload().field = std::move(name), *this; }
  Fact& retweeted(TweetId id) { return payload().retweeted = id, *this; }
  Fact& retweeted_author(UserId id) { return payload().retweeted_author = id, *this; }
  Fact& quoted(TweetId id) { return payload().quoted = id, *this; }
  Fact& quoted_author(UserId id) { return payload().quoted_author = id, *this; }
  Fact& countries(std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) {
      payload().countries.push_back(country(name[0], name[1]));
    }
    std::ranges::sort(payload().countries);
    return *this;
  }

 private:
  Payload& payload() { return event_.payload.make(); }
  Event event_;
};

inline Fact fact(EventKind kind) { return Fact(kind); }

class ItemOf {
 public:
  static ItemOf tweet(TweetId id) { return {ItemType::kTweet, id}; }
  static ItemOf user(UserId id) { return {ItemType::kUser, id}; }
  static ItemOf like(TweetId id) { return {ItemType::kLike, id}; }
  // NOLINTNEXTLINE(google-explicit-constructor): a sentence is an item
  operator Item() const { return item_; }

  ItemOf& by(UserId id) {
    return (item_.type == ItemType::kLike ? item_.user : item_.author) = id, *this;
  }
  ItemOf& retweets(TweetId id) { return item_.retweeted = id, *this; }
  ItemOf& retweeted_author(UserId id) { return item_.retweeted_author = id, *this; }
  ItemOf& quotes(TweetId id) { return item_.quoted = id, *this; }
  ItemOf& quoted_author(UserId id) { return item_.quoted_author = id, *this; }
  ItemOf& retweeted_quotes(TweetId id) { return item_.retweeted_quoted = id, *this; }
  ItemOf& retweeted_quoted_author(UserId id) { return item_.retweeted_quoted_author = id, *this; }
  ItemOf& history(std::vector<TweetId> ids) {
    item_.edit_histories.push_back(std::move(ids));
    return *this;
  }

 private:
  ItemOf(ItemType type, std::uint64_t id) {
    item_.type = type;
    item_.id = id;
  }
  Item item_;
};

}  // namespace recant::laws
