// Snapshot::changes. A consumer's cursor names a base: it holds each tracked tweet's verdict as of
// some time of a span, with at least the events up to a sequence. A pass brings it to a target, the
// snapshot and as-of of the call that began the pass:
//
//   - a consumer that has nothing yet is told of every held tweet (kScan);
//   - any other of the tweets of users whose 30 days end between base and target (kDue), of what
//     events that it knew touch whose `at` lies between (kOld), and of what new events touch
//     (kNew).
//
// A call that stops at its limit leaves the place in the cursor, and later calls finish the pass.
// They judge by their own, later, snapshot and as-of; what this makes uneven is evened by the next
// pass, which begins from all as-ofs that lines of this one were judged at.
//
// The log is taken in stretches, each reduced to the distinct keys that its events touch, so that
// many events about one user cost one fan-out. Keys are taken in order, and so are the tweets of
// each: a place is a few numbers.
#include <xxhash.h>

#include <algorithm>
#include <limits>
#include <unordered_set>
#include <vector>

#include "engine/dataset/cursor.h"
#include "engine/dataset/fan_out.h"
#include "engine/dataset/touched_keys.h"
#include "engine/replay/guard.h"
#include "engine/replay/snapshot.h"
#include "engine/verdict/arguments.h"
#include "store/model/join.h"

namespace recant {
namespace {

using dataset::AsOfSpan;
using dataset::ChangesCursor;
using dataset::PassPlace;
using dataset::Stage;
using index::Ids;

// From the first event on, for which no block is known.
const log::LogPosition kLogStart{.segment = "", .offset = 0, .next = 1};
const log::LogPosition kNowhere{.segment = "", .offset = 0, .next = 0};

// The same for policies that judge alike.
std::uint64_t fingerprint(const Policy& policy) {
  std::vector<std::uint64_t> words;
  for (const EventKind kind : policy.delete_on) words.push_back(static_cast<std::uint64_t>(kind));
  model::sort_distinct(words);
  words.push_back(policy.country.value_or(0));
  return XXH3_64bits(words.data(), words.size() * sizeof(std::uint64_t));
}

class ChangesCall {
 public:
  using Emit = std::function<bool(const Item&, const Verdict&)>;

  ChangesCall(const Snapshot::Impl& snapshot, StateReader& reader, const ChangesOptions& options,
              const Emit& emit, ChangesWork& work)
      : snapshot_(snapshot),
        options_(options),
        emit_(emit),
        work_(work),
        log_{*snapshot.files, snapshot.store_directory},
        index_(snapshot.view),
        judge_(reader, options.policy, options.as_of) {}

  Result<std::string> run();

 private:
  Result<void> load_cursor();
  Result<bool> still_holds(const dataset::LogAnchor& anchor);
  [[nodiscard]] bool is_level() const;
  Result<void> begin_pass();
  void join_pass();
  void finish_pass();

  // Each returns false where the call is over before it is done.
  Result<bool> take_pass();
  Result<bool> take_scan();
  Result<bool> take_due();
  Result<bool> take_log(SequenceNumber last, const std::optional<AsOfSpan>& times);
  Result<bool> take_keys(const Ids& tweets, const Ids& users);
  Result<bool> take_tweets(const Ids& tweets);
  Result<bool> take_users(const Ids& users);
  Result<bool> take(TweetId id);

  void enter(Stage stage, SequenceNumber first, const log::LogPosition& near);
  [[nodiscard]] AsOfSpan passed_times() const;
  void note_future(const log::BlockInfo& info);

