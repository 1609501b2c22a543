// The rule table of semantics.md, section 3, over the states that a StateReader reads.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "engine/verdict/item_state.h"
#include "engine/verdict/ruling.h"
#include "recant/verdict.h"
#include "store/index/key_map.h"

namespace recant::verdict {

/// What becomes of the reasons that an author's state gives. kRemember: they are reckoned once for
/// each author; only where what the reader says never changes.
enum class AuthorReasons : std::uint8_t { kReckonAnew, kRemember };

/// One thread at a time.
class Rules {
 public:
  Rules(StateReader& reader, Policy policy, Time as_of, AuthorReasons author_reasons)
      : reader_(reader),
        state_(reader, as_of),
        policy_(std::move(policy)),
        as_of_(as_of),
        author_reasons_(author_reasons) {}
  Rules(const Rules&) = delete;
  Rules& operator=(const Rules&) = delete;

  /// Errors: what the reader failed with.
  [[nodiscard]] Result<Ruling> judge(const Item& item);
  /// The same for a tweet whose own state is `state`, where neither the item nor the state says
  /// that it shows another tweet.
  [[nodiscard]] Result<Ruling> judge_unrelated(const Item& item, const TweetState& state);
  /// "deleted", where that is all that can be said.
  [[nodiscard]] Ruling deleted(const Item& item, Time at, bool without_author);

  // With kRemember only.
  /// No tweet has a reason by this author.
  [[nodiscard]] bool is_blameless(UserId author) { return author_reasons(author).empty(); }
  /// The author's state is not needed any more.
  [[nodiscard]] bool remembers(UserId author) const { return place_of_.find(author) != nullptr; }
  /// Forgets the authors remembered if they have become many.
  void trim();

 private:
  [[nodiscard]] Result<Ruling> rule(const Item& item);
  [[nodiscard]] Result<Ruling> conclude();
  void judge_tweet(const Item& item);
  void judge_referred(TweetId id, Via via, Via via_author);
  void judge_author(UserId id, Via via, TweetId tweet);
  void judge_user(UserId id, const UserState& user, Via via, TweetId tweet);
  void judge_like(const Item& item);
  const std::vector<Reason>& author_reasons(UserId author);

  // What hides the quoted tweet only takes the quote out of the item that shows it.
  [[nodiscard]] static Action hide(Via via, Action action);
  [[nodiscard]] Action suppress(Via via, EventKind event) const;
  void add(Reason reason) { out_->push_back(std::move(reason)); }

  void rule_favorite(TweetId tweet, UserId user);
  void rule_deleted(TweetId id, const Versions& versions, Via via);
  void rule_visibility(TweetId id, Via via);
  void rule_toggles(UserId id, const UserState& user, Via via);
  void rule_toggle(UserId id, const std::vector<ToggleEntry>& toggle, EventKind event, Via via);
  void rule_withheld(const std::vector<WithheldEntry>& withheld, Reason reason);
  void rule_tweet_withheld(TweetId id, Via via);
  void rule_user_withheld(UserId id, const UserState& user, Via via);
  void rule_scrub_geo(UserId id, const UserState& user, Via via, TweetId tweet);
  void rule_tweet_geo(TweetId id, Via via);
  void rule_refresh(TweetId id, const Versions& versions, Via via);
  void rule_profile(UserId id, const UserState& user, Via via);

  StateReader& reader_;
  ItemState state_;
  Policy policy_;
  Time as_of_;
  AuthorReasons author_reasons_;
  index::KeyMap<std::uint32_t> place_of_;  // of an author among the remembered
  std::vector<std::vector<Reason>> remembered_;
  UserState author_;  // scratch
  bool without_author_ = false;
  std::vector<UserId> authors_;         // scratch: of a tweet
  std::vector<Reason> own_;             // of the item at hand, but for what is remembered
  std::vector<const Reason*> reasons_;  // all of the item at hand
  std::vector<Reason>* out_ = &own_;    // where add() puts them
};

}  // namespace recant::verdict
