#include "engine/dataset/scrub.h"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "engine/dataset/scrub_batch.h"
#include "engine/dataset/scrub_editor.h"
#include "engine/dataset/scrub_worker.h"
#include "engine/dataset/tally.h"
#include "engine/files/progress.h"
#include "store/work/ordered_work.h"

namespace recant::dataset {
namespace {

// A batch on its way through the steps. Reused: it keeps its memory.
struct ScrubUnit {
  ScrubBatch batch;
  BatchTally counts;
  files::Progress progress;
};

// What is larger than the buffer of an output goes out without being copied once more.
constexpr std::size_t kWriteBytes = std::size_t{1} << 20;

class ScrubRun {
 public:
  ScrubRun(const Snapshot& snapshot, std::vector<files::Input> inputs, const ScrubOptions& options,
           ScrubOutputs outputs, ScrubSummary& summary)
      : snapshot_(snapshot),
        options_(options),
        inputs_(std::move(inputs)),
        tally_(inputs_, options.on_reject, summary.check),
        reading_(inputs_),
        outputs_(outputs),
        editor_(outputs.held != nullptr, options.place),
        summary_(summary) {}

  Result<void> run() {
    const std::size_t threads = work::ordered_work_threads(options_.threads);
    const ScrubWork shared = {.type = options_.reader.type,
                              .wants_held = outputs_.held != nullptr,
                              .latest = latest_id_time(now())};
    while (workers_.size() < threads) {
      RECANT_ASSIGN(BatchJudge judge, snapshot_.batch_judge(summary_.check.as_of, options_.policy));
      workers_.emplace_back(std::move(judge), shared);
    }
    const work::OrderedSteps<ScrubUnit> steps = {
        .read = [this](ScrubUnit& unit) { return read(unit); },
        .work = [this](
                    ScrubUnit& unit,
                    std::size_t worker) { return workers_[worker].work(unit.batch, unit.counts); },
        .write = [this](ScrubUnit& unit) { return write(unit); }};
    RECANT_TRY(work::run_ordered(workers_.size(), steps));
    editor_.end(output_);
    RECANT_TRY(write(outputs_.output, output_, 0));
    RECANT_TRY(write(outputs_.held, held_, 0));
    tally_.finish();
    summary_.removed = editor_.removed();
    summary_.parts_in_rows = editor_.parts_in_rows();
    return {};
  }

 private:
  Result<bool> read(ScrubUnit& unit) {
    std::optional<Head> head;
    if (!reader_) {
      if (reading_file_ == inputs_.size()) return false;
      reader_.emplace(std::move(inputs_[reading_file_]), options_.reader, options_.batch_bytes);
      RECANT_ASSIGN(head, reader_->begin());
    }
    RECANT_TRY(reader_->next(unit.batch));
    unit.batch.head = std::move(head);
    unit.batch.file = reading_file_;
    unit.progress = reading_.at(reader_->input());
    if (unit.batch.last) {
      // What follows damage is not read, but a receipt names the whole file.
      RECANT_TRY(reader_->input().drain());
      reading_.finish(reader_->input());
      reader_.reset();
      ++reading_file_;
    }
    return true;
  }

  Result<void> write(ScrubUnit& unit) {
    const ScrubBatch& batch = unit.batch;
    if (!writing_) editor_.begin_input(tally_.name(batch.file));
    writing_ = !batch.last;
    tally_.add(batch.file, unit.counts, batch.skipped, batch.rejected);
    RECANT_TRY(editor_.put(batch, output_, held_));
    RECANT_TRY(write(outputs_.output, output_, kWriteBytes));
    RECANT_TRY(write(outputs_.held, held_, kWriteBytes));
    if (options_.on_progress) {
      unit.progress.count = summary_.check.items;
      options_.on_progress(unit.progress);
    }
    return {};
  }

  // Once there are `bytes_min`.
  static Result<void> write(files::Output* file, std::string& bytes, std::size_t bytes_min) {
    if (bytes.size() < bytes_min) return {};
    if (file != nullptr) RECANT_TRY(file->write(bytes));
    bytes.clear();
    return {};
  }

  const Snapshot& snapshot_;
  const ScrubOptions& options_;
  std::vector<files::Input> inputs_;
  Tally tally_;
  files::ReadingProgress reading_;
  std::optional<ScrubReader> reader_;  // of the input at hand
  std::size_t reading_file_ = 0;
  ScrubOutputs outputs_;
  ScrubEditor editor_;
  std::string output_;
  std::string held_;
  std::vector<ScrubWorker> workers_;  // one for each thread
  bool writing_ = false;              // an input was begun, and its last batch is still to come
  ScrubSummary& summary_;
};

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
  RECANT_TRY(ScrubRun(snapshot, std::move(inputs), options, outputs, summary).run());
  counts.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return summary;
}

}  // namespace recant::dataset
