#include "engine/dataset/tally.h"

namespace recant::dataset {

Tally::Tally(std::span<const files::Input> inputs,
             const std::function<void(const replay::Rejection&)>& on_reject, CheckSummary& summary)
    : on_reject_(on_reject), summary_(summary), lint_(now()) {
  for (const files::Input& input : inputs) names_.push_back(input.name());
}

void Tally::add(std::size_t file, std::span<const Item> items, std::span<const Verdict> verdicts,
                std::uint64_t skipped, std::span<const RejectedRecord> rejected) {
  finish_before(file);
  for (std::size_t i = 0; i < items.size(); ++i) {
    ++summary_.by_action[static_cast<std::size_t>(verdicts[i].action)];
    if (verdicts[i].without_author) ++summary_.without_author;
    lint_.add(items[i]);
  }
  summary_.items += items.size();
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
    lint_ = IdLint(now());
  }
}

}  // namespace recant::dataset
