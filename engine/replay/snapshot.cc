#include "engine/replay/snapshot.h"

#include <algorithm>

#include "engine/replay/batch_judge.h"
#include "engine/replay/guard.h"
#include "store/index/digest.h"
#include "store/log/log_reader.h"

namespace recant {
namespace {

using replay::guarded;

// The rules' view of a snapshot. The first failed read is kept, and a judge asks for it after each
// item.
class SnapshotReader final : public StateReader {
 public:
  explicit SnapshotReader(std::shared_ptr<const index::View> view) : reader_(std::move(view)) {}

  void tweet(TweetId id, TweetState& out) override { note(reader_.tweet(id, out)); }
  void user(UserId id, UserState& out) override { note(reader_.user(id, out)); }
  void retweeted(TweetId id, std::vector<TweetId>& out) override {
    note(reader_.relation(index::Table::kRetweets, id, out));
  }
  void quoted(TweetId id, std::vector<TweetId>& out) override {
    note(reader_.relation(index::Table::kQuotes, id, out));
  }
  std::optional<Time> favorite_deleted_at(TweetId tweet, UserId user) override {
    auto at = reader_.favorite(tweet, user);
    if (at) return *at;
    note(std::unexpected(std::move(at).error()));
    return {};
  }
  Result<void> status() const override { return status_; }

 private:
  void note(Result<void> result) {
    if (!result && status_) status_ = std::move(result);
  }

