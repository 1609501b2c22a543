#include "engine/dataset/shard.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "engine/dataset/id_text.h"

namespace recant::dataset {
namespace {

constexpr std::uint64_t kNoEnd = std::numeric_limits<std::uint64_t>::max();

/// The lines of a file of its own, with where they begin.
class PlacedLines {
 public:
  static Result<PlacedLines> open(const std::string& path, const ReaderOptions& options) {
    RECANT_ASSIGN(auto input, files::Input::open(path));
    return PlacedLines(files::LineReader(std::move(input), options.line_bytes_max));
  }
  Result<bool> next() {
    begin_ = end_;
    RECANT_ASSIGN(const bool more, lines_.next(line_));
    if (more) end_ += line_.bytes + (line_.newline ? 1 : 0) + (line_.byte_order_mark ? 3 : 0);
    return more;
  }
  [[nodiscard]] const files::Line& line() const { return line_; }
  [[nodiscard]] std::uint64_t begin() const { return begin_; }

 private:
  explicit PlacedLines(files::LineReader lines) : lines_(std::move(lines)) {}

  files::LineReader lines_;
  files::Line line_{};
  std::uint64_t begin_ = 0;
  std::uint64_t end_ = 0;
};

struct FileHead {
  std::optional<Head> head{};
  bool array = false;
};

// Of the lines that begin before `end`. What cannot be read will be told by who reads it all.
Result<FileHead> head_of(const std::string& path, std::uint64_t end, const ReaderOptions& options,
                         RecordParser& parser) {
  RECANT_ASSIGN(auto lines, PlacedLines::open(path, options));
  Record record;
  std::string header;
  std::uint64_t offset = 0;
  bool array = false;
  while (true) {
    const auto more = lines.next();
    if (!more && more.error().code != ErrorCode::kCorruption) return std::unexpected(more.error());
    if (!more || !*more || lines.begin() >= end) return FileHead{};
    if (header.empty()) {
      array = trimmed(lines.line().text).starts_with('[');
      offset = lines.begin();
    }
    header += lines.line().text;
    header += '\n';
    const bool ended = parser.take(lines.line(), record);
    if (!ended) continue;
    if (parser.begun()) break;
    header.clear();  // a blank line
  }
  const bool has_header =
      record.record_class == RecordClass::kSkipped && parser.format() != Format::kJson;
  return FileHead{.head = Head{.name = path,
                               .format = parser.format(),
                               .header = std::string(has_header ? trimmed(header) : ""),
                               .offset = offset},
                  .array = array && parser.format() == Format::kJson};
}

// Where the first row at or after `from` begins, for both ends of a range.
Result<std::pair<std::uint64_t, std::uint64_t>> row_range(
    const files::Input& input, std::pair<std::uint64_t, std::uint64_t> range,
    const ReaderOptions& options) {
  RECANT_ASSIGN(auto lines, PlacedLines::open(input.name(), options));
  RecordParser parser(options);
  Record record;
  std::pair<std::uint64_t, std::uint64_t> rows = {kNoEnd, kNoEnd};
  bool row_begins = true;
  while (true) {
    RECANT_ASSIGN(const bool more, lines.next());
    if (!more) break;
    if (row_begins && rows.first == kNoEnd && lines.begin() >= range.first) {
      rows.first = lines.begin();
    }
    if (row_begins && lines.begin() >= range.second) {
      rows.second = lines.begin();
      break;
    }
    row_begins = parser.take(lines.line(), record);
  }
  const std::uint64_t size = *input.bytes_total();
  return std::pair{std::min(rows.first, size), std::min(rows.second, size)};
}

std::uint64_t share_of(std::uint64_t total, std::uint64_t part, std::uint64_t parts) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>(static_cast<Wide>(total) * part / parts);
}

bool has_rows(Format format) { return format == Format::kCsv || format == Format::kTsv; }

Result<void> require_seekable(const std::vector<files::Input>& inputs) {
  for (const files::Input& input : inputs) {
    if (input.seekable()) continue;
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("{}: only files can be read in shards (put it in a file)", input.name()));
  }
  return {};
}

}  // namespace

Result<ShardInputs> take_shard(std::vector<files::Input> inputs, const Shard& shard,
                               const ReaderOptions& options) {
  if (shard.count == 1) return ShardInputs{.inputs = std::move(inputs)};
  RECANT_TRY(require_seekable(inputs));
  std::uint64_t total = 0;
  for (const files::Input& input : inputs) total += *input.bytes_total();
  const std::uint64_t first = share_of(total, shard.index - 1, shard.count);
  const std::uint64_t last = share_of(total, shard.index, shard.count);
  ShardInputs share;
  std::uint64_t begin = 0;  // of the input among all
  bool content = false;     // of the inputs so far
  for (files::Input& input : inputs) {
    const std::uint64_t size = *input.bytes_total();
    const std::uint64_t end = begin + size;
    const bool begins_here = first <= begin && begin < last;
    RecordParser parser(options);
    RECANT_ASSIGN(const FileHead head, head_of(input.name(), kNoEnd, options, parser));
    // Where nothing tells how lines are to be read, they belong together.
    const bool splits = !input.compressed() && head.head && !head.array;
    if (!content && head.head) {
      content = true;
      if (begin + (splits ? head.head->offset : 0) < first) share.before = head.head;
    }
    std::pair range = {std::clamp(first, begin, end) - begin, std::clamp(last, begin, end) - begin};
    if (splits && has_rows(head.head->format) && range.first < range.second) {
      RECANT_ASSIGN(range, row_range(input, range, options));
    }
    begin = end;
    if (splits ? range.first >= range.second : !begins_here) continue;
    if (splits && range != std::pair{std::uint64_t{0}, size}) {
      RECANT_TRY(input.restrict_lines(range.first, range.second));
    }
    share.inputs.push_back(std::move(input));
  }
  return share;
}

Result<std::optional<Head>> read_head(const files::Input& input, const ReaderOptions& options,
                                      RecordParser& parser) {
  if (input.begin() == 0) return std::nullopt;
  RECANT_ASSIGN(auto head, head_of(input.name(), input.begin(), options, parser));
  return std::move(head.head);
}

}  // namespace recant::dataset
