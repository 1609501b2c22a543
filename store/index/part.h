// A sealed part: one LMDB file, written once, never changed, opened read-only without locks.
#pragma once

#include <lmdb.h>

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "recant/error.h"
#include "recant/event.h"
#include "store/index/row_codec.h"
#include "store/index/tables.h"
#include "store/io/file_system.h"

namespace recant::index {

/// What the manifest says of a part.
struct PartInfo {
  std::string file;          ///< name within index/
  SequenceNumber first = 0;  ///< of the log's events in it
  SequenceNumber last = 0;
  std::uint64_t bytes = 0;
  std::uint64_t checksum = 0;  ///< XXH3-64 of the whole file
  std::uint64_t facts = 0;     ///< that went into it: sizes the map of a merge
  std::uint64_t rows = 0;      ///< all tables
  std::uint64_t candidates = 0;
  friend bool operator==(const PartInfo&, const PartInfo&) = default;
};

/// XXH3-64 of a file. Errors: kIo.
[[nodiscard]] Result<std::uint64_t> file_checksum(io::FileSystem& files, const std::string& path);

template <auto Free>
struct FreeWith {
  template <class T>
  void operator()(T* handle) const noexcept {
    Free(handle);
  }
};
using Environment = std::unique_ptr<MDB_env, FreeWith<mdb_env_close>>;

[[nodiscard]] std::unexpected<Error> lmdb_error(const std::string& what, const std::string& path,
                                                int code);

class Part;

/// A place in one table, moving in key order. Close it before its part.
class PartCursor {
 public:
  PartCursor(const Part& part, Table table);
  PartCursor(const PartCursor&) = delete;
  PartCursor& operator=(const PartCursor&) = delete;
  ~PartCursor();

  [[nodiscard]] bool valid() const { return valid_; }
  [[nodiscard]] Bytes key() const { return key_; }
  [[nodiscard]] Bytes value() const { return value_; }
  void next();
  /// To the first key that is not less than `key`.
  void seek(Bytes key);
  /// Ends early where LMDB failed.
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  void move(MDB_cursor_op operation, Bytes key);

  const Part& part_;
  MDB_txn* txn_ = nullptr;
  MDB_cursor* cursor_ = nullptr;
  bool valid_ = false;
  Bytes key_;
  Bytes value_;
  std::optional<Error> error_;
};

class Part {
 public:
  /// Maps a part whose size was found right. `verify` reads it whole and compares its checksum
  /// first. Errors: kIo, kCorruption (size, checksum, or LMDB does not take it for its own).
  [[nodiscard]] static Result<std::shared_ptr<const Part>> open(io::FileSystem& files,
                                                                const std::string& directory,
                                                                const PartInfo& info, bool verify);
  Part(const Part&) = delete;
  Part& operator=(const Part&) = delete;
  ~Part();

  [[nodiscard]] const PartInfo& info() const { return info_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  /// Rows of a table; most stores leave several empty.
  [[nodiscard]] std::uint64_t rows(Table table) const {
    return rows_[static_cast<std::size_t>(table)];
  }

  /// One read transaction, for one thread at a time; taken from and given back to the part's pool.
  class Reader {
   public:
    explicit Reader(std::shared_ptr<const Part> part);
    Reader(Reader&&) noexcept = default;
    Reader& operator=(Reader&&) = delete;
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    ~Reader();
    /// The row of a key, nothing if there is none. Valid while the part is open. Errors:
    /// kCorruption.
    [[nodiscard]] Result<std::optional<Bytes>> get(Table table, Bytes key) const;
    [[nodiscard]] Result<std::optional<Bytes>> get(Table table, std::uint64_t id) const;
    [[nodiscard]] const Part& part() const { return *part_; }

   private:
    std::shared_ptr<const Part> part_;
    MDB_txn* txn_ = nullptr;
  };

  [[nodiscard]] Error damaged_row(Table table, Bytes key) const;

 private:
  friend class PartCursor;
  Part(std::string path, PartInfo info) : path_(std::move(path)), info_(std::move(info)) {}
  [[nodiscard]] Result<void> map();
  [[nodiscard]] MDB_txn* take_txn(int& code) const;
  void give_txn(MDB_txn* txn) const;

  std::string path_;
  PartInfo info_;
  Environment environment_;
  std::array<MDB_dbi, kTableCount> tables_{};
  std::array<std::uint64_t, kTableCount> rows_{};
  mutable std::mutex pool_mutex_;
  mutable std::vector<MDB_txn*> pool_;
};

/// Keys as they stand in the file.
[[nodiscard]] std::array<std::byte, 8> id_key(std::uint64_t id);
[[nodiscard]] std::array<std::byte, 16> pair_key(std::uint64_t first, std::uint64_t second);
[[nodiscard]] std::uint64_t id_of_key(Bytes key);
[[nodiscard]] std::pair<std::uint64_t, std::uint64_t> pair_of_key(Bytes key);

}  // namespace recant::index
