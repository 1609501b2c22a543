// The keys of an object as datasets are read by them, against a plain list of what stands in it.
// Method: random objects of keys that are known, that nearly are, and that are escaped, some twice,
// with values of every type.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "engine/dataset/json_fields.h"
#include "engine/json/json_line.h"
#include "tests/random_events.h"

namespace recant::test {
namespace {

using dataset::Fields;
using dataset::Key;
using dataset::KeySet;
using simdjson::dom::element;

constexpr auto kOtherKeys = std::to_array<std::string_view>(
    {"", "i", "ID", "id_st", "id_str_", "id_strs", "idstr", "tex", "text ", "full_text_", "lang"});
constexpr auto kValues = std::to_array<std::string_view>(
    {"null", "1", "18446744073709551615", "0", "1.5", "-3", "true", R"("7")", R"("1e3")", R"("")",
     R"("\u0037")", "[]", R"([{"id":1}])", "{}", R"({"id":2})"});

class ObjectSource {
 public:
  explicit ObjectSource(std::uint64_t seed) : random_(seed) {}

  std::string next() {
    // Few different keys, so that some are given twice; the ids often.
    std::vector<std::string> keys = {"id", "id_str"};
    for (std::size_t i = below(6); i > 0; --i) {
      keys.emplace_back(dataset::key_name(static_cast<Key>(below(dataset::kKeyCount))));
      keys.emplace_back(kOtherKeys.at(below(kOtherKeys.size())));
    }
    std::string out = "{";
    for (std::size_t i = below(8); i > 0; --i) {
      out += fmt::format(R"({}"{}":{})", out == "{" ? "" : ",", escaped(keys[below(keys.size())]),
                         kValues.at(below(kValues.size())));
    }
    return out + "}";
  }

 private:
  std::size_t below(std::size_t end) { return random_() % end; }
  std::string escaped(const std::string& key) {
    if (key.empty() || below(8) != 0) return key;
    return fmt::format("\\u{:04x}{}", static_cast<unsigned>(key.front()), key.substr(1));
  }

  std::mt19937_64 random_;
};

std::string text_of(const element& value) { return simdjson::to_string(value); }

std::string text_of(std::uint64_t id) { return std::to_string(id); }

template <class T>
std::string text_of(const dataset::Read<std::optional<T>>& read) {
  if (!read) return "! " + read.error();
  return *read ? simdjson::to_string(**read) : "none";
}

std::string text_of(const dataset::Read<std::uint64_t>& read) {
  return read ? text_of(*read) : "! " + read.error();
}

/// What stands in an object, looked through for each question.
class PlainFields {
 public:
  explicit PlainFields(simdjson::dom::object object) {
    for (const auto field : object) all_.emplace_back(field.key, field.value);
  }
  [[nodiscard]] std::vector<element> under(Key key) const {
    std::vector<element> found;
    for (const auto& [name, value] : all_) {
      if (name == dataset::key_name(key)) found.push_back(value);
    }
    return found;
  }
  [[nodiscard]] std::string get(Key key) const {
    const auto found = under(key);
    if (found.size() > 1) return fmt::format("! {} is given twice", dataset::key_name(key));
    return found.empty() || found[0].is_null() ? "none" : text_of(found[0]);
  }
  [[nodiscard]] std::string get_id(Key string_form, Key key) const {
    for (const Key form : {string_form, key}) {
      const std::string value = get(form);
      if (value.starts_with('!')) return value;
      if (value == "none") continue;
      return text_of(dataset::id_value(under(form)[0], dataset::key_name(form)));
    }
    return "0";
  }

 private:
  std::vector<std::pair<std::string, element>> all_;
};

}  // namespace

TEST_CASE("the fields of an object are those that a plain list of it has", "[dataset][json]") {
  const std::uint64_t cases = laws::case_count(20'000);
  json::JsonLine parser;
  std::size_t ids = 0;
  for (std::uint64_t number = 0; number < cases; ++number) {
    ObjectSource source(laws::seed_of(number));
    const std::string line = source.next();
    const std::string padded = line + std::string(json::kLinePadding, '"');
    const auto root = parser.parse(std::string_view(padded).substr(0, line.size()));
    INFO(line);
    REQUIRE(root);
    const simdjson::dom::object object = root->get_object().value();
    const Fields fields(object);
    const PlainFields plain(object);
    std::string wrong;
    for (std::size_t i = 0; i < dataset::kKeyCount; ++i) {
      const auto key = static_cast<Key>(i);
      const auto found = plain.under(key);
      const std::string value = plain.get(key);
      const bool one_object = value.starts_with('{');
      if (fields.has(key) == found.empty() || fields.has_any({key}) == found.empty() ||
          text_of(fields.get(key)) != value ||
          fields.has_object(key) != (!found.empty() && found.back().is_object()) ||
          (one_object && text_of(fields.get_object(key)) != value) ||
          (one_object && fields.get_array(key)) || (one_object && fields.get_string(key)) ||
          (value.starts_with('[') && text_of(fields.get_array(key)) != value)) {
        wrong += std::string(dataset::key_name(key)) + " ";
      }
    }
    const std::string id = plain.get_id(Key::kIdStr, Key::kId);
    if (text_of(fields.get_id(Key::kIdStr, Key::kId)) != id) wrong += "get_id ";
    if (text_of(dataset::own_id(object)) != id) wrong += "own_id";
    if (!wrong.empty()) FAIL(line << "\n" << wrong);
    if (id != "0" && !id.starts_with('!')) ++ids;
  }
  CHECK(ids > cases / 10);  // else this says little
}

TEST_CASE("a range of keys is every key of it and no other", "[dataset][json]") {
  const KeySet all = KeySet::range(Key::kText, Key::kConversationId);
  for (std::size_t i = 0; i < dataset::kKeyCount; ++i) {
    const auto key = static_cast<Key>(i);
    CHECK(all.has(key) == (key >= Key::kText && key <= Key::kConversationId));
  }
}

}  // namespace recant::test
