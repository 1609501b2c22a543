// The states that one item's rules look at, each read once, and what they say together with what
// the item itself says: authors, relations, versions. [semantics.md, section 3, "Authors are ..."]
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "engine/verdict/distinct_ids.h"
#include "recant/verdict.h"

namespace recant::verdict {

/// States read for one item, kept until clear(). Memory is reused from item to item.
template <class State>
class StateMemo {
 public:
  /// `at_hand(id)` is the state where a reader has it, or null; `read(id, state)` reads it.
  template <class AtHand, class Read>
  const State& get(std::uint64_t id, AtHand at_hand, Read read) {
    const std::size_t place = known_.find(id);
    if (place != DistinctIds::kNone) return *states_[place];
    const State* state = at_hand(id);
    if (state == nullptr) {
      State& own = take();
      read(id, own);
      state = &own;
    }
    know(id, *state);
    return *state;
  }
  /// `state` is that of `id`, of which nothing is known yet, until clear().
  void know(std::uint64_t id, const State& state) {
    known_.add(id);
    states_.push_back(&state);
  }
  void clear() {
    known_.clear();
    states_.clear();
    used_ = 0;
  }

 private:
  State& take() {
    if (used_ == own_.size()) own_.push_back(std::make_unique<State>());
    State& state = *own_[used_++];
    state.clear();
    return state;
  }

  DistinctIds known_;
  std::vector<const State*> states_;  // of the known, in their order
  // By pointer, so that references stay valid while more states are read.
  std::vector<std::unique_ptr<State>> own_;
  std::size_t used_ = 0;
};

/// The versions of a tweet as of the time of the verdict.
struct Versions {
  std::vector<TweetId> ids{};  ///< sorted; the tweet itself among them
  TweetId newest = 0;          ///< the greatest id that a pair from an event names; 0 if none does
  Time newest_at = 0;          ///< the earliest of the pairs that name it
};

class ItemState {
 public:
  ItemState(StateReader& reader, Time as_of) : reader_(reader), as_of_(as_of) {}

  /// Forgets the last item and reads the relations of a tweet item.
  void begin(const Item& item);
  /// The same for a tweet that is known to show no other, and whose state is at hand.
  void begin_unrelated(const Item& item, const TweetState& state);

  [[nodiscard]] const TweetState& tweet(TweetId id);
  [[nodiscard]] const UserState& user(UserId id);
  /// Authors of a tweet: what the item says of it and what the state does. Sorted.
  void authors(TweetId id, std::vector<UserId>& out);
  /// Valid until the next call: its memory is used again.
  [[nodiscard]] const Versions& versions(TweetId id);
  [[nodiscard]] const std::vector<TweetId>& retweeted() const { return retweeted_; }
  [[nodiscard]] const std::vector<TweetId>& quoted() const { return quoted_; }

 private:
  void forget(const Item& next);
  void find_relations();
  void find_quoted();
  void index_histories();
  void reach_edited(TweetId version);
  void reach_in_histories(TweetId version);

  StateReader& reader_;
  Time as_of_;
  const Item* item_ = nullptr;
  StateMemo<TweetState> tweets_;
  StateMemo<UserState> users_;
  std::vector<TweetId> retweeted_;
  std::vector<TweetId> quoted_;
  Versions versions_;
  DistinctIds reached_;  // scratch: versions found, the queue of the search too
  // Of the item's edit histories: each id with the history that it stands in, sorted.
  std::vector<std::pair<TweetId, std::uint32_t>> in_history_;
  std::vector<bool> history_reached_;  // scratch
};

}  // namespace recant::verdict
