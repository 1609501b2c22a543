#include "store/index/part_writer.h"

#include <fmt/format.h>

#include <utility>

namespace recant::index {
namespace {

constexpr std::uint64_t kChunksPerCommit = 32;
// 2^32 places of 8 bytes: what a directory can name.
constexpr std::uint64_t kChunksMax = std::uint64_t{1} << 15;

}  // namespace

PartWriter::PartWriter(std::string path) : path_(std::move(path)) {
  for (std::size_t i = 0; i < kTableCount; ++i) pending_.emplace_back(static_cast<Table>(i));
}

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
      pending_(std::move(other.pending_)),
      rows_(other.rows_),
      chunks_(other.chunks_),
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
    check("cannot create",
          mdb_dbi_open(txn_, kTables[i].name, MDB_INTEGERKEY | MDB_CREATE, &tables_[i]));
  }
  if (error_) return std::unexpected(*error_);
  return {};
}

void PartWriter::append(Table table, std::span<const std::uint64_t> numbers, std::string_view extra,
                        unsigned absent) {
  GroupRows& group = pending(table).group;
  for (std::size_t column = 0; column < numbers.size(); ++column) {
    group.numbers[column][group.count] = numbers[column];
    group.absent[column] |= (absent >> column & 1) << group.count;
  }
  group.extra_sizes[group.count] = extra.size();
  group.extras += extra;
  ++rows_;
  if (++group.count == kGroupRows) flush_group(table);
}

void PartWriter::flush_group(Table table) {
  Pending& rows = pending(table);
  if (rows.group.count == 0) return;
  encoded_.clear();
  encode_group(rows.group, info_of(table).columns, encoded_);
  encoded_.resize((encoded_.size() + kGroupAlign - 1) / kGroupAlign * kGroupAlign);
  if (rows.chunk.size() + encoded_.size() + kBitsSlack > kChunkFill) flush_chunk(table);
  rows.directory.add(rows.group.numbers[0][0], rows.group.numbers[1][0],
                     {.chunk = rows.chunks, .offset = rows.chunk.size()});
  rows.directory.add_rows(rows.group.count);
  rows.chunk += encoded_;
  rows.group.clear();
}

void PartWriter::flush_chunk(Table table) {
  Pending& rows = pending(table);
  if (rows.chunk.empty()) return;
  if (rows.chunks == kChunksMax && !error_) {
    error_ = Error{.code = ErrorCode::kNoSpace,
                   .what = fmt::format("cannot write {}: table {} is larger than 32 GiB (split the "
                                       "store)",
                                       path_, info_of(table).name)};
  }
  // Packed numbers are read by whole words, so that none stands at the very end.
  rows.chunk.append(kBitsSlack, '\0');
  put(table, rows.chunks++, rows.chunk);
  rows.chunk.clear();
  if (++chunks_ % kChunksPerCommit != 0 || error_) return;
  check("cannot write", mdb_txn_commit(std::exchange(txn_, nullptr)));
  if (!error_) check("cannot write", mdb_txn_begin(environment_.get(), nullptr, 0, &txn_));
}

void PartWriter::finish_table(Table table) {
  flush_group(table);
  flush_chunk(table);
  const Pending& rows = pending(table);
  if (!rows.directory.empty()) {
    put(table, kDirectoryKey, rows.directory.finish(rows.chunks));
  }
}

void PartWriter::put(Table table, std::uint64_t key, std::string_view value) {
  if (error_) return;
  MDB_val key_val{sizeof key, &key};
  MDB_val value_val{value.size(), const_cast<char*>(value.data())};
  check("cannot write",
        mdb_put(txn_, tables_[static_cast<std::size_t>(table)], &key_val, &value_val, MDB_APPEND));
}

Result<std::uint64_t> PartWriter::finish() {
  for (std::size_t i = 0; i < kTableCount; ++i) finish_table(static_cast<Table>(i));
  if (!error_) check("cannot write", mdb_txn_commit(std::exchange(txn_, nullptr)));
  if (!error_) check("cannot sync", mdb_env_sync(environment_.get(), 1));
  if (error_) return std::unexpected(*error_);
  environment_.reset();
  return rows_;
}

}  // namespace recant::index
