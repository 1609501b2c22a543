// The stage of scrub that many threads do side by side: the lines of a batch are parsed, judged and
// edited, each without knowing of those around it.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "engine/dataset/outline.h"
#include "engine/dataset/record_parser.h"
#include "engine/dataset/scrub_batch.h"
#include "engine/dataset/scrub_due.h"
#include "engine/dataset/scrub_edit.h"
#include "engine/dataset/tally.h"
#include "recant/recant.h"

namespace recant::dataset {

struct ScrubWork {
  ItemType type = ItemType::kTweet;
  bool wants_held = false;  ///< there is a held file
  Time latest = 0;          ///< of latest_id_time
};

/// The work of one thread.
class ScrubWorker {
 public:
  ScrubWorker(BatchJudge judge, const ScrubWork& work) : judge_(std::move(judge)), work_(work) {}

  /// Takes `batch` from as it was read to as it was edited, and counts what is in it.
  /// Errors: kCorruption (the index is damaged).
  [[nodiscard]] Result<void> work(ScrubBatch& batch, BatchTally& counts);

 private:
  void parse(ScrubBatch& batch);
  void find_tweets(ScrubBatch& batch);
  void outline(BatchRecord& record, ScrubBatch& batch);
  [[nodiscard]] bool is_lone_tweet(std::string_view value) const;
  [[nodiscard]] bool goes_nowhere(const BatchRecord& record, const ScrubBatch& batch) const;
  void edit(BatchRecord& record, ScrubBatch& batch);
  void edit_id(BatchRecord& record, ScrubBatch& batch) const;
  void edit_outlined(BatchRecord& record, ScrubBatch& batch);
  [[nodiscard]] BatchRange edit_for(Destination destination, std::string_view value,
                                    const JudgedLine& line, ScrubBatch& batch);

  BatchJudge judge_;
  ScrubWork work_;
  std::size_t file_ = 0;  // that parser_ is of
  std::optional<RecordParser> parser_;
  Record record_;
  Outliner outliner_;
  DueMap due_;
  LineEditor editor_;
};

}  // namespace recant::dataset
