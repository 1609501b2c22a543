// Records of a dataset with their bytes, many at a time: what the stages of scrub hand on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/dataset/dataset_reader.h"
#include "engine/dataset/item_pool.h"
#include "engine/dataset/outline.h"
#include "engine/dataset/record_parser.h"
#include "engine/dataset/scrub_edit.h"
#include "engine/dataset/shard.h"
#include "engine/files/input.h"
#include "engine/files/line_blocks.h"
#include "recant/verdict.h"

namespace recant::dataset {

/// A range of something that a batch holds.
struct BatchRange {
  std::size_t begin = 0;
  std::size_t end = 0;
  [[nodiscard]] std::size_t size() const { return end - begin; }
  [[nodiscard]] bool empty() const { return begin == end; }
  template <class T>
  [[nodiscard]] std::span<T> of(std::span<T> all) const {
    return all.subspan(begin, size());
  }
  [[nodiscard]] std::string_view of(std::string_view all) const {
    return all.substr(begin, size());
  }
};

/// What becomes of a JSON value in the output.
enum class Fate : std::uint8_t { kAsItIs, kEdited, kLeftOut };

/// One record and where its parts are in the batch.
struct BatchRecord {
  RecordClass record_class = RecordClass::kSkipped;
  bool header = false;
  bool byte_order_mark = false;  ///< one stood before it
  Fate fate = Fate::kAsItIs;     ///< of its JSON value
  bool lone_tweet = false;       ///< as of lone_tweet.h
  std::uint64_t line = 0;        ///< number of its first
  BatchRange text{};             ///< with its newlines
  BatchRange value{};            ///< in the batch's text; of its JSON value, empty if it has none
  BatchRange items{};
  BatchRange element_items{};
  BatchRange embedded{};
  BatchRange edited{};  ///< the value as it goes to the output, where that is another
  BatchRange held{};    ///< and to the held file; empty where it does not
  std::optional<std::size_t> outline{};
};

/// Reused: it keeps its memory.
struct ScrubBatch {
  // As it was read. Where the lines are not parsed yet, the parser of the lines before them.
  std::size_t file = 0;  ///< number of the input
  files::LineBlock lines;
  std::shared_ptr<const RecordParser> unparsed;
  std::optional<Head> head{};     ///< with the first batch of an input whose head is not in it
  Format format = Format::kAuto;  ///< of the input, as far as it was told
  bool last = false;              ///< the input ended with it

  // As it was parsed.
  std::string rows;       ///< the bytes of records that may span blocks
  std::string_view text;  ///< of all records: `rows`, or the lines; 64 bytes past it are readable
  std::vector<BatchRecord> records;
  ItemPool pool;
  std::vector<std::uint32_t> element_items;  ///< Record::element_items
  std::vector<RejectedRecord> rejected;
  std::uint64_t skipped = 0;

  // As it was judged and edited.
  std::vector<Verdict> verdicts;  ///< of the items; may be longer
  std::vector<Outline> outlines;
  std::size_t outline_count = 0;
  std::vector<Item> embedded;  ///< judged beside the items, and not counted
  std::vector<Verdict> embedded_verdicts;
  std::string edited;  ///< what differs from the text
  RemovedParts removed{};

  void clear();
  /// Adds `from`, whose bytes are `text`. Its items are taken out of it.
  void take(Record& from, BatchRange text, bool byte_order_mark);
  [[nodiscard]] std::span<const Item> items() const { return pool.items(); }
};

/// Reads the batches of one dataset. The lines that decide its format, and rows of CSV, are parsed
/// here; other lines are left as they are.
class ScrubReader {
 public:
  ScrubReader(files::Input input, const ReaderOptions& options, std::size_t batch_bytes);
  ScrubReader(const ScrubReader&) = delete;
  ScrubReader& operator=(const ScrubReader&) = delete;

  /// To be called first. Returns what was said before the lines that the input gives, if it was.
  /// Errors: kIo.
  [[nodiscard]] Result<std::optional<Head>> begin();
  /// The next batch, of about `batch_bytes`. Errors: kIo.
  [[nodiscard]] Result<void> next(ScrubBatch& batch);
  [[nodiscard]] files::Input& input() { return blocks_.input(); }

 private:
  void parse(ScrubBatch& batch);
  void add_row(ScrubBatch& batch);

  ReaderOptions options_;
  files::LineBlocks blocks_;
  std::shared_ptr<RecordParser> parser_;
  Record record_;
  std::string row_;  // the bytes of the record at hand
  bool byte_order_mark_ = false;
};

}  // namespace recant::dataset
