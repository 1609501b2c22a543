// recant keeps stored X posts in compliance: events go in, are kept in a durable log, and every
// item of a dataset gets a verdict. This header is the whole library for C++.
//
// clang-format off
//   auto store = recant::Store::open({.directory = "my-store", .create = true});
//   recant::Event event{.kind = recant::EventKind::kTweetDelete, .at = 1656712123030, .tweet = 154};
//   store->append({&event, 1});                            // durable when it returns
//   auto snapshot = store->snapshot();
//   recant::Item item{.id = 154};
//   recant::Verdict verdict;
//   snapshot->check({&item, 1}, recant::now(), {}, {&verdict, 1});
//   // verdict.action == recant::Action::kDelete
// clang-format on
//
// Threads: a Store and a Snapshot may be shared by any number of threads; an Import, a Judge and a
// StateReader serve one at a time. Processes: any number may open one directory, also twice in one
// process; one of them writes at a time. Fork: Stores and Snapshots go on working in parent and
// child (as long as no other thread was in a call of the same Store while its process forked); an
// Import belongs to the process that began it. Nothing here starts a thread that outlives its call.
//
// A store on a network file system is refused. What is shared there is a sealed snapshot
// (Store::write_snapshot), which Store::open opens, read-only, like a store.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "recant/api.h"
#include "recant/error.h"
#include "recant/event.h"
#include "recant/state.h"
#include "recant/time.h"
#include "recant/verdict.h"

namespace recant {

/// The wall clock. [milliseconds since 1970-01-01T00:00:00Z]
[[nodiscard]] RECANT_API Time now();

/// When the checksums of a sealed part are checked (reliability.md, A7).
enum class Integrity : std::uint8_t {
  kBoot,    ///< at its first open after a boot, a copy or any change of the file
  kAlways,  ///< at every open
  kOff,     ///< never; its size still is
};

struct StoreOptions {
  std::string directory{};
  bool create = false;     ///< make the store if there is none
  bool read_only = false;  ///< never write: what is not sealed is folded in memory
  std::int64_t lock_wait_ms = 10'000;
  Integrity integrity = Integrity::kBoot;
  std::uint64_t memory_bytes_max = 0;  ///< for folding and sealing; 0: a quarter of the machine
  std::uint64_t segment_bytes_max = std::uint64_t{256} << 20;  ///< of the log
  std::uint64_t seal_events_min = 200'000;  ///< a tail longer than this is sealed
  /// The sink of diagnostics: told what an operator should know (a torn tail set aside, a damaged
  /// part rebuilt), one line each without its end, on the thread of the call that met it. May be
  /// empty; recant itself never writes to stdout, stderr or a system log.
  std::function<void(std::string_view)> on_diagnostic{};
};

/// Counts of what a snapshot's state holds.
struct StateCounts {
  std::uint64_t tweets = 0;
  std::uint64_t users = 0;
  std::uint64_t retweets = 0;  ///< pairs (tweet, original)
  std::uint64_t quotes = 0;    ///< pairs (tweet, quoted)
  std::uint64_t favorites = 0;
  std::uint64_t held = 0;  ///< tweets held now
  std::uint64_t conflicts =
      0;  ///< sets of authors, originals or quoted tweets of one tweet with more than one member
};

/// When one partition of one source was heard, [from, to] each: ascending, apart from each other.
struct HeardStream {
  std::string source{};
  std::string partition{};
  std::vector<std::pair<Time, Time>> intervals{};
};

/// Events that the log once held and a repair found lost: verdicts may lack what they told.
/// [reliability.md, A9]
struct Loss {
  SequenceNumber first = 0;
  SequenceNumber last = 0;  ///< inclusive
  Time at = 0;              ///< when it was repaired
  std::uint64_t bytes = 0;  ///< damaged bytes kept in quarantine/; 0 if they were missing
  friend bool operator==(const Loss&, const Loss&) = default;
};

/// What a call of changes had to read: it grows with what changed, not with the store.
struct ChangesWork {
  std::uint64_t blocks_read = 0;  ///< of the log, decompressed
  std::uint64_t events_read = 0;  ///< that could change a verdict
  std::uint64_t tweets_read = 0;  ///< to see whether they are held
};

struct ChangesOptions {
  std::string since{};      ///< the cursor of the last call; empty: from the start
  std::uint64_t limit = 0;  ///< tweets at most; 0: all
  Time as_of = 0;
  /// Under another policy than the cursor's everything may have changed: it begins from the start.
  Policy policy{};
  /// Events whose tweets and users are brought together, so that many events about one of them tell
  /// of its tweets once. A call that goes on after a limit reads as many again.
  std::uint64_t stretch_events = 131'072;
  ChangesWork* work = nullptr;  ///< added to, if there is one
};

/// Snapshot::check for many calls: it keeps the memory it works in, which takes most of the time of
/// a small batch. One thread at a time each; it keeps the snapshot alive.
class RECANT_API BatchJudge {
 public:
  class Impl;
  explicit BatchJudge(std::unique_ptr<Impl> impl);
  BatchJudge(BatchJudge&&) noexcept;
  BatchJudge& operator=(BatchJudge&&) noexcept;
  ~BatchJudge();

