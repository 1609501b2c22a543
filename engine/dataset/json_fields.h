// The keys that datasets are read by, found in one pass over a JSON object.
#pragma once

#include <simdjson.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
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

/// The fields of one object. Points into the parsed document.
class Fields {
 public:
  explicit Fields(simdjson::dom::object object);

  /// The key is there, with whatever value.
  [[nodiscard]] bool has(Key key) const { return counts_[index(key)] > 0; }
  [[nodiscard]] bool has_any(Key first, Key last) const;
  /// The key is there and its value is an object.
  [[nodiscard]] bool has_object(Key key) const;
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
  static std::size_t index(Key key) { return static_cast<std::size_t>(key); }

  std::array<simdjson::dom::element, kKeyCount> values_;
  std::array<std::uint8_t, kKeyCount> counts_{};  // two stands for more
  std::size_t size_ = 0;                          // of the object
  std::size_t known_ = 0;                         // keys of it that are above
  simdjson::dom::element first_;
};

/// The id that a JSON value is: decimal digits in a string, or an integer. `name` is for the
/// reason.
[[nodiscard]] Read<std::uint64_t> id_value(simdjson::dom::element value, std::string_view name);

}  // namespace recant::dataset
