// Up to 32 rows of a table, their numbers in bit-packed columns. What a lookup decodes at most, and
// what the directory of a table points to. Bytes: store/FORMAT.md, "Group".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "store/index/bits.h"

namespace recant::index {

using Bytes = std::span<const std::byte>;

inline constexpr std::size_t kGroupRows = 32;
inline constexpr std::size_t kColumnsMax = 4;

/// A row: numbers, the first one or two its key, and bytes for what has no column.
struct Row {
  std::array<std::uint64_t, kColumnsMax> numbers{};
  Bytes extra{};
};

/// Rows gathered for encoding.
struct GroupRows {
  std::size_t count = 0;
  std::array<std::array<std::uint64_t, kGroupRows>, kColumnsMax> numbers{};
  std::array<std::uint32_t, kColumnsMax> absent{};  ///< bits of rows whose number means nothing
  std::string extras{};
  std::array<std::size_t, kGroupRows> extra_sizes{};

  void clear();
};

/// Appends a group of `rows`, whose keys ascend, with `columns` columns, but for its first key.
void encode_group(const GroupRows& rows, std::size_t columns, std::string& out);

/// A column of packed numbers where it stands.
class PackedColumn {
 public:
  /// Takes the column off the front of `bytes`, which loses it. False if it is none. The base of
  /// keys does not stand there: set_base().
  [[nodiscard]] bool open(std::size_t count, Bytes& bytes);
  /// The number of a row whose key is `key`.
  [[nodiscard]] std::uint64_t at(std::size_t row, std::uint64_t key) const;
  /// The first row with this very number, the count if there is none. Needs an ascending column
  /// for which is_ordered().
  [[nodiscard]] std::size_t find(std::uint64_t number) const;
  void set_base(std::uint64_t base) { base_ = base; }
  /// Its numbers can be compared as they are packed.
  [[nodiscard]] bool is_ordered() const;

 private:
  template <bool kOneLoad>
  [[nodiscard]] std::size_t find_packed(std::uint64_t packed) const;

  const std::byte* data_ = nullptr;
  std::uint64_t base_ = 0;
  std::uint32_t large_ = 0;  // bits of rows in the second class
  std::uint8_t form_ = 0;
  std::uint8_t width_ = 0;
  std::uint8_t small_width_ = 0;
  std::uint8_t count_ = 0;
};

/// A group where it stands. Nothing in its bytes is believed: what does not fit is refused.
class RowGroup {
 public:
  /// Reads the head and the keys only: a lookup that misses needs no more. `bytes` begin with the
  /// group and end with the chunk that it stands in; the directory knows the first key.
  [[nodiscard]] bool open(Bytes bytes, std::uint64_t first_key);
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] std::uint64_t key(std::size_t row) const { return keys_.at(row, 0); }
  /// The first row with this key, `count()` if there is none.
  [[nodiscard]] std::size_t find(std::uint64_t key) const { return keys_.find(key); }
  /// Reads the rest. Before row(). False: these bytes are no group of so many columns.
  [[nodiscard]] bool open_rest(std::size_t columns);
  [[nodiscard]] bool row(std::size_t index, Row& row) const;
  /// All rows at once, the first count() of `rows`.
  [[nodiscard]] bool rows(std::span<Row, kGroupRows> rows) const;

 private:
  void numbers(std::size_t index, Row& row) const;

  std::size_t count_ = 0;
  std::size_t columns_ = 1;
  bool has_extras_ = false;
  PackedColumn keys_;
  std::array<PackedColumn, kColumnsMax - 1> others_;
  Bytes rest_;
  std::uint32_t with_extra_ = 0;
};

}  // namespace recant::index
