#include "engine/dataset/outline_walk.h"

#include <optional>
#include <string>

#include "recant/time.h"

namespace recant::dataset {

namespace ondemand = simdjson::ondemand;
using enum OutlineKey;
using simdjson::SUCCESS;

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace

bool OutlineWalk::run(ondemand::parser& parser) {
  ondemand::document document;
  const simdjson::padded_string_view padded(text_, text_.size() + simdjson::SIMDJSON_PADDING);
  if (parser.iterate(padded).get(document) != SUCCESS) return false;
  const Span all{.begin = 0, .end = static_cast<std::uint32_t>(text_.size())};
  out_.array = text_.starts_with('[');
  if (!out_.array) {
    Object object;
    return items_.size() == 1 && document.get_object().get(object) == SUCCESS &&
           element(object, all, items_.front()) == SUCCESS;
  }
  Array array;
  if (document.get_array().get(array) != SUCCESS) return false;
  for (auto result : array) {
    Value value;
    Object object;
    std::string_view bytes;
    if (element_ == items_.size() || std::move(result).get(value) != SUCCESS ||
        value.get_object().get(object) != SUCCESS || object.raw_json().get(bytes) != SUCCESS ||
        object.reset().error() != SUCCESS) {
      return false;
    }
    if (element(object, span_of(bytes), items_[element_]) != SUCCESS) return false;
    ++element_;
  }
  return element_ == items_.size();
}

Span OutlineWalk::span_of(std::string_view raw) const {
  while (!raw.empty() && is_space(raw.back())) raw.remove_suffix(1);
  const std::uint32_t begin = offset(raw.data());
  return {.begin = begin, .end = begin + static_cast<std::uint32_t>(raw.size())};
}

OutlineWalk::Status OutlineWalk::raw(Value& value, std::string_view& out) const {
  ondemand::json_type type{};
  OUTLINE_TRY(value.type().get(type));
  if (type == ondemand::json_type::object) {
    Object object;
    OUTLINE_TRY(value.get_object().get(object));
    return object.raw_json().get(out);
  }
  if (type == ondemand::json_type::array) {
    Array array;
    OUTLINE_TRY(value.get_array().get(array));
    return array.raw_json().get(out);
  }
  out = value.raw_json_token();
  return SUCCESS;
}

OutlineWalk::Status OutlineWalk::token(Value& value, std::string& memory, std::string_view& out) {
  out = {};
  ondemand::json_type type{};
  OUTLINE_TRY(value.type().get(type));
  if (type == ondemand::json_type::object || type == ondemand::json_type::array) return SUCCESS;
  std::string_view text = value.raw_json_token();
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  if (text == "null") return SUCCESS;
  if (text.starts_with('"')) text = text.substr(1, text.size() - 2);
  out = text;
  if (text.find('\\') == std::string_view::npos) return SUCCESS;
  memory = without_escapes(text);
  out = memory;
  return SUCCESS;
}

// Plain, or as the last part of an activity's tag.
OutlineWalk::Status OutlineWalk::id(Value& value, std::uint64_t& out) {
  std::string memory;
  std::string_view text;
  OUTLINE_TRY(token(value, memory, text));
  out = parse_id(text.substr(text.rfind(':') + 1)).value_or(0);
  return SUCCESS;
}

std::uint32_t OutlineWalk::add_place(Role role, std::uint32_t parent, Span member, Span object) {
  const auto index = static_cast<std::uint32_t>(out_.places.size());
  Place& place = out_.places.emplace_back();
  place.role = role;
  place.parent = parent;
  place.root = index;
  place.element = element_;
  place.member = member;
  place.object = object;
  if (parent != Place::kNoParent) {
    place.root = out_.places[parent].root;
    Place& root = out_.places[place.root];
    (root.last == Place::kNoParent ? root : out_.places[root.last]).next = index;
    root.last = index;
  }
  return index;
}

OutlineWalk::Status OutlineWalk::element(Object& object, Span member, std::uint32_t items) {
  out_.elements.push_back({.member = member,
                           .items = items,
                           .place_begin = static_cast<std::uint32_t>(out_.places.size()),
                           .include_begin = static_cast<std::uint32_t>(out_.includes.size())});
  const std::uint32_t root = add_place(Role::kItem, Place::kNoParent, member, member);
  Seen seen;
  OUTLINE_TRY(item(object, root, /*is_element=*/true, seen));
  Element& all = out_.elements.back();
  all.place_end = static_cast<std::uint32_t>(out_.places.size());
  all.include_end = static_cast<std::uint32_t>(out_.includes.size());
  all.page = seen.page_data && !seen.has_id && items > 0;
  // What only looked like an item is none: the page itself, or the data of a tweet.
  std::uint32_t found = 0;
  for (std::uint32_t i = root; i < out_.places.size(); ++i) {
    Place& place = out_.places[i];
    if (place.role == Role::kNone) continue;
    if (place.parent != Place::kNoParent) {
      if (out_.places[place.parent].role == Role::kNone) place.role = Role::kNone;
    } else if (place.role == Role::kItem && (items == 0 || all.page == (i == root))) {
      place.role = Role::kNone;
    }
    if (place.role == Role::kItem) ++found;
  }
  return found == items ? SUCCESS : simdjson::INCORRECT_TYPE;
}

OutlineWalk::Status OutlineWalk::item(Object& object, std::uint32_t place, bool is_element,
                                      Seen& seen) {
  const std::size_t parts_begin = out_.parts.size();
  OUTLINE_TRY(each_member(object, [&](Member member, Value& value) -> Status {
    if (is_element && member.key == kData) return data(value, seen);
    if (is_element && member.key == kIncludes) return includes(value);
    if (type_ == ItemType::kTweet) return tweet_member(member, value, place, seen);
    if (type_ == ItemType::kUser) return user_member(member, value, place, seen);
    if (member.key != kTweetOfLike && member.key != kTweetOfUser) return SUCCESS;
    return embedded(member, value, Role::kOther, place);
  }));
  if (type_ == ItemType::kTweet) finish_tweet(place, parts_begin, seen);
  if (type_ == ItemType::kUser) set_author(place + 1, place, seen.own_id());
  return SUCCESS;
}

OutlineWalk::Status OutlineWalk::data(Value& value, Seen& seen) {
  ondemand::json_type type{};
  OUTLINE_TRY(value.type().get(type));
  seen.page_data = type != ondemand::json_type::null;
  return each_span(value, [this](Object& object, Span span) -> Status {
    Seen inner;
    return item(object, add_place(Role::kItem, Place::kNoParent, span, span),
                /*is_element=*/false, inner);
  });
}

OutlineWalk::Status OutlineWalk::includes(Value& value) {
  return each_object(value, [this](Object& object) -> Status {
    return each_member(object, [this](Member member, Value& list) -> Status {
      const std::string key = member.name.find('\\') == std::string_view::npos
                                  ? std::string(member.name)
                                  : without_escapes(member.name);
      if (key == "tweets" || key == "posts") {
        return each_span(
            list, [this](Object& one, Span span) -> Status { return included_tweet(one, span); });
      }
      using enum Include::Kind;
      std::optional<Include::Kind> kind;
      if (key == "users") kind = kUser;
      if (key == "places") kind = kPlace;
      if (key == "media") kind = kMedia;
      if (key == "polls") kind = kPoll;
      if (!kind) return SUCCESS;
      return each_span(list, [&](Object&, Span span) -> Status {
        out_.includes.push_back({.kind = *kind, .member = span});
        return SUCCESS;
      });
    });
  });
}

OutlineWalk::Status OutlineWalk::included_tweet(Object& object, Span member) {
  return tweet(object, add_place(Role::kIncluded, Place::kNoParent, member, member));
}

}  // namespace recant::dataset
