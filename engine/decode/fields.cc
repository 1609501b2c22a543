#include "engine/decode/fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "recant/time.h"

namespace recant::decode {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

// What is echoed of a value: text only, because numbers have lost their spelling.
std::string shown(element value) {
  std::string_view text;
  return value.get(text) ? std::string() : ": " + quoted(text);
}

std::optional<Country> read_country(std::string_view code) {
  const auto upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; };
  const auto letter = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (code.size() != 2 || !letter(upper(code[0])) || !letter(upper(code[1]))) return {};
  return country(upper(code[0]), upper(code[1]));
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

// "DE, FR": the one-string form of the country list.
bool split_countries(std::string_view text, std::vector<Country>& out) {
  while (true) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const auto code = read_country(trimmed(text.substr(0, comma)));
    if (!code) return false;
    out.push_back(*code);
    if (comma == text.size()) return true;
    text.remove_prefix(comma + 1);
  }
}

bool list_countries(element value, std::vector<Country>& out) {
  std::string_view text;
  if (!value.get(text)) return split_countries(text, out);
  simdjson::dom::array codes;
  if (value.get(codes)) return false;
  for (const element item : codes) {
    if (item.get(text)) return false;
    const auto code = read_country(text);
    if (!code) return false;
    out.push_back(*code);
  }
  return true;
}

}  // namespace

std::optional<Time> read_time(element value) {
  std::string_view text;
  if (!value.get(text)) return parse_time(text);
  // Doubles are refused: they may have been rounded.
  std::uint64_t ms = 0;
  if (value.type() == element_type::DOUBLE || value.get(ms)) return {};
  if (ms > static_cast<std::uint64_t>(kTimeMax)) return {};
  return static_cast<Time>(ms);
}

std::optional<std::uint64_t> read_id(element value) {
  std::string_view text;
  if (!value.get(text)) return parse_id(text);
  std::uint64_t id = 0;
  if (value.type() == element_type::DOUBLE || value.get(id) || id == 0) return {};
  return id;
}

void Fields::collect(simdjson::dom::object object) {
  for (const simdjson::dom::key_value_pair field : object) {
    for (std::size_t slot = 0; slot < names_.size(); ++slot) {
      if (names_[slot] != field.key) continue;
      const std::uint32_t bit = 1U << slot;
      twice_ |= present_ & bit;
      present_ |= bit;
      values_[slot] = field.value;
      break;
    }
  }
}

Decoded<Member> Fields::find(Slots slots) const {
  for (const std::size_t slot : slots) {
    if ((twice_ >> slot & 1U) != 0) {
      return reject(fmt::format("the key {} is given twice", names_[slot]));
    }
    if (has(slot)) return Member{names_[slot], values_[slot]};
  }
  return Member{};
}

Decoded<std::uint64_t> Fields::id(Slots slots) const {
  RECANT_ASSIGN(const Member member, find(slots));
  if (!member) return 0;
  if (const auto id = read_id(member.value)) return *id;
  return reject(
      fmt::format("{} is not an id from 1 to 2^64-1{}", member.name, shown(member.value)));
}

Decoded<std::optional<Time>> Fields::time(Slots slots) const {
  RECANT_ASSIGN(const Member member, find(slots));
  if (!member) return std::nullopt;
  if (const auto at = read_time(member.value)) return at;
  return reject(fmt::format("{} is not a time{}", member.name, shown(member.value)));
}

Decoded<std::optional<std::string_view>> Fields::text(std::size_t slot) const {
  RECANT_ASSIGN(const Member member, find({slot}));
  if (!member) return std::nullopt;
  std::string_view text;
  if (member.value.get(text)) return reject(fmt::format("{} is not a string", member.name));
  return text;
}

Decoded<std::optional<simdjson::dom::object>> Fields::object(Slots slots) const {
  RECANT_ASSIGN(const Member member, find(slots));
  if (!member) return std::nullopt;
  simdjson::dom::object object;
  if (member.value.get(object)) return reject(fmt::format("{} is not an object", member.name));
  return object;
}

Decoded<std::uint64_t> Fields::count(std::size_t slot) const {
  RECANT_ASSIGN(const Member member, find({slot}));
  if (!member) return 0;
  std::uint64_t count = 0;
  std::string_view text;
  if (!member.value.get(text)) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error == std::errc{} && end == text.data() + text.size()) return count;
  } else if (member.value.type() != element_type::DOUBLE && !member.value.get(count)) {
    return count;
  }
  return reject(fmt::format("{} is not a whole number{}", member.name, shown(member.value)));
}

Decoded<std::vector<Country>> Fields::countries(std::size_t slot) const {
  RECANT_ASSIGN(const Member member, find({slot}));
  std::vector<Country> countries;
  if (!member) return countries;
  if (!list_countries(member.value, countries)) {
    return reject(fmt::format("{} is not a list of two-letter codes", member.name));
  }
  std::ranges::sort(countries);
  const auto repeated = std::ranges::unique(countries);
  countries.erase(repeated.begin(), repeated.end());
  return countries;
}

Decoded<std::vector<TweetId>> Fields::ids(std::size_t slot) const {
  RECANT_ASSIGN(const Member member, find({slot}));
  std::vector<TweetId> ids;
  if (!member) return ids;
  simdjson::dom::array items;
  if (member.value.get(items)) return reject(fmt::format("{} is not an array", member.name));
  if (items.size() > kEditTweetsMax) {
    return reject(fmt::format("more than {} {}", kEditTweetsMax, member.name));
  }
  ids.reserve(items.size());
  for (const element item : items) {
    const auto id = read_id(item);
    if (!id) {
      return reject(
          fmt::format("{} holds what is not an id from 1 to 2^64-1{}", member.name, shown(item)));
    }
    ids.push_back(*id);
  }
  return ids;
}

}  // namespace recant::decode
