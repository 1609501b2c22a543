// Many keys read at once: wanted first, then looked up together, table by table, so that the waits
// for memory overlap. What was read is kept until clear(); memory is used again.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <type_traits>
#include <vector>

#include "recant/error.h"
#include "recant/state.h"
#include "store/index/key_map.h"
#include "store/index/view.h"

namespace recant::index {

/// One thread at a time.
class BatchReader {
 public:
  explicit BatchReader(std::shared_ptr<const View> view) : view_(std::move(view)), single_(view_) {}

  /// Forgets what was read, but for users, who come again: they are kept while they are not many.
  void clear();
  /// Histories are read only as far as a verdict as of `as_of` needs them.
  void set_as_of(Time as_of) { as_of_ = as_of; }
  /// Where a tweet or a user is noted until clear().
  using Place = std::uint32_t;
  Place want_tweet(TweetId id);
  Place want_user(UserId id);
  /// `tweet`: of tweet_place() or want_tweet().
  void want_retweeted(Place tweet);
  void want_quoted(Place tweet);
  [[nodiscard]] Place tweet_place(TweetId id) { return tweets_.place(id); }
  [[nodiscard]] bool wants_anything() const;
  /// Reads what was wanted since the last call. Errors: kCorruption.
  [[nodiscard]] Result<void> fetch();

  // What the last fetch() found; they stay valid until the next want or fetch.
  [[nodiscard]] std::span<const TweetState> new_tweets() const { return tweet_states_.fresh(); }
  struct Relation {
    TweetId tweet = 0;
    bool retweeted = false;  ///< else quoted
    Ids ids;                 ///< sorted; never empty
  };
  [[nodiscard]] std::span<const Relation> new_relations() const { return relations_.fresh(); }

  /// What is known of a key.
  template <class State>
  struct Known {
    bool read = false;             ///< it was wanted and fetched
    const State* state = nullptr;  ///< null where nothing is known
  };
  [[nodiscard]] Known<TweetState> tweet(TweetId id) const;
  [[nodiscard]] Known<UserState> user(UserId id) const;
  [[nodiscard]] Known<Ids> retweeted(TweetId id) const;
  [[nodiscard]] Known<Ids> quoted(TweetId id) const;
  /// Nothing is known of a tweet itself, nor what it retweets or quotes, and all three were read.
  [[nodiscard]] bool is_unknown_tweet(Place tweet) const {
    const TweetEntry& entry = tweets_.at(tweet);
    return entry.state == kUnknown && entry.retweeted == kUnknown && entry.quoted == kUnknown;
  }
  /// Something is known of a tweet itself, but nothing that it retweets or quotes; all were read.
  [[nodiscard]] bool is_unrelated_tweet(Place tweet) const {
    const TweetEntry& entry = tweets_.at(tweet);
    return entry.state < kUnknown && entry.retweeted == kUnknown && entry.quoted == kUnknown;
  }
  [[nodiscard]] Known<TweetState> tweet_at(Place tweet) const {
    return known(tweets_.at(tweet).state, tweet_states_);
  }
  [[nodiscard]] bool is_unknown_user(Place user) const { return users_.at(user).state == kUnknown; }

 private:
  // Places in the pools below; kUnknown: nothing is known.
  static constexpr std::uint32_t kUnasked = ~std::uint32_t{0};
  static constexpr std::uint32_t kUnknown = kUnasked - 1;
  struct TweetEntry {
    std::uint32_t state = kUnasked;
    std::uint32_t retweeted = kUnasked;
    std::uint32_t quoted = kUnasked;
  };
  struct UserEntry {
    std::uint32_t state = kUnasked;
  };
  /// Keys to be looked up, and where each one's entry is.
  struct Wanted {
    std::vector<std::uint64_t> keys;
    std::vector<std::uint32_t> entries;
    void add(std::uint64_t key, std::uint32_t entry) {
      keys.push_back(key);
      entries.push_back(entry);
    }
    void clear() {
      keys.clear();
      entries.clear();
    }
  };
  template <class T>
  struct Pool {
    std::vector<T> items;
    std::size_t used = 0;
    std::size_t seen = 0;  // before the last fetch
    std::uint32_t take() {
      if (used == items.size()) items.emplace_back();
      return static_cast<std::uint32_t>(used++);
    }
    [[nodiscard]] std::span<const T> fresh() const {
      return std::span(items).subspan(seen, used - seen);
    }
  };

  /// What stands at a place of a pool; `state_of` takes it out of what the pool holds.
  template <class T, class StateOf = std::identity>
  [[nodiscard]] static auto known(std::uint32_t place, const Pool<T>& pool, StateOf state_of = {})
      -> Known<std::remove_cvref_t<std::invoke_result_t<StateOf, const T&>>> {
    if (place == kUnasked) return {};
    return {.read = true,
            .state = place == kUnknown ? nullptr : &std::invoke(state_of, pool.items[place])};
  }
  /// Marks a part of a key's entry as asked for, once.
  template <class Entry>
  static void want(Place place, KeyMap<Entry>& entries, std::uint32_t Entry::* part,
                   Wanted& wanted);
  [[nodiscard]] Result<void> fetch_tweets();
  [[nodiscard]] Result<void> fetch_users();
  [[nodiscard]] Result<void> fetch_histories();
  [[nodiscard]] Result<void> fetch_relations(Table table, Wanted& wanted);
  TweetState& tweet_state(std::uint32_t entry);
  UserState& user_state(std::uint32_t entry);
  Ids& relation_ids(std::uint32_t entry, bool retweeted);

  std::shared_ptr<const View> view_;
  Reader single_;
  Time as_of_ = kTimeMax;
  KeyMap<TweetEntry> tweets_;
  KeyMap<UserEntry> users_;
  Wanted wanted_tweets_;
  Wanted wanted_users_;
  Wanted wanted_retweeted_;
  Wanted wanted_quoted_;
  Pool<TweetState> tweet_states_;
  Pool<UserState> user_states_;
  Pool<Relation> relations_;
  std::vector<std::size_t> found_;  // scratch: places among the wanted
  UserRowHead head_;
};

}  // namespace recant::index
