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

}  // namespace

std::string_view key_name(Key key) { return kKeyNames.at(static_cast<std::size_t>(key)); }

Fields::Fields(simdjson::dom::object object) {
  for (const auto field : object) {
    if (size_++ == 0) first_ = field.value;
    const std::size_t key = kKeyTable.find(field.key);
    if (key == kKeyTable.kNone) continue;
    ++known_;
    values_[key] = field.value;
    counts_[key] = counts_[key] == 0 ? 1 : 2;
  }
}

bool Fields::has_any(Key first, Key last) const {
  return std::any_of(counts_.begin() + index(first), counts_.begin() + index(last) + 1,
                     [](std::uint8_t count) { return count > 0; });
}

bool Fields::has_object(Key key) const { return has(key) && values_[index(key)].is_object(); }

Read<std::optional<element>> Fields::get(Key key) const {
  const std::uint8_t count = counts_[index(key)];
  if (count > 1) return std::unexpected(std::string(key_name(key)) + " is given twice");
  const element value = values_[index(key)];
  if (count == 0 || value.is_null()) return std::nullopt;
  return value;
}

Read<std::optional<simdjson::dom::object>> Fields::get_object(Key key) const {
  RECANT_ASSIGN(const auto value, get(key));
  if (!value) return std::nullopt;
  if (!value->is_object()) return std::unexpected(std::string(key_name(key)) + " is no object");
  return simdjson::dom::object(value->get_object().value_unsafe());
}

Read<std::optional<simdjson::dom::array>> Fields::get_array(Key key) const {
  RECANT_ASSIGN(const auto value, get(key));
  if (!value) return std::nullopt;
  if (!value->is_array()) return std::unexpected(std::string(key_name(key)) + " is no array");
  return simdjson::dom::array(value->get_array().value_unsafe());
}

Read<std::string_view> Fields::get_string(Key key) const {
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
