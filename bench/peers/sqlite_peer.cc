// SQLite: two tables WITHOUT ROWID, loaded sorted in one transaction by prepared statements; asked
// by a prepared join.
#include <sqlite3.h>

#include "bench/peers/peer.h"

namespace recant::bench {
namespace {

class SqlitePeer final : public Peer {
 public:
  explicit SqlitePeer(const std::filesystem::path& directory)
      : path_((directory / "rows.sqlite").string()) {}
  ~SqlitePeer() override {
    sqlite3_finalize(one_);
    sqlite3_finalize(joined_);
    sqlite3_close(database_);
  }

  void load(const std::string& events) override {
    const FoldedRows rows = fold_events(events);
    open_database();
    run("PRAGMA journal_mode = OFF");
    run("PRAGMA synchronous = FULL");
    run("CREATE TABLE tweets (id INTEGER PRIMARY KEY, author INTEGER, deleted INTEGER, dropped "
        "INTEGER) WITHOUT ROWID");
    run("CREATE TABLE users (id INTEGER PRIMARY KEY, hidden INTEGER) WITHOUT ROWID");
    run("BEGIN");
    sqlite3_stmt* tweet = prepare("INSERT INTO tweets VALUES (?, ?, ?, ?)");
    for (const auto& [id, row] : rows.tweets) {
      insert(tweet, {static_cast<std::int64_t>(id), static_cast<std::int64_t>(row.author),
                     row.deleted_at, row.dropped_at});
    }
    sqlite3_finalize(tweet);
    sqlite3_stmt* user = prepare("INSERT INTO users VALUES (?, ?)");
    for (const auto& [id, row] : rows.users) {
      insert(user, {static_cast<std::int64_t>(id), row.hidden() ? 1 : 0});
    }
    sqlite3_finalize(user);
    run("COMMIT");
  }

  void open() override {
    open_database();
    run("PRAGMA mmap_size = 68719476736");
    one_ = prepare("SELECT author FROM tweets WHERE id = ?");
    joined_ = prepare(
        "SELECT 1 FROM tweets LEFT JOIN users ON users.id = tweets.author WHERE tweets.id = ? AND "
        "(tweets.deleted != 0 OR tweets.dropped != 0 OR users.hidden)");
  }

  bool lookup(TweetId id) override { return has_row(one_, id); }

  std::uint64_t check(std::span<const TweetId> ids) override {
    std::uint64_t due = 0;
    for (const TweetId id : ids) due += has_row(joined_, id) ? 1U : 0U;
    return due;
  }

 private:
  void ok(int code) {
    require(code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW,
            sqlite3_errmsg(database_));
  }
  void open_database() { ok(sqlite3_open(path_.c_str(), &database_)); }
  void run(const char* sql) { ok(sqlite3_exec(database_, sql, nullptr, nullptr, nullptr)); }
  sqlite3_stmt* prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    ok(sqlite3_prepare_v2(database_, sql, -1, &statement, nullptr));
    return statement;
  }
  void insert(sqlite3_stmt* statement, std::initializer_list<std::int64_t> values) {
    int place = 0;
    for (const std::int64_t value : values) ok(sqlite3_bind_int64(statement, ++place, value));
    ok(sqlite3_step(statement));
    ok(sqlite3_reset(statement));
  }
  bool has_row(sqlite3_stmt* statement, TweetId id) {
    ok(sqlite3_bind_int64(statement, 1, static_cast<std::int64_t>(id)));
    const int code = sqlite3_step(statement);
    ok(code);
    ok(sqlite3_reset(statement));
    return code == SQLITE_ROW;
  }

  std::string path_;
  sqlite3* database_ = nullptr;
  sqlite3_stmt* one_ = nullptr;
  sqlite3_stmt* joined_ = nullptr;
};

}  // namespace

std::unique_ptr<Peer> make_sqlite(const std::filesystem::path& directory) {
  return std::make_unique<SqlitePeer>(directory);
}

}  // namespace recant::bench
