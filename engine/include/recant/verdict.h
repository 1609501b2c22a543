// What to do with an item of a dataset, and why. Pure: state in, reasons out.
// Source of every rule: semantics.md, section 3.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recant/api.h"
#include "recant/error.h"
#include "recant/event.h"
#include "recant/state.h"

namespace recant {

/// Strongest first.
enum class Action : std::uint8_t {
  kDelete = 0,
  kSuppress = 1,
  kWithhold = 2,
  kStripGeo = 3,
  kStripQuote = 4,
  kRefresh = 5,
  kRefreshProfile = 6,
  kKeep = 7,
};
inline constexpr std::size_t kActionCount = 8;
[[nodiscard]] RECANT_API std::string_view action_name(Action action);

/// Through whom a reason reaches the item, in the order in which reasons are sorted.
enum class Via : std::uint8_t {
  kSelf = 0,
  kAuthor = 1,
  kTweet = 2,
  kUser = 3,
  kTweetAuthor = 4,
  kRetweeted = 5,
  kRetweetedAuthor = 6,
  kQuoted = 7,
  kQuotedAuthor = 8,
};
[[nodiscard]] RECANT_API std::string_view via_name(Via via);

enum class ItemType : std::uint8_t { kTweet, kUser, kLike };

/// One thing of a dataset to judge. What a dataset does not tell is 0 or empty.
struct Item {
  ItemType type = ItemType::kTweet;
  std::uint64_t id = 0;  ///< tweet id (tweets and likes), user id (users); never 0
  UserId user = 0;       ///< likes: who liked; never 0 there
  UserId author = 0;     ///< tweets: the rest of this struct
  TweetId retweeted = 0;
  UserId retweeted_author = 0;
  TweetId quoted = 0;  ///< quoted by the tweet itself
  UserId quoted_author = 0;
  TweetId retweeted_quoted = 0;  ///< quoted by the retweeted original, as the dataset shows it
  UserId retweeted_quoted_author = 0;
  /// Edit histories that the item carries (its own, its original's, its quoted tweet's), each with
  /// the first version first.
  std::vector<std::vector<TweetId>> edit_histories{};
};

struct Reason {
  Action action = Action::kKeep;
  EventKind event = EventKind::kUnknown;
  Via via = Via::kSelf;
  TweetId tweet = 0;  ///< the tweet whose state it is, or 0
  UserId user = 0;    ///< the user whose state it is, or 0; favorite_delete has both
  Time at = 0;
  std::vector<Country> countries{};   ///< withhold; sorted
  TweetId up_to_tweet = 0;            ///< scrub_geo
  TweetId latest_tweet = 0;           ///< refresh
  std::vector<std::string> fields{};  ///< refresh_profile; sorted
  bool grace_expired = false;         ///< a user_delete of 30 days or more
  Why why = Why::kNone;               ///< tweet_unavailable
  friend bool operator==(const Reason&, const Reason&) = default;
};

struct Verdict {
  Action action = Action::kKeep;
  std::vector<Reason> reasons{};  ///< strongest first, in the order of semantics.md
  bool without_author = false;    ///< no author is known: the user rules could not be applied
};

/// What the user chose beyond the rules.
struct Policy {
  /// Kinds whose suppress becomes delete; only user_suspend, user_protect, user_delete, tweet_drop
  /// and tweet_unavailable may be among them.
  std::vector<EventKind> delete_on{};
  /// Judges for display in this country: withheld there is suppressed, withheld elsewhere is kept.
  /// Upper case; what is no country() of two letters is refused.
  std::optional<Country> country{};
};

/// What the rules read. Each call adds (joins) what is known to `out`, which starts empty.
/// An implementation that fails remembers it and answers from `status` once asked; a judge asks
/// after each item, so a failed read never turns into a verdict.
class RECANT_API StateReader {
 public:
  StateReader() = default;
  StateReader(const StateReader&) = delete;
  StateReader& operator=(const StateReader&) = delete;
  virtual ~StateReader() = default;

  virtual void tweet(TweetId id, TweetState& out) = 0;
  virtual void user(UserId id, UserState& out) = 0;
  /// The originals that `id` retweets, sorted and distinct.
  virtual void retweeted(TweetId id, std::vector<TweetId>& out) = 0;
  /// The tweets that `id` quotes, sorted and distinct.
  virtual void quoted(TweetId id, std::vector<TweetId>& out) = 0;
  virtual std::optional<Time> favorite_deleted_at(TweetId tweet, UserId user) = 0;
  /// The whole state where the reader has it at hand, normalized and valid until the next item is
  /// judged; null where it has not: then the calls above are asked.
  [[nodiscard]] virtual const TweetState* tweet_at_hand(TweetId) { return nullptr; }
  [[nodiscard]] virtual const UserState* user_at_hand(UserId) { return nullptr; }
  /// The first failure of a read since the reader was made.
  [[nodiscard]] virtual Result<void> status() const = 0;
};

/// 30 days, after which a deleted account no longer comes back. [ms]
inline constexpr Time kGraceMs = Time{30} * 86'400'000;

/// Judges items one after another, keeping its scratch memory. One thread at a time. What is there
/// already, or a StateReader of the caller's own, can be judged by it; for many items at once
/// Snapshot::check is much faster.
class RECANT_API Judge {
 public:
  Judge(StateReader& reader, Policy policy, Time as_of);
  ~Judge();
  Judge(Judge&&) noexcept;
  Judge& operator=(Judge&&) noexcept;

  /// Replaces `out` by the verdict on `item`. Errors: what `reader` failed with, kInvalidArgument
  /// (the item has no id, or the policy's country is none), kNoMemory; `out` is then empty.
  [[nodiscard]] Result<void> judge(const Item& item, Verdict& out);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace recant
