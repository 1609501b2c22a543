// The keys of the lines that FastLine reads, as numbers: found by name_table.h.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/decode/kinds.h"
#include "engine/json/name_table.h"

namespace recant::decode {

/// Places in kKeys; the KINDs of kKinds follow from kFirstKind on.
enum Key : std::uint8_t {
  kKeyData,
  kKeyTweet,
  kKeyStatus,
  kKeyFavorite,
  kKeyUser,
  kKeyEventAt,
  kKeyTimestampMs,
  kKeyTimestampMsCamel,
  kKeyAt,
  kKeyReceivedAt,
  kKeyRedactedAt,
  kKeyIdStr,
  kKeyId,
  kKeyTweetIdStr,
  kKeyTweetId,
  kKeyAuthorIdStr,
  kKeyAuthorId,
  kKeyUserIdStr,
  kKeyUserId,
  kKeyQuoteTweetIdStr,
  kKeyQuoteTweetId,
  kKeyInitialTweetIdStr,
  kKeyInitialTweetId,
  kKeyUpToTweetIdStr,
  kKeyUpToTweetId,
  kKeyUpToStatusIdStr,
  kKeyUpToStatusId,
  kKeyRetweetedId,
  kKeyRetweetedAuthorId,
  kKeyQuotedId,
  kKeyQuotedAuthorId,
  kKeyEditTweetIds,
  kKeyWithheldInCountries,
  kKeyCountries,
  kKeyProfileField,
  kKeyNewValue,
  kKeySeq,
  kKeyEvent,
  kKeyField,
  kKeyWhy,
  kKeySource,
  kKeyAction,
  kKeyCreatedAt,
  kKeyReason,
  kFirstKind,
};

/// What may stand behind a key.
enum class KeyType : std::uint8_t { kObject, kTime, kId, kIds, kCountries, kText };

struct KeyName {
  std::string_view name;
  KeyType type;
};

inline constexpr std::size_t kKeyCount = kFirstKind + kKinds.size();
static_assert(kKeyCount <= 64, "sets of keys are 64-bit masks");

inline constexpr std::array<KeyName, kKeyCount> kKeys = [] {
  std::array<KeyName, kKeyCount> keys = {{
      {"data", KeyType::kObject},
      {"tweet", KeyType::kObject},
      {"status", KeyType::kObject},
      {"favorite", KeyType::kObject},
      {"user", KeyType::kObject},
      {"event_at", KeyType::kTime},
      {"timestamp_ms", KeyType::kTime},
      {"timestampMs", KeyType::kTime},
      {"at", KeyType::kTime},
      {"received_at", KeyType::kTime},
      {"redacted_at", KeyType::kTime},
      {"id_str", KeyType::kId},
      {"id", KeyType::kId},
      {"tweet_id_str", KeyType::kId},
      {"tweet_id", KeyType::kId},
      {"author_id_str", KeyType::kId},
      {"author_id", KeyType::kId},
      {"user_id_str", KeyType::kId},
      {"user_id", KeyType::kId},
      {"quote_tweet_id_str", KeyType::kId},
      {"quote_tweet_id", KeyType::kId},
      {"initial_tweet_id_str", KeyType::kId},
      {"initial_tweet_id", KeyType::kId},
      {"up_to_tweet_id_str", KeyType::kId},
      {"up_to_tweet_id", KeyType::kId},
      {"up_to_status_id_str", KeyType::kId},
      {"up_to_status_id", KeyType::kId},
      {"retweeted_id", KeyType::kId},
      {"retweeted_author_id", KeyType::kId},
      {"quoted_id", KeyType::kId},
      {"quoted_author_id", KeyType::kId},
      {"edit_tweet_ids", KeyType::kIds},
      {"withheld_in_countries", KeyType::kCountries},
      {"countries", KeyType::kCountries},
      {"profile_field", KeyType::kText},
      {"new_value", KeyType::kText},
      {"seq", KeyType::kText},
      {"event", KeyType::kText},
      {"field", KeyType::kText},
      {"why", KeyType::kText},
      {"source", KeyType::kText},
      {"action", KeyType::kText},
      {"created_at", KeyType::kText},
      {"reason", KeyType::kText},
  }};
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    keys[kFirstKind + i] = {kKinds[i].name, KeyType::kObject};
  }
  return keys;
}();

/// From names to places in kKeys.
inline constexpr json::NameTable<kKeyCount> kKeyTable([] {
  std::array<std::string_view, kKeyCount> names;
  for (std::size_t key = 0; key < kKeyCount; ++key) names[key] = kKeys[key].name;
  return names;
}());

/// A set of keys.
using KeySet = std::uint64_t;
[[nodiscard]] consteval KeySet key_set(auto... keys) { return ((KeySet{1} << keys) | ...); }

}  // namespace recant::decode
