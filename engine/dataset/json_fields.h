// The keys that datasets are read by, found in one pass over a JSON object.
#pragma once

#include <simdjson.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace recant::dataset {

/// A value, or why the line is rejected, in one clause.
template <class T>
using Read = std::expected<T, std::string>;

/// In the order of kKeyNames.
enum class Key : std::uint8_t {
  // Event kinds: an object under one of them is an event envelope.
  kDelete,
  kWithheld,
  kDrop,
  kUndrop,
  kTweetEdit,
  kUserDelete,
  kUserUndelete,
  kUserProtect,
  kUserUnprotect,
  kUserSuspend,
  kUserUnsuspend,
  kUserWithheld,
  kScrubGeo,
  kUserProfileModification,
  kStatusWithheld,
  // Notices and parts of pages: without an id beside them there is no item.
  kErrors,
  kError,
  kInfo,
  kWarning,
  kLimit,
  kDisconnect,
  kIncludes,
  kMeta,
  // What only a tweet has.
  kText,
  kFullText,
  kAuthorId,
  kUser,
  kRetweetedStatus,
  kQuotedStatus,
  kQuotedStatusId,
  kQuotedStatusIdStr,
  kReferencedTweets,
  kReferencedPosts,
  kEditHistory,
  kEditHistoryTweetIds,
  kEditHistoryPostIds,
  kConversationId,
  // The rest.
  kId,
  kIdStr,
  kAuthor,
  kData,
  kTweets,
  kPosts,
  kVerb,
  kObjectType,
  kActor,
  kObject,
  kTwitterQuotedStatus,
  kInitialTweetId,
  kEditTweetIds,
  kType,
  kTitle,
  kTweetId,
  kTweetIdStr,
  kUserId,
  kUserIdStr,
  kScreenName,
  kUsername,
  kTweetDeleteEvents,
  kEvent,
  kAt,
  kSeq,
  kAction,
  kReason,
  kRedactedAt,
};
inline constexpr std::size_t kKeyCount = 65;
[[nodiscard]] std::string_view key_name(Key key);

/// Some of the keys, as bits: most questions are whether any of several is there.
class KeySet {
 public:
  constexpr KeySet() = default;
  constexpr KeySet(std::initializer_list<Key> keys) {
    for (const Key key : keys) add(key);
  }
  /// From `first` to `last`, both of them too.
  [[nodiscard]] static constexpr KeySet range(Key first, Key last) {
    KeySet all;
    for (auto key = static_cast<std::size_t>(first); key <= static_cast<std::size_t>(last); ++key) {
      all.add(static_cast<Key>(key));
    }
    return all;
  }
  constexpr void add(Key key) { words_[word(key)] |= bit(key); }
  [[nodiscard]] constexpr bool has(Key key) const { return (words_[word(key)] & bit(key)) != 0; }
  [[nodiscard]] constexpr bool has_any(const KeySet& keys) const {
    return ((words_[0] & keys.words_[0]) | (words_[1] & keys.words_[1])) != 0;
  }

 private:
  static_assert(kKeyCount <= 128);
  static constexpr std::size_t word(Key key) { return static_cast<std::size_t>(key) / 64; }
  static constexpr std::uint64_t bit(Key key) {
    return std::uint64_t{1} << (static_cast<std::size_t>(key) % 64);
  }

  std::array<std::uint64_t, 2> words_{};
};

/// The fields of one object. Points into the parsed document.
class Fields {
 public:
  explicit Fields(simdjson::dom::object object);

  /// The key is there, with whatever value.
  [[nodiscard]] bool has(Key key) const { return there_.has(key); }
  [[nodiscard]] bool has_any(const KeySet& keys) const { return there_.has_any(keys); }
  /// The key is there and its value is an object.
  [[nodiscard]] bool has_object(Key key) const { return has(key) && value(key).is_object(); }
  /// The value; nothing where it is absent or null. Fails where the key is given twice.
  [[nodiscard]] Read<std::optional<simdjson::dom::element>> get(Key key) const;
  /// As get; fails also where the value is of another type.
  [[nodiscard]] Read<std::optional<simdjson::dom::object>> get_object(Key key) const;
  [[nodiscard]] Read<std::optional<simdjson::dom::array>> get_array(Key key) const;
  [[nodiscard]] Read<std::string_view> get_string(Key key) const;  ///< empty where absent
  /// The id under `string_form` if that is there and not null, else under `key`; 0 where absent.
  [[nodiscard]] Read<std::uint64_t> get_id(Key string_form, Key key) const;
  [[nodiscard]] Read<std::uint64_t> get_id(Key key) const { return get_id(key, key); }

  /// The object's only value, if it has one key, none of the above, and that holds an object.
  [[nodiscard]] std::optional<simdjson::dom::object> only_unknown_object() const;

 private:
  [[nodiscard]] simdjson::dom::element value(Key key) const {
    return values_[static_cast<std::size_t>(key)];
  }

  KeySet there_;
  KeySet twice_;           // or more often
  std::size_t size_ = 0;   // of the object
  std::size_t known_ = 0;  // keys of it that are above
  simdjson::dom::element first_;
  // Only those of keys that are there: to clear a kilobyte for each object of a line takes longer
  // than to find its keys.
  union {
    std::array<simdjson::dom::element, kKeyCount> values_;
  };
};

/// As Fields(object).get_id(Key::kIdStr, Key::kId), for an object of which nothing else is read.
[[nodiscard]] Read<std::uint64_t> own_id(simdjson::dom::object object);

/// The id that a JSON value is: decimal digits in a string, or an integer. `name` is for the
/// reason.
[[nodiscard]] Read<std::uint64_t> id_value(simdjson::dom::element value, std::string_view name);

}  // namespace recant::dataset
