#include "engine/decode/envelope.h"

#include <fmt/format.h>

#include <array>
#include <bit>

#include "engine/decode/fields.h"
#include "engine/decode/kinds.h"

namespace recant::decode {
namespace {

constexpr std::size_t kWithheld = 1;
constexpr std::size_t kIdStr = kKinds.size();
constexpr std::size_t kId = kKinds.size() + 1;
constexpr std::uint32_t kKindBits = (1U << kKinds.size()) - 1;

constexpr auto kNames = [] {
  std::array<std::string_view, kKinds.size() + 2> names;
  for (std::size_t i = 0; i < kKinds.size(); ++i) names[i] = kKinds[i].name;
  names[kIdStr] = "id_str";
  names[kId] = "id";
  return names;
}();

// v2 tweets and users have a field `withheld` of their own, beside their id; the event's object is
// told from it by what it names.
bool is_field_of_a_tweet(const Fields& holder, const Member& withheld) {
  if (!holder.has(kIdStr) && !holder.has(kId)) return false;
  simdjson::dom::object body;
  if (withheld.value.get(body)) return true;
  constexpr std::array<std::string_view, 3> kEventNames = {"tweet", "status",
                                                           "withheld_in_countries"};
  return FieldsOf<3>(kEventNames, body).present() == 0;
}

}  // namespace

Decoded<std::optional<KindBody>> find_kind(simdjson::dom::object holder) {
  const FieldsOf<kNames.size()> fields(kNames, holder);
  std::optional<KindBody> found;
  std::string_view null_kind;
  for (std::uint32_t bits = fields.present() & kKindBits; bits != 0; bits &= bits - 1) {
    const auto slot = static_cast<std::size_t>(std::countr_zero(bits));
    RECANT_ASSIGN(const Member member, fields.find({slot}));
    if (!member) {
      null_kind = kNames[slot];
      continue;
    }
    if (slot == kWithheld && is_field_of_a_tweet(fields, member)) continue;
    if (found) {
      return reject(fmt::format("two kinds in one envelope: {} and {}", found->name, member.name));
    }
    found = KindBody{member.name, kKinds[slot].kind, {}};
    if (member.value.get(found->body)) {
      return reject(fmt::format("{} is not an object", member.name));
    }
  }
  const bool tweet = fields.has(kIdStr) || fields.has(kId);
  if (!found && !null_kind.empty() && !tweet) {
    return reject(fmt::format("{} is not an object", null_kind));
  }
  return found;
}

Decoded<void> decode_kind(const Context& context, const KindBody& kind) {
  switch (kind.kind) {
    case EventKind::kTweetDelete:
    case EventKind::kTweetWithheld:
    case EventKind::kTweetDrop:
    case EventKind::kTweetUndrop:
    case EventKind::kTweetEdit:
      return decode_tweet_kind(context, kind);
    default:
      return decode_user_kind(context, kind);
  }
}

}  // namespace recant::decode
