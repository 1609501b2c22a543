#include "store/index/part.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <bit>
#include <cstring>

namespace recant::index {
namespace {

// Id keys are compared by LMDB as native integers.
static_assert(std::endian::native == std::endian::little, "parts are little-endian");

// Enough for the transactions' own bookkeeping: LMDB takes its list of tables from it.
constexpr unsigned kTablesMax = 16;

MDB_val to_val(Bytes bytes) {
  // LMDB takes keys by pointer to non-const and does not write through it.
  return {bytes.size(), const_cast<std::byte*>(bytes.data())};
}

Bytes to_bytes(const MDB_val& value) {
  return {static_cast<const std::byte*>(value.mv_data), value.mv_size};
}

struct XxhStateFree {
  void operator()(XXH3_state_t* state) const noexcept { XXH3_freeState(state); }
};

}  // namespace

std::unexpected<Error> lmdb_error(const std::string& what, const std::string& path, int code) {
  const bool damage = code == MDB_CORRUPTED || code == MDB_PAGE_NOTFOUND || code == MDB_INVALID ||
                      code == MDB_VERSION_MISMATCH || code == MDB_BAD_TXN || code == MDB_NOTFOUND;
  const ErrorCode error = code == ENOSPC ? ErrorCode::kNoSpace
                          : damage       ? ErrorCode::kCorruption
                                         : ErrorCode::kIo;
  return fail(error, fmt::format("{} {}: {} (run `recant verify`, then `recant rebuild`)", what,
                                 path, mdb_strerror(code)));
}

Result<std::uint64_t> file_checksum(io::FileSystem& files, const std::string& path) {
  constexpr std::size_t kPieceBytes = std::size_t{1} << 20;
  RECANT_ASSIGN(const auto file, files.open_read(path));
  const std::unique_ptr<XXH3_state_t, XxhStateFree> state(XXH3_createState());
  if (!state) throw std::bad_alloc();
  XXH3_64bits_reset(state.get());
  std::vector<std::byte> piece(kPieceBytes);
  std::uint64_t offset = 0;
  while (true) {
    RECANT_ASSIGN(const std::size_t size, file->read_at(offset, piece));
    if (size == 0) break;
    XXH3_64bits_update(state.get(), piece.data(), size);
    offset += size;
  }
  return XXH3_64bits_digest(state.get());
}

std::array<std::byte, 8> id_key(std::uint64_t id) {
  return std::bit_cast<std::array<std::byte, 8>>(id);
}

std::array<std::byte, 16> pair_key(std::uint64_t first, std::uint64_t second) {
  const std::array<std::uint64_t, 2> big_endian = {__builtin_bswap64(first),
                                                   __builtin_bswap64(second)};
  return std::bit_cast<std::array<std::byte, 16>>(big_endian);
}

std::uint64_t id_of_key(Bytes key) {
  std::uint64_t id = 0;
  std::memcpy(&id, key.data(), sizeof id);
  return id;
}

std::pair<std::uint64_t, std::uint64_t> pair_of_key(Bytes key) {
  const std::uint64_t first = id_of_key(key);
  const std::uint64_t second = id_of_key(key.subspan(sizeof first));
  return {__builtin_bswap64(first), __builtin_bswap64(second)};
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

Result<void> Part::map() {
  MDB_env* raw = nullptr;
  if (const int code = mdb_env_create(&raw); code != 0)
    return lmdb_error("cannot map", path_, code);
  environment_.reset(raw);
  mdb_env_set_maxdbs(raw, kTablesMax);
  constexpr unsigned kFlags = MDB_NOSUBDIR | MDB_RDONLY | MDB_NOLOCK | MDB_NOTLS | MDB_NORDAHEAD;
  if (const int code = mdb_env_open(raw, path_.c_str(), kFlags, 0600); code != 0) {
    return lmdb_error("cannot map", path_, code);
  }
  MDB_txn* txn = nullptr;
  if (const int code = mdb_txn_begin(raw, nullptr, MDB_RDONLY, &txn); code != 0) {
    return lmdb_error("cannot read", path_, code);
  }
  for (std::size_t i = 0; i < kTableCount; ++i) {
    const unsigned flags = kTables[i].key == KeyKind::kId ? MDB_INTEGERKEY : 0;
    MDB_stat stat{};
    int code = mdb_dbi_open(txn, kTables[i].name, flags, &tables_[i]);
    if (code == 0) code = mdb_stat(txn, tables_[i], &stat);
    if (code != 0) {
      mdb_txn_abort(txn);
      return lmdb_error(fmt::format("cannot open table {} of", kTables[i].name), path_, code);
    }
    rows_[i] = stat.ms_entries;
  }
  // Committing keeps the table handles open for every later transaction.
  if (const int code = mdb_txn_commit(txn); code != 0)
    return lmdb_error("cannot read", path_, code);
  return {};
}

Part::~Part() {
  for (MDB_txn* txn : pool_) mdb_txn_abort(txn);
}

MDB_txn* Part::take_txn(int& code) const {
  {
    const std::lock_guard lock(pool_mutex_);
    if (!pool_.empty()) {
      MDB_txn* txn = pool_.back();
      pool_.pop_back();
      return txn;
    }
  }
  MDB_txn* txn = nullptr;
  code = mdb_txn_begin(environment_.get(), nullptr, MDB_RDONLY, &txn);
  return code == 0 ? txn : nullptr;
}

void Part::give_txn(MDB_txn* txn) const {
  const std::lock_guard lock(pool_mutex_);
  pool_.push_back(txn);
}

Error Part::damaged_row(Table table, Bytes key) const {
  std::string name;
  for (const std::byte byte : key) name += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
  return {.code = ErrorCode::kCorruption,
          .what = fmt::format("{}: table {}, key {}: not a row (run `recant verify`, then `recant "
                              "rebuild`)",
                              path_, kTables[static_cast<std::size_t>(table)].name, name)};
}

Part::Reader::Reader(std::shared_ptr<const Part> part) : part_(std::move(part)) {
  int code = 0;
  txn_ = part_->take_txn(code);
}

Part::Reader::~Reader() {
  if (part_ && txn_ != nullptr) part_->give_txn(txn_);
}

Result<std::optional<Bytes>> Part::Reader::get(Table table, Bytes key) const {
  if (part_->rows(table) == 0) return std::nullopt;
  if (txn_ == nullptr) return lmdb_error("cannot read", part_->path_, ENOMEM);
  MDB_val key_val = to_val(key);
  MDB_val value{};
  const int code = mdb_get(txn_, part_->tables_[static_cast<std::size_t>(table)], &key_val, &value);
  if (code == MDB_NOTFOUND) return std::nullopt;
  if (code != 0) return lmdb_error("cannot read", part_->path_, code);
  return to_bytes(value);
}

Result<std::optional<Bytes>> Part::Reader::get(Table table, std::uint64_t id) const {
  return get(table, id_key(id));
}

PartCursor::PartCursor(const Part& part, Table table) : part_(part) {
  int code = 0;
  txn_ = part.take_txn(code);
  if (txn_ != nullptr) {
    code = mdb_cursor_open(txn_, part.tables_[static_cast<std::size_t>(table)], &cursor_);
  }
  if (code != 0) {
    error_ = lmdb_error("cannot read", part.path_, code).error();
    return;
  }
  move(MDB_FIRST, {});
}

PartCursor::~PartCursor() {
  if (cursor_ != nullptr) mdb_cursor_close(cursor_);
  if (txn_ != nullptr) part_.give_txn(txn_);
}

void PartCursor::move(MDB_cursor_op operation, Bytes key) {
  MDB_val key_val = to_val(key);
  MDB_val value{};
  const int code = mdb_cursor_get(cursor_, &key_val, &value, operation);
  valid_ = code == 0;
  if (valid_) {
    key_ = to_bytes(key_val);
    value_ = to_bytes(value);
  } else if (code != MDB_NOTFOUND) {
    error_ = lmdb_error("cannot read", part_.path_, code).error();
  }
}

void PartCursor::next() { move(MDB_NEXT, {}); }

void PartCursor::seek(Bytes key) {
  if (cursor_ != nullptr) move(MDB_SET_RANGE, key);
}

}  // namespace recant::index
