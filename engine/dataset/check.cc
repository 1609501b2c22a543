#include "engine/dataset/check.h"

#include <chrono>
#include <utility>

#include "engine/dataset/item_blocks.h"
#include "engine/dataset/tally.h"
#include "engine/replay/batch_judge.h"
#include "engine/replay/guard.h"
#include "store/work/ordered_work.h"

namespace recant::dataset {
namespace {

// A block on its way through the steps. Reused: it keeps its memory.
struct CheckUnit {
  ItemBlock block;
  BatchTally counts;
  std::string lines;
};

// What one thread works with.
struct Worker {
  explicit Worker(BatchJudge of_thread) : judge(std::move(of_thread)) {}

  BlockParser parser;
  BatchJudge judge;
};

class CheckRun {
 public:
  CheckRun(const Snapshot& snapshot, std::vector<files::Input> inputs, const CheckOptions& options,
           files::Output& out, CheckSummary& summary)
      : snapshot_(snapshot),
        options_(options),
        format_(options.output_format, options.reader.type, options.all),
        tally_(inputs, options.on_reject, summary),
        blocks_(std::move(inputs), options.reader),
        latest_(latest_id_time(now())),
        out_(out),
        summary_(summary) {}

  Result<void> run() {
    const std::size_t threads = work::ordered_work_threads(options_.threads);
    while (workers_.size() < threads) {
      RECANT_ASSIGN(BatchJudge judge, snapshot_.batch_judge(summary_.as_of, options_.policy));
      workers_.emplace_back(std::move(judge));
    }
    std::string header;
    if (options_.header) format_.append_header(header);
    RECANT_TRY(out_.write(header));
    const work::OrderedSteps<CheckUnit> steps = {
        .read = [this](CheckUnit& unit) { return blocks_.next(unit.block); },
        .work =
            [this](CheckUnit& unit, std::size_t worker) {
              return replay::guarded([&] { return judge(unit, workers_[worker]); });
            },
        .write = [this](CheckUnit& unit) { return write(unit); }};
    RECANT_TRY(work::run_ordered(workers_.size(), steps));
    tally_.finish();
    return {};
  }

 private:
  Result<void> judge(CheckUnit& unit, Worker& worker) const {
    unit.lines.clear();
    unit.counts.clear();
    while (true) {
      const auto items = worker.parser.next(unit.block);
      if (items.empty()) return {};
      const auto take = [&](const Item& item, const verdict::Ruling& ruling) {
        unit.counts.add(item, ruling.action, ruling.without_author, latest_);
        format_.append(item, ruling, unit.lines);
      };
      RECANT_TRY(BatchJudge::Impl::of(worker.judge).each(items, take));
    }
  }

  Result<void> write(CheckUnit& unit) {
    RECANT_TRY(out_.write(unit.lines));
    ItemBlock& block = unit.block;
    tally_.add(block.file, unit.counts, block.skipped, block.rejected);
    if (options_.on_progress) {
      block.progress.count = summary_.items;
      options_.on_progress(block.progress);
    }
    return {};
  }

  const Snapshot& snapshot_;
  const CheckOptions& options_;
  VerdictFormat format_;
  Tally tally_;
  ItemBlocks blocks_;
  std::vector<Worker> workers_;
  Time latest_;
  files::Output& out_;
  CheckSummary& summary_;
};

}  // namespace

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
  RECANT_TRY(CheckRun(snapshot, std::move(inputs), options, out, summary).run());
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return summary;
}

}  // namespace recant::dataset
