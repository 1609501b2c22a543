// Rows of CSV and TSV. The items of rows mean the same when they are written as the plainest rows.
#include "engine/dataset/dataset_reader.h"
#include "tests/fuzz/dataset_support.h"

namespace recant::fuzz {
namespace {

std::vector<Item> read_items(std::string_view text, const dataset::ReaderOptions& options) {
  const FileInMemory file(text);
  dataset::DatasetReader reader(must(files::Input::open(file.path())), options);
  dataset::Record record;
  std::vector<Item> items;
  while (must(reader.next(record))) {
    items.insert(items.end(), record.items.begin(), record.items.end());
  }
  return items;
}

std::string id_text(std::uint64_t id) { return id == 0 ? std::string() : std::to_string(id); }

std::string plain_rows(const std::vector<Item>& items, ItemType type) {
  std::string rows =
      "id,tweet_id,user_id,author_id,retweeted_id,retweeted_author_id,quoted_id,quoted_author_id\n";
  if (type == ItemType::kUser) rows = "user_id\n";
  if (type == ItemType::kLike) rows = "tweet_id,user_id\n";
  for (const Item& item : items) {
    if (type == ItemType::kUser) rows += id_text(item.id) + "\n";
    if (type == ItemType::kLike) rows += id_text(item.id) + "," + id_text(item.user) + "\n";
    if (type != ItemType::kTweet) continue;
    rows +=
        fmt::format(",{},{},{},{},{},{},{}\n", item.id, id_text(item.user), id_text(item.author),
                    id_text(item.retweeted), id_text(item.retweeted_author), id_text(item.quoted),
                    id_text(item.quoted_author));
  }
  return rows;
}

}  // namespace

void csv(Data data) {
  Taker in(data);
  const std::uint8_t choice = in.byte();
  dataset::ReaderOptions options{.type = static_cast<ItemType>(choice % 3),
                                 .format = dataset::Format::kCsv};
  if ((choice & 0x80) != 0) options.format = dataset::Format::kTsv;
  const auto items = read_items(in.rest_text(), options);
  options.format = dataset::Format::kCsv;
  const auto again = read_items(plain_rows(items, options.type), options);
  require(items.size() == again.size(), "another number of items");
  for (std::size_t i = 0; i < items.size(); ++i) {
    require(tell(items[i]) == tell(again[i]), tell(items[i]) + " became " + tell(again[i]));
  }
}

}  // namespace recant::fuzz
