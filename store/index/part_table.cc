#include "store/index/part_table.h"

#include <utility>

namespace recant::index {

bool PartTable::open(Bytes directory, std::vector<Bytes> chunks) {
  chunks_ = std::move(chunks);
  return directory_.open(directory, info_of(table_).key_words) &&
         directory_.chunks() == chunks_.size();
}

Found PartTable::find(std::uint64_t key, Row& row) const {
  const std::size_t place = directory_.find(key);
  if (place == groups()) return Found::kNo;
  RowGroup group;
  if (!group.open(group_bytes(place), directory_.first(place))) return Found::kDamaged;
  const std::size_t index = group.find(key);
  if (index == group.count()) return Found::kNo;
  const bool good = group.open_rest(info_of(table_).columns) && group.row(index, row);
  return good ? Found::kYes : Found::kDamaged;
}

void TableCursor::load(std::size_t group) {
  group_ = group;
  at_ = 0;
  count_ = 0;
  if (group >= table_.groups()) return;
  RowGroup rows;
  damaged_ = !rows.open(table_.group_bytes(group), table_.directory().first(group)) ||
             !rows.open_rest(info_of(table_.table()).columns) || !rows.rows(rows_);
  if (!damaged_) count_ = rows.count();
}

void TableCursor::seek(std::uint64_t first, std::uint64_t second) {
  damaged_ = false;
  const bool pairs = info_of(table_.table()).key_words > 1;
  load(table_.directory().lower_bound(first, second));
  while (valid()) {
    const auto& numbers = row().numbers;
    if (numbers[0] > first || (numbers[0] == first && (!pairs || numbers[1] >= second))) return;
    next();
  }
}

void TableCursor::seek_before(std::uint64_t first, std::uint64_t second) {
  damaged_ = false;
  // The last group that begins with less: so no later one has a row that is less.
  load(table_.directory().lower_bound(first, second));
  std::size_t less = 0;
  while (less < count_ &&
         std::pair(rows_[less].numbers[0], rows_[less].numbers[1]) < std::pair(first, second)) {
    ++less;
  }
  at_ = less == 0 ? count_ : less - 1;
}

}  // namespace recant::index
