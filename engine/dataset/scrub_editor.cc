#include "engine/dataset/scrub_editor.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

#include "engine/dataset/id_text.h"

namespace recant::dataset {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool asks_for_parts(const Verdict& verdict) {
  return std::ranges::any_of(verdict.reasons, [](const Reason& reason) {
    return reason.action == Action::kStripGeo || reason.action == Action::kStripQuote;
  });
}

std::string_view end_of_line(std::string_view text) {
  return text.ends_with("\r\n") ? "\r\n" : "\n";
}

}  // namespace

ScrubEditor::ScrubEditor(bool wants_held, const ScrubPlace& place)
    : wants_held_(wants_held), place_(place) {
  if (!place.before) return;
  shape_ = {.format = place.before->format, .header = place.before->header};
  first_name_ = place.before->name;
}

void ScrubEditor::begin_input(std::string name) {
  first_input_ = name_.empty() && !place_.before;
  if (first_input_) first_name_ = name;
  name_ = std::move(name);
  content_ = false;
  first_record_ = true;
}

Result<void> ScrubEditor::put(const ScrubBatch& batch, std::string& output, std::string& held) {
  const Format format = batch.format;
  for (std::size_t part = 0; part < kRemovedPartCount; ++part) {
    removed_[part] += batch.removed[part];
  }
  if (batch.head) {
    RECANT_TRY(begin_content({.format = batch.head->format, .header = batch.head->header}));
    first_record_ = false;
  }
  for (const BatchRecord& record : batch.records) {
    if (std::exchange(first_record_, false) && first_input_) {
      needs_byte_order_mark_ = record.byte_order_mark;
    }
    if (!content_ && !trimmed(record.text.of(batch.text)).empty()) {
      Shape shape{.format = format, .header = {}};
      if (record.header) shape.header = trimmed(record.text.of(batch.text));
      RECANT_TRY(begin_content(std::move(shape)));
      if (record.header && !first_input_with_content_) continue;
      if (record.header && place_.shard && wants_held_) {
        held.append(record.text.of(batch.text));
      } else if (record.header) {
        header_line_ = record.text.of(batch.text);
      }
    }
    const std::size_t before = output.size();
    if (format == Format::kJson) {
      put_json(batch, record, output, held);
    } else {
      put_row(batch, record, output, held);
    }
    join(before, output);
  }
  if (batch.last) {
    const std::size_t before = output.size();
    array_.end(output);
    join(before, output);
    needs_newline_ = open_line_;
  }
  return {};
}

// Makes what was appended from `begin` on follow what went out before. A mark that stood before a
// line that was left out stands before the first that stays; the last line of an input may lack its
// newline, and gets one where another input follows.
void ScrubEditor::join(std::size_t begin, std::string& output) {
  if (output.size() == begin) return;
  if (std::exchange(needs_byte_order_mark_, false)) output.insert(begin, kByteOrderMark);
  if (std::exchange(needs_newline_, false)) output.insert(begin, 1, '\n');
  open_line_ = !output.ends_with('\n');
}

void ScrubEditor::end(std::string& output) {
  if (!place_.last && open_line_) output += '\n';
  open_line_ = false;
}

Result<void> ScrubEditor::begin_content(Shape shape) {
  content_ = true;
  first_input_with_content_ = !shape_;
  if (!shape_) {
    shape_ = std::move(shape);
    first_name_ = name_;
    return {};
  }
  if (*shape_ == shape) return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} and {} are no one dataset: {} (write each to an output of its own)",
                          first_name_, name_,
                          shape_->format == shape.format ? "their first lines differ"
                                                         : "their formats differ"));
}

void ScrubEditor::put_row(const ScrubBatch& batch, const BatchRecord& record, std::string& output,
                          std::string& held) {
  const std::string_view text = record.text.of(batch.text);
  if (record.record_class == RecordClass::kSkipped) output.append(text);
  if (record.record_class != RecordClass::kItems) return;
  const Verdict& verdict = batch.verdicts[record.items.begin];
  if (goes_to(verdict.action, Destination::kOutput)) {
    output.append(text);
    if (shape_->format != Format::kIds && asks_for_parts(verdict)) ++parts_in_rows_;
  } else if (goes_to(verdict.action, Destination::kHeld) && wants_held_) {
    held.append(std::exchange(header_line_, {}));
    held.append(text);
    if (!text.ends_with('\n')) held += '\n';
  }
}

void ScrubEditor::put_json(const ScrubBatch& batch, const BatchRecord& record, std::string& output,
                           std::string& held) {
  const std::string_view text = record.text.of(batch.text);
  const std::string_view value = record.value.of(batch.text);
  const std::size_t value_begin = record.value.begin - record.text.begin;
  const std::string_view before = text.substr(0, value_begin);
  const std::string_view after = text.substr(value_begin + value.size());
  if (record.record_class == RecordClass::kRejected) {
    // Of a line that is no value even the brackets of an array cannot be told.
    return value.empty() ? array_.leave_out({}, {}, output)
                         : array_.leave_out(before, after, output);
  }
  if (value.empty()) return array_.other(text, output);
  switch (record.fate) {
    case Fate::kAsItIs:
      array_.keep(before, value, after, output);
      break;
    case Fate::kEdited:
      array_.keep(before, record.edited.of(std::string_view(batch.edited)), after, output);
      break;
    case Fate::kLeftOut:
      array_.leave_out(before, after, output);
      break;
  }
  if (record.held.empty()) return;
  // A line of its own, whatever array it came from.
  held.append(record.held.of(std::string_view(batch.edited)));
  held.append(end_of_line(text));
}

}  // namespace recant::dataset
