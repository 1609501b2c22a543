#include "engine/dataset/json_fields.h"

#include <algorithm>

#include "engine/dataset/id_text.h"
#include "engine/json/name_table.h"
#include "recant/error.h"

namespace recant::dataset {
namespace {

using simdjson::dom::element;

constexpr std::array<std::string_view, kKeyCount> kKeyNames = {
    "delete", "withheld", "drop", "undrop", "tweet_edit", "user_delete", "user_undelete",
    "user_protect", "user_unprotect", "user_suspend", "user_unsuspend", "user_withheld",
    "scrub_geo", "user_profile_modification", "status_withheld",
    //
    "errors", "error", "info", "warning", "limit", "disconnect", "includes", "meta",
    //
    "text", "full_text", "author_id", "user", "retweeted_status", "quoted_status",
    "quoted_status_id", "quoted_status_id_str", "referenced_tweets", "referenced_posts",
    "edit_history", "edit_history_tweet_ids", "edit_history_post_ids", "conversation_id",
    //
    "id", "id_str", "author", "data", "tweets", "posts", "verb", "objectType", "actor", "object",
    "twitter_quoted_status", "initial_tweet_id", "edit_tweet_ids", "type", "title", "tweet_id",
    "tweet_id_str", "user_id", "user_id_str", "screen_name", "username", "tweet_delete_events",
    "event", "at", "seq", "action", "reason", "redacted_at"};

constexpr json::NameTable<kKeyCount> kKeyTable(kKeyNames);

std::unexpected<std::string> given_twice(Key key) {
  return std::unexpected(std::string(key_name(key)) + " is given twice");
}

}  // namespace

std::string_view key_name(Key key) { return kKeyNames.at(static_cast<std::size_t>(key)); }

Fields::Fields(simdjson::dom::object object) {
  for (const auto field : object) {
    if (size_++ == 0) first_ = field.value;
    const std::size_t place = kKeyTable.find(field.key);
    if (place == kKeyTable.kNone) continue;
    ++known_;
    values_[place] = field.value;
    const auto key = static_cast<Key>(place);
    if (there_.has(key)) twice_.add(key);
    there_.add(key);
  }
}

Read<std::optional<element>> Fields::get(Key key) const {
  if (!has(key)) return std::nullopt;
  if (twice_.has(key)) return given_twice(key);
  if (value(key).is_null()) return std::nullopt;
  return value(key);
}

Read<std::optional<simdjson::dom::object>> Fields::get_object(Key key) const {
  if (!has(key)) return std::nullopt;
  RECANT_ASSIGN(const auto value, get(key));
  if (!value) return std::nullopt;
  if (!value->is_object()) return std::unexpected(std::string(key_name(key)) + " is no object");
  return simdjson::dom::object(value->get_object().value_unsafe());
}

Read<std::optional<simdjson::dom::array>> Fields::get_array(Key key) const {
  if (!has(key)) return std::nullopt;
  RECANT_ASSIGN(const auto value, get(key));
  if (!value) return std::nullopt;
  if (!value->is_array()) return std::unexpected(std::string(key_name(key)) + " is no array");
  return simdjson::dom::array(value->get_array().value_unsafe());
}

Read<std::string_view> Fields::get_string(Key key) const {
  if (!has(key)) return std::string_view();
  RECANT_ASSIGN(const auto value, get(key));
  if (!value) return std::string_view();
  if (!value->is_string()) return std::unexpected(std::string(key_name(key)) + " is no string");
  return std::string_view(value->get_string().value_unsafe());
}

Read<std::uint64_t> Fields::get_id(Key string_form, Key key) const {
  RECANT_ASSIGN(const auto text, get(string_form));
  if (text) return id_value(*text, key_name(string_form));
  RECANT_ASSIGN(const auto value, get(key));
  if (value) return id_value(*value, key_name(key));
  return 0;
}

std::optional<simdjson::dom::object> Fields::only_unknown_object() const {
  if (size_ != 1 || known_ != 0 || !first_.is_object()) return {};
  return simdjson::dom::object(first_.get_object().value_unsafe());
}

Read<std::uint64_t> own_id(simdjson::dom::object object) {
  element text;
  element number;
  unsigned texts = 0;
  unsigned numbers = 0;
  for (const auto field : object) {
    const std::string_view key = field.key;
    if (key == "id") {
      number = field.value;
      ++numbers;
    } else if (key == "id_str") {
      text = field.value;
      ++texts;
    }
  }
  if (texts > 1) return given_twice(Key::kIdStr);
  if (texts == 1 && !text.is_null()) return id_value(text, key_name(Key::kIdStr));
  if (numbers > 1) return given_twice(Key::kId);
  if (numbers == 1 && !number.is_null()) return id_value(number, key_name(Key::kId));
  return 0;
}

Read<std::uint64_t> id_value(element value, std::string_view name) {
  if (value.is_string()) {
    const std::string_view text = value.get_string().value_unsafe();
    if (const auto id = parse_id(text)) return *id;
    return std::unexpected(std::string(name) + " is " + std::string(why_no_id(text)));
  }
  std::uint64_t id = 0;
  if (value.get(id) == simdjson::SUCCESS && id != 0) return id;
  return std::unexpected(std::string(name) + " is " +
                         std::string(value.is_double() ? kSpreadsheetId : kNoId));
}

}  // namespace recant::dataset
