// Items out of datasets, in every shape that tools leave tweets in, told by content.
// Shapes: the platform's reference, section 5; rules: cli.md, "check"; reliability.md, "Content".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/files/input.h"
#include "recant/error.h"
#include "recant/verdict.h"

namespace recant::dataset {

enum class Format : std::uint8_t { kAuto, kIds, kCsv, kTsv, kJson };

struct ReaderOptions {
  ItemType type = ItemType::kTweet;
  Format format = Format::kAuto;
  std::uint64_t line_bytes_max = std::uint64_t{16} << 20;
};

/// What one step of reading gave.
enum class RecordClass : std::uint8_t {
  kItems,     ///< one item or, for a page, one for each tweet of `data`
  kSkipped,   ///< blank line, header, notice, event envelope, page without data
  kRejected,  ///< no item in it; `why` says why
};

/// One line, or one CSV row (which may span lines).
struct Record {
  RecordClass record_class = RecordClass::kSkipped;
  std::uint64_t line = 0;   ///< number of its first line, from 1
  std::string why;          ///< for kRejected
  std::vector<Item> items;  ///< for kItems; in the order in which they stand
  /// Of a line of JSON: its value, without spaces and what belongs to an array that is spread over
  /// lines. Points into the line that was parsed; empty otherwise.
  std::string_view value{};
  /// Where that value is an array: how many of the items each of its elements gave.
  std::vector<std::uint32_t> element_items{};
};

/// A record that was rejected, for whoever tells of it later.
struct RejectedRecord {
  std::uint64_t line = 0;
  std::string why;
};

class DatasetReader {
 public:
  DatasetReader(files::Input input, ReaderOptions options);
  DatasetReader(DatasetReader&&) noexcept;
  DatasetReader& operator=(DatasetReader&&) noexcept;
  ~DatasetReader();

  /// The next record, false at the end. `out` is reused: its vectors keep their memory.
  /// Damaged compressed input is a kRejected record naming the offset, then the end.
  /// Errors: kIo.
  [[nodiscard]] Result<bool> next(Record& out);
  [[nodiscard]] const files::Input& input() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace recant::dataset
