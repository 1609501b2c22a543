// The first keys of a table's groups, and where each group stands: an array that is searched where
// it is mapped, so that opening a table costs nothing. Bytes: store/FORMAT.md, "Directory".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "store/index/row_group.h"

namespace recant::index {

/// Where a group stands: the number of its chunk, and a place in that chunk in steps of 8 bytes.
struct GroupPlace {
  std::uint64_t chunk = 0;
  std::size_t offset = 0;  ///< bytes
};

inline constexpr std::size_t kGroupAlign = 8;
/// A chunk is one value that fills 256 pages of LMDB (whose header takes 16 bytes of the first),
/// but for the last of a table, which is smaller, and one whose only group is larger.
inline constexpr std::size_t kChunkBytes = std::size_t{1} << 20;
inline constexpr std::size_t kChunkFill = kChunkBytes - 16;

class DirectoryBuilder {
 public:
  explicit DirectoryBuilder(std::size_t key_words) : key_words_(key_words) {}
  void add(std::uint64_t first, std::uint64_t second, GroupPlace place);
  void add_rows(std::size_t rows) { rows_ += rows; }
  [[nodiscard]] bool empty() const { return firsts_.empty(); }
  /// The bytes of the directory of `chunks` chunks.
  [[nodiscard]] std::string finish(std::uint64_t chunks) const;

 private:
  std::size_t key_words_;
  std::uint64_t rows_ = 0;
  std::vector<std::uint64_t> firsts_;
  std::vector<std::uint64_t> seconds_;  // only where keys have two words
  std::vector<std::uint32_t> places_;
};

class Directory {
 public:
  /// Takes mapped bytes. False: they are no directory of keys of so many words.
  [[nodiscard]] bool open(Bytes bytes, std::size_t key_words);
  [[nodiscard]] std::uint64_t rows() const { return rows_; }
  [[nodiscard]] std::size_t groups() const { return groups_; }
  [[nodiscard]] std::uint64_t chunks() const { return chunks_; }
  [[nodiscard]] std::uint64_t first(std::size_t group) const {
    return load_word(firsts_ + 8 * group);
  }
  [[nodiscard]] GroupPlace place(std::size_t group) const;

  /// The last group whose first key's first word is not greater than `key`: where a row of that
  /// key stands if it does. groups() if there is none.
  [[nodiscard]] std::size_t find(std::uint64_t key) const;
  /// The same for many keys, their waits for memory overlapped. `groups` has a place for each.
  void find(std::span<const std::uint64_t> keys, std::span<std::uint32_t> groups) const;
  /// A group such that no row at or after (first, second) stands before it, and only a few rows in
  /// it do; groups() - 1 or less where there are any.
  [[nodiscard]] std::size_t lower_bound(std::uint64_t first, std::uint64_t second) const;

 private:
  static constexpr std::size_t kFanOut = 16;
  static constexpr std::size_t kLevelsMax = 16;

  std::uint64_t rows_ = 0;
  std::uint64_t chunks_ = 0;
  std::size_t groups_ = 0;
  std::size_t levels_ = 0;
  std::array<const std::byte*, kLevelsMax> level_{};  // from the groups' keys up
  std::array<std::size_t, kLevelsMax> level_size_{};
  const std::byte* firsts_ = nullptr;
  const std::byte* seconds_ = nullptr;
  const std::byte* places_ = nullptr;
};

}  // namespace recant::index
