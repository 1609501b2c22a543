// JsonLine: what a foreign line may hold.
#include "engine/json/json_line.h"

#include <catch2/catch.hpp>

namespace recant {
namespace {

// The parser wants readable bytes past the line; here hostile ones.
struct Padded {
  explicit Padded(std::string_view text)
      : bytes(std::string(text) + std::string(64, '"')), size(text.size()) {}
  [[nodiscard]] std::string_view line() const { return std::string_view(bytes).substr(0, size); }
  std::string bytes;
  std::size_t size;
};

std::string why(std::string_view text) {
  json::JsonLine parser;
  const Padded padded(text);
  const auto root = parser.parse(padded.line());
  return root ? "" : std::string(root.error());
}

TEST_CASE("a line of JSON is read whatever stands after it in the buffer", "[json]") {
  json::JsonLine parser;
  const Padded padded(R"({"id":18446744073709551615} )"
                      "\r");
  const auto root = parser.parse(padded.line());
  REQUIRE(root);
  REQUIRE(root->at_key("id").get_uint64().value() == 18446744073709551615ULL);
}

TEST_CASE("numbers that fit in no type read as fractions, the rest of the line stays", "[json]") {
  json::JsonLine parser;
  const Padded padded(
      R"({"a":123456789012345678901234567890,"b":[1e999,-1E+400],"s":"\\\"1e999 18446744073709551616",)"
      R"("c":18446744073709551616,"d":-9223372036854775809,"e":18446744073709551615,"f":1.5})");
  const auto root = parser.parse(padded.line());
  REQUIRE(root);
  REQUIRE(root->at_key("a").get_double().value() == 0.5);
  REQUIRE(root->at_key("b").at(0).get_double().value() == 0.5);
  REQUIRE(root->at_key("b").at(1).get_double().value() == 0.5);
  REQUIRE(root->at_key("c").get_double().value() == 0.5);
  REQUIRE(root->at_key("d").get_double().value() == 0.5);
  REQUIRE(root->at_key("e").get_uint64().value() == 18446744073709551615ULL);
  REQUIRE(root->at_key("f").is_double());
  REQUIRE(root->at_key("s").get_string().value() == "\\\"1e999 18446744073709551616");
}

TEST_CASE("what is no JSON is refused in one clause", "[json]") {
  for (const std::string_view text :
       {"{", "{\"a\":01}", "{\"a\":1.}", "{\"a\":-}", "{\"a\":1e}", "{\"a\":+1}", "{}{}", "{} x",
        "[1,]", "nul", "{\"a\":123456789012345678901234567890", "{'a':1}", "{\"a\":NaN}"}) {
    INFO(text);
    REQUIRE(why(text).starts_with("not JSON"));
  }
  REQUIRE(why("{\"a\":\"\xff\"}") == "not JSON: invalid UTF-8");
  REQUIRE(why("{\"a\":\"\xed\xa0\x80\"}") == "not JSON: invalid UTF-8");
  REQUIRE(why("{\"a\":\"x") == "not JSON: a string without its end");
  REQUIRE_FALSE(why(std::string_view("{\"a\":\"x\0y\"}", 11)).empty());
  REQUIRE_FALSE(why(std::string_view("{}\0", 3)).empty());
  REQUIRE_FALSE(why("").empty());
}

TEST_CASE("nesting is allowed up to 64", "[json]") {
  const auto nested = [](std::size_t depth, std::string_view inner) {
    return std::string(depth, '[') + std::string(inner) + std::string(depth, ']');
  };
  REQUIRE(why(nested(64, "1")).empty());
  REQUIRE(why(nested(65, "1")) == "nested deeper than 64");
  REQUIRE(why(nested(64, "")).empty());
  REQUIRE(why(nested(65, "")) == "nested deeper than 64");
  REQUIRE(why(nested(100'000, "1")) == "nested deeper than 64");
}

TEST_CASE("memory grows with the longest line only", "[json]") {
  json::JsonLine parser;
  for (const std::size_t size : {10UL, 1'000'000UL, 20UL, 70'000UL}) {
    const Padded padded("{\"a\":\"" + std::string(size, 'x') + "\"}");
    REQUIRE(parser.parse(padded.line()));
  }
}

}  // namespace
}  // namespace recant