  const Snapshot::Impl& snapshot_;
  const ChangesOptions& options_;
  const Emit& emit_;
  ChangesWork& work_;
  dataset::KnownLog log_;
  index::Reader index_;
  Judge judge_;
  ChangesCursor cursor_;
  std::uint64_t emitted_count_ = 0;
  std::unordered_set<TweetId> emitted_;
  std::unordered_set<UserId> finished_users_;  // whose tweets were all taken in this call
  TweetState state_;
  Verdict verdict_;
};

Result<std::string> ChangesCall::run() {
  RECANT_TRY(load_cursor());
  if (cursor_.place.stage != Stage::kLevel) join_pass();
  while (cursor_.place.stage != Stage::kLevel || !is_level()) {
    if (cursor_.place.stage == Stage::kLevel) RECANT_TRY(begin_pass());
    RECANT_ASSIGN(const bool done, take_pass());
    if (!done) break;
    finish_pass();
  }
  return encode_cursor(cursor_);
}

// A cursor that no longer fits begins anew: under another policy, or where the log does not hold
// any more what the cursor had seen of it.
Result<void> ChangesCall::load_cursor() {
  RECANT_ASSIGN(const auto reader, log::LogReader::open(log_.files, log_.store_directory, 1, 0));
  ChangesCursor anew;
  anew.store_id = reader.store_id();
  anew.policy = fingerprint(options_.policy);
  cursor_ = anew;
  if (options_.since.empty()) return {};
  RECANT_ASSIGN(cursor_, dataset::decode_cursor(options_.since));
  if (!cursor_.store_id.empty() && cursor_.store_id != anew.store_id) {
    return fail(ErrorCode::kInvalidArgument,
                "cannot use the cursor: it is of another store (name that store with --store, or "
                "give no cursor to begin anew)");
  }
  const bool in_pass = cursor_.place.stage != Stage::kLevel;
  RECANT_ASSIGN(const bool holds, still_holds(in_pass ? cursor_.target_anchor : cursor_.anchor));
  if (cursor_.policy != anew.policy || !holds) cursor_ = anew;
  cursor_.store_id = anew.store_id;
  return {};
}

Result<bool> ChangesCall::still_holds(const dataset::LogAnchor& anchor) {
  if (anchor.sequence == 0) return true;
  if (anchor.sequence > snapshot_.last_sequence) return false;
  RECANT_ASSIGN(const auto now, read_anchor(log_, anchor.sequence, anchor.block, work_));
  return now.fingerprint == anchor.fingerprint;
}

bool ChangesCall::is_level() const {
  if (cursor_.base != snapshot_.last_sequence) return false;
  return cursor_.base == 0 || cursor_.judged == AsOfSpan{options_.as_of, options_.as_of};
}

Result<void> ChangesCall::begin_pass() {
  cursor_.target = snapshot_.last_sequence;
  cursor_.target_as_of = options_.as_of;
  cursor_.target_judged = {options_.as_of, options_.as_of};
  cursor_.target_anchor = cursor_.anchor;
  if (cursor_.target != cursor_.base) {
    RECANT_ASSIGN(cursor_.target_anchor,
                  read_anchor(log_, cursor_.target, cursor_.anchor.block, work_));
  }
  if (cursor_.base == 0) {
    // The scan reads no log, so nothing is known of what lies ahead in time.
    cursor_.target_future = kLogStart;
    enter(Stage::kScan, 0, {});
    return {};
  }
  const AsOfSpan times = passed_times();
  // Where no time passes the log is not searched, and what lay ahead still does.
  cursor_.target_future = times.first == times.last ? cursor_.future : kNowhere;
  enter(Stage::kDue, 0, {});
  return {};
}

// This call's lines are judged at its own as-of, which may be none that the pass knew of.
void ChangesCall::join_pass() {
  if (options_.as_of < cursor_.target_judged.first) cursor_.target_future = kLogStart;
  cursor_.target_judged.cover(options_.as_of);
}

void ChangesCall::finish_pass() {
  cursor_.base = cursor_.target;
  cursor_.judged = cursor_.target_judged;
  cursor_.anchor = cursor_.target_anchor;
  cursor_.future = cursor_.target_future;
  cursor_.place = {};
}

// The facts that count at the one end of it and not at the other are those with
// first < at <= last: an event counts from its `at` on.
AsOfSpan ChangesCall::passed_times() const {
  AsOfSpan times = cursor_.judged;
  times.cover(cursor_.target_as_of);
  return times;
}

void ChangesCall::enter(Stage stage, SequenceNumber first, const log::LogPosition& near) {
  cursor_.place = {};
  cursor_.place.stage = stage;
  cursor_.place.first = first;
  cursor_.place.near = near;
}

Result<bool> ChangesCall::take_pass() {
  if (cursor_.place.stage == Stage::kScan) return take_scan();
  const AsOfSpan times = passed_times();
  if (cursor_.place.stage == Stage::kDue) {
    RECANT_ASSIGN(const bool done, take_due());
    if (!done) return false;
    // Going on in time only what lay ahead counts; going back, any event may.
    const bool back = times.first < cursor_.judged.first;
    const log::LogPosition& from = back ? kLogStart : cursor_.future;
    const bool none = times.first == times.last || from.next == 0;
    enter(Stage::kOld, none ? cursor_.base + 1 : from.next, from);
  }
  if (cursor_.place.stage == Stage::kOld) {
    RECANT_ASSIGN(const bool done, take_log(cursor_.base, times));
    if (!done) return false;
    enter(Stage::kNew, cursor_.base + 1, cursor_.anchor.block);
  }
  return take_log(cursor_.target, {});
}

Result<bool> ChangesCall::take_scan() {
  bool done = true;
  TweetId& last = cursor_.place.fan_out.last;
  if (last == std::numeric_limits<TweetId>::max()) return true;
  RECANT_TRY(index_.for_each_candidate(last + 1, [&](TweetId id) -> Result<bool> {
    RECANT_ASSIGN(done, take(id));
    if (done) last = id;
    return done;
  }));
  return done;
}

// A deletion is final where as-of - since >= 30 days, so that it becomes so between the two ends
// where first - 30 days < since <= last - 30 days.
Result<bool> ChangesCall::take_due() {
  const AsOfSpan times = passed_times();
  if (times.last < kGraceMs || times.first == times.last) return true;
  const Time first = std::max<Time>(times.first - kGraceMs, -1);
  RECANT_ASSIGN(const auto deletes, index_.user_deletes(first, times.last - kGraceMs));
  Ids users;
  for (const auto& [at, user] : deletes) users.push_back(user);
  model::sort_distinct(users);
  return take_keys({}, users);
}

void ChangesCall::note_future(const log::BlockInfo& info) {
  log::LogPosition& future = cursor_.target_future;
  if (info.at_max <= cursor_.target_judged.first) return;
  if (future.next != 0 && future.next <= info.first) return;
  future = {.segment = info.segment, .offset = info.offset, .next = info.first};
}

// Stretch by stretch up to `last`. A stretch ends where its first reading ended, so that a later
// call meets the same keys in the same order.
Result<bool> ChangesCall::take_log(SequenceNumber last, const std::optional<AsOfSpan>& times) {
  while (cursor_.place.first <= last) {
    PassPlace& place = cursor_.place;
    RECANT_ASSIGN(
        const auto keys,
        read_touched(log_,
                     {.first = place.first,
                      .last = last,
                      .through = place.through,
                      .events_max = options_.stretch_events,
                      .times = times,
                      .near = place.near,
                      .on_block = [this](const log::BlockInfo& info) { note_future(info); }},
                     work_));
    place.through = keys.through;
    RECANT_ASSIGN(const bool done, take_keys(keys.tweets, keys.users));
    if (!done) return false;
    enter(place.stage, keys.through + 1, keys.next);
  }
  return true;
}

Result<bool> ChangesCall::take_keys(const Ids& tweets, const Ids& users) {
  PassPlace& place = cursor_.place;
  if (!place.in_users) {
    RECANT_ASSIGN(const bool done, take_tweets(tweets));
    if (!done) return false;
    place.in_users = true;
    place.key = 0;
    place.fan_out = {};
  }
  return take_users(users);
}

Result<bool> ChangesCall::take_tweets(const Ids& tweets) {
  PassPlace& place = cursor_.place;
  for (auto id = std::ranges::lower_bound(tweets, place.key); id != tweets.end(); ++id) {
    if (*id != place.key) {
      place.key = *id;
      place.fan_out = {};
    }
    RECANT_ASSIGN(const Ids versions, dataset::all_versions(index_, *id));
    // Versions of one tweet are taken with the first of them that is a key.
    const auto first = std::ranges::find_if(
        versions, [&](TweetId version) { return std::ranges::binary_search(tweets, version); });
    if (*first != *id) continue;
    RECANT_ASSIGN(const bool done, take_showing(index_, versions, place.fan_out,
                                                [this](TweetId shown) { return take(shown); }));
    if (!done) return false;
  }
  return true;
}

// A reason through an author needs that author's own tweets, not their versions.
Result<bool> ChangesCall::take_users(const Ids& users) {
  PassPlace& place = cursor_.place;
  for (auto id = std::ranges::lower_bound(users, place.key); id != users.end(); ++id) {
    if (*id != place.key) {
      place.key = *id;
      place.fan_out = {};
    }
    if (finished_users_.contains(*id)) continue;
    const bool from_start = place.fan_out.source == 0;
    RECANT_ASSIGN(const Ids tweets, index_.author_candidates(*id, place.fan_out.source));
    RECANT_ASSIGN(const bool done, take_showing(index_, tweets, place.fan_out,
                                                [this](TweetId shown) { return take(shown); }));
    if (!done) return false;
    if (from_start) finished_users_.insert(*id);
  }
  return true;
}

Result<bool> ChangesCall::take(TweetId id) {
  if (options_.limit != 0 && emitted_count_ == options_.limit) return false;
  if (emitted_.contains(id)) return true;
  ++work_.tweets_read;
  state_.clear();
  RECANT_TRY(index_.tweet(id, state_));
  if (!state_.held || !state_.held->held) return true;
  const Item item{.id = id};
  RECANT_TRY(judge_.judge(item, verdict_));
  if (!emit_(item, verdict_)) return false;
  ++emitted_count_;
  // A scan meets each tweet once; it is remembered only where another pass follows.
  const bool last_pass = cursor_.target == snapshot_.last_sequence &&
                         cursor_.target_judged == AsOfSpan{options_.as_of, options_.as_of};
  if (cursor_.place.stage != Stage::kScan || !last_pass) emitted_.insert(id);
  return true;
}

}  // namespace

Result<std::string> Snapshot::changes(
    const ChangesOptions& options,
    const std::function<bool(const Item& item, const Verdict& verdict)>& emit) const {
  if (impl_->sealed) {
    return fail(ErrorCode::kInvalidArgument,
                "cannot tell changes: a snapshot has no log (ask the store that it was made from)");
  }
  if (options.as_of < 0 || options.as_of > kTimeMax) {
    return fail(ErrorCode::kInvalidArgument,
                "cannot tell changes: the as-of time is not between 1970 and 9999");
  }
  RECANT_TRY(verdict::require_policy(options.policy));
  return replay::guarded([&]() -> Result<std::string> {
    ChangesWork unwanted;
    const auto reader = this->reader();
    if (!reader) return fail(ErrorCode::kNoMemory, "out of memory");
    ChangesCall call(*impl_, *reader, options, emit, options.work ? *options.work : unwanted);
    return call.run();
  });
}

}  // namespace recant
