// Lines of a dataset to records, told by content: the part of reading that needs no file.
// Shapes: the platform's reference, section 5; rules: cli.md, "check"; reliability.md, "Content".
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/dataset/dataset_reader.h"
#include "engine/dataset/json_items.h"
#include "engine/files/input.h"

namespace recant::dataset {

class CsvRows;

/// Takes the lines of one dataset in order. Only the first lines decide (the format, a header) and
/// only CSV rows span lines: once `lines_stand_alone`, another parser may take the lines that come.
class RecordParser {
 public:
  explicit RecordParser(const ReaderOptions& options);
  RecordParser(RecordParser&&) noexcept;
  RecordParser& operator=(RecordParser&&) noexcept;
  ~RecordParser();

  /// False where the record goes on in the next line (`out` is then unfinished). 64 bytes past the
  /// end of `line.text` must be readable. `out` is reused: its vectors keep their memory.
  [[nodiscard]] bool take(const files::Line& line, Record& out);
  /// As of json::JsonLine: to be called for every block of lines, or for none.
  void expect(std::string_view lines);
  /// Of the last line, if it was JSON and accepted. Valid until the next.
  [[nodiscard]] simdjson::dom::element json() const { return json_.root(); }
  /// The input ended. True if a record was cut by that: `out` is its rejection.
  [[nodiscard]] bool end(Record& out);
  /// The input cannot be read on from line `line`: `out` is the rejection that says `why`.
  void damage(std::uint64_t line, std::string why, Record& out);

  /// The lines that decide were taken, and the next one begins a record.
  [[nodiscard]] bool begun() const { return !first_ && !in_row(); }
  /// The record at hand is rejected already and goes on: its bytes are of no use.
  [[nodiscard]] bool dropping() const { return dropping_; }
  /// What the dataset was told to be; kAuto as long as every line was blank.
  [[nodiscard]] Format format() const { return format_; }
  /// Each line that comes is a record of its own, in a format that is known.
  [[nodiscard]] bool lines_stand_alone() const;
  /// A parser for lines behind those taken so far. Needs lines_stand_alone.
  [[nodiscard]] RecordParser for_later_lines() const;

 private:
  void tell(const files::Line& line);
  void read_columns(char delimiter);
  [[nodiscard]] std::string too_long(std::string_view what, std::uint64_t bytes) const;
  [[nodiscard]] std::uint64_t lines_of_record() const { return last_line_ - record_line_ + 1; }
  bool take_csv_line(const files::Line& line, Record& out);
  bool drop_csv_line(const files::Line& line, Record& out);
  void take_id_line(const files::Line& line, bool first, Record& out);
  void take_id(std::uint64_t id, Record& out);
  void take_json_line(const files::Line& line, Record& out);
  [[nodiscard]] bool in_row() const;

  ReaderOptions options_;
  Format format_;
  JsonItems json_;
  std::unique_ptr<CsvRows> csv_;
  std::uint64_t last_line_ = 0;
  std::uint64_t record_line_ = 0;
  std::uint64_t row_bytes_ = 0;
  bool dropping_ = false;
  bool first_ = true;  // no line that is not blank was read yet
};

}  // namespace recant::dataset
