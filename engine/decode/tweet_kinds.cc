// Events about one tweet, in the shapes of the v2 tweets stream (`tweet`), the likes stream
// (`favorite`), the firehose and the standard stream (`status`, `favorite`, or flat).
#include <array>

#include "engine/decode/envelope.h"
#include "engine/decode/fields.h"
#include "engine/decode/tweet_object.h"
#include "engine/decode/unknown.h"

namespace recant::decode {
namespace {

enum Slot : std::size_t {
  kTweet,
  kStatus,
  kFavorite,
  kEventAt,
  kTimestampMs,
  kTimestampMsCamel,
  kIdStr,
  kId,
  kAuthorIdStr,
  kAuthorId,
  kUserIdStr,
  kUserId,
  kQuoteTweetIdStr,
  kQuoteTweetId,
  kCountries,
  kInitialTweetIdStr,
  kInitialTweetId,
  kEditTweetIds,
  kSlots,
};
constexpr std::array<std::string_view, kSlots> kNames = {
    "tweet",
    "status",
    "favorite",
    "event_at",
    "timestamp_ms",
    "timestampMs",
    "id_str",
    "id",
    "author_id_str",
    "author_id",
    "user_id_str",
    "user_id",
    "quote_tweet_id_str",
    "quote_tweet_id",
    "withheld_in_countries",
    "initial_tweet_id_str",
    "initial_tweet_id",
    "edit_tweet_ids",
};
using BodyFields = FieldsOf<kSlots>;

Decoded<void> read_at(const Context& context, const Fields& fields, Event& event) {
  RECANT_ASSIGN(const auto told, fields.time({kEventAt, kTimestampMs, kTimestampMsCamel}));
  RECANT_ASSIGN(event.at, time_of(context, event.kind, told));
  return {};
}

// The tweet's id and author: in the object `tweet` or `status`, or flat where the wire has that.
Decoded<void> read_tweet(const Fields& fields, Event& event) {
  RECANT_ASSIGN(const auto tweet, fields.object({kTweet}));
  RECANT_ASSIGN(const auto status, fields.object({kStatus}));
  if (tweet && status) return reject("both a tweet and a status");
  if (tweet || status) return read_tweet_object(tweet ? *tweet : *status, event);
  if (event.kind != EventKind::kTweetWithheld && event.kind != EventKind::kTweetEdit) return {};
  RECANT_ASSIGN(event.tweet, fields.id({kIdStr, kId}));
  return {};
}

// An edit's tweet object has no author; both envelopes may have one beside it.
Decoded<void> read_flat_author(const Fields& fields, Event& event) {
  if (event.author != 0) return {};
  if (event.kind != EventKind::kTweetWithheld && event.kind != EventKind::kTweetEdit) return {};
  RECANT_ASSIGN(event.author, fields.id({kAuthorIdStr, kAuthorId, kUserIdStr, kUserId}));
  return {};
}

Decoded<void> decode_favorite(const Context& context, const Fields& fields,
                              simdjson::dom::object favorite) {
  constexpr std::array<std::string_view, 6> kFavoriteNames = {
      "tweet_id_str", "tweet_id", "id_str", "id", "user_id_str", "user_id"};
  const FieldsOf<6> liked(kFavoriteNames, favorite);
  Event& event = append_event(context, EventKind::kFavoriteDelete);
  RECANT_ASSIGN(event.tweet, liked.id({0, 1, 2, 3}));
  RECANT_ASSIGN(event.user, liked.id({4, 5}));
  return read_at(context, fields, event);
}

Decoded<void> read_edit(const Fields& fields, Event& event) {
  Payload& payload = event.payload.make();
  RECANT_ASSIGN(payload.initial_tweet, fields.id({kInitialTweetIdStr, kInitialTweetId}));
  RECANT_ASSIGN(payload.edit_tweets, fields.ids(kEditTweetIds));
  return {};
}

}  // namespace

Decoded<void> read_tweet_object(simdjson::dom::object tweet, Event& event) {
  constexpr std::array<std::string_view, 6> kTweetNames = {
      "id_str", "id", "author_id_str", "author_id", "user_id_str", "user_id"};
  const FieldsOf<6> fields(kTweetNames, tweet);
  RECANT_ASSIGN(event.tweet, fields.id({0, 1}));
  RECANT_ASSIGN(event.author, fields.id({2, 3, 4, 5}));
  return {};
}

Decoded<void> decode_tweet_kind(const Context& context, const KindBody& kind) {
  const BodyFields fields(kNames, kind.body);
  if (kind.kind == EventKind::kTweetDelete) {
    RECANT_ASSIGN(const auto favorite, fields.object({kFavorite}));
    const bool of_tweet = fields.has(kTweet) || fields.has(kStatus);
    if (favorite && of_tweet) return reject("delete of both a tweet and a favorite");
    if (favorite) return decode_favorite(context, fields, *favorite);
    if (!of_tweet) return append_unknown(context, kind.body);
  }
  Event& event = append_event(context, kind.kind);
  RECANT_TRY(read_tweet(fields, event));
  RECANT_TRY(read_flat_author(fields, event));
  RECANT_TRY(read_at(context, fields, event));
  if (kind.kind == EventKind::kTweetEdit) return read_edit(fields, event);
  RECANT_ASSIGN(event.quote_tweet, fields.id({kQuoteTweetIdStr, kQuoteTweetId}));
  if (kind.kind == EventKind::kTweetWithheld) {
    RECANT_ASSIGN(event.payload.make().countries, fields.countries(kCountries));
  }
  return {};
}

}  // namespace recant::decode
