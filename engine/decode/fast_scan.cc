// FastLine, first half: the line's members, by their keys.
#include "engine/decode/fast_line.h"

namespace recant::decode {
namespace {

// Each set holds keys that the general decoder reads there, or that cannot change what it reads.
constexpr KeySet kObjectKeys = key_set(kKeyIdStr, kKeyId, kKeyTweetIdStr, kKeyTweetId,
                                       kKeyAuthorIdStr, kKeyAuthorId, kKeyUserIdStr, kKeyUserId);
constexpr KeySet kBodyKeys = key_set(
    kKeyTweet, kKeyStatus, kKeyFavorite, kKeyUser, kKeyEventAt, kKeyTimestampMs,
    kKeyTimestampMsCamel, kKeyIdStr, kKeyId, kKeyAuthorIdStr, kKeyAuthorId, kKeyUserIdStr,
    kKeyUserId, kKeyQuoteTweetIdStr, kKeyQuoteTweetId, kKeyInitialTweetIdStr, kKeyInitialTweetId,
    kKeyUpToTweetIdStr, kKeyUpToTweetId, kKeyUpToStatusIdStr, kKeyUpToStatusId, kKeyEditTweetIds,
    kKeyWithheldInCountries, kKeyProfileField, kKeyNewValue);
constexpr KeySet kCanonicalKeys =
    key_set(kKeySeq, kKeyEvent, kKeyAt, kKeyTweetId, kKeyAuthorId, kKeyUserId, kKeyQuoteTweetId,
            kKeyCountries, kKeyInitialTweetId, kKeyEditTweetIds, kKeyUpToTweetId, kKeyField,
            kKeyWhy, kKeyRetweetedId, kKeyRetweetedAuthorId, kKeyQuotedId, kKeyQuotedAuthorId,
            kKeyReceivedAt, kKeySource);
constexpr KeySet kBatchKeys =
    key_set(kKeyIdStr, kKeyId, kKeyAction, kKeyCreatedAt, kKeyRedactedAt, kKeyReason);

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char upper(char c) { return c >= 'a' ? static_cast<char>(c - ('a' - 'A')) : c; }

}  // namespace

bool FastLine::scan(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  kind_ = inner_ = kKeyCount;
  body_.seen = object_.seen = 0;
  in_ = Scanner(line);
  return scan_line() && in_.at_end();
}

// An envelope is told from a flat line by its first key.
bool FastLine::scan_line() {
  if (!in_.take('{')) return false;
  const Scanner members = in_;
  std::size_t key = in_.take_key();
  const bool wrapped = key == kKeyData;
  if (wrapped) {
    if (!in_.take('{')) return false;
    key = in_.take_key();
  }
  if (key >= kFirstKind && key < kKeyCount) {
    kind_ = key;
    return in_.take('{') && scan_members(body_, kBodyKeys) && in_.take('}') &&
           (!wrapped || in_.take('}'));
  }
  in_ = members;
  return !wrapped && scan_members(body_, kCanonicalKeys | kBatchKeys);
}

// The members and the brace behind them.
bool FastLine::scan_members(Object& object, KeySet allowed) {
  do {
    const std::size_t key = in_.take_key();
    if (key == kKeyCount) return false;
    const KeySet bit = KeySet{1} << key;
    if ((bit & allowed) == 0 || (bit & object.seen) != 0) return false;
    object.seen |= bit;
    if (!scan_value(object, key)) return false;
  } while (in_.take_comma());
  return in_.take('}');
}

bool FastLine::scan_value(Object& object, std::size_t key) {
  switch (kKeys[key].type) {
    case KeyType::kId:
      return in_.take_id(object.numbers[key]);
    case KeyType::kTime: {
      Time at = 0;
      if (!in_.take_time(at)) return false;
      object.numbers[key] = static_cast<std::uint64_t>(at);
      return true;
    }
    case KeyType::kText:
      return in_.take_text(object.texts[key]);
    case KeyType::kIds:
      return scan_ids();
    case KeyType::kCountries:
      return scan_countries();
    case KeyType::kObject:
      if (inner_ != kKeyCount) return false;
      inner_ = key;
      return in_.take('{') && scan_members(object_, kObjectKeys);
  }
  return false;
}

bool FastLine::scan_ids() {
  ids_.clear();
  if (!in_.take('[')) return false;
  do {
    if (!in_.take_id(ids_.emplace_back())) return false;
  } while (in_.take_comma() && ids_.size() < kEditTweetsMax);
  return in_.take(']');
}

bool FastLine::scan_countries() {
  countries_.clear();
  if (!in_.take('[')) return false;
  do {
    std::string_view code;
    if (!in_.take_text(code) || code.size() != 2) return false;
    if (!is_letter(code[0]) || !is_letter(code[1])) return false;
    countries_.push_back(country(upper(code[0]), upper(code[1])));
  } while (in_.take_comma());
  return in_.take(']');
}

}  // namespace recant::decode
