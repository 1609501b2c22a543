#include "engine/dataset/scrub.h"

#include <chrono>
#include <string>
#include <utility>

#include "engine/dataset/scrub_batch.h"
#include "engine/dataset/scrub_editor.h"

namespace recant::dataset {
namespace {

Result<void> judge(const Snapshot& snapshot, Time as_of, const Policy& policy, ScrubBatch& batch) {
  const auto check = [&](std::span<const Item> items, std::vector<Verdict>& verdicts) {
    if (verdicts.size() < items.size()) verdicts.resize(items.size());
    return snapshot.check(items, as_of, policy, std::span(verdicts).first(items.size()));
  };
  RECANT_TRY(check(batch.items, batch.verdicts));
  return check(batch.embedded, batch.embedded_verdicts);
}

void count(const ScrubBatch& batch, CheckSummary& summary) {
  summary.items += batch.items.size();
  summary.skipped += batch.skipped;
  summary.rejected += batch.rejected;
  for (std::size_t i = 0; i < batch.items.size(); ++i) {
    ++summary.by_action[static_cast<std::size_t>(batch.verdicts[i].action)];
    if (batch.verdicts[i].without_author) ++summary.without_author;
  }
}

Result<void> write(files::Output* file, std::string& bytes) {
  if (file != nullptr) RECANT_TRY(file->write(bytes));
  bytes.clear();
  return {};
}

}  // namespace

Result<ScrubSummary> scrub(const Snapshot& snapshot, std::vector<files::Input> inputs,
                           const ScrubOptions& options, ScrubOutputs outputs) {
  const auto begin = std::chrono::steady_clock::now();
  ScrubSummary summary;
  CheckSummary& counts = summary.check;
  if (options.as_of) {
    counts.as_of = *options.as_of;
  } else {
    RECANT_ASSIGN(counts.as_of, snapshot.default_as_of(now()));
  }
  ScrubEditor editor(outputs.held != nullptr);
  ScrubBatch batch;
  std::string output;
  std::string held;
  for (files::Input& input : inputs) {
    ScrubReader reader(std::move(input), options.reader, options.on_reject);
    editor.begin_input(reader.input().name());
    do {
      RECANT_TRY(reader.next(batch));
      RECANT_TRY(judge(snapshot, counts.as_of, options.policy, batch));
      count(batch, counts);
      RECANT_TRY(editor.edit(batch, reader.format(), output, held));
      RECANT_TRY(write(outputs.output, output));
      RECANT_TRY(write(outputs.held, held));
      if (options.on_progress) options.on_progress(reader.input(), counts.items);
    } while (!batch.last);
    // What follows damage is not read, but a receipt names the whole file.
    RECANT_TRY(reader.input().drain());
  }
  summary.removed = editor.removed();
  summary.parts_in_rows = editor.parts_in_rows();
  counts.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return summary;
}

}  // namespace recant::dataset
