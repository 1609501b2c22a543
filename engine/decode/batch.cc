#include "engine/decode/batch.h"

#include <array>

#include "engine/decode/fields.h"
#include "engine/decode/unknown.h"

namespace recant::decode {

// Any reason that is not in these lists still asks for a deletion, and gets one.
void set_tweet_reason(std::string_view reason, Event& event) {
  event.kind = EventKind::kTweetDelete;
  if (reason == "scrub_geo") event.kind = EventKind::kTweetScrubGeo;
  if (reason == "protected") event.why = Why::kProtected;
  if (reason == "suspended") event.why = Why::kSuspended;
  if (reason == "deactivated") event.why = Why::kDeactivated;
  if (event.why != Why::kNone) event.kind = EventKind::kTweetUnavailable;
}

void set_user_reason(std::string_view reason, Event& event) {
  event.kind = EventKind::kUserDelete;
  if (reason == "protected") event.kind = EventKind::kUserProtect;
  if (reason == "suspended") event.kind = EventKind::kUserSuspend;
}

Decoded<void> decode_batch_result(const Context& context, simdjson::dom::object result) {
  enum Slot : std::size_t { kIdStr, kId, kAction, kRedactedAt, kReason, kSlots };
  constexpr std::array<std::string_view, kSlots> kNames = {"id_str", "id", "action", "redacted_at",
                                                           "reason"};
  const FieldsOf<kSlots> fields(kNames, result);
  RECANT_ASSIGN(const Member action, fields.find({kAction}));
  std::string_view name;
  const bool is_delete = action && !action.value.get(name) && name == "delete";
  const BatchIds ids = context.options.batch_ids;
  // An unknown event says nothing of its ids, so none need be known to read it back from the log.
  if (ids == BatchIds::kUnsaid && (is_delete || !context.inside_unknown)) {
    return reject(
        "a batch result line: say what its ids are with --format batch-tweets|batch-users");
  }
  if (!is_delete) return append_unknown(context, {});
  RECANT_ASSIGN(const std::uint64_t id, fields.id({kIdStr, kId}));
  RECANT_ASSIGN(const Member reason_member, fields.find({kReason}));
  std::string_view reason;
  if (reason_member && reason_member.value.get(reason)) reason = {};
  RECANT_ASSIGN(const auto redacted_at, fields.time({kRedactedAt}));
  Event& event = append_event(context, EventKind::kUnknown);
  if (ids == BatchIds::kTweets) {
    event.tweet = id;
    set_tweet_reason(reason, event);
  } else {
    event.user = id;
    set_user_reason(reason, event);
  }
  // Permanent kinds too need a time here: a result is a snapshot, not known since ever.
  if (!redacted_at && !context.options.default_at) {
    return reject("no redacted_at (give a time with --default-at)");
  }
  event.at = redacted_at ? *redacted_at : *context.options.default_at;
  return {};
}

}  // namespace recant::decode
