#include "engine/dataset/lone_tweet.h"

#include "engine/dataset/outline_keys.h"

namespace recant::dataset {
namespace {

// A user may show a tweet of its own.
bool shows_no_tweet(simdjson::dom::element user) {
  simdjson::dom::object object;
  if (user.get(object) != simdjson::SUCCESS) return false;
  for (const auto field : object) {
    if (outline_key_named(field.key) == OutlineKey::kTweetOfUser) return false;
  }
  return true;
}

bool holds_no_tweet(OutlineKey key, simdjson::dom::element value) {
  using enum OutlineKey;
  switch (key) {
    case kUnknown:
    case kId:
    case kIdStr:
    case kAuthorId:
    case kGeo:
    case kToldQuoted:
    case kToldQuotedStr:
    case kHistory:
    case kHistoryIds:
      return true;
    case kUser:
      return shows_no_tweet(value);
    default:
      return false;
  }
}

}  // namespace

bool shows_one_tweet(simdjson::dom::object tweet) {
  for (const auto field : tweet) {
    if (!holds_no_tweet(outline_key_named(field.key), field.value)) return false;
  }
  return true;
}

}  // namespace recant::dataset
