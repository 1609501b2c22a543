#include "engine/dataset/scrub_batch.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "engine/dataset/id_text.h"
#include "engine/dataset/scrub_due.h"
#include "engine/json/json_line.h"

namespace recant::dataset {
namespace {

constexpr std::size_t kBatchBytes = std::size_t{4} << 20;
constexpr std::size_t kBatchItems = 16 * 1024;

}  // namespace

void ScrubBatch::clear() {
  text.clear();
  records.clear();
  items.clear();
  embedded.clear();
  outline_count = 0;
  rejected.clear();
  skipped = 0;
  head.reset();
  last = false;
}

ScrubReader::ScrubReader(files::Input input, const ReaderOptions& options)
    : options_(options), lines_(std::move(input), options.line_bytes_max), parser_(options) {}

Result<std::optional<Head>> ScrubReader::begin() {
  return read_head(lines_.input(), options_, parser_);
}

Result<void> ScrubReader::next(ScrubBatch& batch) {
  batch.clear();
  while (batch.text.size() < kBatchBytes && batch.items.size() < kBatchItems) {
    RECANT_ASSIGN(const bool more, read_record(batch));
    if (more) continue;
    batch.last = true;
    break;
  }
  batch.text.reserve(batch.text.size() + json::kLinePadding);
  batch.format = parser_.format();
  return {};
}

Result<bool> ScrubReader::read_record(ScrubBatch& batch) {
  row_.clear();
  for (bool first = true;; first = false) {
    auto more = lines_.next(line_);
    if (!more) {
      if (more.error().code != ErrorCode::kCorruption) {
        return std::unexpected(std::move(more).error());
      }
      parser_.damage(line_.number + 1, std::move(more).error().what, record_);
    } else if (!*more) {
      if (!parser_.end(record_)) return false;
    } else {
      if (first) byte_order_mark_ = line_.byte_order_mark;
      const bool ended = parser_.take(line_, record_);
      row_.append(line_.text.data(),
                  line_.text.size() + (line_.newline && !line_.too_long ? 1 : 0));
      if (!ended) continue;
    }
    add_record(batch);
    return true;
  }
}

void ScrubReader::add_record(ScrubBatch& batch) {
  BatchRecord& record = batch.records.emplace_back();
  record.byte_order_mark = byte_order_mark_;
  record.text_begin = batch.text.size();
  record.value_begin = record.value_end = record.text_begin;
  if (!record_.value.empty()) {
    record.value_begin += static_cast<std::size_t>(record_.value.data() - line_.text.data());
    record.value_end = record.value_begin + record_.value.size();
  }
  record.embedded_begin = batch.embedded.size();
  if (record_.record_class != RecordClass::kRejected) outline(record, batch);
  record.embedded_end = batch.embedded.size();
  record.record_class = record_.record_class;
  batch.text.append(row_);
  record.text_end = batch.text.size();
  record.item_begin = batch.items.size();
  for (Item& item : record_.items) batch.items.push_back(std::move(item));
  record.item_end = batch.items.size();
  switch (record_.record_class) {
    case RecordClass::kItems:
      return;
    case RecordClass::kSkipped:
      ++batch.skipped;
      record.header = parser_.format() != Format::kJson && !trimmed(row_).empty();
      return;
    case RecordClass::kRejected:
      batch.rejected.push_back({record_.line, record_.why});
      return;
  }
}

void ScrubReader::outline(BatchRecord& record, ScrubBatch& batch) {
  const std::string_view value = record_.value;
  if (!value.starts_with('{') && !value.starts_with('[')) return;  // no JSON, or an id
  if (batch.outline_count == batch.outlines.size()) batch.outlines.emplace_back();
  Outline& found = batch.outlines[batch.outline_count];
  const std::array<std::uint32_t, 1> one = {static_cast<std::uint32_t>(record_.items.size())};
  std::span<const std::uint32_t> items = one;
  if (value.starts_with('[')) items = record_.element_items;
  if (!outliner_.read(value, options_.type, items, found)) {
    record_.record_class = RecordClass::kRejected;
    record_.why = "its tweets are not found a second time: this is a bug of recant";
    record_.items.clear();
    return;
  }
  record.has_outline = true;
  record.outline = batch.outline_count++;
  add_embedded_items(found, batch.embedded);
}

}  // namespace recant::dataset
