// A sealed part: one LMDB file, written once, never changed, opened read-only without locks.
#pragma once

#include <lmdb.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "recant/error.h"
#include "recant/event.h"
#include "recant/state.h"
#include "store/index/part_table.h"
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

/// The key of a table's directory, beside its chunks 0, 1, 2, ...
inline constexpr std::uint64_t kDirectoryKey = ~std::uint64_t{0};

class Part {
 public:
  /// Maps a part whose size was found right. `verify` reads it whole and compares its checksum
  /// first. Errors: kIo, kCorruption (size, checksum, or it is no part).
  [[nodiscard]] static Result<std::shared_ptr<const Part>> open(io::FileSystem& files,
                                                                const std::string& directory,
                                                                const PartInfo& info, bool verify);

  [[nodiscard]] const PartInfo& info() const { return info_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const PartTable& table(Table table) const {
    return tables_[static_cast<std::size_t>(table)];
  }
  /// The error of a row of this table that is none. `key` is its key's first word.
  [[nodiscard]] std::unexpected<Error> damaged(Table table, std::uint64_t key) const;

  // What rows say is added to a state; normalize() must follow. Errors: kCorruption.
  [[nodiscard]] Result<void> add_tweet(TweetId id, TweetState& state) const;
  [[nodiscard]] Result<void> add_user(UserId id, UserState& state) const;
  /// The same without what stands in kHistories: `head` says what does.
  [[nodiscard]] Result<void> add_user_inline(UserId id, UserState& state, UserRowHead& head) const;
  /// The second words of the rows whose first word is `key`, from `from` on; of a table of pairs.
  [[nodiscard]] Result<void> add_ids(Table table, std::uint64_t key, std::uint64_t from,
                                     std::vector<std::uint64_t>& ids) const;
  [[nodiscard]] Result<std::optional<Time>> favorite(TweetId tweet, UserId user) const;
  [[nodiscard]] Result<bool> is_candidate(TweetId id) const;
  /// A row of kUsers, with what stands in kHistories.
  [[nodiscard]] Result<void> add_user_row(const Row& row, UserState& state) const;

 private:
  Part(std::string path, PartInfo info);
  [[nodiscard]] Result<void> map();
  [[nodiscard]] Result<void> map_table(MDB_txn* txn, Table table);

  std::string path_;
  PartInfo info_;
  Environment environment_;
  std::vector<PartTable> tables_;
};

}  // namespace recant::index
