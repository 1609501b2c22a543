// The law of states and verdicts, implemented a second time and on purpose differently: no state is
// kept, only the events themselves; every answer is found by reading all of them again. Slow, and
// short enough to be compared with semantics.md sentence by sentence. Tests hold Judge and Store
// against it.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "recant/event.h"
#include "recant/state.h"
#include "recant/verdict.h"

namespace recant::laws {

/// A pair (initial, id) that a tweet_edit states, or that an item's edit history implies.
using VersionPair = std::pair<TweetId, TweetId>;

class Oracle {
 public:
  Oracle() = default;
  explicit Oracle(std::span<const Event> events) : events_(events.begin(), events.end()) {}

  void add(const Event& event) { events_.push_back(event); }

  /// Section 3 of the law.
  [[nodiscard]] Verdict verdict(const Item& item, Time as_of, const Policy& policy) const;

  /// Section 2 of the law. An id that no event names has an empty state.
  [[nodiscard]] TweetState tweet(TweetId id) const;
  [[nodiscard]] UserState user(UserId id) const;
  [[nodiscard]] std::optional<Time> favorite_deleted_at(TweetId tweet, UserId user) const;
  [[nodiscard]] std::set<UserId> authors(TweetId tweet) const;
  [[nodiscard]] std::set<TweetId> retweeted(TweetId tweet) const;
  [[nodiscard]] std::set<TweetId> quoted(TweetId tweet) const;
  [[nodiscard]] std::set<TweetId> retweets_of(TweetId original) const;
  [[nodiscard]] std::set<TweetId> quotes_of(TweetId original) const;
  [[nodiscard]] std::set<TweetId> author_tweets(UserId author) const;

  /// Every id that an event names, in whatever role.
  [[nodiscard]] std::set<TweetId> tweet_ids() const;
  [[nodiscard]] std::set<UserId> user_ids() const;

  /// Two oracles of equal fingerprint have the same state of everything that the digest covers.
  struct Fingerprint {
    std::map<TweetId, TweetState> tweets;  ///< without `held`
    std::map<UserId, UserState> users;
    std::set<std::pair<TweetId, TweetId>> retweets;
    std::set<std::pair<TweetId, TweetId>> quotes;
    std::map<std::pair<TweetId, UserId>, Time> favorites;
    friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
  };
  [[nodiscard]] Fingerprint fingerprint() const;

 private:
  /// "the entry (at, held or released) with the greatest `at` wins, held over released at the
  /// same".
  [[nodiscard]] std::optional<HeldEntry> held(TweetId tweet) const;

  std::vector<Event> events_;
};

/// Whether two verdicts are the same to the last field.
[[nodiscard]] bool same(const Verdict& a, const Verdict& b);

/// The pairs that one tweet_edit event states; none for any other kind.
[[nodiscard]] std::vector<VersionPair> stated_pairs(const Event& event);

}  // namespace recant::laws
