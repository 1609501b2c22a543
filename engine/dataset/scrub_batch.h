// Records of a dataset with their bytes, many at a time: what the stages of scrub hand on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/dataset/dataset_reader.h"
#include "engine/dataset/outline.h"
#include "engine/dataset/record_parser.h"
#include "engine/dataset/shard.h"
#include "engine/files/input.h"
#include "recant/verdict.h"

namespace recant::dataset {

/// One record and where its parts are in the batch.
struct BatchRecord {
  RecordClass record_class = RecordClass::kSkipped;
  bool header = false;
  bool byte_order_mark = false;  ///< one stood before it
  std::size_t text_begin = 0;    ///< in the batch's text; with its newlines
  std::size_t text_end = 0;
  std::size_t value_begin = 0;  ///< of its JSON value; both equal where it has none
  std::size_t value_end = 0;
  std::size_t item_begin = 0;
  std::size_t item_end = 0;
  std::size_t embedded_begin = 0;
  std::size_t embedded_end = 0;
  std::size_t outline = 0;  ///< its index, where has_outline
  bool has_outline = false;
};

struct ScrubBatch {
  std::string text;  ///< 64 bytes past its end are readable
  std::vector<BatchRecord> records;
  std::vector<Item> items;
  std::vector<Item> embedded;  ///< judged beside the items, and not counted
  std::vector<Outline> outlines;
  std::size_t outline_count = 0;
  std::vector<Verdict> verdicts;
  std::vector<Verdict> embedded_verdicts;
  std::vector<RejectedRecord> rejected;
  std::uint64_t skipped = 0;
  std::optional<Head> head{};     ///< with the first batch of an input whose head is not in it
  Format format = Format::kAuto;  ///< of the input, as far as it was told
  bool last = false;              ///< the input ended with it

  void clear();
  [[nodiscard]] std::string_view text_of(const BatchRecord& record) const {
    return std::string_view(text).substr(record.text_begin, record.text_end - record.text_begin);
  }
};

/// Reads the batches of one dataset.
class ScrubReader {
 public:
  ScrubReader(files::Input input, const ReaderOptions& options);
  ScrubReader(const ScrubReader&) = delete;
  ScrubReader& operator=(const ScrubReader&) = delete;

  /// To be called first. Returns what was said before the lines that the input gives, if it was.
  /// Errors: kIo.
  [[nodiscard]] Result<std::optional<Head>> begin();
  /// The next batch, of a few megabytes or some thousands of items. Errors: kIo.
  [[nodiscard]] Result<void> next(ScrubBatch& batch);
  [[nodiscard]] files::Input& input() { return lines_.input(); }

 private:
  [[nodiscard]] Result<bool> read_record(ScrubBatch& batch);
  void add_record(ScrubBatch& batch);
  void outline(BatchRecord& record, ScrubBatch& batch);

  ReaderOptions options_;
  files::LineReader lines_;
  RecordParser parser_;
  Outliner outliner_;
  files::Line line_;
  Record record_;
  std::string row_;  // the bytes of the record at hand
  bool byte_order_mark_ = false;
};

}  // namespace recant::dataset
