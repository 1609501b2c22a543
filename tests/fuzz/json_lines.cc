// Blocks of JSON lines, each in the memory of the one before it. What a line says does not depend
// on whether its block was indexed at once, on the lines around it, or on blocks that were there
// before; and it is what the same line says to a parser that has seen no other.
#include <algorithm>
#include <memory>
#include <string>

#include "engine/json/json_line.h"
#include "tests/fuzz/fuzz.h"

namespace recant::fuzz {
namespace {

constexpr char kEndOfBlock = '\x1e';

std::string told(json::JsonLine& parser, std::string_view line) {
  const auto root = parser.parse(line);
  return root ? simdjson::to_string(*root) : "! " + root.error();
}

// Takes what stands before `end` off the front of `text`, and `end` too.
std::string_view cut(std::string_view& text, char end) {
  const std::size_t size = std::min(text.find(end), text.size());
  const std::string_view piece = text.substr(0, size);
  text.remove_prefix(std::min(size + 1, text.size()));
  return piece;
}

}  // namespace

void json_lines(Data data) {
  Taker in(data);
  const std::uint8_t never_asked = in.byte();
  const char behind = static_cast<char>(in.byte());
  std::string_view rest = in.rest_text();
  // Exactly what is promised to be readable: a sanitizer sees a read past that.
  const std::size_t size = rest.size() + json::kLinePadding;
  const auto memory = std::make_unique<char[]>(size);
  json::JsonLine ahead;
  while (!rest.empty()) {
    const std::string_view block = cut(rest, kEndOfBlock);
    std::fill(std::ranges::copy(block, memory.get()).out, memory.get() + size, behind);
    ahead.expect({memory.get(), block.size()});
    std::string_view lines(memory.get(), block.size());
    for (unsigned number = 0; !lines.empty(); ++number) {
      const std::string_view line = cut(lines, '\n');
      if ((never_asked >> (number % 8) & 1U) != 0) continue;
      json::JsonLine alone;
      require(told(ahead, line) == told(alone, line), "another value: " + std::string(line));
    }
  }
}

}  // namespace recant::fuzz
