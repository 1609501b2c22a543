#include "engine/decode/webhook.h"

#include <array>

#include "engine/decode/fields.h"
#include "engine/decode/tweet_object.h"

namespace recant::decode {
namespace {

Decoded<void> decode_item(const Context& context, simdjson::dom::element item) {
  enum Slot : std::size_t { kStatus, kEventAt, kTimestampMs, kTimestampMsCamel, kSlots };
  constexpr std::array<std::string_view, kSlots> kNames = {"status", "event_at", "timestamp_ms",
                                                           "timestampMs"};
  simdjson::dom::object object;
  if (item.get(object)) return reject("tweet_delete_events holds what is not an object");
  const FieldsOf<kSlots> fields(kNames, object);
  RECANT_ASSIGN(const auto status, fields.object({kStatus}));
  if (!status) return reject("tweet_delete_events holds an object without a status");
  Event& event = append_event(context, EventKind::kTweetDelete);
  RECANT_TRY(read_tweet_object(*status, event));
  RECANT_ASSIGN(const auto told, fields.time({kEventAt, kTimestampMs, kTimestampMsCamel}));
  RECANT_ASSIGN(event.at, time_of(context, event.kind, told));
  return {};
}

}  // namespace

Decoded<void> decode_webhook(const Context& context, simdjson::dom::element deletes) {
  simdjson::dom::array items;
  if (deletes.get(items)) return reject("tweet_delete_events is not an array");
  if (items.begin() == items.end()) return reject("tweet_delete_events is empty");
  for (const simdjson::dom::element item : items) RECANT_TRY(decode_item(context, item));
  return {};
}

}  // namespace recant::decode