  /// `verdicts[i]` is for `items[i]`; verdicts that are used again keep their memory. Errors: as
  /// Snapshot::check.
  [[nodiscard]] Result<void> judge(std::span<const Item> items, std::span<Verdict> verdicts);

 private:
  std::unique_ptr<Impl> impl_;
};

/// What a sealed snapshot says of itself: a copy of the indexes, made once, never changed.
/// [store/FORMAT.md, "Sealed snapshot"]
struct SealedSnapshot {
  std::string store_id{};  ///< of the log that it was made from, 32 hex digits
  SequenceNumber last_sequence = 0;
  Time taken_at = 0;
  std::string digest{};     ///< of its state, 32 hex digits
  std::uint64_t bytes = 0;  ///< of its index
};

/// The state at one moment: sealed parts and the folded tail. Cheap to copy; never changes; stays
/// readable whatever writers do. Any number of threads may share one.
class RECANT_API Snapshot {
 public:
  /// Judges `items` as of `as_of`.
  ///
  /// @param items     any number, any order; an item without an author that is not known either is
  ///                  judged without the user rules (Verdict::without_author).
  /// @param as_of     events after it are ignored. [milliseconds since 1970, UTC]
  /// @param policy    what the user chose beyond the rules; {} is nothing.
  /// @param verdicts  same length as `items`; `verdicts[i]` is for `items[i]`. [semantics.md, 3]
  /// Errors: kInvalidArgument (lengths differ; an item has no id, told by its place; the policy's
  /// country is none), kCorruption (index damaged), kNoMemory: `verdicts` must not be used then.
  /// Give some thousands at a time; a job that may be cancelled asks between batches.
  [[nodiscard]] Result<void> check(std::span<const Item> items, Time as_of, const Policy& policy,
                                   std::span<Verdict> verdicts) const;
  /// The same for batch after batch, with one as-of and policy. Errors: kInvalidArgument (the
  /// policy's country is none), kNoMemory.
  [[nodiscard]] Result<BatchJudge> batch_judge(Time as_of, const Policy& policy) const;

  /// Tells `emit` of each held tweet whose verdict may have changed since a cursor, by events or by
  /// time alone, each once: an item of its bare id, and its verdict as of `options.as_of`. Stops
  /// after `options.limit`, or where `emit` returns false (that tweet will come again). A consumer
  /// that applies them, then stores the cursor, and keeps the newest verdict of each held tweet,
  /// has the verdicts of check once a call tells of fewer than the limit. [cli.md, "changes"]
  ///
  /// Returns the new cursor. Errors: kInvalidArgument (the cursor is none, or of another store, the
  /// policy's country is none, or this is a sealed snapshot, which has no log; nothing was told),
  /// kIo, kCorruption (what was told is right; go on from the old cursor).
  [[nodiscard]] Result<std::string> changes(
      const ChangesOptions& options,
      const std::function<bool(const Item& item, const Verdict& verdict)>& emit) const;

  /// What is known of a tweet or a user; an empty state if nothing. Errors, here and below:
  /// kInvalidArgument (an id is 0), kCorruption.
  [[nodiscard]] Result<TweetState> tweet(TweetId id) const;
  [[nodiscard]] Result<UserState> user(UserId id) const;
  /// The held tweets of an author, and the originals of held retweets and quotes that are theirs;
  /// ascending. Errors: kCorruption.
  [[nodiscard]] Result<std::vector<TweetId>> author_tweets(UserId author) const;
  /// Relations, ascending: the originals of a tweet, and the tweets that refer to an original.
  [[nodiscard]] Result<std::vector<TweetId>> retweeted(TweetId id) const;
  [[nodiscard]] Result<std::vector<TweetId>> retweets_of(TweetId original) const;
  [[nodiscard]] Result<std::vector<TweetId>> quoted(TweetId id) const;
  [[nodiscard]] Result<std::vector<TweetId>> quotes_of(TweetId original) const;
  /// The events behind a state, by `at`, as far as the state tells them (a second deletion, say, is
  /// only in the log: Store::read_events). Without sequence, received_at and source. Errors:
  /// kCorruption.
  [[nodiscard]] Result<std::vector<Event>> tweet_history(TweetId id) const;
  [[nodiscard]] Result<std::vector<Event>> user_history(UserId id) const;
  /// When the like was deleted, if it was. Errors: kCorruption.
  [[nodiscard]] Result<std::optional<Time>> favorite_deleted_at(TweetId tweet, UserId user) const;

