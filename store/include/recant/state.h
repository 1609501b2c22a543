// What is known of a tweet and of a user: the join of all events about it. Pure values.
// Source of every rule: semantics.md, section 2.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "recant/api.h"
#include "recant/event.h"

namespace recant {

/// The order of the codes is the order in which entries of the same time count: last wins.
enum class Visibility : std::uint8_t {
  kAvailable = 0,
  kUndropped = 1,
  kUnavailable = 2,
  kDropped = 3,
};

struct VisibilityEntry {
  Time at = 0;
  Visibility visibility = Visibility::kAvailable;
  Why why = Why::kNone;  ///< only for kUnavailable
  friend auto operator<=>(const VisibilityEntry&, const VisibilityEntry&) = default;
};

/// A fact of tweet_edit: `initial` and `version` belong to one chain, known since `at`.
struct EditPair {
  TweetId initial = 0;
  TweetId version = 0;
  Time at = 0;
  friend auto operator<=>(const EditPair&, const EditPair&) = default;
};

struct WithheldEntry {
  Country country = 0;
  Time at = 0;  ///< the earliest
  friend auto operator<=>(const WithheldEntry&, const WithheldEntry&) = default;
};

struct HeldEntry {
  Time at = 0;
  bool held = false;
  friend auto operator<=>(const HeldEntry&, const HeldEntry&) = default;
};

/// All that is known of one tweet. Each vector is sorted by its element's order and distinct.
struct RECANT_API TweetState {
  std::vector<UserId> authors;
  std::optional<Time> deleted_at;  ///< the earliest
  std::vector<VisibilityEntry> visibility;
  std::vector<WithheldEntry> withheld;  ///< one entry a country
  std::optional<Time> geo_scrubbed_at;  ///< the earliest
  std::vector<EditPair> edits;          ///< every pair that names this tweet, one a pair
  std::optional<HeldEntry> held;        ///< the newest; held over released at the same time

  [[nodiscard]] bool empty() const;
  void clear();
  /// Joins another state of the same tweet into this one.
  void join(const TweetState& other);
  friend bool operator==(const TweetState&, const TweetState&) = default;
};

struct ToggleEntry {
  Time at = 0;
  bool on = false;
  friend auto operator<=>(const ToggleEntry&, const ToggleEntry&) = default;
};

struct ScrubGeoEntry {
  Time at = 0;
  TweetId up_to_tweet = 0;
  friend auto operator<=>(const ScrubGeoEntry&, const ScrubGeoEntry&) = default;
};

struct ProfileEntry {
  std::string field;
  Time at = 0;
  friend auto operator<=>(const ProfileEntry&, const ProfileEntry&) = default;
};

/// All that is known of one user. Each vector is sorted by its element's order and distinct.
struct RECANT_API UserState {
  std::vector<ToggleEntry> deleted;
  std::vector<ToggleEntry> protected_;
  std::vector<ToggleEntry> suspended;
  std::vector<WithheldEntry> withheld;
  std::vector<ScrubGeoEntry> scrub_geo;
  std::vector<ProfileEntry> profile;

  [[nodiscard]] bool empty() const;
  void clear();
  /// Joins another state of the same user into this one.
  void join(const UserState& other);
  friend bool operator==(const UserState&, const UserState&) = default;
};

/// The last visibility entry with `at <= as_of`: of one time, the restrictive one, and of several
/// restrictive ones a drop before an unavailability, then the smaller `why`.
[[nodiscard]] RECANT_API std::optional<VisibilityEntry> visibility_as_of(const TweetState& state,
                                                                         Time as_of);
/// The first time of the run in force if the toggle is on as of `as_of`; of one time, on counts.
[[nodiscard]] RECANT_API std::optional<Time> on_since(const std::vector<ToggleEntry>& toggle,
                                                      Time as_of);
/// The greatest up_to_tweet of the entries with `at <= as_of`, with the earliest time that named
/// it.
[[nodiscard]] RECANT_API std::optional<ScrubGeoEntry> scrub_geo_as_of(const UserState& state,
                                                                      Time as_of);

}  // namespace recant
