// Plain LMDB: a table of tweets and one of users, rows read, changed and put back as events come.
#include <lmdb.h>

#include <cstring>
#include <utility>

#include "bench/peers/peer.h"

namespace recant::bench {
namespace {

void ok(int code) { require(code == 0, mdb_strerror(code)); }

class LmdbPeer final : public Peer {
 public:
  explicit LmdbPeer(const std::filesystem::path& directory) : directory_(directory) {}
  ~LmdbPeer() override {
    if (txn_ != nullptr) mdb_txn_abort(txn_);
    if (environment_ != nullptr) mdb_env_close(environment_);
  }

  void load(const std::string& events) override {
    begin(0);
    std::uint64_t count = 0;
    for_each_event(events, [&](const Event& event) {
      if (event.tweet != 0) change<TweetRow>(tweets_, event.tweet, event);
      if (event.user != 0) change<UserRow>(users_, event.user, event);
      if (++count % kEventsInTransaction == 0) next_transaction();
    });
    ok(mdb_txn_commit(std::exchange(txn_, nullptr)));
    ok(mdb_env_sync(environment_, 1));
  }

  void open() override { begin(MDB_RDONLY); }

  bool lookup(TweetId id) override {
    TweetRow row;
    return get(tweets_, id, row);
  }

  std::uint64_t check(std::span<const TweetId> ids) override {
    std::uint64_t due = 0;
    for (const TweetId id : ids) {
      TweetRow tweet;
      if (!get(tweets_, id, tweet)) continue;
      UserRow user;
      const bool hidden = tweet.author != 0 && get(users_, tweet.author, user) && user.hidden();
      if (tweet.deleted_at != 0 || tweet.dropped_at != 0 || hidden) ++due;
    }
    return due;
  }

 private:
  static constexpr std::uint64_t kEventsInTransaction = 100'000;

  void begin(unsigned flags) {
    ok(mdb_env_create(&environment_));
    ok(mdb_env_set_mapsize(environment_, std::size_t{64} << 30));
    ok(mdb_env_set_maxdbs(environment_, 2));
    ok(mdb_env_open(environment_, directory_.c_str(), flags | MDB_NOSYNC | MDB_NORDAHEAD, 0600));
    ok(mdb_txn_begin(environment_, nullptr, flags, &txn_));
    const unsigned create = flags == 0 ? MDB_CREATE : 0;
    ok(mdb_dbi_open(txn_, "tweets", MDB_INTEGERKEY | create, &tweets_));
    ok(mdb_dbi_open(txn_, "users", MDB_INTEGERKEY | create, &users_));
  }

  void next_transaction() {
    ok(mdb_txn_commit(std::exchange(txn_, nullptr)));
    ok(mdb_txn_begin(environment_, nullptr, 0, &txn_));
  }

  template <class Row>
  bool get(MDB_dbi table, std::uint64_t id, Row& row) {
    MDB_val key{sizeof id, &id};
    MDB_val value{};
    const int code = mdb_get(txn_, table, &key, &value);
    if (code == MDB_NOTFOUND) return false;
    ok(code);
    std::memcpy(&row, value.mv_data, sizeof row);
    return true;
  }

  template <class Row>
  void change(MDB_dbi table, std::uint64_t id, const Event& event) {
    Row row;
    get(table, id, row);
    if (!add(event, row)) return;
    MDB_val key{sizeof id, &id};
    MDB_val value{sizeof row, &row};
    ok(mdb_put(txn_, table, &key, &value, 0));
  }

  std::filesystem::path directory_;
  MDB_env* environment_ = nullptr;
  MDB_txn* txn_ = nullptr;
  MDB_dbi tweets_ = 0;
  MDB_dbi users_ = 0;
};

}  // namespace

std::unique_ptr<Peer> make_lmdb(const std::filesystem::path& directory) {
  return std::make_unique<LmdbPeer>(directory);
}

}  // namespace recant::bench
