// Rows, groups and directories of a sealed part. A part's checksum is compared before it is mapped,
// so these bytes are rarely foreign; reading them stays in bounds all the same.
#include <algorithm>

#include "store/index/directory.h"
#include "store/index/part_table.h"
#include "store/index/row_codec.h"
#include "tests/fuzz/fuzz.h"

namespace recant::fuzz {
namespace {

using index::Bytes;
using index::Table;

// In memory of its own size.
std::vector<std::byte> exact(Data data, std::size_t slack) {
  const auto bytes = std::as_bytes(data);
  std::vector<std::byte> copy(bytes.size() + slack);
  std::ranges::copy(bytes, copy.begin());
  return copy;
}

void decode(Table table, const index::Row& row) {
  TweetState tweet;
  UserState user;
  index::UserRowHead head;
  model::CoverageKey key;
  model::Coverage coverage;
  if (table == Table::kTweets) (void)index::decode_tweet(row, tweet);
  if (table == Table::kUsers) (void)index::decode_user(row, user, head);
  head.fields = {"a", "b"};
  if (table == Table::kHistories) (void)index::decode_history(row, head, user);
  if (table == Table::kCoverage) (void)index::decode_coverage(row.extra, key, coverage);
}

void read_table(Table kind, Bytes directory, std::vector<Bytes> chunks,
                std::span<const std::uint64_t> keys) {
  index::PartTable table(kind);
  if (!table.open(directory, std::move(chunks))) return;
  index::TableCursor cursor(table);
  for (cursor.seek(0); cursor.valid(); cursor.next()) decode(kind, cursor.row());
  index::Row row;
  for (const std::uint64_t key : keys) {
    cursor.seek(key, key);
    cursor.seek_before(key, key);
    if (cursor.valid()) decode(kind, cursor.row());
    if (table.find(key, row) == index::Found::kYes) decode(kind, row);
  }
  (void)table.find_all(keys, [&](std::size_t, const index::Row& found) {
    decode(kind, found);
    return true;
  });
}

}  // namespace

void index_table(Data data) {
  Taker in(data);
  const std::uint8_t choice = in.byte();
  const auto kind = static_cast<Table>(choice % index::kTableCount);
  const std::size_t key_words = index::info_of(kind).key_words;
  std::array<std::uint64_t, 4> keys{};
  for (std::uint64_t& key : keys) key = in.number(8);
  if ((choice & 0x80) != 0) {  // a directory as it comes
    const auto directory = exact(in.take(in.number(2)), 0);
    const auto chunk = exact(in.rest(), 0);
    return read_table(kind, directory, {chunk}, keys);
  }
  index::DirectoryBuilder builder(key_words);
  const std::size_t groups = in.number(1) % 40;
  for (std::size_t i = 0; i < groups; ++i) {
    const std::uint64_t first = keys[0] + i * keys[1];
    builder.add(first, keys[2] + i, {.chunk = 0, .offset = (in.number(1) & 0x7f) * 8});
    builder.add_rows(index::kGroupRows);
  }
  const std::string text = builder.finish(1);
  const auto bytes = std::as_bytes(std::span(text));
  const std::vector<std::byte> directory(bytes.begin(), bytes.end());
  const auto chunk = exact(in.rest(), index::kBitsSlack);
  read_table(kind, directory, {chunk}, keys);
}

}  // namespace recant::fuzz
