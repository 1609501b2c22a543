// LineBlocks against a plain split of the text: any block size, cap, line ends and byte-order mark.
#include "engine/files/line_blocks.h"

#include <random>
#include <vector>

#include "tests/files_support.h"

namespace recant {
namespace {

using files::Line;

struct Told {
  std::string text;
  std::uint64_t bytes = 0;
  bool too_long = false;
  bool newline = false;
  friend bool operator==(const Told&, const Told&) = default;
};

std::ostream& operator<<(std::ostream& out, const Told& line) {
  return out << '"' << line.text << "\" " << line.bytes << line.too_long << line.newline;
}

// What a reader with all of the text in memory would say.
std::vector<Told> split(std::string text, std::uint64_t cap) {
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  std::vector<Told> lines;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = text.find('\n', begin);
    const bool newline = end != std::string::npos;
    const std::string line = text.substr(begin, newline ? end - begin : std::string::npos);
    const bool too_long = line.size() > cap;
    lines.push_back({too_long ? "" : line, line.size(), too_long, newline});
    begin = newline ? end + 1 : text.size();
  }
  return lines;
}

std::vector<Told> read_blocks(const std::string& path, std::uint64_t cap, std::size_t block_bytes) {
  auto input = files::Input::open(path);
  REQUIRE(input);
  files::LineBlocks blocks(std::move(*input), cap, block_bytes);
  files::LineBlock block;
  std::vector<Told> lines;
  for (;;) {
    const auto more = blocks.next(block);
    REQUIRE(more);
    if (!*more) return lines;
    REQUIRE(block.first_line() == lines.size() + 1);
    Line line;
    while (block.next(line)) {
      REQUIRE(line.number == lines.size() + 1);
      lines.push_back(
          {line.too_long ? "" : std::string(line.text), line.bytes, line.too_long, line.newline});
    }
  }
}

TEST_CASE("blocks hold the lines of the text, wherever it is cut", "[files]") {
  std::mt19937_64 random(11);
  const test::TempDirectory directory;
  const auto below = [&random](std::uint64_t end) { return random() % end; };
  for (int round = 0; round < 3000; ++round) {
    std::string text = below(4) == 0 ? "\xEF\xBB\xBF" : "";
    const std::uint64_t longest = below(3) == 0 ? 200 : 12;
    for (std::uint64_t lines = below(30); lines > 0; --lines) {
      text += std::string(below(longest), static_cast<char>('a' + below(26)));
      if (lines > 1 || below(2) == 0) text += '\n';
    }
    const std::uint64_t cap = 1 + below(100);
    const std::size_t block_bytes = 1 + below(150);
    INFO("round " << round << ", cap " << cap << ", block " << block_bytes << ": " << text);
    REQUIRE(read_blocks(directory.file("x", text), cap, block_bytes) == split(text, cap));
  }
}

}  // namespace
}  // namespace recant
