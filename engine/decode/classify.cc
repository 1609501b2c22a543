#include "engine/decode/classify.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "engine/decode/fields.h"

namespace recant::decode {
namespace {

enum Slot : std::size_t {
  kIdStr,
  kId,
  kAction,
  kVerb,
  kActor,
  kObjectType,
  kData,
  kMeta,
  kIncludes,
  kTitle,
  kType,
  // Members that only tweets have beside an id.
  kUser,
  kText,
  kFullText,
  kAuthorId,
  kEditHistory,
  kEditHistoryTweetIds,
  kEditHistoryPostIds,
  // Members that make a notice.
  kErrors,
  kError,
  kInfo,
  kWarning,
  kLimit,
  kDisconnect,
  kSlots,
};
constexpr std::array<std::string_view, kSlots> kNames = {
    "id_str",
    "id",
    "action",
    "verb",
    "actor",
    "objectType",
    "data",
    "meta",
    "includes",
    "title",
    "type",
    "user",
    "text",
    "full_text",
    "author_id",
    "edit_history",
    "edit_history_tweet_ids",
    "edit_history_post_ids",
    "errors",
    "error",
    "info",
    "warning",
    "limit",
    "disconnect",
};
using RootFields = FieldsOf<kSlots>;

bool has_any(const Fields& fields, std::size_t first, std::size_t last) {
  for (std::size_t slot = first; slot <= last; ++slot) {
    if (fields.has(slot)) return true;
  }
  return false;
}

// Values are only compared here; a member given twice is its decoder's to reject.
std::optional<simdjson::dom::element> value_of(const Fields& fields, std::size_t slot) {
  const auto member = fields.find({slot});
  if (!member || !*member) return {};
  return member->value;
}

bool text_is(const Fields& fields, std::size_t slot, std::string_view expected) {
  const auto value = value_of(fields, slot);
  std::string_view text;
  return value && !value->get(text) && text == expected;
}

bool is_number_or_digits(std::optional<simdjson::dom::element> id) {
  if (!id) return false;
  std::string_view text;
  if (id->get(text)) return id->is_number();
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// The value of the only member, if it is an object.
std::optional<simdjson::dom::object> only_object(simdjson::dom::object object) {
  simdjson::dom::object body;
  auto field = object.begin();
  if (field == object.end() || field.value().get(body)) return {};
  if (++field != object.end()) return {};
  return body;
}

// The data of a page of tweets or users, or of a lookup of one.
bool is_page_data(simdjson::dom::element data) {
  if (data.is_array()) return true;
  simdjson::dom::object object;
  constexpr std::array<std::string_view, 2> kIdNames = {"id_str", "id"};
  return !data.get(object) && has_any(FieldsOf<2>(kIdNames, object), 0, 1);
}

bool is_notice(const Fields& fields) {
  return has_any(fields, kErrors, kDisconnect) || (fields.has(kTitle) && fields.has(kType));
}

}  // namespace

Decoded<Classified> classify(simdjson::dom::object root) {
  const RootFields fields(kNames, root);
  const bool has_id = fields.has(kIdStr) || fields.has(kId);
  if (has_id && fields.has(kAction)) return Classified{Shape::kBatchResult, {}};
  RECANT_TRY(fields.find({kVerb}));
  if (text_is(fields, kVerb, "delete")) return Classified{Shape::kActivityDelete, {}};
  if (fields.has(kVerb) && fields.has(kActor)) return Classified{Shape::kDataset, {}};
  if (text_is(fields, kObjectType, "activity")) return Classified{Shape::kDataset, {}};
  if (has_id && has_any(fields, kUser, kEditHistoryPostIds)) return Classified{Shape::kDataset, {}};

  const auto data = value_of(fields, kData);
  if (data && is_page_data(*data)) return Classified{Shape::kDataset, {}};
  simdjson::dom::object data_object;
  if (data && !data->get(data_object)) {
    // Before the notices: an event beside a partial error is still an event.
    if (const auto body = only_object(data_object)) return Classified{Shape::kUnknown, body};
  }
  if (is_notice(fields)) return Classified{Shape::kNotice, {}};
  if (data) return Classified{};
  // A page without data is told by what pages alone have.
  if (fields.has(kMeta) || fields.has(kIncludes)) return Classified{Shape::kDataset, {}};
  if (is_number_or_digits(value_of(fields, kIdStr)) || is_number_or_digits(value_of(fields, kId))) {
    return Classified{Shape::kDataset, {}};
  }
  if (const auto body = only_object(root)) return Classified{Shape::kUnknown, body};
  return Classified{};
}

}  // namespace recant::decode
