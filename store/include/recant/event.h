// The event model: one fact that the platform, a lookup or `track` told. Plain types, no files.
// Source of kinds, ids and payloads: semantics.md, section 1.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recant/api.h"

namespace recant {

/// A tweet (post) id, 1 to 2^64-1; 0 means absent.
using TweetId = std::uint64_t;
/// A user id, 1 to 2^64-1; 0 means absent.
using UserId = std::uint64_t;
/// An event's place in the log: 1, 2, 3, ...; 0 means none.
using SequenceNumber = std::uint64_t;
/// [milliseconds since 1970-01-01T00:00:00Z], 0 to kTimeMax.
using Time = std::int64_t;
/// The last millisecond of the year 9999.
inline constexpr Time kTimeMax = 253402300799999;
/// Two upper-case ASCII letters, the first in the high byte, so that it orders as text does.
using Country = std::uint16_t;

[[nodiscard]] constexpr Country country(char first, char second) {
  return static_cast<Country>((static_cast<unsigned char>(first) << 8) |
                              static_cast<unsigned char>(second));
}
[[nodiscard]] RECANT_API std::string country_name(Country code);

/// The numbers are written in the log: never renumber, only append.
enum class EventKind : std::uint8_t {
  kTweetDelete = 1,
  kTweetWithheld = 2,
  kTweetDrop = 3,
  kTweetUndrop = 4,
  kTweetEdit = 5,
  kTweetUnavailable = 6,
  kTweetAvailable = 7,
  kTweetScrubGeo = 8,
  kUserDelete = 9,
  kUserUndelete = 10,
  kUserProtect = 11,
  kUserUnprotect = 12,
  kUserSuspend = 13,
  kUserUnsuspend = 14,
  kUserWithheld = 15,
  kUserProfileModification = 16,
  kScrubGeo = 17,
  kFavoriteDelete = 18,
  kTweetHeld = 19,
  kTweetReleased = 20,
  kCoverage = 21,
  kLoss = 22,
  kUnknown = 23,
};
inline constexpr std::size_t kEventKindCount = 23;

/// The name used in canonical lines and reasons, e.g. "tweet_delete".
[[nodiscard]] RECANT_API std::string_view event_kind_name(EventKind kind);
[[nodiscard]] RECANT_API std::optional<EventKind> event_kind_from_name(std::string_view name);
/// tweet_delete, tweet_withheld, user_withheld, tweet_edit, scrub_geo, tweet_scrub_geo,
/// favorite_delete: these may lack a time ("known since ever").
[[nodiscard]] RECANT_API bool is_permanent(EventKind kind);

/// Why a tweet is unavailable, in the order of their names. Written in the log: only append.
enum class Why : std::uint8_t {
  kNone = 0,
  kDeactivated = 1,
  kNotFound = 2,
  kProtected = 3,
  kRemoved = 4,
  kSuspended = 5,
};
[[nodiscard]] RECANT_API std::string_view why_name(Why why);
[[nodiscard]] RECANT_API std::optional<Why> why_from_name(std::string_view name);

/// What an event carries beyond the ids of the common kinds. Every member is empty or 0 if absent.
struct Payload {
  std::vector<Country> countries{};    ///< sorted, distinct; withheld kinds
  TweetId initial_tweet = 0;           ///< tweet_edit
  std::vector<TweetId> edit_tweets{};  ///< tweet_edit, oldest first, as told
  TweetId up_to_tweet = 0;             ///< scrub_geo
  std::string field{};    ///< user_profile_modification: the field's name, never its value
  TweetId retweeted = 0;  ///< tweet_held, and the three that follow
  UserId retweeted_author = 0;
  TweetId quoted = 0;
  UserId quoted_author = 0;
  std::string partition{};   ///< coverage
  Time from = 0;             ///< coverage, inclusive
  Time to = 0;               ///< coverage
  SequenceNumber first = 0;  ///< loss: first sequence lost
  SequenceNumber last = 0;   ///< loss: last sequence lost
  std::uint64_t bytes = 0;   ///< loss
  std::string raw{};         ///< unknown: the line, blanked

  friend bool operator==(const Payload&, const Payload&) = default;
};

/// A Payload or nothing, copied deeply. Keeps Event at one cache line for the common kinds.
class PayloadBox {
 public:
  PayloadBox() = default;
  PayloadBox(const PayloadBox& other)
      : payload_(other.payload_ ? std::make_unique<Payload>(*other.payload_) : nullptr) {}
  PayloadBox(PayloadBox&&) noexcept = default;
  PayloadBox& operator=(const PayloadBox& other) {
    if (this != &other) {
      payload_ = other.payload_ ? std::make_unique<Payload>(*other.payload_) : nullptr;
    }
    return *this;
  }
  PayloadBox& operator=(PayloadBox&&) noexcept = default;
  ~PayloadBox() = default;

  [[nodiscard]] bool present() const { return payload_ != nullptr; }
  /// The payload, or a shared empty one.
  [[nodiscard]] RECANT_API const Payload& get() const;
  /// The payload, made if there is none.
  [[nodiscard]] Payload& make() {
    if (!payload_) payload_ = std::make_unique<Payload>();
    return *payload_;
  }
  void clear() { payload_.reset(); }
  friend bool operator==(const PayloadBox& a, const PayloadBox& b) { return a.get() == b.get(); }

 private:
  std::unique_ptr<Payload> payload_;
};

/// One fact. Which members a kind uses is the table of semantics.md, section 1; the others are 0.
struct Event {
  EventKind kind = EventKind::kUnknown;
  Why why = Why::kNone;  ///< tweet_unavailable
  Time at = 0;           ///< when it happened
  Time received_at = 0;  ///< when it reached us; 0 until stored. Never part of the state.
  TweetId tweet = 0;
  UserId author = 0;        ///< the tweet's author; 0 if not told
  UserId user = 0;          ///< user kinds, scrub_geo, favorite_delete (who liked)
  TweetId quote_tweet = 0;  ///< the tweet that quotes `tweet`
  PayloadBox payload{};
  std::string
      source{};  ///< who told: "file", "v2-tweets", ...; at most 32 bytes. Never part of the state.

  friend bool operator==(const Event&, const Event&) = default;
};

/// Nothing if `event` is well formed (ids there, payload there, times in range), else why not.
/// Every event is checked by it before it is appended.
[[nodiscard]] RECANT_API std::optional<std::string> why_malformed(const Event& event);

/// Limits that keep one event far below a log block's cap of 4 MiB.
inline constexpr std::size_t kEditTweetsMax = 1000;
inline constexpr std::size_t kFieldBytesMax = 64;
inline constexpr std::size_t kSourceBytesMax = 32;
inline constexpr std::size_t kPartitionBytesMax = 32;
inline constexpr std::size_t kRawBytesMax = 64 * 1024;

}  // namespace recant