  /// A reader for Judge; one thread at a time each. It keeps the snapshot alive. Null where memory
  /// ran out.
  [[nodiscard]] std::unique_ptr<StateReader> reader() const;

  /// Now, or the newest `at` in the store that is no more than 24 hours ahead of now if that is
  /// later (clocks differ). Errors: kIo, kCorruption (the log has to be read where times in the
  /// far future are known).
  [[nodiscard]] Result<Time> default_as_of(Time now) const;
  /// 32 hex digits over the state, the same for the same events. [semantics.md, 2; store/FORMAT.md]
  [[nodiscard]] Result<std::string> digest() const;
  [[nodiscard]] Result<StateCounts> counts() const;
  /// Every source and partition that was ever followed, by name: engine/feed/coverage.h makes
  /// answers of them. Errors: kCorruption.
  [[nodiscard]] Result<std::vector<HeardStream>> heard() const;
  /// Every loss, by first sequence. Reads only the small table of losses. Errors: kCorruption.
  [[nodiscard]] Result<std::vector<Loss>> losses() const;
  /// What the sealed snapshot says of itself that this was opened from; nothing for a live store.
  [[nodiscard]] const std::optional<SealedSnapshot>& sealed() const;
  /// The last event that this snapshot knows; 0 for an empty store.
  [[nodiscard]] SequenceNumber last_sequence() const;
  [[nodiscard]] std::uint64_t part_count() const;
  [[nodiscard]] std::uint64_t part_bytes() const;
  [[nodiscard]] std::uint64_t tail_events() const;

  class Impl;
  explicit Snapshot(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

 private:
  std::shared_ptr<const Impl> impl_;
};

/// Appends many events under one hold of the store's lock. Nothing is acknowledged before finish();
/// dropped without it, what was written so far may or may not stay in the log.
class RECANT_API Import {
 public:
  Import(Import&&) noexcept;
  Import& operator=(Import&&) noexcept;
  ~Import();
  /// Gives `events` the next sequence numbers. Errors: kInvalidArgument (malformed event, named;
  /// none of `events` was appended), kIo, kNoSpace.
  [[nodiscard]] Result<void> append(std::span<const Event> events);
  /// Makes everything appended so far durable, and goes on. Returns the last sequence. Errors: kIo,
  /// kNoSpace; the import is over then.
  [[nodiscard]] Result<SequenceNumber> sync();
  /// Makes everything appended durable, and releases the lock. Returns the last sequence. Errors:
  /// kIo, kNoSpace.
  [[nodiscard]] Result<SequenceNumber> finish();
  [[nodiscard]] SequenceNumber last_sequence() const;

  class Impl;
  explicit Import(std::unique_ptr<Impl> impl);

