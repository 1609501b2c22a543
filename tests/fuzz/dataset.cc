// Datasets of every shape and type. The two ways to read one (check's blocks of lines, and record
// by record) give the same items, skip and reject the same.
#include "engine/dataset/dataset_reader.h"
#include "engine/dataset/item_blocks.h"
#include "tests/fuzz/dataset_support.h"

namespace recant::fuzz {
namespace {

struct ReadBack {
  std::vector<Item> items;
  std::vector<dataset::RejectedRecord> rejected;
  std::uint64_t skipped = 0;
};

ReadBack read_by_record(const std::string& path, const dataset::ReaderOptions& options) {
  dataset::DatasetReader reader(must(files::Input::open(path)), options);
  dataset::Record record;
  ReadBack all;
  while (must(reader.next(record))) {
    const bool items = record.record_class == dataset::RecordClass::kItems;
    const bool rejected = record.record_class == dataset::RecordClass::kRejected;
    require(items == !record.items.empty(), "items or none");
    require(rejected == !record.why.empty(), "rejected without a reason, or with one for nothing");
    if (rejected) all.rejected.push_back({record.line, record.why});
    if (!items && !rejected) ++all.skipped;
    all.items.insert(all.items.end(), record.items.begin(), record.items.end());
  }
  return all;
}

ReadBack read_by_block(const std::string& path, const dataset::ReaderOptions& options) {
  std::vector<files::Input> inputs;
  inputs.push_back(must(files::Input::open(path)));
  dataset::ItemBlocks blocks(std::move(inputs), options);
  dataset::BlockParser parser;
  dataset::ItemBlock block;
  ReadBack all;
  while (must(blocks.next(block))) {
    for (auto items = parser.next(block); !items.empty(); items = parser.next(block)) {
      all.items.insert(all.items.end(), items.begin(), items.end());
    }
    all.skipped += block.skipped;
    all.rejected.insert(all.rejected.end(), block.rejected.begin(), block.rejected.end());
  }
  return all;
}

}  // namespace

void dataset(Data data) {
  Taker in(data);
  const dataset::ReaderOptions options = reader_options(in.byte());
  const FileInMemory file(in.rest_text());
  const ReadBack records = read_by_record(file.path(), options);
  const ReadBack blocks = read_by_block(file.path(), options);
  require(records.items.size() == blocks.items.size(), "more items in one way");
  for (std::size_t i = 0; i < records.items.size(); ++i) {
    require(tell(records.items[i]) == tell(blocks.items[i]), "another item");
    require(records.items[i].id != 0 && records.items[i].type == options.type, "no item");
  }
  require(records.skipped == blocks.skipped, "more is skipped in one way");
  require(records.rejected.size() == blocks.rejected.size(), "more is rejected in one way");
}

}  // namespace recant::fuzz
