#include "engine/dataset/tally.h"

namespace recant::dataset {

void BatchTally::clear() {
  items = 0;
  without_author = 0;
  by_action = {};
  ids.clear();
}

void BatchTally::add(const Item& item, Action action, bool no_author, Time latest) {
  ++items;
  ++by_action[static_cast<std::size_t>(action)];
  if (no_author) ++without_author;
  ids.add(item, latest);
}

Tally::Tally(std::span<const files::Input> inputs,
             const std::function<void(const replay::Rejection&)>& on_reject, CheckSummary& summary)
    : on_reject_(on_reject), summary_(summary) {
  for (const files::Input& input : inputs) names_.push_back(input.name());
}

void Tally::add(std::size_t file, const BatchTally& batch, std::uint64_t skipped,
                std::span<const RejectedRecord> rejected) {
  finish_before(file);
  for (std::size_t i = 0; i < batch.by_action.size(); ++i) {
    summary_.by_action[i] += batch.by_action[i];
  }
  summary_.without_author += batch.without_author;
  summary_.items += batch.items;
  lint_.add(batch.ids);
  summary_.skipped += skipped;
  summary_.rejected += rejected.size();
  for (const RejectedRecord& record : rejected) {
    lint_.add_rejection(record.why);
    if (!on_reject_) continue;
    on_reject_({.file = names_[file], .line = record.line, .why = record.why, .text = {}});
  }
}

void Tally::finish_before(std::size_t file) {
  while (summary_.ids.size() < file) {
    summary_.ids.push_back({names_[summary_.ids.size()], lint_.figures()});
    lint_ = IdLint();
  }
}

}  // namespace recant::dataset
