// What the answers of tweet and user lookups prove. Pure.
// Source: the platform's reference, sections 4.1 and 4.2; semantics.md, section 1, "Lookups".
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <vector>

#include "recant/event.h"

namespace recant::feed {

struct Observation {
  enum class What : std::uint8_t {
    kTweetSeen,
    kTweetUnavailable,  ///< `why`
    kUserSeen,          ///< and so neither deleted nor suspended
    kUserDeleted,
    kUserSuspended,
  };
  What what = What::kTweetSeen;
  std::uint64_t id = 0;
  UserId author = 0;                   ///< of a tweet that was seen, if told
  Why why = Why::kNone;                ///< kTweetUnavailable
  std::optional<bool> is_protected{};  ///< of a user that was seen, if told
  friend bool operator==(const Observation&, const Observation&) = default;
};

enum class LookupType : std::uint8_t { kTweets, kUsers };

/// GET /2/tweets or /2/users for `asked`. Errors about related objects are evidence about those,
/// never about the id that was asked for (the scope trap); what names no id proves nothing.
[[nodiscard]] std::vector<Observation> read_v2_lookup(const nlohmann::json& body, LookupType type,
                                                      std::span<const std::uint64_t> asked);

/// statuses/lookup.json with map=true: null is not found.
[[nodiscard]] std::vector<Observation> read_v1_tweets(const nlohmann::json& body,
                                                      std::span<const std::uint64_t> asked);
/// users/lookup.json: those that are there. One that is absent may be deleted or suspended: ask
/// users/show.json, which tells.
[[nodiscard]] std::vector<Observation> read_v1_users(const nlohmann::json& body,
                                                     std::span<const std::uint64_t> asked);
/// users/show.json for `user`, whatever its status.
[[nodiscard]] std::optional<Observation> read_v1_user(const nlohmann::json& body, UserId user);

/// The code of a v1.1 error body, 0 if there is none.
[[nodiscard]] int v1_error_code(const nlohmann::json& body);

}  // namespace recant::feed
