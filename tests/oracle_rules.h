// The rows of the table in semantics.md, section 3, one function each, over the raw events.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

#include "oracle.h"

namespace recant::laws {

// One tweet that the verdict is about, and how the reasons reach the item through it.
struct Subject {
  TweetId tweet;
  Via via;
  Via author_via;
  std::set<UserId> authors;
};

// "a restriction and what undoes it"
struct Toggle {
  EventKind on;
  EventKind off;
};
inline constexpr Toggle kDeletion = {EventKind::kUserDelete, EventKind::kUserUndelete};
inline constexpr Toggle kProtection = {EventKind::kUserProtect, EventKind::kUserUnprotect};
inline constexpr Toggle kSuspension = {EventKind::kUserSuspend, EventKind::kUserUnsuspend};

// The rules, over the events known as-of T. Rows add reasons; nothing is decided before `result`.
class Rules {
 public:
  Rules(const std::vector<Event>& events, const Item& item, Time as_of);

  void deleted(TweetId tweet, Via via, Action action = Action::kDelete);
  void account_deleted(UserId user, Via via);
  void account_restricted(UserId user, Via via, Toggle toggle, Action action = Action::kSuppress);
  void hidden(TweetId tweet, Via via, Action action = Action::kSuppress);
  void tweet_withheld(TweetId tweet, Via via);
  void user_withheld(UserId user, Via via);
  void location_scrubbed(UserId user, Via via, TweetId tweet_at_least);
  void tweet_location_scrubbed(TweetId tweet, Via via);
  void quote_to_strip(const Subject& quoted);
  void newer_version(TweetId tweet, Via via);
  void profile_changed(UserId user, Via via);
  void favorite_deleted(TweetId tweet, UserId user);

  [[nodiscard]] std::vector<Reason> result(const Policy& policy) const;

 private:
  using Key = std::tuple<Action, Via, TweetId, UserId, EventKind>;

  void add(const Reason& reason);
  [[nodiscard]] std::set<TweetId> versions(TweetId tweet) const;
  [[nodiscard]] std::optional<Time> tweet_deleted_at(TweetId tweet) const;
  [[nodiscard]] std::optional<Time> since(UserId user, Toggle toggle) const;

  Time as_of_;
  std::vector<Event> known_;
  std::vector<VersionPair> item_pairs_;
  std::map<Key, Reason> reasons_;
};

}  // namespace recant::laws
