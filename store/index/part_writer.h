// Writes the LMDB file of a part by sorted append. The same rows give the same bytes: rows are cut
// into groups and chunks by their number and size alone, tables are made in a fixed order, a
// transaction is committed every 32 chunks, and the map's size (which LMDB writes into the file) is
// given by the caller from the facts alone.
#pragma once

#include <lmdb.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recant/error.h"
#include "store/index/directory.h"
#include "store/index/part.h"
#include "store/index/tables.h"

namespace recant::index {

class PartWriter {
 public:
  /// Creates `path`, which must not be there. Errors: kIo, kNoSpace.
  [[nodiscard]] static Result<PartWriter> create(const std::string& path, std::uint64_t map_bytes);
  PartWriter(PartWriter&& other) noexcept;
  PartWriter& operator=(PartWriter&&) = delete;
  PartWriter(const PartWriter&) = delete;
  PartWriter& operator=(const PartWriter&) = delete;
  ~PartWriter();

  /// Appends a row; the keys of a table ascend. Bits of `absent` name columns whose number means
  /// nothing. The first failure stays and makes every later call nothing; finish() reports it.
  void append(Table table, std::span<const std::uint64_t> numbers, std::string_view extra = {},
              unsigned absent = 0);
  void append(Table table, std::initializer_list<std::uint64_t> numbers,
              std::string_view extra = {}, unsigned absent = 0) {
    append(table, std::span(numbers.begin(), numbers.size()), extra, absent);
  }
  /// Commits and syncs the file. Returns the number of rows. Errors: kIo, kNoSpace.
  [[nodiscard]] Result<std::uint64_t> finish();

 private:
  struct Pending {
    explicit Pending(Table table) : directory(info_of(table).key_words) {}
    GroupRows group;
    std::string chunk;
    std::uint64_t chunks = 0;  // written
    DirectoryBuilder directory;
  };

  explicit PartWriter(std::string path);
  [[nodiscard]] Result<void> begin(std::uint64_t map_bytes);
  void flush_group(Table table);
  void flush_chunk(Table table);
  void finish_table(Table table);
  void put(Table table, std::uint64_t key, std::string_view value);
  void check(const char* what, int code);
  Pending& pending(Table table) { return pending_[static_cast<std::size_t>(table)]; }

  std::string path_;
  Environment environment_;
  MDB_txn* txn_ = nullptr;
  std::array<MDB_dbi, kTableCount> tables_{};
  std::vector<Pending> pending_;
  std::string encoded_;
  std::uint64_t rows_ = 0;
  std::uint64_t chunks_ = 0;
  std::optional<Error> error_;
};

}  // namespace recant::index
