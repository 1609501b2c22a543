// One table of a part where it is mapped: chunks of groups, and the directory that finds a row's
// group. Reading it needs no transaction, no lock and no memory; any number of threads may.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "recant/error.h"
#include "store/index/directory.h"
#include "store/index/tables.h"

namespace recant::index {

/// What became of a lookup.
enum class Found : std::uint8_t { kNo, kYes, kDamaged };

class PartTable {
 public:
  /// An empty table of this kind.
  explicit PartTable(Table table) : table_(table) {}
  /// Takes what is mapped, for as long as the part is open. False: it does not fit together.
  [[nodiscard]] bool open(Bytes directory, std::vector<Bytes> chunks);

  [[nodiscard]] Table table() const { return table_; }
  [[nodiscard]] std::uint64_t rows() const { return directory_.rows(); }
  [[nodiscard]] std::size_t groups() const { return directory_.groups(); }
  [[nodiscard]] const Directory& directory() const { return directory_; }
  /// The row of a key of one word.
  [[nodiscard]] Found find(std::uint64_t key, Row& row) const;
  /// The same for many keys at once, several times faster. Calls `visit(index, row)` for each of
  /// `keys` that has a row, in no order. False: a group is damaged.
  template <class Visit>
  [[nodiscard]] bool find_all(std::span<const std::uint64_t> keys, Visit visit) const;
  /// From the group on to the end of its chunk; empty where there is no such place.
  [[nodiscard]] Bytes group_bytes(std::size_t group) const {
    const GroupPlace place = directory_.place(group);
    if (place.chunk >= chunks_.size() || place.offset >= chunks_[place.chunk].size()) return {};
    return chunks_[place.chunk].subspan(place.offset);
  }

 private:
  Table table_;
  Directory directory_;
  std::vector<Bytes> chunks_;
};

/// A place in a table, moving in key order.
class TableCursor {
 public:
  /// Before the first row; valid() after a seek.
  explicit TableCursor(const PartTable& table) : table_(table) {}

  /// To the first row whose key is not less.
  void seek(std::uint64_t first, std::uint64_t second = 0);
  /// To the last row whose key is less; not valid if there is none.
  void seek_before(std::uint64_t first, std::uint64_t second);
  [[nodiscard]] bool valid() const { return at_ < count_; }
  [[nodiscard]] const Row& row() const { return rows_[at_]; }
  void next() {
    if (++at_ == count_) load(group_ + 1);
  }
  /// It ended early: a group is damaged.
  [[nodiscard]] bool damaged() const { return damaged_; }

 private:
  void load(std::size_t group);

  const PartTable& table_;
  std::size_t group_ = 0;
  std::size_t at_ = 0;
  std::size_t count_ = 0;
  bool damaged_ = false;
  std::array<Row, kGroupRows> rows_;
};

template <class Visit>
bool PartTable::find_all(std::span<const std::uint64_t> keys, Visit visit) const {
  if (groups() == 0) return true;
  constexpr std::size_t kAtOnce = 32;
  constexpr std::size_t kLineBytes = 64;
  constexpr std::size_t kKeyLines = 3;
  constexpr std::size_t kRestLines = 5;
  const auto prefetch = [](Bytes bytes, std::size_t first, std::size_t lines) {
    for (std::size_t line = first; line < first + lines; ++line) {
      // As a number: the bytes may be none, and what is not there is not fetched.
      const auto address = reinterpret_cast<std::uintptr_t>(bytes.data()) + line * kLineBytes;
      __builtin_prefetch(reinterpret_cast<const void*>(address));
    }
  };
  struct Hit {
    std::size_t index = 0;
    std::size_t place = 0;
    RowGroup group{};
  };
  std::array<std::uint32_t, kAtOnce> groups{};
  std::array<Bytes, kAtOnce> bytes{};
  std::array<Hit, kAtOnce> hits;
  Row row;
  for (std::size_t begin = 0; begin < keys.size(); begin += kAtOnce) {
    const auto some = keys.subspan(begin, std::min(kAtOnce, keys.size() - begin));
    directory_.find(some, groups);
    for (std::size_t i = 0; i < some.size(); ++i) {
      bytes[i] = group_bytes(groups[i]);
      prefetch(bytes[i], 0, kKeyLines);
    }
    std::size_t hit_count = 0;
    for (std::size_t i = 0; i < some.size(); ++i) {
      Hit& hit = hits[hit_count];
      if (!hit.group.open(bytes[i], directory_.first(groups[i]))) return false;
      hit.place = hit.group.find(some[i]);
      if (hit.place == hit.group.count()) continue;
      hit.index = begin + i;
      prefetch(bytes[i], kKeyLines, kRestLines);
      ++hit_count;
    }
    for (Hit& hit : std::span(hits).first(hit_count)) {
      if (!hit.group.open_rest(info_of(table_).columns) || !hit.group.row(hit.place, row)) {
        return false;
      }
      if (!visit(hit.index, row)) return false;
    }
  }
  return true;
}

}  // namespace recant::index
