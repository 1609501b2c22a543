#include "recant/event.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace recant {
namespace {

constexpr std::array<std::string_view, kEventKindCount + 1> kKindNames = {
    "",
    "tweet_delete",
    "tweet_withheld",
    "tweet_drop",
    "tweet_undrop",
    "tweet_edit",
    "tweet_unavailable",
    "tweet_available",
    "tweet_scrub_geo",
    "user_delete",
    "user_undelete",
    "user_protect",
    "user_unprotect",
    "user_suspend",
    "user_unsuspend",
    "user_withheld",
    "user_profile_modification",
    "scrub_geo",
    "favorite_delete",
    "tweet_held",
    "tweet_released",
    "coverage",
    "loss",
    "unknown",
};

constexpr std::array<std::string_view, 6> kWhyNames = {"",          "deactivated", "not_found",
                                                       "protected", "removed",     "suspended"};

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '-' || c == ':' || c == '/';
}

// Names are stored and printed: a charset without spaces and quotes keeps text out of the log.
bool is_name(std::string_view text, std::size_t bytes_max) {
  return !text.empty() && text.size() <= bytes_max && std::ranges::all_of(text, is_name_char);
}

bool in_range(Time at) { return at >= 0 && at <= kTimeMax; }

bool is_country(Country code) {
  const auto letter = [](int c) { return c >= 'A' && c <= 'Z'; };
  return letter(code >> 8) && letter(code & 0xff);
}

std::optional<std::string> countries_malformed(const Payload& payload) {
  if (payload.countries.empty()) return "no country code";
  if (!std::ranges::all_of(payload.countries, is_country))
    return "a country code is not two letters";
  if (!std::ranges::is_sorted(payload.countries, std::ranges::less_equal{})) {
    return "country codes are not sorted and distinct";
  }
  return {};
}

std::optional<std::string> edit_malformed(const Payload& payload) {
  if (payload.initial_tweet == 0) return "no initial_tweet_id";
  if (payload.edit_tweets.empty()) return "no edit_tweet_ids";
  if (payload.edit_tweets.size() > kEditTweetsMax) {
    return fmt::format("more than {} edit_tweet_ids", kEditTweetsMax);
  }
  if (std::ranges::count(payload.edit_tweets, TweetId{0}) > 0) return "an edit_tweet_id is 0";
  return {};
}

std::optional<std::string> coverage_malformed(const Event& event) {
  const Payload& payload = event.payload.get();
  if (event.source.empty()) return "coverage without a source";
  if (!is_name(payload.partition, kPartitionBytesMax)) return "coverage without a partition";
  if (!in_range(payload.from) || !in_range(payload.to)) return "a time outside 1970 to 9999";
  if (payload.from > payload.to) return "coverage that ends before it begins";
  return {};
}

std::optional<std::string> payload_malformed(const Event& event) {
  const Payload& payload = event.payload.get();
  switch (event.kind) {
    case EventKind::kTweetWithheld:
    case EventKind::kUserWithheld:
      return countries_malformed(payload);
    case EventKind::kTweetEdit:
      return edit_malformed(payload);
    case EventKind::kTweetUnavailable:
      if (event.why == Why::kNone) return "no why";
      return {};
    case EventKind::kUserProfileModification:
      if (!is_name(payload.field, kFieldBytesMax)) return "profile_field is not a field's name";
      return {};
    case EventKind::kScrubGeo:
      if (payload.up_to_tweet == 0) return "no up_to_tweet_id";
      return {};
    case EventKind::kCoverage:
      return coverage_malformed(event);
    case EventKind::kLoss:
      if (payload.first == 0 || payload.last < payload.first) return "no range of sequences lost";
      return {};
    case EventKind::kUnknown:
      if (payload.raw.empty()) return "no raw line";
      if (payload.raw.size() > kRawBytesMax) return "an unknown event over 64 KiB";
      return {};
    default:
      return {};
  }
}

bool needs_tweet(EventKind kind) {
  switch (kind) {
    case EventKind::kTweetDelete:
    case EventKind::kTweetWithheld:
    case EventKind::kTweetDrop:
    case EventKind::kTweetUndrop:
    case EventKind::kTweetEdit:
    case EventKind::kTweetUnavailable:
    case EventKind::kTweetAvailable:
    case EventKind::kTweetScrubGeo:
    case EventKind::kFavoriteDelete:
    case EventKind::kTweetHeld:
    case EventKind::kTweetReleased:
      return true;
    default:
      return false;
  }
}

bool needs_user(EventKind kind) {
  switch (kind) {
    case EventKind::kUserDelete:
    case EventKind::kUserUndelete:
    case EventKind::kUserProtect:
    case EventKind::kUserUnprotect:
    case EventKind::kUserSuspend:
    case EventKind::kUserUnsuspend:
    case EventKind::kUserWithheld:
    case EventKind::kUserProfileModification:
    case EventKind::kScrubGeo:
    case EventKind::kFavoriteDelete:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::string country_name(Country code) {
  return {static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
}

std::string_view event_kind_name(EventKind kind) {
  return kKindNames.at(static_cast<std::size_t>(kind));
}

std::optional<EventKind> event_kind_from_name(std::string_view name) {
  for (std::size_t i = 1; i < kKindNames.size(); ++i) {
    if (kKindNames[i] == name) return static_cast<EventKind>(i);
  }
  return {};
}

bool is_permanent(EventKind kind) {
  switch (kind) {
    case EventKind::kTweetDelete:
    case EventKind::kTweetWithheld:
    case EventKind::kUserWithheld:
    case EventKind::kTweetEdit:
    case EventKind::kScrubGeo:
    case EventKind::kTweetScrubGeo:
    case EventKind::kFavoriteDelete:
      return true;
    default:
      return false;
  }
}

std::string_view why_name(Why why) { return kWhyNames.at(static_cast<std::size_t>(why)); }

std::optional<Why> why_from_name(std::string_view name) {
  for (std::size_t i = 1; i < kWhyNames.size(); ++i) {
    if (kWhyNames[i] == name) return static_cast<Why>(i);
  }
  return {};
}

const Payload& PayloadBox::get() const {
  static const Payload kEmpty;
  return payload_ ? *payload_ : kEmpty;
}

std::optional<std::string> why_malformed(const Event& event) {
  const auto kind = static_cast<std::size_t>(event.kind);
  if (kind == 0 || kind > kEventKindCount) return "no known kind";
  if (!in_range(event.at) || !in_range(event.received_at)) return "a time outside 1970 to 9999";
  if (needs_tweet(event.kind) && event.tweet == 0) return "no tweet id";
  if (needs_user(event.kind) && event.user == 0) return "no user id";
  if (!event.source.empty() && !is_name(event.source, kSourceBytesMax)) {
    return "source is not a name of up to 32 letters, digits and _.-:/";
  }
  return payload_malformed(event);
}

}  // namespace recant
