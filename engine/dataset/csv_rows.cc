#include "engine/dataset/csv_rows.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <optional>
#include <utility>

#include "engine/dataset/id_text.h"

namespace recant::dataset {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{64} << 10;  // by which libcsv's cell buffer grows

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// A CR is white space: only LF ends a row, so that a row ends where a line does.
int is_space(unsigned char c) { return c == ' ' || c == '\t' || c == '\r'; }
int is_terminator(unsigned char c) { return c == '\n'; }

// reliability.md, "Content": neither is text.
std::string_view why_no_text(std::string_view line) {
  if (line.find('\0') != std::string_view::npos) return "a NUL byte";
  return simdjson::validate_utf8(line.data(), line.size()) ? "" : "invalid UTF-8";
}

}  // namespace

const std::array<std::string_view, CsvRows::kColumnCount> CsvRows::kNames = {
    "id",        "tweet_id",        "user_id", "author_id", "retweeted_id", "retweeted_author_id",
    "quoted_id", "quoted_author_id"};

CsvRows::CsvRows(char delimiter, ItemType type) : delimiter_(delimiter), type_(type) {
  positions_.fill(kAbsent);
  start();
}

CsvRows::~CsvRows() { csv_free(&parser_); }

void CsvRows::start() {
  if (csv_init(&parser_, CSV_STRICT) != 0) throw std::bad_alloc();
  csv_set_delim(&parser_, static_cast<unsigned char>(delimiter_));
  csv_set_space_func(&parser_, is_space);
  csv_set_term_func(&parser_, is_terminator);
  csv_set_blk_size(&parser_, kBlockBytes);
  column_ = 0;
  in_row_ = false;
}

void CsvRows::drop_row() {
  csv_free(&parser_);
  start();
}

CsvRows::Fed CsvRows::feed(std::string_view line) {
  if (!in_row_) {
    for (Cell& cell : cells_) cell.size = 0;
    row_why_ = {};
  }
  if (have_header_ && row_why_.empty()) row_why_ = why_no_text(line);
  row_of_lines_ = std::exchange(in_row_, true);
  row_ended_ = false;
  if (!parse(line) || !parse("\n")) {
    drop_row();
    return Fed::kRowBroken;
  }
  in_row_ = !row_ended_;
  return row_ended_ ? Fed::kRowEnded : Fed::kRowGoesOn;
}

// False where the row is broken.
bool CsvRows::parse(std::string_view bytes) {
  while (true) {
    const std::size_t taken =
        csv_parse(&parser_, bytes.data(), bytes.size(), on_cell, on_row, this);
    if (taken == bytes.size()) return true;
    if (csv_error(&parser_) != CSV_EPARSE) throw std::bad_alloc();
    if (!parse_leniently(bytes[taken])) return false;
    bytes.remove_prefix(taken + 1);
  }
}

// Takes a byte that RFC 4180 does not allow where it stands.
bool CsvRows::parse_leniently(char byte) {
  // A quote inside a cell that does not begin with one is a character like others. Behind a quoted
  // cell more text may follow (`"Hi" she said`), but then no later quote closes that cell: else all
  // rows up to the next quote would be swallowed. Where lines were swallowed nobody knows which
  // quote was meant.
  const bool behind_quotes = parser_.quoted != 0;
  if (behind_quotes && (byte == '"' || row_of_lines_)) return false;
  csv_set_opts(&parser_, 0);
  const std::size_t taken = csv_parse(&parser_, &byte, 1, on_cell, on_row, this);
  csv_set_opts(&parser_, CSV_STRICT);
  if (taken != 1) throw std::bad_alloc();
  parser_.quoted = 0;
  return true;
}

void CsvRows::on_cell(void* data, std::size_t size, void* self) noexcept {
  auto& rows = *static_cast<CsvRows*>(self);
  const std::size_t column = rows.column_++;
  const std::string_view text =
      size == 0 ? std::string_view() : trimmed({static_cast<const char*>(data), size});
  if (!rows.have_header_) {
    rows.header_cell(text);
    return;
  }
  for (std::size_t i = 0; i < kColumnCount; ++i) {
    if (rows.positions_[i] != column) continue;
    Cell& cell = rows.cells_[i];
    cell.size = static_cast<std::uint8_t>(std::min(text.size(), kCellBytes));
    if (cell.size > 0) std::memcpy(cell.bytes.data(), text.data(), cell.size);
  }
}

