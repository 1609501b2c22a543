#include "engine/dataset/scrub_batch.h"

#include <utility>

#include "engine/dataset/id_text.h"
#include "engine/json/json_line.h"

namespace recant::dataset {
void ScrubBatch::clear() {
  unparsed.reset();
  head.reset();
  last = false;
  rows.clear();
  text = {};
  records.clear();
  pool.clear();
  element_items.clear();
  rejected.clear();
  skipped = 0;
  outline_count = 0;
  embedded.clear();
  edited.clear();
  removed = {};
}

void ScrubBatch::take(Record& from, BatchRange bytes, bool byte_order_mark) {
  BatchRecord& record = records.emplace_back();
  record.record_class = from.record_class;
  record.byte_order_mark = byte_order_mark;
  record.line = from.line;
  record.text = bytes;
  record.value = {.begin = bytes.begin, .end = bytes.begin};
  record.items = {.begin = pool.size(), .end = pool.size()};
  record.element_items = {.begin = element_items.size(), .end = element_items.size()};
  switch (from.record_class) {
    case RecordClass::kItems:
      pool.take(from.items);
      record.items.end = pool.size();
      break;
    case RecordClass::kSkipped:
      ++skipped;
      break;
    case RecordClass::kRejected:
      rejected.push_back({from.line, from.why});
      return;
  }
  element_items.insert(element_items.end(), from.element_items.begin(), from.element_items.end());
  record.element_items.end = element_items.size();
}

ScrubReader::ScrubReader(files::Input input, const ReaderOptions& options, std::size_t batch_bytes)
    : options_(options),
      blocks_(std::move(input), options.line_bytes_max, batch_bytes),
      parser_(std::make_shared<RecordParser>(options)) {}

Result<std::optional<Head>> ScrubReader::begin() {
  return read_head(blocks_.input(), options_, *parser_);
}

Result<void> ScrubReader::next(ScrubBatch& batch) {
  batch.clear();
  const auto more = blocks_.next(batch.lines);
  if (!more) {
    if (more.error().code != ErrorCode::kCorruption) return std::unexpected(more.error());
    parser_->damage(blocks_.next_line(), more.error().what, record_);
    add_row(batch);
  } else if (!*more) {
    batch.last = true;
    if (parser_->end(record_)) add_row(batch);
  } else if (parser_->lines_stand_alone()) {
    batch.unparsed = parser_;
  } else {
    parse(batch);
  }
  batch.format = parser_->format();
  batch.rows.reserve(batch.rows.size() + json::kLinePadding);
  batch.text = batch.rows;
  return {};
}

void ScrubReader::parse(ScrubBatch& batch) {
  files::Line line;
  while (batch.lines.next(line)) {
    if (row_.empty()) byte_order_mark_ = line.byte_order_mark;
    const std::size_t line_begin = row_.size();
    const bool ended = parser_->take(line, record_);
    if (parser_->dropping()) continue;
    row_.append(line.text);
    if (line.newline && !line.too_long) row_ += '\n';
    if (!ended) continue;
    add_row(batch);
    if (record_.value.empty()) continue;
    BatchRange& value = batch.records.back().value;
    value.begin += line_begin + static_cast<std::size_t>(record_.value.data() - line.text.data());
    value.end = value.begin + record_.value.size();
  }
}

// The record at hand, with the bytes of its lines.
void ScrubReader::add_row(ScrubBatch& batch) {
  const std::size_t begin = batch.rows.size();
  batch.rows.append(row_);
  row_.clear();
  batch.take(record_, {.begin = begin, .end = batch.rows.size()}, byte_order_mark_);
  BatchRecord& record = batch.records.back();
  record.header = record.record_class == RecordClass::kSkipped &&
                  parser_->format() != Format::kJson &&
                  !trimmed(record.text.of(std::string_view(batch.rows))).empty();
}

}  // namespace recant::dataset
