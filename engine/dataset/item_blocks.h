// The items of several datasets, in blocks that threads can parse side by side.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/dataset/dataset_reader.h"
#include "engine/dataset/item_pool.h"
#include "engine/dataset/record_parser.h"
#include "engine/files/line_blocks.h"
#include "engine/files/progress.h"

namespace recant::dataset {

/// What some lines of one file hold. Reused: it keeps its memory.
struct ItemBlock {
  void clear();
  void take(Record& record);

  std::size_t file = 0;  ///< number of the input
  std::vector<RejectedRecord> rejected;
  std::uint64_t skipped = 0;
  files::Progress progress;  ///< when it was read
  ItemPool items;

  std::size_t items_given = 0;  // by a BlockParser

  // Lines that are not parsed yet, and the parser of the lines before them.
  files::LineBlock lines;
  std::shared_ptr<const RecordParser> unparsed;
  bool begun = false;  // some of them are parsed
  Record record;
};

/// The parsing of one thread.
class BlockParser {
 public:
  /// The next items of `block`, some thousands at most (one record's may be more), or none: what is
  /// not parsed yet is parsed now. Valid until the next call.
  [[nodiscard]] std::span<const Item> next(ItemBlock& block);

 private:
  void parse(ItemBlock& block);

  std::size_t file_ = 0;
  std::optional<RecordParser> parser_;
};

/// Reads datasets one after another. The lines that decide the format of a file, and rows of CSV,
/// are parsed here; other lines are left to a BlockParser.
class ItemBlocks {
 public:
  ItemBlocks(std::vector<files::Input> inputs, const ReaderOptions& options);

  /// The next block, false at the end. Errors: kIo; what came before it was returned.
  [[nodiscard]] Result<bool> next(ItemBlock& out);

 private:
  [[nodiscard]] Result<bool> next_of_file(ItemBlock& out);
  [[nodiscard]] Result<void> open_next();

  ReaderOptions options_;
  std::vector<files::Input> inputs_;
  files::ReadingProgress progress_;
  std::size_t file_ = 0;
  std::optional<files::LineBlocks> blocks_;
  std::shared_ptr<RecordParser> parser_;
};

}  // namespace recant::dataset
