// Events about one user: the v2 users stream (a `user` object) and the firehose (flat).
#include <array>

#include "engine/decode/envelope.h"
#include "engine/decode/fields.h"

namespace recant::decode {
namespace {

enum Slot : std::size_t {
  kUser,
  kEventAt,
  kTimestampMs,
  kTimestampMsCamel,
  kIdStr,
  kId,
  kUserIdStr,
  kUserId,
  kUpToTweetIdStr,
  kUpToTweetId,
  kUpToStatusIdStr,
  kUpToStatusId,
  kCountries,
  kProfileField,
  kSlots,
};
constexpr std::array<std::string_view, kSlots> kNames = {
    "user",
    "event_at",
    "timestamp_ms",
    "timestampMs",
    "id_str",
    "id",
    "user_id_str",
    "user_id",
    "up_to_tweet_id_str",
    "up_to_tweet_id",
    "up_to_status_id_str",
    "up_to_status_id",
    "withheld_in_countries",
    "profile_field",
};

Decoded<UserId> read_user(const Fields& fields, EventKind kind) {
  RECANT_ASSIGN(const auto user, fields.object({kUser}));
  if (user) {
    constexpr std::array<std::string_view, 2> kUserNames = {"id_str", "id"};
    return FieldsOf<2>(kUserNames, *user).id({0, 1});
  }
  // A flat scrub_geo has no id of its own: what `id` would mean there is not said anywhere.
  if (kind == EventKind::kScrubGeo) return fields.id({kUserIdStr, kUserId});
  return fields.id({kIdStr, kId, kUserIdStr, kUserId});
}

Decoded<void> read_payload(const Fields& fields, Event& event) {
  switch (event.kind) {
    case EventKind::kUserWithheld: {
      RECANT_ASSIGN(event.payload.make().countries, fields.countries(kCountries));
      return {};
    }
    case EventKind::kScrubGeo: {
      RECANT_ASSIGN(event.payload.make().up_to_tweet,
                    fields.id({kUpToTweetIdStr, kUpToTweetId, kUpToStatusIdStr, kUpToStatusId}));
      return {};
    }
    case EventKind::kUserProfileModification: {
      RECANT_ASSIGN(const auto field, fields.text(kProfileField));
      if (field) event.payload.make().field = *field;
      return {};
    }
    default:
      return {};
  }
}

}  // namespace

Decoded<void> decode_user_kind(const Context& context, const KindBody& kind) {
  const FieldsOf<kSlots> fields(kNames, kind.body);
  Event& event = append_event(context, kind.kind);
  RECANT_ASSIGN(event.user, read_user(fields, kind.kind));
  RECANT_ASSIGN(const auto told, fields.time({kEventAt, kTimestampMs, kTimestampMsCamel}));
  RECANT_ASSIGN(event.at, time_of(context, event.kind, told));
  return read_payload(fields, event);
}

}  // namespace recant::decode