void CsvRows::on_row(int /*terminator*/, void* self) noexcept {
  auto& rows = *static_cast<CsvRows*>(self);
  rows.row_ended_ = true;
  rows.column_ = 0;
}

// In the header, a column's cell holds how often its name was there.
void CsvRows::header_cell(std::string_view text) {
  for (std::size_t i = 0; i < kColumnCount; ++i) {
    const std::string_view name = kNames[i];
    const bool same =
        text.size() == name.size() && std::equal(text.begin(), text.end(), name.begin(),
                                                 [](char a, char b) { return lower(a) == b; });
    if (!same) continue;
    positions_[i] = column_ - 1;
    cells_[i].size = cells_[i].size == 0 ? 1 : 2;
  }
}

void CsvRows::finish_header() {
  have_header_ = true;
  const auto there = [this](Column column) { return positions_[column] != kAbsent; };
  const Column better = type_ == ItemType::kUser ? kUserId : kTweetId;
  id_column_ = type_ == ItemType::kLike || there(better) ? better : kId;
  if (type_ == ItemType::kLike) {
    if (!there(kTweetId)) header_why_ = "the header has no column tweet_id";
    if (!there(kUserId)) header_why_ = "the header has no column user_id";
  } else if (!there(id_column_)) {
    header_why_ = "the header has no column id or " + std::string(kNames[better]);
  }
  for (std::size_t i = 0; i < kColumnCount; ++i) {
    const bool read = i == id_column_ || (type_ == ItemType::kLike && i == kUserId) ||
                      (type_ == ItemType::kTweet && i >= kAuthorId);
    if (read && cells_[i].size > 1) {
      header_why_ = "the header has two columns " + std::string(kNames[i]);
    }
  }
}

void CsvRows::take(Record& out) {
  out.why.clear();
  if (!have_header_) {
    finish_header();
    out.record_class = RecordClass::kSkipped;
    out.items.clear();
    return;
  }
  out.items.resize(1);
  if (auto why = read_item(out.items.front())) {
    out.record_class = RecordClass::kRejected;
    out.why = *std::move(why);
    out.items.clear();
    return;
  }
  out.record_class = RecordClass::kItems;
}

bool CsvRows::read_cell(Column column, std::uint64_t& id, std::string& why) const {
  const std::string_view text(cells_[column].bytes.data(), cells_[column].size);
  id = 0;
  if (text.empty()) return true;
  const auto parsed = parse_id(text);
  if (!parsed) why = std::string(kNames[column]) + " is " + std::string(why_no_id(text));
  id = parsed.value_or(0);
  return parsed.has_value();
}

std::optional<std::string> CsvRows::read_item(Item& out) const {
  if (!header_why_.empty()) return header_why_;
  if (!row_why_.empty()) return std::string(row_why_);
  out = Item{};
  out.type = type_;
  std::string why;
  if (!read_cell(id_column_, out.id, why)) return why;
  if (out.id == 0) return "no " + std::string(kNames[id_column_]);
  if (type_ == ItemType::kLike) {
    if (!read_cell(kUserId, out.user, why)) return why;
    if (out.user == 0) return "no user_id";
  }
  if (type_ != ItemType::kTweet) return {};
  if (!read_cell(kAuthorId, out.author, why) || !read_cell(kRetweetedId, out.retweeted, why) ||
      !read_cell(kQuotedId, out.quoted, why)) {
    return why;
  }
  // The author of an original that is not there belongs to nothing.
  if (out.retweeted != 0 && !read_cell(kRetweetedAuthorId, out.retweeted_author, why)) return why;
  if (out.quoted != 0 && !read_cell(kQuotedAuthorId, out.quoted_author, why)) return why;
  return {};
}

}  // namespace recant::dataset
