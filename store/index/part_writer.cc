#include "store/index/part_writer.h"

#include <fmt/format.h>

#include <utility>

namespace recant::index {
namespace {

constexpr std::uint64_t kRowsPerCommit = 1'048'576;

}  // namespace

Result<PartWriter> PartWriter::create(const std::string& path, std::uint64_t map_bytes) {
  PartWriter writer(path);
  RECANT_TRY(writer.begin(map_bytes));
  return writer;
}

PartWriter::PartWriter(PartWriter&& other) noexcept
    : path_(std::move(other.path_)),
      environment_(std::move(other.environment_)),
      txn_(std::exchange(other.txn_, nullptr)),
      tables_(other.tables_),
      rows_(other.rows_),
      error_(std::move(other.error_)) {}

PartWriter::~PartWriter() {
  if (txn_ != nullptr) mdb_txn_abort(txn_);
}

void PartWriter::check(const char* what, int code) {
  if (code == 0 || error_) return;
  error_ = Error{.code = code == ENOSPC ? ErrorCode::kNoSpace : ErrorCode::kIo,
                 .what = fmt::format("{} {}: {} (free some space, or check the disk)", what, path_,
                                     mdb_strerror(code))};
}

Result<void> PartWriter::begin(std::uint64_t map_bytes) {
  MDB_env* raw = nullptr;
  check("cannot create", mdb_env_create(&raw));
  if (error_) return std::unexpected(*error_);
  environment_.reset(raw);
  check("cannot create", mdb_env_set_maxdbs(raw, kTableCount));
  check("cannot create", mdb_env_set_mapsize(raw, map_bytes));
  // Nothing else knows the file before it is synced and renamed, so it needs neither locks nor a
  // sync a transaction. Never MDB_NOMEMINIT or MDB_WRITEMAP: both let stray memory into the file.
  constexpr unsigned kFlags = MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOSYNC | MDB_NOMETASYNC | MDB_NOTLS;
  if (!error_) check("cannot create", mdb_env_open(raw, path_.c_str(), kFlags, 0600));
  if (!error_) check("cannot create", mdb_txn_begin(raw, nullptr, 0, &txn_));
  for (std::size_t i = 0; i < kTableCount && !error_; ++i) {
    const unsigned flags = kTables[i].key == KeyKind::kId ? MDB_INTEGERKEY : 0;
    check("cannot create", mdb_dbi_open(txn_, kTables[i].name, flags | MDB_CREATE, &tables_[i]));
  }
  if (error_) return std::unexpected(*error_);
  return {};
}

void PartWriter::append(Table table, Bytes key, std::string_view value) {
  if (error_) return;
  MDB_val key_val{key.size(), const_cast<std::byte*>(key.data())};
  MDB_val value_val{value.size(), const_cast<char*>(value.data())};
  check("cannot write",
        mdb_put(txn_, tables_[static_cast<std::size_t>(table)], &key_val, &value_val, MDB_APPEND));
  if (++rows_ % kRowsPerCommit != 0 || error_) return;
  check("cannot write", mdb_txn_commit(std::exchange(txn_, nullptr)));
  if (!error_) check("cannot write", mdb_txn_begin(environment_.get(), nullptr, 0, &txn_));
}

Result<std::uint64_t> PartWriter::finish() {
  if (!error_) check("cannot write", mdb_txn_commit(std::exchange(txn_, nullptr)));
  if (!error_) check("cannot sync", mdb_env_sync(environment_.get(), 1));
  if (error_) return std::unexpected(*error_);
  environment_.reset();
  return rows_;
}

}  // namespace recant::index
