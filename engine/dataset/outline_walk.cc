#include "engine/dataset/outline_walk.h"

#include <algorithm>
#include <string>

#include "recant/time.h"

// As RECANT_TRY, for simdjson's codes.
#define OUTLINE_TRY(expression)                                                        \
  do {                                                                                 \
    if (const simdjson::error_code outline_error = (expression)) return outline_error; \
  } while (false)

namespace recant::dataset {

namespace ondemand = simdjson::ondemand;
using enum OutlineKey;
using simdjson::SUCCESS;

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// The bytes between the quotes of the string that begins at `begin`, the first of them.
std::string_view string_at(const char* begin) {
  const char* end = begin;
  while (*end != '"') end += *end == '\\' ? 2 : 1;
  return {begin, static_cast<std::size_t>(end - begin)};
}

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

OutlineWalk::Status OutlineWalk::token(Value& value, std::string& out) {
  out.clear();
  ondemand::json_type type{};
  OUTLINE_TRY(value.type().get(type));
  if (type == ondemand::json_type::object || type == ondemand::json_type::array) return SUCCESS;
  std::string_view text = value.raw_json_token();
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  if (text == "null") return SUCCESS;
  if (text.starts_with('"')) text = text.substr(1, text.size() - 2);
  out = text.find('\\') == std::string_view::npos ? std::string(text) : without_escapes(text);
  return SUCCESS;
}

// Plain, or as the last part of an activity's tag.
OutlineWalk::Status OutlineWalk::id(Value& value, std::uint64_t& out) {
  std::string text;
  OUTLINE_TRY(token(value, text));
  out = parse_id(std::string_view(text).substr(text.rfind(':') + 1)).value_or(0);
  return SUCCESS;
}

template <class Take>
OutlineWalk::Status OutlineWalk::each_member(Object& object, Take take) {
  for (auto result : object) {
    ondemand::field field;
    OUTLINE_TRY(std::move(result).get(field));
    const char* const key = field.key().raw();
    Value value = field.value();
    OUTLINE_TRY(take(Member{.key = outline_key(string_at(key)), .begin = offset(key) - 1}, value));
  }
  return SUCCESS;
}

template <class Take>
OutlineWalk::Status OutlineWalk::each_object(Value& value, Take take) {
  ondemand::json_type type{};
  OUTLINE_TRY(value.type().get(type));
  const auto take_one = [&](Value& one) -> Status {
    ondemand::json_type one_type{};
    OUTLINE_TRY(one.type().get(one_type));
    if (one_type != ondemand::json_type::object) return SUCCESS;
    Object object;
    OUTLINE_TRY(one.get_object().get(object));
    std::string_view bytes;
    OUTLINE_TRY(object.raw_json().get(bytes));
    OUTLINE_TRY(object.reset().error());
    return take(object, span_of(bytes));
  };
  if (type == ondemand::json_type::object) return take_one(value);
  if (type != ondemand::json_type::array) return SUCCESS;
  Array array;
  OUTLINE_TRY(value.get_array().get(array));
  for (auto result : array) {
    Value one;
    OUTLINE_TRY(std::move(result).get(one));
    OUTLINE_TRY(take_one(one));
  }
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
  if (type_ == ItemType::kUser) {
    for (std::uint32_t i = place + 1; i < out_.places.size(); ++i) {
      Place& embedded_tweet = out_.places[i];
      if (embedded_tweet.parent == place && embedded_tweet.author == 0) {
        embedded_tweet.author = seen.id_str != 0 ? seen.id_str : seen.id;
      }
    }
  }
  return SUCCESS;
}

OutlineWalk::Status OutlineWalk::data(Value& value, Seen& seen) {
  ondemand::json_type type{};
  OUTLINE_TRY(value.type().get(type));
  seen.page_data = type != ondemand::json_type::null;
  return each_object(value, [this](Object& object, Span span) -> Status {
    Seen inner;
    return item(object, add_place(Role::kItem, Place::kNoParent, span, span),
                /*is_element=*/false, inner);
  });
}

OutlineWalk::Status OutlineWalk::includes(Value& value) {
  return each_object(value, [this](Object& object, Span) -> Status {
    for (auto result : object) {
      ondemand::field field;
      OUTLINE_TRY(std::move(result).get(field));
      const std::string_view name = string_at(field.key().raw());
      const std::string key =
          name.find('\\') == std::string_view::npos ? std::string(name) : without_escapes(name);
      Value list = field.value();
      if (key == "tweets" || key == "posts") {
        OUTLINE_TRY(each_object(
            list, [this](Object& one, Span span) -> Status { return included_tweet(one, span); }));
        continue;
      }
      using enum Include::Kind;
      std::optional<Include::Kind> kind;
      if (key == "users") kind = kUser;
      if (key == "places") kind = kPlace;
      if (key == "media") kind = kMedia;
      if (key == "polls") kind = kPoll;
      if (!kind) continue;
      OUTLINE_TRY(each_object(list, [&](Object&, Span span) -> Status {
        out_.includes.push_back({.kind = *kind, .member = span});
        return SUCCESS;
      }));
    }
    return SUCCESS;
  });
}

OutlineWalk::Status OutlineWalk::included_tweet(Object& object, Span member) {
  return tweet(object, add_place(Role::kIncluded, Place::kNoParent, member, member));
}

OutlineWalk::Status OutlineWalk::tweet(Object& object, std::uint32_t place) {
  const std::size_t parts_begin = out_.parts.size();
  Seen seen;
  OUTLINE_TRY(each_member(object, [&](Member member, Value& value) -> Status {
    return tweet_member(member, value, place, seen);
  }));
  finish_tweet(place, parts_begin, seen);
  return SUCCESS;
}

OutlineWalk::Status OutlineWalk::tweet_member(Member member, Value& value, std::uint32_t place,
                                              Seen& seen) {
  std::string text;
  switch (member.key) {
    case kId:
      seen.has_id = true;
      return id(value, seen.id);
    case kIdStr:
      seen.has_id = true;
      return id(value, seen.id_str);
    case kAuthorId:
      return id(value, seen.author_id);
    case kUser:
      return user(value, place, seen.user);
    case kAuthor:
      return user(value, place, seen.author);
    case kActor:
      seen.actor = true;
      return user(value, place, seen.actor_id);
    case kOtherUser: {
      std::uint64_t ignored = 0;
      return user(value, place, ignored);
    }
    case kGeo:
    case kLocation:
      return geo(member, value, place);
    case kHistory:
    case kHistoryIds:
      return history(member, value, place);
    case kVerb:
      seen.verb = true;
      OUTLINE_TRY(token(value, text));
      seen.share = text == "share";
      return SUCCESS;
    case kObjectType:
      OUTLINE_TRY(token(value, text));
      seen.activity = text == "activity";
      return SUCCESS;
    case kToldQuoted:
      return id(value, seen.told);
    case kToldQuotedStr:
      return id(value, seen.told_str);
    default:
      return relation(member, value, place, seen);
  }
}

OutlineWalk::Status OutlineWalk::relation(Member member, Value& value, std::uint32_t place,
                                          Seen& seen) {
  switch (member.key) {
    case kRetweetedStatus:
      return embedded(member, value, Role::kOriginal, place);
    case kQuotedStatus:
      return embedded(member, value, Role::kQuoted, place);
    case kObject:
      return embedded(member, value, Role::kOther, place, &seen.object);
    case kReferences:
      return references(value, place);
    case kExtendedTweet:
      return extended(value, place);
    default:
      return SUCCESS;
  }
}

void OutlineWalk::finish_tweet(std::uint32_t index, std::size_t parts_begin, const Seen& seen) {
  Place& place = out_.places[index];
  place.id = seen.id_str != 0 ? seen.id_str : seen.id;
  for (const std::uint64_t author : {seen.author_id, seen.user, seen.author, seen.actor_id}) {
    if (place.author == 0) place.author = author;
  }
  place.told_quoted = seen.told_str != 0 ? seen.told_str : seen.told;
  place.activity = seen.activity || (seen.verb && seen.actor);
  if (seen.object != Place::kNoParent && seen.share) {
    out_.places[seen.object].role = Role::kOriginal;
    out_.places[seen.object].retweeted = true;
  }
  for (std::size_t i = parts_begin; i < out_.parts.size(); ++i) {
    Part& part = out_.parts[i];
    if (part.place != index || part.kind != Part::Kind::kLocation) continue;
    part.kind = place.activity ? Part::Kind::kGeo : Part::Kind::kIgnored;
  }
  // A tweet that names its first version is itself a version. One id alone is the tweet, unedited.
  if (!place.history.empty() && std::ranges::find(place.history, place.id) == place.history.end()) {
    place.history.push_back(place.id);
  }
  if (place.history.size() < 2) place.history.clear();
}

OutlineWalk::Status OutlineWalk::user(Value& value, std::uint32_t place, std::uint64_t& out) {
  const auto begin = static_cast<std::uint32_t>(out_.places.size());
  Seen seen;
  OUTLINE_TRY(each_object(value, [&](Object& object, Span) -> Status {
    return each_member(object, [&](Member member, Value& inner) -> Status {
      return user_member(member, inner, place, seen);
    });
  }));
  out = seen.id_str != 0 ? seen.id_str : seen.id;
  for (std::uint32_t i = begin; i < out_.places.size(); ++i) {
    if (out_.places[i].parent == place && out_.places[i].author == 0) out_.places[i].author = out;
  }
  return SUCCESS;
}

OutlineWalk::Status OutlineWalk::user_member(Member member, Value& value, std::uint32_t place,
                                             Seen& seen) {
  switch (member.key) {
    case kId:
      seen.has_id = true;
      return id(value, seen.id);
    case kIdStr:
      seen.has_id = true;
      return id(value, seen.id_str);
    case kTweetOfUser:
      return embedded(member, value, Role::kOther, place);
    default:
      return SUCCESS;
  }
}

// Its members are the tweet's, but for its ids.
OutlineWalk::Status OutlineWalk::extended(Value& value, std::uint32_t place) {
  return each_object(value, [&](Object& object, Span) -> Status {
    return each_member(object, [&](Member member, Value& inner) -> Status {
      if (member.key == kGeo) return geo(member, inner, place);
      Seen ignored;
      return relation(member, inner, place, ignored);
    });
  });
}

OutlineWalk::Status OutlineWalk::embedded(Member member, Value& value, Role role,
                                          std::uint32_t parent, std::uint32_t* index) {
  ondemand::json_type type{};
  OUTLINE_TRY(value.type().get(type));
  if (type != ondemand::json_type::object) return SUCCESS;
  return each_object(value, [&](Object& object, Span span) -> Status {
    const std::uint32_t place =
        add_place(role, parent, {.begin = member.begin, .end = span.end}, span);
    out_.places[place].retweeted = role == Role::kOriginal;
    if (index != nullptr) *index = place;
    return tweet(object, place);
  });
}

OutlineWalk::Status OutlineWalk::references(Value& value, std::uint32_t parent) {
  return each_object(
      value, [&](Object& object, Span span) -> Status { return reference(object, span, parent); });
}

OutlineWalk::Status OutlineWalk::reference(Object& object, Span member, std::uint32_t parent) {
  const std::uint32_t place = add_place(Role::kReference, parent, member, member);
  // Where the members stand, then what they say.
  for (auto result : object) {
    ondemand::field field;
    OUTLINE_TRY(std::move(result).get(field));
    const char* const begin = field.key().raw();
    const OutlineKey key = outline_key(string_at(begin));
    Value value = field.value();
    if (key == kType) {
      std::string type;
      OUTLINE_TRY(token(value, type));
      out_.places[place].retweeted = type == "retweeted";
    }
    if (key == kType || key == kId || key == kIdStr) continue;
    std::string_view bytes;
    OUTLINE_TRY(raw(value, bytes));
    out_.parts.push_back({.kind = Part::Kind::kBody,
                          .place = place,
                          .member = {.begin = offset(begin) - 1, .end = span_of(bytes).end}});
  }
  OUTLINE_TRY(object.reset().error());
  return tweet(object, place);
}

OutlineWalk::Status OutlineWalk::geo(Member member, Value& value, std::uint32_t place) {
  std::string_view bytes;
  OUTLINE_TRY(raw(value, bytes));
  const Span span = span_of(bytes);
  const std::string_view text = text_.substr(span.begin, span.end - span.begin);
  out_.parts.push_back({.kind = member.key == kLocation ? Part::Kind::kLocation : Part::Kind::kGeo,
                        .null = text == "null",
                        .place = place,
                        .member = {.begin = member.begin, .end = span.end}});
  return SUCCESS;
}

OutlineWalk::Status OutlineWalk::history(Member member, Value& value, std::uint32_t place) {
  if (member.key == kHistory) {
    return each_object(value, [&](Object& object, Span) -> Status {
      return each_member(object, [&](Member inner, Value& ids) -> Status {
        return inner.key == kHistoryIds ? history(inner, ids, place) : SUCCESS;
      });
    });
  }
  const auto add = [&](Value& one) -> Status {
    std::uint64_t version = 0;
    OUTLINE_TRY(id(one, version));
    auto& all = out_.places[place].history;
    if (version != 0 && std::ranges::find(all, version) == all.end()) all.push_back(version);
    return SUCCESS;
  };
  ondemand::json_type type{};
  OUTLINE_TRY(value.type().get(type));
  if (type != ondemand::json_type::array) return add(value);
  Array array;
  OUTLINE_TRY(value.get_array().get(array));
  for (auto result : array) {
    Value one;
    OUTLINE_TRY(std::move(result).get(one));
    OUTLINE_TRY(add(one));
  }
  return SUCCESS;
}

}  // namespace recant::dataset