 private:
  std::unique_ptr<Impl> impl_;
};

struct RebuildOptions {
  std::string into{};                  ///< build in this directory instead, and publish nothing
  SequenceNumber until = 0;            ///< replay only events up to it; 0: all. Needs `into`.
  std::uint64_t memory_bytes_max = 0;  ///< 0: as in StoreOptions
  unsigned threads = 0;                ///< at most so many; 0: as many as the machine has
  /// Told how many of the log's events are replayed. May be empty.
  std::function<void(SequenceNumber done, SequenceNumber all)> on_progress{};
  std::stop_token cancel{};  ///< asked once a block: kCancelled, and nothing was published
};

struct VerifyOptions {
  /// Told of the log's events as their blocks are checked. May be empty.
  std::function<void(SequenceNumber done, SequenceNumber all)> on_progress{};
  std::stop_token cancel{};  ///< asked after the log was read, and in the replay: kCancelled
};

/// Which events to read: [first, last].
struct EventRange {
  SequenceNumber first = 1;
  SequenceNumber last = 0;  ///< 0: to the end
};

struct RebuildSummary {
  SequenceNumber events = 0;
  std::uint64_t part_bytes = 0;
  std::string digest{};
};

struct CompactOptions {
  std::uint64_t memory_bytes_max = 0;  ///< 0: as in StoreOptions; more passes where it is little
  /// Told of what was read of what there is to read, all passes together.
  std::function<void(std::uint64_t done, std::uint64_t all)> on_progress{};
};

struct CompactSummary {
  std::uint64_t segments = 0;  ///< that were written anew
  std::uint64_t bytes_before = 0;
  std::uint64_t bytes_after = 0;
  std::uint64_t events_before = 0;
  std::uint64_t events_after = 0;
};

/// One thing that verify found.
struct VerifyFinding {
  bool damage = true;  ///< false: an index that differs from its log
  std::string what;    ///< file, offset, sequences, and what is wrong there
};

/// One range of events that a repair gave up, and where it was.
struct RepairLoss {
  SequenceNumber first = 0;
  SequenceNumber last = 0;   ///< inclusive
  std::string segment{};     ///< of the log, where the damage begins
  std::uint64_t offset = 0;  ///< likewise
  std::uint64_t bytes = 0;   ///< damaged ones; 0 if they are missing
};

struct RepairSummary {
  bool damaged = false;                  ///< false: there was nothing to repair
  std::vector<RepairLoss> lost{};        ///< empty where the damage took no event
  std::vector<std::string> kept{};       ///< files in quarantine/ with the damaged bytes
  std::vector<std::string> set_aside{};  ///< sealed parts that knew of lost events, likewise
};

/// A store directory. Any number of threads may share one Store; several processes may open the
/// same directory, one of them writing at a time.
class RECANT_API Store {
 public:
  /// Opens a store, or a sealed snapshot (read-only then, whatever the options say). With neither
  /// `read_only` nor a lock to be had, it reads without sealing.
  /// Errors: kIo (no such store, a live store on a network file system, a newer format version),
  /// kCorruption (what a sealed snapshot says of itself is damaged), kNoMemory.
  [[nodiscard]] static Result<Store> open(const StoreOptions& options);
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  /// Appends `events` and makes them durable: a group. Returns the last sequence.
  /// Errors: kInvalidArgument, kLocked (another writer held the lock for longer than lock_wait_ms),
  /// kIo, kNoSpace, kCorruption.
  [[nodiscard]] Result<SequenceNumber> append(std::span<const Event> events);
  /// Takes the lock and begins an import. Errors: as append; kInvalidArgument also where the store
  /// is opened read-only or is a sealed snapshot.
  [[nodiscard]] Result<Import> begin_import();
  /// The state with everything that the log holds now; follows what other processes wrote. Of a
  /// sealed snapshot: what it holds.
  /// Errors: kCorruption (acknowledged events are damaged; any damage of a sealed snapshot), kIo
  /// (also: too much is missing to fold in memory; run `recant rebuild`).
  [[nodiscard]] Result<Snapshot> snapshot();
  /// Seals the tail into a part if it is longer than seal_events_min (`force`: if there is any),
  /// and merges parts where there are more than eight. Errors: kLocked, kIo, kNoSpace, kCorruption.
  [[nodiscard]] Result<void> seal(bool force = false);
  /// Replays the log into one fresh part and publishes it. Errors: kInvalidArgument (`until`
  /// without `into`), kLocked, kIo, kNoSpace, kCorruption, kCancelled.
  [[nodiscard]] Result<RebuildSummary> rebuild(const RebuildOptions& options);
  /// Writes the log anew without the events that others make needless: those that say the same or
  /// better. State, digest, verdicts as of any day and sequence numbers stay; replays of a prefix
  /// (RebuildOptions::until) do not. Holds the lock for a segment at a time. Errors: kLocked, kIo,
  /// kNoSpace, kCorruption; segments that were done stay so.
  [[nodiscard]] Result<CompactSummary> compact(const CompactOptions& options = {});
  /// Checks every block and every part, replays, and compares; of a sealed snapshot: its checksums
  /// and its digest. Changes nothing; empty: all is well. Errors: kIo, kCancelled.
  [[nodiscard]] Result<std::vector<VerifyFinding>> verify(const VerifyOptions& options = {});
  /// Calls `on_event` for each event of the log in its order; false stops. Errors: kIo, kCorruption
  /// (after the events before the damage), kInvalidArgument (a sealed snapshot has no log).
  [[nodiscard]] Result<void> read_events(
      EventRange range,
      const std::function<bool(SequenceNumber sequence, const Event& event)>& on_event) const;
  /// Writes what the store holds now into a new directory: a sealed snapshot, whole and synced
  /// before it has its name. Readers open it like a store, also on a network file system.
  /// Errors: kInvalidArgument (there is something of that name), kIo, kNoSpace, kCorruption.
  [[nodiscard]] Result<SealedSnapshot> write_snapshot(const std::string& directory);
  /// What the sealed snapshot that was opened says of itself; nothing for a live store.
  [[nodiscard]] const std::optional<SealedSnapshot>& sealed() const;
  /// Goes on without acknowledged events that are damaged: keeps the damaged bytes in quarantine/,
  /// records what is lost, and rebuilds the index from what is left. After a crash, repair again.
  /// `dry_run` only tells. Errors: kLocked, kIo, kNoSpace, kCorruption (a newer format version).
  [[nodiscard]] Result<RepairSummary> repair(bool dry_run = false);
  [[nodiscard]] const std::string& directory() const;

  class Impl;

 private:
  explicit Store(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace recant
