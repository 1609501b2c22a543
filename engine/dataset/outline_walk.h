// One walk over a line of JSON by simdjson's On-Demand parser, which says where every value stands.
// The reader has validated the line before.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "engine/dataset/outline.h"
#include "engine/dataset/outline_keys.h"

// As RECANT_TRY, for simdjson's codes.
#define OUTLINE_TRY(expression)                                                        \
  do {                                                                                 \
    if (const simdjson::error_code outline_error = (expression)) return outline_error; \
  } while (false)

namespace recant::dataset {

// The bytes between the quotes of the key that begins at `begin`, the first of them. What the
// parser knows is where its value begins: before that stand a quote, a colon, and perhaps spaces.
[[nodiscard]] inline std::string_view json_key_before(const char* begin, const char* value) {
  const char* end = value - 1;
  while (*end != ':') --end;
  while (*end != '"') --end;
  return {begin, static_cast<std::size_t>(end - begin)};
}

class OutlineWalk {
 public:
  OutlineWalk(std::string_view text, ItemType type, std::span<const std::uint32_t> items,
              Outline& out)
      : text_(text), type_(type), items_(items), out_(out) {}

  [[nodiscard]] bool run(simdjson::ondemand::parser& parser);

 private:
  using Object = simdjson::ondemand::object;
  using Array = simdjson::ondemand::array;
  using Value = simdjson::ondemand::value;
  using Status = simdjson::error_code;

  /// What an object has told of itself so far.
  struct Seen {
    bool has_id = false;
    bool page_data = false;
    bool share = false;
    bool verb = false;
    bool actor = false;
    bool activity = false;
    std::uint64_t id = 0, id_str = 0;
    std::uint64_t author_id = 0, user = 0, author = 0, actor_id = 0;
    std::uint64_t told = 0, told_str = 0;
    std::uint32_t object = Place::kNoParent;
    [[nodiscard]] std::uint64_t own_id() const { return id_str != 0 ? id_str : id; }
  };
  /// A member of an object: its key, and its value once it is read.
  struct Member {
    OutlineKey key = OutlineKey::kUnknown;
    std::string_view name{};  ///< with its escapes
    std::uint32_t begin = 0;
  };

  /// Calls take(member, value) for each member.
  template <class Take>
  [[nodiscard]] Status each_member(Object& object, Take take);
  /// Calls take(object) for each object of an array, and for an object alone.
  template <class Take>
  [[nodiscard]] Status each_object(Value& value, Take take);
  /// The same, as take(object, span): to find its end an object is walked over once more.
  template <class Take>
  [[nodiscard]] Status each_span(Value& value, Take take);

  [[nodiscard]] Status element(Object& object, Span member, std::uint32_t items);
  /// A tweet, user or like, by the type of the items.
  [[nodiscard]] Status item(Object& object, std::uint32_t place, bool is_element, Seen& seen);
  [[nodiscard]] Status tweet(Object& object, std::uint32_t place);
  [[nodiscard]] Status tweet_member(Member member, Value& value, std::uint32_t place, Seen& seen);
  [[nodiscard]] Status relation(Member member, Value& value, std::uint32_t place, Seen& seen);
  void finish_tweet(std::uint32_t place, std::size_t parts_begin, const Seen& seen);
  [[nodiscard]] Status user(Value& value, std::uint32_t place, std::uint64_t& id);
  [[nodiscard]] Status user_member(Member member, Value& value, std::uint32_t place, Seen& seen);
  [[nodiscard]] Status extended(Value& value, std::uint32_t place);
  [[nodiscard]] Status embedded(Member member, Value& value, Role role, std::uint32_t parent,
                                std::uint32_t* index = nullptr);
  [[nodiscard]] Status references(Value& value, std::uint32_t parent);
  [[nodiscard]] Status reference(Object& object, Span member, std::uint32_t parent);
  [[nodiscard]] Status geo(Member member, Value& value, std::uint32_t place);
  [[nodiscard]] Status history(Member member, Value& value, std::uint32_t place);
  [[nodiscard]] Status data(Value& value, Seen& seen);
  [[nodiscard]] Status includes(Value& value);
  [[nodiscard]] Status included_tweet(Object& object, Span member);

  /// The tweets in `parent` from place `begin` on that name no author are that user's.
  void set_author(std::uint32_t begin, std::uint32_t parent, UserId author);
  std::uint32_t add_place(Role role, std::uint32_t parent, Span member, Span object);
  [[nodiscard]] std::uint32_t offset(const char* at) const {
    return static_cast<std::uint32_t>(at - text_.data());
  }
  [[nodiscard]] Span span_of(std::string_view raw) const;
  /// The bytes of a value, which is read by that.
  [[nodiscard]] Status raw(Value& value, std::string_view& out) const;
  /// A string's text, a number's or literal's token; empty for anything else and for null.
  /// `memory` is for one with escapes.
  [[nodiscard]] static Status token(Value& value, std::string& memory, std::string_view& out);
  [[nodiscard]] static Status id(Value& value, std::uint64_t& out);

  std::string_view text_;
  ItemType type_;
  std::span<const std::uint32_t> items_;
  Outline& out_;
  std::uint32_t element_ = 0;
};

template <class Take>
OutlineWalk::Status OutlineWalk::each_member(Object& object, Take take) {
  for (auto result : object) {
    simdjson::ondemand::field field;
    OUTLINE_TRY(std::move(result).get(field));
    Value value = field.value();
    const char* value_begin = nullptr;
    OUTLINE_TRY(value.current_location().get(value_begin));
    const std::string_view key = json_key_before(field.key().raw(), value_begin);
    OUTLINE_TRY(
        take(Member{.key = outline_key(key), .name = key, .begin = offset(key.data()) - 1}, value));
  }
  return simdjson::SUCCESS;
}

template <class Take>
OutlineWalk::Status OutlineWalk::each_object(Value& value, Take take) {
  simdjson::ondemand::json_type type{};
  OUTLINE_TRY(value.type().get(type));
  const auto take_one = [&](Value& one) -> Status {
    Object object;
    OUTLINE_TRY(one.get_object().get(object));
    return take(object);
  };
  if (type == simdjson::ondemand::json_type::object) return take_one(value);
  if (type != simdjson::ondemand::json_type::array) return simdjson::SUCCESS;
  Array array;
  OUTLINE_TRY(value.get_array().get(array));
  for (auto result : array) {
    Value one;
    OUTLINE_TRY(std::move(result).get(one));
    OUTLINE_TRY(one.type().get(type));
    if (type == simdjson::ondemand::json_type::object) OUTLINE_TRY(take_one(one));
  }
  return simdjson::SUCCESS;
}

template <class Take>
OutlineWalk::Status OutlineWalk::each_span(Value& value, Take take) {
  return each_object(value, [&](Object& object) -> Status {
    std::string_view bytes;
    OUTLINE_TRY(object.raw_json().get(bytes));
    OUTLINE_TRY(object.reset().error());
    return take(object, span_of(bytes));
  });
}

}  // namespace recant::dataset
