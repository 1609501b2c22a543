// One immutable state: sealed parts and the folded tail, read by key as their join.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "recant/error.h"
#include "recant/state.h"
#include "store/index/sources.h"

namespace recant::index {

class View {
 public:
  explicit View(Sources sources) : sources_(std::move(sources)) {}

  [[nodiscard]] const Sources& sources() const { return sources_; }
  /// (author, tweet) pairs that only the tail makes: every author that it names, and the authors
  /// that parts know of tweets which the tail holds or refers to. Sorted. Made at the first call.
  [[nodiscard]] Result<const std::vector<model::Pair>*> tail_author_tweets() const;
  /// Tweets that the tail holds, and originals of its relations. Ascending. Made at the first call.
  [[nodiscard]] Result<const Ids*> tail_candidates() const;

 private:
  [[nodiscard]] Result<void> derive() const;

  Sources sources_;
  mutable std::once_flag once_;
  mutable std::optional<Error> tail_error_;
  mutable Ids tail_candidates_;
  mutable std::vector<model::Pair> tail_author_tweets_;
};

/// Reads by key, one thread at a time each. Results are added to `out` and normalized.
class Reader {
 public:
  explicit Reader(std::shared_ptr<const View> view) : view_(std::move(view)) {}

  [[nodiscard]] Result<void> tweet(TweetId id, TweetState& out) const;
  [[nodiscard]] Result<void> user(UserId id, UserState& out) const;
  /// What verdicts as of `as_of` need of the user: of long histories a few entries that give the
  /// same answers, found without reading the others.
  [[nodiscard]] Result<void> user_as_of(UserId id, Time as_of, UserState& out) const;
  /// kRetweets, kRetweetedBy, kQuotes, kQuotedBy.
  [[nodiscard]] Result<void> relation(Table table, std::uint64_t id, Ids& out) const;
  [[nodiscard]] Result<std::optional<Time>> favorite(TweetId tweet, UserId user) const;
  /// The author's tweets that are held now, or are originals of held retweets or quotes.
  [[nodiscard]] Result<Ids> author_tweets(UserId author) const;
  /// The author's tweets from `from` on that may be held or shown by a held tweet: all that are and
  /// some that are not, found without reading any of them. Ascending.
  [[nodiscard]] Result<Ids> author_candidates(UserId author, TweetId from) const;
  /// Calls `visit` for the tweets from `from` on that may be held: all that are and some that are
  /// not. Ascending, each once; `visit` returns false to stop.
  [[nodiscard]] Result<void> for_each_candidate(
      TweetId from, const std::function<Result<bool>(TweetId)>& visit) const;
  /// The user_delete entries with from < at <= to, as (at, user), ascending and distinct.
  [[nodiscard]] Result<std::vector<std::pair<Time, UserId>>> user_deletes(Time from, Time to) const;

 private:
  [[nodiscard]] Result<bool> is_held_or_shown(TweetId id) const;

  std::shared_ptr<const View> view_;
};

}  // namespace recant::index
