// Lines of JSON that are expected, against the same lines one by one. Goal: what is said of a line,
// and what is in it, does not depend on whether it was expected, nor on the lines around it.
// Method: blocks of sample lines, mutated and put together in every way, and all that is cut there.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "engine/dataset/record_parser.h"
#include "engine/json/json_line.h"
#include "tests/dataset_support.h"
#include "tests/decode_helpers.h"
#include "tests/random_events.h"

namespace recant::test {
namespace {

constexpr auto kOddLines = std::to_array<std::string_view>(
    {"",
     " ",
     "{}",
     "[]",
     "[1,{}]",
     "{}{}",
     "{} []",
     "{},",
     "[",
     "]",
     "{",
     "}",
     "1684645858699309060",
     "\"1684645858699309060\"",
     "null",
     R"({"a":1e999})",
     R"({"a":"\ud800"})",
     R"({"a":")",
     R"({"a":"b\)",
     "{\"a\":\"\xff\"}",
     "{\"a\":1}\xe2\x82",
     R"({"a":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[)",
     R"({"a":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]})",
     "\\",
     "\\\\",
     "\""});
constexpr std::string_view kOddBytes = "\"\\{}[]:,0-.eE \tnu\xff\x01";

class BlockSource {
 public:
  explicit BlockSource(std::uint64_t seed) : random_(seed) {}

  std::string next(const std::vector<std::string>& samples) {
    const std::string_view end_of_line = below(4) == 0 ? "\r\n" : "\n";
    // Most blocks have one line at most that is not JSON: behind that nothing is found any more.
    const std::size_t one_in = below(3) == 0 ? 3 : 40;
    std::string block;
    for (std::size_t i = below(30) + 1; i > 0; --i) {
      std::string line = samples[below(samples.size())];
      if (below(one_in) == 0) line = kOddLines.at(below(kOddLines.size()));
      if (below(one_in) == 0) mutate(line);
      if (below(10) == 0) line = " " + line + "\t ";
      block += line;
      if (i > 1 || below(2) == 0) block += end_of_line;
    }
    return block;
  }

 private:
  std::size_t below(std::size_t end) { return random_() % end; }
  void mutate(std::string& line) {
    for (std::size_t i = below(3) + 1; i > 0 && !line.empty(); --i) {
      const std::size_t at = below(line.size());
      const char byte = kOddBytes[below(kOddBytes.size())];
      switch (below(3)) {
        case 0:
          line[at] = byte;
          break;
        case 1:
          line.erase(at, 1);
          break;
        default:
          line.insert(at, 1, byte);
      }
    }
  }

  std::mt19937_64 random_;
};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::string told(json::JsonLine& parser, std::string_view line) {
  const auto root = parser.parse(line);
  return root ? simdjson::to_string(*root) : "! " + root.error();
}

std::vector<std::string> samples() {
  std::vector<std::string> lines;
  for (const char* name : {"dataset_v1.jsonl", "dataset_v2_flat.jsonl", "v2_tweet.jsonl"}) {
    for (std::string& line : sample_lines(name)) lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace

TEST_CASE("a line says the same whether it was expected or not", "[json]") {
  const std::vector<std::string> lines = samples();
  json::JsonLine ahead;
  const std::uint64_t cases = laws::case_count(3000);
  std::size_t found = 0;
  std::size_t all = 0;
  for (std::uint64_t number = 0; number < cases; ++number) {
    BlockSource source(laws::seed_of(number));
    // Nothing behind the block may be taken for a part of it.
    const std::string text = source.next(lines);
    const std::string padded = text + std::string(json::kLinePadding, number % 2 == 0 ? '"' : '}');
    const std::string_view block = std::string_view(padded).substr(0, text.size());
    ahead.expect(block);
    json::LinesAhead finder(json::kDepthMax / 2);
    finder.begin(block);
    for (std::size_t at = 0; at < block.size();) {
      const std::size_t end = std::min(block.find('\n', at), block.size());
      const std::string_view line = trimmed(block.substr(at, end - at));
      at = end + 1;
      if (line.empty() || number % 16 == at % 16) continue;  // and some are never asked for
      json::JsonLine alone;
      const std::string expected = told(alone, line);
      const std::string got = told(ahead, line);
      if (got != expected) FAIL(fmt::format("seed {}: {}\n{}\n{}", number, line, got, expected));
      ++all;
      if (finder.find(line)) ++found;
    }
  }
  CHECK(found > all / 3);  // else this says little
}

TEST_CASE("lines that are not of the expected ones are read as ever", "[json]") {
  const std::string padded = "{\"a\":1}\n{\"a\":2}\n" + std::string(json::kLinePadding, ' ');
  const std::string other = "{\"a\":3}" + std::string(json::kLinePadding, ' ');
  json::JsonLine parser;
  parser.expect(std::string_view(padded).substr(0, 16));
  CHECK(told(parser, std::string_view(other).substr(0, 7)) == "{\"a\":3}");
  CHECK(told(parser, std::string_view(padded).substr(8, 7)) == "{\"a\":2}");
  CHECK(told(parser, std::string_view(padded).substr(0, 7)) == "{\"a\":1}");  // out of order
  parser.expect({});
  CHECK(told(parser, std::string_view(padded).substr(8, 7)) == "{\"a\":2}");
}

TEST_CASE("of a block nothing is left when another one takes its memory", "[json][dataset]") {
  // As long as each other: by the index of the first, the others' second id and commas are not
  // seen.
  const std::string first = R"({"id":"11","text":"aaaaaaaaaaaaaaaaaaa"})";
  const std::string second = R"({"id":"12","text":"a","id":"13","b":"c"})";
  const std::string third = R"({"id":"14","text":"a",,,,,,,,,,,"b":"c"})";
  REQUIRE((first.size() == second.size() && first.size() == third.size()));
  const std::vector<std::vector<std::string>> blocks = {
      {first, first, first}, {"123", second, third}, {first, first},
      {"[", third},          {first, first},         {second, first}};
  std::string memory(1000, ' ');
  dataset::RecordParser ahead({.format = dataset::Format::kJson});
  dataset::RecordParser alone({.format = dataset::Format::kJson});
  const auto told = [](dataset::RecordParser& parser, std::string_view text) {
    files::Line line;
    line.text = text;
    dataset::Record record;
    REQUIRE(parser.take(line, record));
    return record.items.empty() ? record.why : tell(record.items.front());
  };
  for (const auto& lines : blocks) {
    std::string text;
    for (std::string line : lines) {
      line.resize(100, ' ');  // so that lines of all blocks begin at the same places
      text += line + '\n';
    }
    std::ranges::copy(text, memory.begin());
    const std::string_view block = std::string_view(memory).substr(0, text.size());
    ahead.expect(block);
    for (std::size_t at = 0; at < block.size();) {
      const std::size_t end = block.find('\n', at);
      const std::string_view line = block.substr(at, end - at);
      CHECK(told(ahead, line) == told(alone, line));
      at = end + 1;
    }
  }
}

}  // namespace recant::test
