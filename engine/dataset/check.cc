#include "engine/dataset/check.h"

#include <chrono>
#include <utility>

#include "engine/dataset/item_batches.h"

namespace recant::dataset {

Result<CheckSummary> check(const Snapshot& snapshot, std::vector<files::Input> inputs,
                           const CheckOptions& options, files::Output& out) {
  if (options.output_format == OutputFormat::kBatch && options.reader.type == ItemType::kLike) {
    return fail(ErrorCode::kInvalidArgument,
                "cannot write batch results of likes: the platform has no such line (use ndjson or "
                "csv)");
  }
  const auto begin = std::chrono::steady_clock::now();
  CheckSummary summary;
  if (options.as_of) {
    summary.as_of = *options.as_of;
  } else {
    RECANT_ASSIGN(summary.as_of, snapshot.default_as_of(now()));
  }
  VerdictWriter writer(out, options.output_format, options.reader.type, options.all);
  ItemBatches::Counts counts;
  std::vector<Verdict> verdicts;
  for (files::Input& input : inputs) {
    ItemBatches batches(std::move(input), options.reader, options.on_reject, counts);
    for (;;) {
      RECANT_ASSIGN(const auto items, batches.next());
      if (items.empty()) break;
      if (verdicts.size() < items.size()) verdicts.resize(items.size());
      const std::span<Verdict> judged(verdicts.data(), items.size());
      RECANT_TRY(snapshot.check(items, summary.as_of, options.policy, judged));
      for (std::size_t i = 0; i < items.size(); ++i) {
        ++summary.by_action[static_cast<std::size_t>(judged[i].action)];
        if (judged[i].without_author) ++summary.without_author;
        RECANT_TRY(writer.write(items[i], judged[i]));
      }
      if (options.on_progress) options.on_progress(batches.input(), counts.items);
    }
  }
  RECANT_TRY(writer.flush());
  summary.items = counts.items;
  summary.skipped = counts.skipped;
  summary.rejected = counts.rejected;
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return summary;
}

}  // namespace recant::dataset
