// Verdicts as lines: ndjson, CSV, or the platform's batch results. Formats: cli.md, "check".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/files/output.h"
#include "recant/verdict.h"

namespace recant::dataset {

enum class OutputFormat : std::uint8_t { kNdjson, kCsv, kBatch };

/// Appends the check line of an item, without a newline.
void append_check_line(const Item& item, const Verdict& verdict, std::string& out);

/// Appends a cell: quoted where it must be [RFC 4180], and with a ' before what a spreadsheet would
/// run.
void append_csv_cell(std::string_view text, std::string& out);

/// Writes lines in the order in which it is given them, in large pieces.
class VerdictWriter {
 public:
  /// `all`: keep lines are written too (never in batch results).
  VerdictWriter(files::Output& out, OutputFormat format, ItemType type, bool all);
  /// Errors: kIo, kNoSpace.
  [[nodiscard]] Result<void> write(const Item& item, const Verdict& verdict);
  /// Hands over what is buffered. `out` is the caller's to finish.
  [[nodiscard]] Result<void> flush();

 private:
  void append_csv_line(const Item& item, const Verdict& verdict);
  void append_batch_line(const Item& item, const Verdict& verdict);

  files::Output& out_;
  OutputFormat format_;
  bool all_;
  std::string buffer_;
};

}  // namespace recant::dataset
