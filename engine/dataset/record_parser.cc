#include "engine/dataset/record_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "engine/dataset/csv_rows.h"
#include "engine/dataset/id_text.h"

namespace recant::dataset {
namespace {

bool begins_json(std::string_view text) { return text.starts_with('{') || text.starts_with('['); }

// An array may be spread over lines, an object on each: what belongs to the array goes.
std::string_view without_array_parts(std::string_view text) {
  if (text == "[" || text == "]") return {};
  if (text.ends_with(',')) {  // no JSON text ends so
    text = trimmed(text.substr(0, text.size() - 1));
    if (text.starts_with('[')) text = trimmed(text.substr(1));
  } else if (text.starts_with('{') && text.ends_with(']')) {
    text = trimmed(text.substr(0, text.size() - 1));
  } else if (text.starts_with('[') && text.ends_with('}')) {  // what scrub may leave of an array
    text = trimmed(text.substr(1));
  }
  return text;
}

// A lone column whose name says that it holds ids of another kind: judged as ours, nothing would be
// known of them, and all would be kept.
bool names_other_ids(std::string_view header, ItemType type) {
  std::string name(trimmed(unquoted_line(header)));
  std::ranges::transform(name, name.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (type == ItemType::kUser) return name == "tweet_id";
  return type == ItemType::kTweet && (name == "user_id" || name == "author_id");
}

void skip(Record& out) {
  out.record_class = RecordClass::kSkipped;
  out.why.clear();
  out.items.clear();
}

void reject(Record& out, std::string why) {
  out.record_class = RecordClass::kRejected;
  out.why = std::move(why);
  out.items.clear();
}

}  // namespace

RecordParser::RecordParser(const ReaderOptions& options)
    : options_(options), format_(options.format), json_(options.type) {
  if (format_ == Format::kCsv) read_columns(',');
  if (format_ == Format::kTsv) read_columns('\t');
}
RecordParser::RecordParser(RecordParser&&) noexcept = default;
RecordParser& RecordParser::operator=(RecordParser&&) noexcept = default;
RecordParser::~RecordParser() = default;

void RecordParser::read_columns(char delimiter) {
  csv_ = std::make_unique<CsvRows>(delimiter, options_.type);
}

bool RecordParser::in_row() const { return csv_ && (csv_->in_row() || dropping_); }

bool RecordParser::lines_stand_alone() const { return !first_ && !csv_; }

RecordParser RecordParser::for_later_lines() const {
  RecordParser later(options_);
  later.format_ = format_;
  later.first_ = false;
  return later;
}

void RecordParser::expect(std::string_view lines) {
  // Lines with anything else, such as the commas of an array over lines, would be read twice.
  const std::string_view first = trimmed(lines.substr(0, lines.find('\n')));
  const bool objects = first.starts_with('{') && first.ends_with('}');
  // Where nothing is gained the lines before are forgotten still: others may stand in their memory.
  json_.expect(format_ == Format::kJson && objects ? lines : std::string_view());
}

bool RecordParser::take(const files::Line& line, Record& out) {
  last_line_ = line.number;
  out.value = {};
  if (!in_row()) out.line = record_line_ = line.number;
  // Spaces alone are a blank line; the first byte decides for almost every line that is none.
  const bool blank = (line.text.empty() || line.text.front() <= ' ') && !line.too_long &&
                     trimmed(line.text).empty();
  if (blank && !in_row()) {
    skip(out);
    return true;
  }
  const bool first = std::exchange(first_, false);
  if (format_ == Format::kAuto) tell(line);
  if (csv_) return take_csv_line(line, out);
  if (line.too_long) {
    reject(out, too_long("line", line.bytes));
  } else if (format_ == Format::kIds) {
    take_id_line(line, first, out);
  } else {
    take_json_line(line, out);
  }
  return true;
}

// Decides the format by the first line that is not blank.
void RecordParser::tell(const files::Line& line) {
  const std::string_view text = trimmed(line.text);
  const std::size_t comma = text.find(',');
  const std::size_t tab = text.find('\t');
  const bool columns = comma != tab;  // one of them is there
  // Data frames are often written with an unnamed first column: then a comma comes first.
  const bool header =
      begins_with_letter(text) || line.text.starts_with(',') || line.text.starts_with('\t');
  if (begins_json(text)) {
    format_ = Format::kJson;
  } else if (columns && header) {
    format_ = tab < comma ? Format::kTsv : Format::kCsv;
    read_columns(tab < comma ? '\t' : ',');
  } else if (names_other_ids(text, options_.type)) {
    format_ = Format::kCsv;  // which says what column is not there
    read_columns(',');
  } else {
    format_ = Format::kIds;
  }
}

std::string RecordParser::too_long(std::string_view what, std::uint64_t bytes) const {
  return fmt::format("a {} of {} bytes, over the cap of {} (--max-line)", what, bytes,
                     options_.line_bytes_max);
}

bool RecordParser::take_csv_line(const files::Line& line, Record& out) {
  row_bytes_ += line.bytes + 1;
  if (dropping_ || line.too_long || row_bytes_ > options_.line_bytes_max + 1) {
    return drop_csv_line(line, out);
  }
  const CsvRows::Fed fed = csv_->feed(line.text);
  if (fed == CsvRows::Fed::kRowGoesOn) return false;
  row_bytes_ = 0;
  if (fed == CsvRows::Fed::kRowEnded) {
    csv_->take(out);
    return true;
  }
  const std::string where =
      last_line_ > record_line_ ? fmt::format(" in line {}", last_line_) : std::string();
  reject(out, "text behind a closing quote" + where + " (a quote inside quotes is written twice)");
  return true;
}

// Of a row that is too long no bytes are kept. What is inside of its quotes must not be taken for
// rows: outside of them quotes come in pairs.
bool RecordParser::drop_csv_line(const files::Line& line, Record& out) {
  const std::uint64_t quotes =
      line.too_long ? line.quotes : static_cast<std::uint64_t>(std::ranges::count(line.text, '"'));
  const bool in_quotes = in_row() != (quotes % 2 == 1);
  csv_->drop_row();
  dropping_ = in_quotes;
  if (in_quotes) return false;
  const std::uint64_t bytes = std::exchange(row_bytes_, 0) - 1;
  reject(out, too_long(lines_of_record() > 1 ? "row" : "line", bytes));
  return true;
}

void RecordParser::take_id_line(const files::Line& line, bool first, Record& out) {
  const std::string_view text = unquoted_line(line.text);
  const auto id = parse_id(text);
  if (id && options_.type != ItemType::kLike) {
    take_id(*id, out);
  } else if (first && begins_with_letter(trimmed(line.text))) {
    skip(out);
  } else if (id) {
    reject(out, "an id alone is no like: likes have tweet_id and user_id");
  } else {
    reject(out, std::string(why_no_id(trimmed(text))));
  }
}

void RecordParser::take_id(std::uint64_t id, Record& out) {
  out.record_class = RecordClass::kItems;
  out.why.clear();
  out.items.resize(1);
  Item& item = out.items.front();
  item.edit_histories.clear();
  // Assigned member by member: the vector keeps its memory.
  item.type = options_.type;
  item.id = id;
  item.user = item.author = item.retweeted = item.retweeted_author = item.quoted = 0;
  item.quoted_author = item.retweeted_quoted = item.retweeted_quoted_author = 0;
}

void RecordParser::take_json_line(const files::Line& line, Record& out) {
  const std::string_view text = without_array_parts(trimmed(line.text));
  if (text.empty()) return skip(out);
  out.value = text;
  if (begins_json(text)) return json_.read(text, out);
  const auto id = parse_id(unquoted_line(text));
  if (!id) return reject(out, "not JSON");
  if (options_.type != ItemType::kLike) return take_id(*id, out);
  reject(out, "an id alone is no like: likes have tweet_id and user_id");
}

void RecordParser::damage(std::uint64_t line, std::string why, Record& out) {
  out.line = line;
  if (in_row()) {
    out.line = record_line_;
    csv_->drop_row();
    dropping_ = false;
  }
  reject(out, std::move(why));
}

bool RecordParser::end(Record& out) {
  if (!in_row()) return false;
  csv_->drop_row();
  dropping_ = false;
  reject(out, fmt::format("the quote opened in this row is not closed in the {} lines to the end",
                          lines_of_record()));
  out.line = record_line_;
  return true;
}

}  // namespace recant::dataset