  index::Reader reader_;
  Result<void> status_;
};

// What nothing is known of is nothing special; what is no id was lost on its way here.
Result<void> require_id(std::uint64_t id) {
  if (id != 0) return {};
  return fail(ErrorCode::kInvalidArgument, "cannot look up the id 0: it is none");
}

Result<std::vector<TweetId>> relation(const Snapshot::Impl& impl, index::Table table, TweetId id) {
  return guarded([&]() -> Result<std::vector<TweetId>> {
    RECANT_TRY(require_id(id));
    std::vector<TweetId> ids;
    RECANT_TRY(index::Reader(impl.view).relation(table, id, ids));
    return ids;
  });
}

// Block headers carry the times of their events, so only blocks that reach further ahead than a
// clock may differ are read whole.
Result<Time> newest_time(const Snapshot::Impl& impl, Time now, Time newest_allowed) {
  Time as_of = now;
  RECANT_ASSIGN(auto headers, log::LogReader::open(*impl.files, impl.store_directory, 1, 0));
  log::BlockInfo info;
  while (true) {
    RECANT_ASSIGN(const bool more, headers.next_info(info));
    if (!more || info.first > impl.last_sequence) break;
    if (info.at_max <= as_of) continue;
    if (info.at_max <= newest_allowed && info.last <= impl.last_sequence) {
      as_of = info.at_max;
      continue;
    }
    RECANT_ASSIGN(
        auto reader,
        log::LogReader::open(
            *impl.files, impl.store_directory, info.first, 0,
            log::LogPosition{.segment = info.segment, .offset = info.offset, .next = info.first}));
    log::LogBlock block;
    RECANT_ASSIGN(const bool found, reader.next(block));
    if (!found) continue;
    for (std::size_t i = 0; i < block.events.size(); ++i) {
      const Time at = block.events[i].at;
      const bool known = block.sequences[i] <= impl.last_sequence;
      if (known && at <= newest_allowed) as_of = std::max(as_of, at);
    }
  }
  return as_of;
}

}  // namespace

Time now() { return io::real_clock().now(); }

std::unique_ptr<StateReader> Snapshot::reader() const {
  try {
    return std::make_unique<SnapshotReader>(impl_->view);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

Result<void> Snapshot::check(std::span<const Item> items, Time as_of, const Policy& policy,
                             std::span<Verdict> verdicts) const {
  RECANT_ASSIGN(BatchJudge judge, batch_judge(as_of, policy));
  return judge.judge(items, verdicts);
}

Result<BatchJudge> Snapshot::batch_judge(Time as_of, const Policy& policy) const {
  return guarded([&]() -> Result<BatchJudge> {
    RECANT_TRY(verdict::require_policy(policy));
    return BatchJudge(std::make_unique<BatchJudge::Impl>(impl_->view, as_of, policy));
  });
}

Result<TweetState> Snapshot::tweet(TweetId id) const {
  return guarded([&]() -> Result<TweetState> {
    RECANT_TRY(require_id(id));
    TweetState state;
    RECANT_TRY(index::Reader(impl_->view).tweet(id, state));
    return state;
  });
}

Result<UserState> Snapshot::user(UserId id) const {
  return guarded([&]() -> Result<UserState> {
    RECANT_TRY(require_id(id));
    UserState state;
    RECANT_TRY(index::Reader(impl_->view).user(id, state));
    return state;
  });
}

Result<std::vector<TweetId>> Snapshot::author_tweets(UserId author) const {
  return guarded([&]() -> Result<std::vector<TweetId>> {
    RECANT_TRY(require_id(author));
    return index::Reader(impl_->view).author_tweets(author);
  });
}

Result<std::vector<TweetId>> Snapshot::retweeted(TweetId id) const {
  return relation(*impl_, index::Table::kRetweets, id);
}

Result<std::vector<TweetId>> Snapshot::retweets_of(TweetId original) const {
  return relation(*impl_, index::Table::kRetweetedBy, original);
}

Result<std::vector<TweetId>> Snapshot::quoted(TweetId id) const {
  return relation(*impl_, index::Table::kQuotes, id);
}

Result<std::vector<TweetId>> Snapshot::quotes_of(TweetId original) const {
  return relation(*impl_, index::Table::kQuotedBy, original);
}

Result<std::optional<Time>> Snapshot::favorite_deleted_at(TweetId tweet, UserId user) const {
  return guarded([&]() -> Result<std::optional<Time>> {
    RECANT_TRY(require_id(tweet));
    RECANT_TRY(require_id(user));
    return index::Reader(impl_->view).favorite(tweet, user);
  });
}

Result<Time> Snapshot::default_as_of(Time now) const {
  constexpr Time kClocksDifferMs = 86'400'000;
  const Time newest_allowed = now + kClocksDifferMs;
  if (!impl_->sealed) return guarded([&] { return newest_time(*impl_, now, newest_allowed); });
  Time as_of = now;
  for (const Time at : impl_->sealed_times) {
    if (at <= newest_allowed) as_of = std::max(as_of, at);
  }
  return as_of;
}

Result<std::string> Snapshot::digest() const {
  if (impl_->sealed) return impl_->sealed->digest;
  return guarded([&] { return index::digest_of(impl_->view->sources()); });
}

const std::optional<SealedSnapshot>& Snapshot::sealed() const { return impl_->sealed; }

Result<StateCounts> Snapshot::counts() const {
  return guarded([&]() -> Result<StateCounts> {
    StateCounts counts;
    const index::Sources& sources = impl_->view->sources();
    RECANT_TRY(index::for_each_tweet(sources, [&](TweetId, const TweetState& state) {
      ++counts.tweets;
      if (state.held && state.held->held) ++counts.held;
      if (state.authors.size() > 1) ++counts.conflicts;
    }));
    RECANT_TRY(index::for_each_user(sources, [&](UserId, const UserState&) { ++counts.users; }));
    RECANT_TRY(index::for_each_ids(sources, index::Table::kRetweets,
                                   [&](TweetId, const index::Ids& originals) {
                                     counts.retweets += originals.size();
                                     if (originals.size() > 1) ++counts.conflicts;
                                   }));
    RECANT_TRY(index::for_each_ids(sources, index::Table::kQuotes,
                                   [&](TweetId, const index::Ids& originals) {
                                     counts.quotes += originals.size();
                                     if (originals.size() > 1) ++counts.conflicts;
                                   }));
    RECANT_TRY(
        index::for_each_favorite(sources, [&](TweetId, UserId, Time) { ++counts.favorites; }));
    return counts;
  });
}

Result<std::vector<Loss>> Snapshot::losses() const {
  return guarded([&]() -> Result<std::vector<Loss>> {
    std::vector<Loss> losses;
    RECANT_TRY(index::for_each_loss(impl_->view->sources(), [&](const model::Loss& loss) {
      losses.push_back(
          {.first = loss.first, .last = loss.last, .at = loss.at, .bytes = loss.bytes});
    }));
    return losses;
  });
}

SequenceNumber Snapshot::last_sequence() const { return impl_->last_sequence; }

std::uint64_t Snapshot::part_count() const { return impl_->view->sources().parts.size(); }

std::uint64_t Snapshot::part_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& part : impl_->view->sources().parts) bytes += part->info().bytes;
  return bytes;
}

std::uint64_t Snapshot::tail_events() const { return impl_->tail_events; }

}  // namespace recant
