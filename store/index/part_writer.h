// Writes the LMDB file of a part by sorted append. The same rows in the same order give the same
// bytes: tables are made in a fixed order, a transaction is committed every 1,048,576 rows, and the
// map's size (which LMDB writes into the file) is given by the caller from the facts alone.
#pragma once

#include <lmdb.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "recant/error.h"
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

  /// Appends a row; tables in their order, keys of a table ascending. The first failure stays and
  /// makes every later call nothing; finish() reports it.
  void append(Table table, Bytes key, std::string_view value);
  void append(Table table, std::uint64_t id, std::string_view value) {
    append(table, id_key(id), value);
  }
  /// Commits and syncs the file. Returns the number of rows. Errors: kIo, kNoSpace.
  [[nodiscard]] Result<std::uint64_t> finish();

 private:
  explicit PartWriter(std::string path) : path_(std::move(path)) {}
  [[nodiscard]] Result<void> begin(std::uint64_t map_bytes);
  void check(const char* what, int code);

  std::string path_;
  Environment environment_;
  MDB_txn* txn_ = nullptr;
  std::array<MDB_dbi, kTableCount> tables_{};
  std::uint64_t rows_ = 0;
  std::optional<Error> error_;
};

}  // namespace recant::index
