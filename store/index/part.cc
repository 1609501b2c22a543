#include "store/index/part.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>

namespace recant::index {
namespace {

Bytes to_bytes(const MDB_val& value) {
  return {static_cast<const std::byte*>(value.mv_data), value.mv_size};
}

// Large memory of malloc begins 16 bytes behind a page, and copying pages of a file to there takes
// three times as long on some machines.
struct alignas(64) Piece {
  std::array<std::byte, std::size_t{256} << 10> bytes;
};

struct XxhStateFree {
  void operator()(XXH3_state_t* state) const noexcept { XXH3_freeState(state); }
};

// A rebuild helps against damage only: it needs more memory and descriptors than what failed.
std::string_view advice(int code, bool damage) {
  if (damage) return "run `recant verify`, then `recant rebuild`";
  if (code == ENOSPC) return "free some space, then run the command again";
  if (code == ENOMEM) return "free some memory, or raise its limit, see ulimit -v";
  if (code == EMFILE || code == ENFILE) return "raise the limit of open files, see ulimit -n";
  return "check the disk and the kernel's messages";
}

}  // namespace

std::unexpected<Error> lmdb_error(const std::string& what, const std::string& path, int code) {
  const bool damage = code == MDB_CORRUPTED || code == MDB_PAGE_NOTFOUND || code == MDB_INVALID ||
                      code == MDB_VERSION_MISMATCH || code == MDB_BAD_TXN || code == MDB_NOTFOUND;
  const ErrorCode error = code == ENOSPC   ? ErrorCode::kNoSpace
                          : code == ENOMEM ? ErrorCode::kNoMemory
                          : damage         ? ErrorCode::kCorruption
                                           : ErrorCode::kIo;
  return fail(error,
              fmt::format("{} {}: {} ({})", what, path, mdb_strerror(code), advice(code, damage)));
}

Result<std::uint64_t> file_checksum(io::FileSystem& files, const std::string& path) {
  RECANT_ASSIGN(const auto file, files.open_read(path));
  const std::unique_ptr<XXH3_state_t, XxhStateFree> state(XXH3_createState());
  if (!state) throw std::bad_alloc();
  XXH3_64bits_reset(state.get());
  const auto piece = std::make_unique_for_overwrite<Piece>();
  std::uint64_t offset = 0;
  while (true) {
    RECANT_ASSIGN(const std::size_t size, file->read_at(offset, piece->bytes));
    if (size == 0) break;
    XXH3_64bits_update(state.get(), piece->bytes.data(), size);
    offset += size;
  }
  return XXH3_64bits_digest(state.get());
}

Result<std::shared_ptr<const Part>> Part::open(io::FileSystem& files, const std::string& directory,
                                               const PartInfo& info, bool verify) {
  std::shared_ptr<Part> part(new Part(io::join_path(directory, info.file), info));
  RECANT_ASSIGN(const auto found, files.info(part->path_));
  if (!found) {
    return fail(ErrorCode::kIo,
                fmt::format("{}: no such part (run `recant rebuild`)", part->path_));
  }
  // Before mapping: reading past the end of a truncated file would be SIGBUS.
  if (!found->regular || found->size != info.bytes) {
    return fail(ErrorCode::kCorruption,
                fmt::format("{}: {} bytes where the manifest says {} (run `recant rebuild`)",
                            part->path_, found->size, info.bytes));
  }
  if (verify) {
    RECANT_ASSIGN(const std::uint64_t checksum, file_checksum(files, part->path_));
    if (checksum != info.checksum) {
      return fail(ErrorCode::kCorruption,
                  fmt::format("{}: checksum {:016x} where the manifest says {:016x} (run `recant "
                              "rebuild`)",
                              part->path_, checksum, info.checksum));
    }
  }
  RECANT_TRY(part->map());
  return part;
}

Part::Part(std::string path, PartInfo info) : path_(std::move(path)), info_(std::move(info)) {
  for (std::size_t i = 0; i < kTableCount; ++i) tables_.emplace_back(static_cast<Table>(i));
}

Result<void> Part::map() {
  MDB_env* raw = nullptr;
  if (const int code = mdb_env_create(&raw); code != 0)
    return lmdb_error("cannot map", path_, code);
  environment_.reset(raw);
  mdb_env_set_maxdbs(raw, kTableCount);
  constexpr unsigned kFlags = MDB_NOSUBDIR | MDB_RDONLY | MDB_NOLOCK | MDB_NOTLS | MDB_NORDAHEAD;
  if (const int code = mdb_env_open(raw, path_.c_str(), kFlags, 0600); code != 0) {
    return lmdb_error("cannot map", path_, code);
  }
  MDB_txn* begun = nullptr;
  if (const int code = mdb_txn_begin(raw, nullptr, MDB_RDONLY, &begun); code != 0) {
    return lmdb_error("cannot read", path_, code);
  }
  // What it finds stays mapped after it: nobody writes to the file.
  const std::unique_ptr<MDB_txn, FreeWith<mdb_txn_abort>> txn(begun);
  for (std::size_t i = 0; i < kTableCount; ++i) {
    RECANT_TRY(map_table(txn.get(), static_cast<Table>(i)));
  }
  return {};
}

Result<void> Part::map_table(MDB_txn* txn, Table table) {
  const auto failed = [&](int code) {
    return lmdb_error(fmt::format("cannot open table {} of", info_of(table).name), path_, code);
  };
  MDB_dbi dbi = 0;
  if (const int code = mdb_dbi_open(txn, info_of(table).name, MDB_INTEGERKEY, &dbi); code != 0) {
    return failed(code);
  }
  MDB_cursor* opened = nullptr;
  if (const int code = mdb_cursor_open(txn, dbi, &opened); code != 0) return failed(code);
  const std::unique_ptr<MDB_cursor, FreeWith<mdb_cursor_close>> cursor(opened);
  std::vector<Bytes> chunks;
  Bytes directory;
  MDB_val key{};
  MDB_val value{};
  int code = 0;
  while ((code = mdb_cursor_get(cursor.get(), &key, &value, MDB_NEXT)) == 0) {
    std::uint64_t number = 0;
    if (key.mv_size != sizeof number || !directory.empty()) return failed(MDB_CORRUPTED);
    std::memcpy(&number, key.mv_data, sizeof number);
    const Bytes bytes = to_bytes(value);
    if (number == kDirectoryKey) {
      directory = bytes;
    } else if (number == chunks.size()) {
      chunks.push_back(bytes);
    } else {
      return failed(MDB_CORRUPTED);
    }
  }
  if (code != MDB_NOTFOUND) return failed(code);
  if (directory.empty() && chunks.empty()) return {};
  PartTable& opened_table = tables_[static_cast<std::size_t>(table)];
  return opened_table.open(directory, std::move(chunks)) ? Result<void>() : failed(MDB_CORRUPTED);
}

std::unexpected<Error> Part::damaged(Table table, std::uint64_t key) const {
  return fail(ErrorCode::kCorruption,
              fmt::format("{}: table {}, key {}: not a row (run `recant verify`, then `recant "
                          "rebuild`)",
                          path_, info_of(table).name, key));
}

Result<void> Part::add_tweet(TweetId id, TweetState& state) const {
  Row row;
  const Found found = table(Table::kTweets).find(id, row);
  if (found == Found::kNo) return {};
  if (found == Found::kDamaged || !decode_tweet(row, state)) return damaged(Table::kTweets, id);
  return {};
}

Result<void> Part::add_user(UserId id, UserState& state) const {
  Row row;
  const Found found = table(Table::kUsers).find(id, row);
  if (found == Found::kNo) return {};
  if (found == Found::kDamaged) return damaged(Table::kUsers, id);
  return add_user_row(row, state);
}

Result<void> Part::add_user_inline(UserId id, UserState& state, UserRowHead& head) const {
  head = {};
  Row row;
  const Found found = table(Table::kUsers).find(id, row);
  if (found == Found::kNo) return {};
  const bool good = found == Found::kYes && decode_user(row, state, head);
  return good ? Result<void>() : damaged(Table::kUsers, id);
}

Result<void> Part::add_user_row(const Row& row, UserState& state) const {
  const UserId id = row.numbers[0];
  UserRowHead head;
  if (!decode_user(row, state, head)) return damaged(Table::kUsers, id);
  if (head.elsewhere == 0) return {};
  TableCursor cursor(table(Table::kHistories));
  for (cursor.seek(id); cursor.valid() && cursor.row().numbers[0] == id; cursor.next()) {
    if (!decode_history(cursor.row(), head, state)) return damaged(Table::kHistories, id);
  }
  if (cursor.damaged()) return damaged(Table::kHistories, id);
  return {};
}

Result<void> Part::add_ids(Table which, std::uint64_t key, std::uint64_t from,
                           std::vector<std::uint64_t>& ids) const {
  const PartTable& pairs = table(which);
  if (pairs.rows() == 0) return {};
  TableCursor cursor(pairs);
  for (cursor.seek(key, from); cursor.valid() && cursor.row().numbers[0] == key; cursor.next()) {
    ids.push_back(cursor.row().numbers[1]);
  }
  if (cursor.damaged()) return damaged(which, key);
  return {};
}

Result<std::optional<Time>> Part::favorite(TweetId tweet, UserId user) const {
  const PartTable& favorites = table(Table::kFavorites);
  if (favorites.rows() == 0) return std::nullopt;
  TableCursor cursor(favorites);
  cursor.seek(tweet, user);
  if (cursor.damaged()) return damaged(Table::kFavorites, tweet);
  if (!cursor.valid() || cursor.row().numbers[0] != tweet || cursor.row().numbers[1] != user) {
    return std::nullopt;
  }
  return static_cast<Time>(cursor.row().numbers[2]);
}

Result<bool> Part::is_candidate(TweetId id) const {
  Row row;
  const Found found = table(Table::kCandidates).find(id, row);
  if (found == Found::kDamaged) return damaged(Table::kCandidates, id);
  return found == Found::kYes;
}

}  // namespace recant::index
