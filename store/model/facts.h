// Events taken apart into facts, the unit that rows are made of: one key, one statement about it.
// Facts of any events, in any order and number, folded by key, are the state. Fixed-size records,
// so that they sort by radix and merge as arrays.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "recant/event.h"
#include "recant/state.h"

namespace recant::model {

enum class FactKind : std::uint8_t {
  // about a tweet; `value` is the author, or 0, in all but the edit facts
  kAuthor,
  kDeleted,
  kVisibility,  ///< code: visibility << 8 | why
  kWithheld,    ///< code: country (users too)
  kGeoScrubbed,
  kHeld,
  kReleased,
  kEditVersion,  ///< key is the initial tweet, value a version
  kEditInitial,  ///< key is a version, value the initial tweet
  // about a user
  kDeleteOn,
  kDeleteOff,
  kProtectOn,
  kProtectOff,
  kSuspendOn,
  kSuspendOff,
  kScrubGeo,  ///< value: up_to_tweet
  kProfile,   ///< code: index into Facts::fields
};

struct Fact {
  std::uint64_t key = 0;
  std::uint64_t value = 0;
  Time at = 0;
  std::uint32_t code = 0;
  FactKind kind = FactKind::kAuthor;
};
static_assert(sizeof(Fact) == 32);

/// A relation (tweet, original) or a derived pair.
struct Pair {
  std::uint64_t key = 0;
  std::uint64_t value = 0;
  friend auto operator<=>(const Pair&, const Pair&) = default;
};

struct FavoriteFact {
  TweetId tweet = 0;
  UserId user = 0;
  Time at = 0;
  friend auto operator<=>(const FavoriteFact&, const FavoriteFact&) = default;
};

/// Times heard from one partition of one source; sorted, disjoint, and not touching.
struct Interval {
  Time from = 0;
  Time to = 0;
  friend auto operator<=>(const Interval&, const Interval&) = default;
};
using CoverageKey = std::pair<std::string, std::string>;  ///< source, partition
using Coverage = std::vector<Interval>;

struct Loss {
  SequenceNumber first = 0;
  SequenceNumber last = 0;
  Time at = 0;
  std::uint64_t bytes = 0;
  friend auto operator<=>(const Loss&, const Loss&) = default;
};

/// Facts by table. Unsorted while events are added.
struct Facts {
  std::vector<Fact> tweets;
  std::vector<Fact> users;
  std::vector<Pair> retweets;  ///< key: the tweet, value: its original
  std::vector<Pair> quotes;
  std::vector<FavoriteFact> favorites;
  std::map<CoverageKey, Coverage> coverage;  ///< unions, always in order
  std::vector<Loss> losses;
  std::vector<std::string> fields;  ///< names that kProfile facts point to
  std::uint64_t events = 0;
  std::uint64_t total = 0;       ///< facts added, whatever became of them
  std::uint64_t text_bytes = 0;  ///< of names and keys, for sizing

  void add(const Event& event);
  /// Adds the facts of `other`, in no order.
  void append(const Facts& other);
  /// Bytes held, roughly.
  [[nodiscard]] std::uint64_t bytes() const;

 private:
  void add_facts(const Event& event);
  [[nodiscard]] std::uint64_t size() const;
  void add_tweet(const Event& event, FactKind kind, std::uint32_t code = 0);
  void add_user(const Event& event, FactKind kind, std::uint32_t code = 0);
  void add_withheld(const Event& event);
  void add_edit(const Event& event);
  void add_held(const Event& event);
  void add_profile(const Event& event);
  [[nodiscard]] std::uint32_t field_index(const std::string& name);

  std::unordered_map<std::string, std::uint32_t> field_indexes_;
};

/// Adds one fact to a state; normalize() must follow before the state is read.
void add_fact(const Fact& fact, TweetState& state);
void add_fact(const Fact& fact, const std::vector<std::string>& fields, UserState& state);

/// The union with [from, to].
void add_interval(Interval interval, Coverage& coverage);

}  // namespace recant::model
