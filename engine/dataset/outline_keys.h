// The keys that matter to an outline.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace recant::dataset {

enum class OutlineKey : std::uint8_t {
  kUnknown,
  kId,
  kIdStr,
  kAuthorId,
  kUser,  // user, author, in that order of trust
  kAuthor,
  kActor,
  kOtherUser,
  kGeo,
  kLocation,
  kExtendedTweet,
  kRetweetedStatus,
  kQuotedStatus,
  kToldQuoted,
  kToldQuotedStr,
  kReferences,
  kObject,
  kVerb,
  kObjectType,
  kType,
  kHistoryIds,
  kHistory,
  kTweetOfUser,  // status, pinned_tweet
  kTweetOfLike,
  kData,
  kIncludes,
};

/// Of a key without its escapes.
[[nodiscard]] OutlineKey outline_key_named(std::string_view name);
/// `raw` as it stands between the quotes of a key, with its escapes.
[[nodiscard]] OutlineKey outline_key(std::string_view raw);

/// A JSON string as it stands between its quotes, without its escapes; empty if it has none that
/// can be read.
[[nodiscard]] std::string without_escapes(std::string_view raw);

}  // namespace recant::dataset
