// RocksDB as its manual loads it fastest: rows folded in memory, sorted, written as files and
// ingested; asked by MultiGet of a thousand.
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <cstring>

#include "bench/peers/peer.h"

namespace recant::bench {
namespace {

using rocksdb::PinnableSlice;
using rocksdb::Slice;
using rocksdb::Status;

void ok(const Status& status) { require(status.ok(), status.ToString()); }

// Keys in order of their bytes: big-endian, users behind tweets.
std::string key_of(char table, std::uint64_t id) {
  std::string key(1 + sizeof id, table);
  for (std::size_t i = 0; i < sizeof id; ++i) {
    key[sizeof id - i] = static_cast<char>(id >> (8 * i) & 0xff);
  }
  return key;
}

template <class Row>
Row row_of(const Slice& value) {
  Row row;
  require(value.size() == sizeof row, "a row of another size");
  std::memcpy(&row, value.data(), sizeof row);
  return row;
}

class RocksPeer final : public Peer {
 public:
  explicit RocksPeer(const std::filesystem::path& directory) : directory_(directory) {
    rocksdb::BlockBasedTableOptions table;
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    table.block_cache = rocksdb::NewLRUCache(std::size_t{1} << 30);
    options_.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    options_.create_if_missing = true;
  }

  void load(const std::string& events) override {
    const FoldedRows rows = fold_events(events);
    const std::string file = (directory_ / "rows.sst").string();
    rocksdb::SstFileWriter writer(rocksdb::EnvOptions(), options_);
    ok(writer.Open(file));
    const auto put = [&](char table, const auto& row) {
      ok(writer.Put(key_of(table, row.first),
                    Slice(reinterpret_cast<const char*>(&row.second), sizeof row.second)));
    };
    for (const auto& row : rows.tweets) put('t', row);
    for (const auto& row : rows.users) put('u', row);
    ok(writer.Finish());
    open_database();
    rocksdb::IngestExternalFileOptions move;
    move.move_files = true;
    ok(database_->IngestExternalFile({file}, move));
    ok(database_->Flush({}));
  }

  void open() override { open_database(); }

  bool lookup(TweetId id) override {
    PinnableSlice value;
    const Status status =
        database_->Get({}, database_->DefaultColumnFamily(), key_of('t', id), &value);
    if (status.IsNotFound()) return false;
    ok(status);
    return true;
  }

  std::uint64_t check(std::span<const TweetId> ids) override {
    std::uint64_t due = 0;
    while (!ids.empty()) {
      const auto some = ids.first(std::min<std::size_t>(kAtOnce, ids.size()));
      due += check_some(some);
      ids = ids.subspan(some.size());
    }
    return due;
  }

 private:
  static constexpr std::size_t kAtOnce = 1000;

  void open_database() {
    rocksdb::DB* database = nullptr;
    ok(rocksdb::DB::Open(options_, directory_.string(), &database));
    database_.reset(database);
  }

  void get(char table, std::span<const std::uint64_t> ids) {
    keys_.clear();
    for (const std::uint64_t id : ids) keys_.push_back(key_of(table, id));
    slices_.assign(keys_.begin(), keys_.end());
    values_ = std::vector<PinnableSlice>(ids.size());
    statuses_.resize(ids.size());
    database_->MultiGet({}, database_->DefaultColumnFamily(), slices_.size(), slices_.data(),
                        values_.data(), statuses_.data());
  }

  std::uint64_t check_some(std::span<const TweetId> ids) {
    get('t', ids);
    std::uint64_t due = 0;
    std::vector<std::uint64_t> authors;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (!statuses_[i].ok()) continue;
      const auto row = row_of<TweetRow>(values_[i]);
      if (row.deleted_at != 0 || row.dropped_at != 0) {
        ++due;
      } else if (row.author != 0) {
        authors.push_back(row.author);
      }
    }
    get('u', authors);
    for (std::size_t i = 0; i < authors.size(); ++i) {
      if (statuses_[i].ok() && row_of<UserRow>(values_[i]).hidden()) ++due;
    }
    return due;
  }

  std::filesystem::path directory_;
  rocksdb::Options options_;
  std::unique_ptr<rocksdb::DB> database_;
  std::vector<std::string> keys_;
  std::vector<Slice> slices_;
  std::vector<PinnableSlice> values_;
  std::vector<Status> statuses_;
};

}  // namespace

std::unique_ptr<Peer> make_rocksdb(const std::filesystem::path& directory) {
  return std::make_unique<RocksPeer>(directory);
}

}  // namespace recant::bench
