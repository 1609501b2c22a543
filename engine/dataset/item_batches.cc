#include "engine/dataset/item_batches.h"

#include <utility>

namespace recant::dataset {

Result<std::span<const Item>> ItemBatches::next() {
  size_ = 0;
  if (failure_) return std::unexpected(*failure_);
  while (size_ < kBatchItems) {
    auto more = reader_.next(record_);
    if (!more) {
      failure_ = std::move(more).error();
      if (size_ == 0) return std::unexpected(*failure_);
      break;  // what was read before the failure is judged first
    }
    if (!*more) break;
    take(record_);
  }
  counts_.items += size_;
  return std::span<const Item>(items_.data(), size_);
}

void ItemBatches::take(Record& record) {
  switch (record.record_class) {
    case RecordClass::kItems:
      for (Item& item : record.items) {
        if (size_ == items_.size()) items_.emplace_back();
        std::swap(items_[size_++], item);
      }
      return;
    case RecordClass::kSkipped:
      ++counts_.skipped;
      return;
    case RecordClass::kRejected:
      ++counts_.rejected;
      if (on_reject_) {
        on_reject_({.file = input().name(), .line = record.line, .why = record.why, .text = {}});
      }
      return;
  }
}

}  // namespace recant::dataset
