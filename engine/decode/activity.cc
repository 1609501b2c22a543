#include "engine/decode/activity.h"

#include <array>

#include "engine/decode/fields.h"
#include "recant/time.h"

namespace recant::decode {
namespace {

// `tag:search.twitter.com,2005:ID` and `id:twitter.com:UID`, or the digits alone.
Decoded<std::uint64_t> tagged_id(const Fields& fields, std::size_t slot) {
  RECANT_ASSIGN(const Member member, fields.find({slot}));
  std::string_view tag;
  if (!member || member.value.get(tag) || tag.find(':') == std::string_view::npos) {
    return fields.id({slot});
  }
  if (const auto id = parse_id(tag.substr(tag.rfind(':') + 1))) return *id;
  return reject("id does not end in an id from 1 to 2^64-1: " + quoted(tag));
}

}  // namespace

Decoded<void> decode_activity_delete(const Context& context, simdjson::dom::object activity) {
  enum Slot : std::size_t { kId, kActor, kPostedTime, kSlots };
  constexpr std::array<std::string_view, kSlots> kNames = {"id", "actor", "postedTime"};
  const FieldsOf<kSlots> fields(kNames, activity);
  Event& event = append_event(context, EventKind::kTweetDelete);
  RECANT_ASSIGN(event.tweet, tagged_id(fields, kId));
  RECANT_ASSIGN(const auto actor, fields.object({kActor}));
  if (actor) {
    constexpr std::array<std::string_view, 1> kActorNames = {"id"};
    RECANT_ASSIGN(event.author, tagged_id(FieldsOf<1>(kActorNames, *actor), 0));
  }
  RECANT_ASSIGN(const auto told, fields.time({kPostedTime}));
  RECANT_ASSIGN(event.at, time_of(context, event.kind, told));
  return {};
}

}  // namespace recant::decode
