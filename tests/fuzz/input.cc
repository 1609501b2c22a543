// Compressed and plain inputs. Both ways to cut one into lines give the same lines.
#include "engine/files/input.h"

#include "engine/files/line_blocks.h"
#include "tests/fuzz/fuzz.h"

namespace recant::fuzz {
namespace {

constexpr std::uint64_t kBytesMax = std::uint64_t{4} << 20;  // of a bomb

struct Lines {
  std::string text;  // a line each, and how it ended
  std::string error;
  std::uint64_t bytes = 0;

  void add(const files::Line& line) {
    bytes += line.bytes + 1;
    text += std::to_string(line.number) + (line.too_long ? " long " : " ") +
            std::to_string(line.bytes) + (line.newline ? " " : " last ") +
            (line.byte_order_mark ? "mark " : "");
    // Of a line that is too long either way may show more of its head.
    text += line.too_long ? "\n" : std::string(line.text) + "\n";
  }
};

Lines read_by_line(const std::string& path, std::uint64_t cap) {
  files::LineReader reader(must(files::Input::open(path)), cap);
  files::Line line;
  Lines lines;
  while (lines.bytes < kBytesMax) {
    const auto more = reader.next(line);
    if (!more) lines.error = more.error().what;
    if (!more || !*more) return lines;
    lines.add(line);
  }
  return lines;
}

Lines read_by_block(const std::string& path, std::uint64_t cap, std::size_t block_bytes) {
  files::LineBlocks blocks(must(files::Input::open(path)), cap, block_bytes);
  files::LineBlock block;
  files::Line line;
  Lines lines;
  while (lines.bytes < kBytesMax) {
    const auto more = blocks.next(block);
    if (!more) lines.error = more.error().what;
    if (!more || !*more) return lines;
    while (lines.bytes < kBytesMax && block.next(line)) lines.add(line);
  }
  return lines;
}

}  // namespace

void input(Data data) {
  Taker in(data);
  const std::uint64_t cap = 1 + in.number(2);
  const std::size_t block_bytes = 1 + in.number(2);
  const FileInMemory file(in.rest_text());
  const Lines lines = read_by_line(file.path(), cap);
  const Lines blocks = read_by_block(file.path(), cap, block_bytes);
  // How much of a damaged bzip2 block is given depends on how much is asked for.
  const bool same = lines.error.empty() ? lines.text == blocks.text
                                        : lines.text.starts_with(blocks.text) ||
                                              blocks.text.starts_with(lines.text);
  require(same, "other lines:\n" + lines.text + "and\n" + blocks.text);
  require(lines.bytes >= kBytesMax || lines.error == blocks.error, "another error");
}

}  // namespace recant::fuzz
