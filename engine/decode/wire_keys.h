// The keys of the lines that FastLine reads, as numbers: found by a perfect hash of the first eight
// characters and the length, so that a key costs a few nanoseconds.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "engine/decode/kinds.h"

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

/// The first bytes of a name as a number, zeros after its end.
[[nodiscard]] constexpr std::uint64_t name_head(std::string_view name) {
  std::uint64_t head = 0;
  for (std::size_t i = std::min<std::size_t>(name.size(), 8); i-- > 0;) {
    head = head << 8 | static_cast<unsigned char>(name[i]);
  }
  return head;
}

/// From names to places in kKeys.
class KeyTable {
 public:
  consteval KeyTable() {
    while (!fill()) factor_ += 2;
  }
  /// kKeyCount for a name that is not known. `head` is name_head(name).
  [[nodiscard]] std::size_t find(std::uint64_t head, std::string_view name) const {
    const std::size_t key = slots_[slot(head, name.size())];
    if (key == kKeyCount || heads_[key] != head) return kKeyCount;
    const std::string_view known = kKeys[key].name;
    if (known.size() != name.size()) return kKeyCount;
    if (known.size() > 8 && std::memcmp(known.data() + 8, name.data() + 8, name.size() - 8) != 0) {
      return kKeyCount;
    }
    return key;
  }

 private:
  static constexpr unsigned kSlotBits = 9;

  [[nodiscard]] constexpr std::size_t slot(std::uint64_t head, std::size_t size) const {
    return (head + size) * factor_ >> (64 - kSlotBits);
  }
  // False where two names share a slot.
  consteval bool fill() {
    slots_.fill(kKeyCount);
    for (std::size_t key = 0; key < kKeyCount; ++key) {
      heads_[key] = name_head(kKeys[key].name);
      std::uint8_t& place = slots_[slot(heads_[key], kKeys[key].name.size())];
      if (place != kKeyCount) return false;
      place = static_cast<std::uint8_t>(key);
    }
    return true;
  }

  std::uint64_t factor_ = 0x9E3779B97F4A7C15U;
  std::array<std::uint64_t, kKeyCount> heads_{};
  std::array<std::uint8_t, std::size_t{1} << kSlotBits> slots_{};
};
inline constexpr KeyTable kKeyTable;

/// A set of keys.
using KeySet = std::uint64_t;
[[nodiscard]] consteval KeySet key_set(auto... keys) { return ((KeySet{1} << keys) | ...); }

}  // namespace recant::decode
