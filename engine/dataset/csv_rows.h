// CSV and TSV rows to items, through libcsv (RFC 4180). What the RFC does not allow is read as most
// readers do, as long as no other row can be swallowed by it.
#pragma once

#include <csv.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/dataset/dataset_reader.h"

namespace recant::dataset {

class CsvRows {
 public:
  CsvRows(char delimiter, ItemType type);
  CsvRows(const CsvRows&) = delete;
  CsvRows& operator=(const CsvRows&) = delete;
  ~CsvRows();

  enum class Fed : std::uint8_t {
    kRowEnded,
    kRowGoesOn,  ///< the newline is inside quotes
    kRowBroken,  ///< text behind a closing quote, so that the row's end is a guess; was dropped
  };
  /// Takes a line without its newline.
  [[nodiscard]] Fed feed(std::string_view line);
  [[nodiscard]] bool in_row() const { return in_row_; }
  /// Forgets the row at hand and begins anew with the next line.
  void drop_row();
  /// The row that feed ended. The first one is the header.
  void take(Record& out);

 private:
  enum Column : std::uint8_t {
    kId,
    kTweetId,
    kUserId,
    kAuthorId,
    kRetweetedId,
    kRetweetedAuthorId,
    kQuotedId,
    kQuotedAuthorId,
    kColumnCount,
  };
  static constexpr std::size_t kAbsent = SIZE_MAX;
  // Longer than any id, so that a cell cut to it is no id. Nothing may be allocated in a callback.
  static constexpr std::size_t kCellBytes = 40;
  struct Cell {
    std::array<char, kCellBytes> bytes;
    std::uint8_t size = 0;
  };
  static const std::array<std::string_view, kColumnCount> kNames;

  static void on_cell(void* data, std::size_t size, void* self) noexcept;
  static void on_row(int terminator, void* self) noexcept;
  void header_cell(std::string_view text);
  void start();
  [[nodiscard]] bool parse(std::string_view bytes);
  [[nodiscard]] bool parse_leniently(char byte);
  void finish_header();
  [[nodiscard]] std::optional<std::string> read_item(Item& out) const;
  [[nodiscard]] bool read_cell(Column column, std::uint64_t& id, std::string& why) const;

  csv_parser parser_{};
  char delimiter_;
  ItemType type_;
  bool in_row_ = false;
  bool row_of_lines_ = false;  // the row at hand began before the line at hand
  bool row_ended_ = false;
  bool have_header_ = false;
  std::size_t column_ = 0;  // of the next cell
  std::array<std::size_t, kColumnCount> positions_;
  std::array<Cell, kColumnCount> cells_;
  Column id_column_ = kId;
  std::string header_why_;    // what rejects every row
  std::string_view row_why_;  // what rejects the row at hand
};

}  // namespace recant::dataset
