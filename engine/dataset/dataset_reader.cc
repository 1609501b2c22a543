#include "engine/dataset/dataset_reader.h"

#include <fmt/format.h>

#include <utility>

#include "engine/dataset/csv_rows.h"
#include "engine/dataset/id_text.h"
#include "engine/dataset/json_items.h"

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
  }
  return text;
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

class DatasetReader::Impl {
 public:
  Impl(files::Input input, ReaderOptions options)
      : lines(std::move(input), options.line_bytes_max),
        options_(options),
        format_(options.format),
        json_(options.type) {
    if (format_ == Format::kCsv || format_ == Format::kTsv) {
      csv_ = std::make_unique<CsvRows>(format_ == Format::kTsv ? '\t' : ',', options.type);
    }
  }

  Result<bool> next(Record& out) {
    for (;;) {
      auto more = lines.next(line_);
      if (!more) return damage(std::move(more).error(), out);
      if (!*more) return end(out);
      if (!csv_ || !csv_->in_row()) out.line = record_line_ = line_.number;
      if (take_line(out)) return true;
    }
  }

  files::LineReader lines;

 private:
  // False where the record goes on in the next line.
  bool take_line(Record& out) {
    // Spaces alone are a blank line; the first byte decides for almost every line that is none.
    const bool blank = (line_.text.empty() || line_.text.front() <= ' ') && !line_.too_long &&
                       trimmed(line_.text).empty();
    if (blank && !(csv_ && csv_->in_row())) {
      skip(out);
      return true;
    }
    const bool first = std::exchange(first_, false);
    if (format_ == Format::kAuto) tell();
    if (csv_) return take_csv_line(out);
    if (line_.too_long) {
      reject(out, too_long(line_.bytes));
    } else if (format_ == Format::kIds) {
      take_id_line(first, out);
    } else {
      take_json_line(out);
    }
    return true;
  }

  // Decides the format by the first line that is not blank.
  void tell() {
    const std::string_view text = trimmed(line_.text);
    const std::size_t comma = text.find(',');
    const std::size_t tab = text.find('\t');
    const bool columns = comma != tab;  // one of them is there
    // Data frames are often written with an unnamed first column: then a comma comes first.
    const bool header =
        begins_with_letter(text) || line_.text.starts_with(',') || line_.text.starts_with('\t');
    if (begins_json(text)) {
      format_ = Format::kJson;
    } else if (columns && header) {
      format_ = tab < comma ? Format::kTsv : Format::kCsv;
      csv_ = std::make_unique<CsvRows>(tab < comma ? '\t' : ',', options_.type);
    } else {
      format_ = Format::kIds;
    }
  }

  [[nodiscard]] std::string too_long(std::uint64_t bytes) const {
    return fmt::format("a line of {} bytes, over the cap of {} (--max-line)", bytes,
                       options_.line_bytes_max);
  }

  bool take_csv_line(Record& out) {
    if (line_.too_long) {
      csv_->drop_row();
      row_bytes_ = 0;
      reject(out, too_long(line_.bytes));
      return true;
    }
    row_bytes_ += line_.bytes + 1;
    if (row_bytes_ > options_.line_bytes_max + 1) {
      reject(out,
             fmt::format("a row of over {} bytes, the cap (--max-line): is a quote not closed?",
                         options_.line_bytes_max));
      csv_->drop_row();
      row_bytes_ = 0;
      return true;
    }
    if (!csv_->feed(line_.text)) return false;
    row_bytes_ = 0;
    csv_->take(out);
    return true;
  }

  void take_id_line(bool first, Record& out) {
    const std::string_view text = unquoted_line(line_.text);
    const auto id = parse_id(text);
    if (id && options_.type != ItemType::kLike) {
      take_id(*id, out);
    } else if (first && begins_with_letter(trimmed(line_.text))) {
      skip(out);
    } else if (id) {
      reject(out, "an id alone is no like: likes have tweet_id and user_id");
    } else {
      reject(out, std::string(why_no_id(trimmed(text))));
    }
  }

  void take_id(std::uint64_t id, Record& out) {
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

  void take_json_line(Record& out) {
    const std::string_view text = without_array_parts(trimmed(line_.text));
    if (text.empty()) return skip(out);
    if (begins_json(text)) return json_.read(text, out);
    const auto id = parse_id(unquoted_line(text));
    if (!id) return reject(out, "not JSON");
    if (options_.type != ItemType::kLike) return take_id(*id, out);
    reject(out, "an id alone is no like: likes have tweet_id and user_id");
  }

  Result<bool> damage(Error error, Record& out) {
    if (error.code != ErrorCode::kCorruption) return std::unexpected(std::move(error));
    out.line = line_.number + 1;
    if (csv_ && csv_->in_row()) {
      out.line = record_line_;
      csv_->drop_row();
    }
    reject(out, std::move(error.what));
    return true;
  }

  Result<bool> end(Record& out) {
    if (!csv_ || !csv_->in_row()) return false;
    csv_->drop_row();
    reject(out, fmt::format("the quote opened in this row is not closed in the {} lines to the end",
                            line_.number - record_line_ + 1));
    out.line = record_line_;
    return true;
  }

  ReaderOptions options_;
  Format format_;
  JsonItems json_;
  std::unique_ptr<CsvRows> csv_;
  files::Line line_;
  std::uint64_t record_line_ = 0;
  std::uint64_t row_bytes_ = 0;
  bool first_ = true;  // no line that is not blank was read yet
};

DatasetReader::DatasetReader(files::Input input, ReaderOptions options)
    : impl_(std::make_unique<Impl>(std::move(input), options)) {}
DatasetReader::DatasetReader(DatasetReader&&) noexcept = default;
DatasetReader& DatasetReader::operator=(DatasetReader&&) noexcept = default;
DatasetReader::~DatasetReader() = default;

Result<bool> DatasetReader::next(Record& out) { return impl_->next(out); }
const files::Input& DatasetReader::input() const { return impl_->lines.input(); }

}  // namespace recant::dataset
