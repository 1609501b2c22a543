#include "engine/dataset/dataset_ids.h"

#include <utility>

namespace recant::dataset {

DatasetIds::DatasetIds(std::vector<files::Input> inputs, ReaderOptions options,
                       std::function<void(const replay::Rejection&)> on_reject)
    : inputs_(std::move(inputs)), options_(options), on_reject_(std::move(on_reject)) {}

Result<std::optional<std::uint64_t>> DatasetIds::next() {
  while (next_item_ == record_.items.size()) {
    RECANT_ASSIGN(const bool more, next_record());
    if (!more) return std::optional<std::uint64_t>();
  }
  return std::optional(record_.items[next_item_++].id);
}

// Leaves the items of the next record, or none where it has none.
Result<bool> DatasetIds::next_record() {
  record_.items.clear();
  next_item_ = 0;
  if (!reader_) {
    if (next_input_ == inputs_.size()) return false;
    reader_.emplace(std::move(inputs_[next_input_++]), options_);
  }
  RECANT_ASSIGN(const bool more, reader_->next(record_));
  if (!more) {
    reader_.reset();
    record_.items.clear();
    return true;
  }
  if (record_.record_class != RecordClass::kItems) record_.items.clear();
  if (record_.record_class == RecordClass::kRejected) {
    ++rejected_;
    if (on_reject_) on_reject_({reader_->input().name(), record_.line, record_.why, {}});
  }
  return true;
}

}  // namespace recant::dataset
