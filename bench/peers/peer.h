// What recant is measured beside: the same events, and the same questions about them, in the stores
// that a user would pick instead. A peer keeps less than recant does (no history, no withholding,
// no edits, one author a tweet), so that its figures are the best it could reach.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "recant/event.h"

namespace recant::bench {

/// What a peer keeps of a tweet. 0: not known.
struct TweetRow {
  std::uint64_t author = 0;
  std::int64_t deleted_at = 0;
  std::int64_t dropped_at = 0;
};

/// What a peer keeps of a user: when each toggle last went on and off.
struct UserRow {
  std::int64_t deleted = 0, undeleted = 0;
  std::int64_t protected_ = 0, unprotected = 0;
  std::int64_t suspended = 0, unsuspended = 0;

  [[nodiscard]] bool hidden() const {
    return deleted > undeleted || protected_ > unprotected || suspended > unsuspended;
  }
};

/// Joins an event into a row. False if the event says nothing of such a row.
bool add(const Event& event, TweetRow& row);
bool add(const Event& event, UserRow& row);

/// A store of rows by id. Errors are exceptions: it is a benchmark.
class Peer {
 public:
  Peer() = default;
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  virtual ~Peer() = default;

  /// Takes the events of a file of event lines, and leaves them durable.
  virtual void load(const std::string& events) = 0;
  /// Opens what load() left. Called in a process that did not load.
  virtual void open() = 0;
  /// Looks one tweet up: whether it is known.
  virtual bool lookup(TweetId id) = 0;
  /// How many of the tweets must not be shown: deleted, dropped, or of a hidden author.
  virtual std::uint64_t check(std::span<const TweetId> ids) = 0;
};

[[nodiscard]] std::unique_ptr<Peer> make_recant(const std::filesystem::path& directory);
[[nodiscard]] std::unique_ptr<Peer> make_lmdb(const std::filesystem::path& directory);
[[nodiscard]] std::unique_ptr<Peer> make_rocksdb(const std::filesystem::path& directory);
[[nodiscard]] std::unique_ptr<Peer> make_sqlite(const std::filesystem::path& directory);

/// Calls `take` for each event of a file of lines.
void for_each_event(const std::string& path, const std::function<void(const Event&)>& take);

/// Rows folded in memory, by id: what a store that wants sorted input is loaded from.
struct FoldedRows {
  std::vector<std::pair<std::uint64_t, TweetRow>> tweets;
  std::vector<std::pair<std::uint64_t, UserRow>> users;
};
[[nodiscard]] FoldedRows fold_events(const std::string& path);

void require(bool good, const std::string& what);

}  // namespace recant::bench
