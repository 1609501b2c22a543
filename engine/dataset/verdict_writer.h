// Verdicts as lines: ndjson, CSV, or the platform's batch results. Formats: cli.md, "check".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/files/output.h"
#include "engine/verdict/ruling.h"
#include "recant/verdict.h"

namespace recant::dataset {

enum class OutputFormat : std::uint8_t { kNdjson, kCsv, kBatch };

/// Appends the check line of an item, without a newline.
void append_check_line(const Item& item, const verdict::Ruling& ruling, std::string& out);
void append_check_line(const Item& item, const Verdict& verdict, std::string& out);

/// Appends a cell: quoted where it must be [RFC 4180], and with a ' before what a spreadsheet would
/// run.
void append_csv_cell(std::string_view text, std::string& out);

/// Verdicts to the bytes of one output format.
class VerdictFormat {
 public:
  /// `all`: keep lines are written too (never in batch results).
  VerdictFormat(OutputFormat format, ItemType type, bool all)
      : format_(format), type_(type), all_(all && format != OutputFormat::kBatch) {}
  /// What stands before the first line.
  void append_header(std::string& out) const;
  /// The line of an item with its newline; nothing where the format leaves the item out.
  void append(const Item& item, const verdict::Ruling& ruling, std::string& out) const;

 private:
  OutputFormat format_;
  ItemType type_;
  bool all_;
};

/// Writes lines in the order in which it is given them, in large pieces.
class VerdictWriter {
 public:
  VerdictWriter(files::Output& out, const VerdictFormat& format);
  /// Errors: kIo, kNoSpace.
  [[nodiscard]] Result<void> write(const Item& item, const Verdict& verdict);
  /// Hands over what is buffered. `out` is the caller's to finish.
  [[nodiscard]] Result<void> flush();

 private:
  files::Output& out_;
  VerdictFormat format_;
  std::string buffer_;
  std::vector<const Reason*> reasons_;  // scratch
};

}  // namespace recant::dataset
