#include "engine/dataset/item_blocks.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "engine/dataset/shard.h"

namespace recant::dataset {
namespace {

// Small enough that a block's text, items and verdicts stay in a second-level cache.
constexpr std::size_t kBlockBytes = std::size_t{256} << 10;

// Few enough for items and verdicts to stay in cache between the steps, and many enough to be
// judged together.
constexpr std::size_t kItemsAtOnce = 4096;

// Until the block ends or there are `items_max` items.
void parse_lines(RecordParser& parser, ItemBlock& block, std::size_t items_max) {
  files::Line line;
  while (block.items.size() < items_max && block.lines.next(line)) {
    if (parser.take(line, block.record)) block.take(block.record);
  }
}

}  // namespace

void ItemBlock::clear() {
  rejected.clear();
  skipped = 0;
  items.clear();
  items_given = 0;
  unparsed.reset();
  begun = false;
}

void ItemBlock::take(Record& from) {
  switch (from.record_class) {
    case RecordClass::kItems:
      items.take(from.items);
      return;
    case RecordClass::kSkipped:
      ++skipped;
      return;
    case RecordClass::kRejected:
      rejected.push_back({from.line, from.why});
      return;
  }
}

std::span<const Item> BlockParser::next(ItemBlock& block) {
  if (block.items_given == block.items.size()) parse(block);
  const std::size_t count = std::min(kItemsAtOnce, block.items.size() - block.items_given);
  const auto items = block.items.items().subspan(block.items_given, count);
  block.items_given += count;
  return items;
}

void BlockParser::parse(ItemBlock& block) {
  if (!block.unparsed) return;
  block.items.clear();
  block.items_given = 0;
  if (!parser_ || file_ != block.file) parser_.emplace(block.unparsed->for_later_lines());
  file_ = block.file;
  if (!std::exchange(block.begun, true)) parser_->expect(block.lines.text());
  parse_lines(*parser_, block, kItemsAtOnce);
}

ItemBlocks::ItemBlocks(std::vector<files::Input> inputs, const ReaderOptions& options)
    : options_(options), inputs_(std::move(inputs)), progress_(inputs_) {}

Result<bool> ItemBlocks::next(ItemBlock& out) {
  out.clear();
  while (file_ < inputs_.size()) {
    if (!blocks_) RECANT_TRY(open_next());
    out.file = file_;
    RECANT_ASSIGN(const bool more, next_of_file(out));
    out.progress = progress_.at(blocks_->input());
    if (more) return true;
    progress_.finish(blocks_->input());
    blocks_.reset();
    ++file_;
  }
  return false;
}

Result<void> ItemBlocks::open_next() {
  parser_ = std::make_shared<RecordParser>(options_);
  RECANT_TRY(read_head(inputs_[file_], options_, *parser_));
  blocks_.emplace(std::move(inputs_[file_]), options_.line_bytes_max, kBlockBytes);
  return {};
}

Result<bool> ItemBlocks::next_of_file(ItemBlock& out) {
  const auto more = blocks_->next(out.lines);
  if (!more) {
    if (more.error().code != ErrorCode::kCorruption) return std::unexpected(more.error());
    parser_->damage(blocks_->next_line(), more.error().what, out.record);
    out.take(out.record);
    return true;
  }
  if (!*more) {
    if (!parser_->end(out.record)) return false;
    out.take(out.record);
    return true;
  }
  if (parser_->lines_stand_alone()) {
    out.unparsed = parser_;
  } else {
    parse_lines(*parser_, out, std::numeric_limits<std::size_t>::max());
  }
  return true;
}

}  // namespace recant::dataset
