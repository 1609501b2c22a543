// Many keys read at once: wanted first, then looked up together, table by table, so that the waits
// for memory overlap. What was read is kept until clear(); memory is used again.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
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

  void clear();
  /// Histories are read only as far as a verdict as of `as_of` needs them.
  void set_as_of(Time as_of) { as_of_ = as_of; }
  void want_tweet(TweetId id);
  void want_user(UserId id);
  void want_retweeted(TweetId id);
  void want_quoted(TweetId id);
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
  [[nodiscard]] bool is_unknown_tweet(TweetId id) const;

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

  /// Marks a part of a key's entry as asked for, once.
  template <class Entry>
  void want(std::uint64_t key, KeyMap<Entry>& entries, std::uint32_t Entry::* part, Wanted& wanted);
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
