// The last stage of scrub: edited batches to the bytes of the output and of the held file, with
// what depends on the lines before: headers, arrays over lines, ends of lines.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/dataset/array_lines.h"
#include "engine/dataset/scrub.h"
#include "engine/dataset/scrub_batch.h"
#include "engine/dataset/scrub_edit.h"

namespace recant::dataset {

/// Takes the batches of all inputs in order.
class ScrubEditor {
 public:
  ScrubEditor(bool wants_held, const ScrubPlace& place);

  /// A new input begins.
  void begin_input(std::string name);
  /// Appends what goes where. Errors: kInvalidArgument (this input is no part of the same dataset
  /// as those before: another format, other columns).
  [[nodiscard]] Result<void> put(const ScrubBatch& batch, std::string& output, std::string& held);

  /// Nothing comes any more. Appends what another share's output needs before it.
  void end(std::string& output);

  [[nodiscard]] const RemovedParts& removed() const { return removed_; }
  [[nodiscard]] std::uint64_t parts_in_rows() const { return parts_in_rows_; }

 private:
  /// What all inputs of one dataset share.
  struct Shape {
    Format format = Format::kAuto;
    std::string header;  ///< without the end of its line
    friend bool operator==(const Shape&, const Shape&) = default;
  };

  [[nodiscard]] Result<void> begin_content(Shape shape);
  void put_row(const ScrubBatch& batch, const BatchRecord& record, std::string& output,
               std::string& held);
  void put_json(const ScrubBatch& batch, const BatchRecord& record, std::string& output,
                std::string& held);
  void join(std::size_t begin, std::string& output);

  bool wants_held_;
  ScrubPlace place_;
  std::string name_;
  std::string first_name_;  // of the first input with anything in it
  std::optional<Shape> shape_;
  std::string header_line_;  // until it is in the held file
  bool first_input_ = true;
  bool first_input_with_content_ = true;
  bool content_ = false;  // of this input anything but blank lines was seen
  bool first_record_ = true;
  bool open_line_ = false;  // the output's last line has no newline yet
  bool needs_newline_ = false;
  bool needs_byte_order_mark_ = false;
  ArrayLines array_;
  RemovedParts removed_{};
  std::uint64_t parts_in_rows_ = 0;
};

}  // namespace recant::dataset
