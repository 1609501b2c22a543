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

bool strips_geo(const Verdict& verdict) {
  return std::ranges::any_of(
      verdict.reasons, [](const Reason& reason) { return reason.action == Action::kStripGeo; });
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

Result<void> ScrubEditor::edit(const ScrubBatch& batch, std::string& output, std::string& held) {
  const Format format = batch.format;
  if (batch.head) {
    RECANT_TRY(begin_content({.format = batch.head->format, .header = batch.head->header}));
    first_record_ = false;
  }
  for (const BatchRecord& record : batch.records) {
    if (std::exchange(first_record_, false) && first_input_) {
      needs_byte_order_mark_ = record.byte_order_mark;
    }
    if (!content_ && !trimmed(batch.text_of(record)).empty()) {
      Shape shape{.format = format, .header = {}};
      if (record.header) shape.header = trimmed(batch.text_of(record));
      RECANT_TRY(begin_content(std::move(shape)));
      if (record.header && !first_input_with_content_) continue;
      if (record.header && place_.shard && wants_held_) {
        held.append(batch.text_of(record));
      } else if (record.header) {
        header_line_ = batch.text_of(record);
      }
    }
    const std::size_t before = output.size();
    if (format == Format::kJson) {
      edit_json(batch, record, output, held);
    } else {
      edit_row(batch, record, output, held);
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

void ScrubEditor::edit_row(const ScrubBatch& batch, const BatchRecord& record, std::string& output,
                           std::string& held) {
  const std::string_view text = batch.text_of(record);
  if (record.record_class == RecordClass::kSkipped) output.append(text);
  if (record.record_class != RecordClass::kItems) return;
  const Verdict& verdict = batch.verdicts[record.item_begin];
  if (goes_to(verdict.action, Destination::kOutput)) {
    output.append(text);
    if (shape_->format != Format::kIds && asks_for_parts(verdict)) ++parts_in_rows_;
  } else if (goes_to(verdict.action, Destination::kHeld) && wants_held_) {
    held.append(std::exchange(header_line_, {}));
    held.append(text);
    if (!text.ends_with('\n')) held += '\n';
  }
}

void ScrubEditor::edit_json(const ScrubBatch& batch, const BatchRecord& record, std::string& output,
                            std::string& held) {
  const std::string_view text = batch.text_of(record);
  const std::size_t value_begin = record.value_begin - record.text_begin;
  const std::size_t value_size = record.value_end - record.value_begin;
  const std::string_view before = text.substr(0, value_begin);
  const std::string_view value = text.substr(value_begin, value_size);
  const std::string_view after = text.substr(value_begin + value_size);
  if (record.record_class == RecordClass::kRejected) {
    // Of a line that is no value even the brackets of an array cannot be told.
    return value.empty() ? array_.leave_out({}, {}, output)
                         : array_.leave_out(before, after, output);
  }
  if (value.empty()) return array_.other(text, output);
  const std::span<const Verdict> verdicts =
      std::span(batch.verdicts).subspan(record.item_begin, record.item_end - record.item_begin);
  if (!record.has_outline) {  // an id
    if (goes_to(verdicts.front().action, Destination::kOutput)) {
      return array_.keep(before, value, after, output);
    }
    if (goes_to(verdicts.front().action, Destination::kHeld)) hold(value, text, held);
    return array_.leave_out(before, after, output);
  }
  const Outline& outline = batch.outlines[record.outline];
  due_.read(outline, std::span(batch.items).subspan(record.item_begin, verdicts.size()), verdicts,
            std::span(batch.embedded_verdicts)
                .subspan(record.embedded_begin, record.embedded_end - record.embedded_begin));
  const bool as_it_is = !due_.any() && std::ranges::all_of(verdicts, [](const Verdict& verdict) {
    return goes_to(verdict.action, Destination::kOutput) && !strips_geo(verdict);
  });
  if (as_it_is) return array_.keep(before, value, after, output);
  const JudgedLine line{.outline = outline, .verdicts = verdicts, .due = due_};
  edited_.clear();
  if (editor_.edit(value, line, Destination::kOutput, removed_, edited_)) {
    array_.keep(before, edited_, after, output);
  } else {
    array_.leave_out(before, after, output);
  }
  const bool holds = std::ranges::any_of(
      verdicts, [](const Verdict& verdict) { return goes_to(verdict.action, Destination::kHeld); });
  if (!holds || !wants_held_) return;
  edited_.clear();
  if (editor_.edit(value, line, Destination::kHeld, removed_, edited_)) hold(edited_, text, held);
}

// A line of its own, whatever array it came from.
void ScrubEditor::hold(std::string_view value, std::string_view line, std::string& held) {
  if (!wants_held_) return;
  held.append(value);
  held.append(end_of_line(line));
}

}  // namespace recant::dataset
