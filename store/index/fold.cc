#include "store/index/fold.h"

#include <algorithm>
#include <utility>

#include "store/index/fact_stretches.h"
#include "store/model/join.h"
#include "store/work/ordered_work.h"

namespace recant::index {
namespace {

constexpr std::size_t kRowsAtOnce = 4096;

// A stretch of keys on its way through the threads.
template <class State, class Batch>
struct Unit {
  std::vector<FactSpan> pieces;
  FactGatherer gatherer;
  State state;
  Batch batch;
};

// Facts of the same key stand together: `add_fact` adds one to a state, `add` what became of a key
// to the batch.
template <class State, class Batch, class AddFact, class Add>
Result<void> fold_stretch(Unit<State, Batch>& unit, AddFact add_fact, Add add) {
  unit.batch.clear();
  const FactSpan facts = unit.gatherer.gather(unit.pieces);
  for (std::size_t i = 0; i < facts.size();) {
    const std::uint64_t key = facts[i].key;
    unit.state.clear();
    for (; i < facts.size() && facts[i].key == key; ++i) add_fact(facts[i], unit.state);
    model::normalize(unit.state);
    RECANT_TRY(add(key, unit.state, unit.batch));
  }
  return {};
}

template <class State, class Batch, class AddFact, class Add>
Result<void> fold_stretches(FactStretches stretches, std::size_t threads, AddFact add_fact, Add add,
                            const std::function<void(const Batch&)>& take) {
  using StateUnit = Unit<State, Batch>;
  const work::OrderedSteps<StateUnit> steps = {
      .read = [&](StateUnit& unit) -> Result<bool> { return stretches.next(unit.pieces); },
      .work = [&](StateUnit& unit, std::size_t) { return fold_stretch(unit, add_fact, add); },
      .write = [&](StateUnit& unit) -> Result<void> {
        take(unit.batch);
        return {};
      }};
  // What one thread does within a millisecond is not worth another.
  const std::size_t useful = stretches.left() / 4;
  return work::run_ordered(std::clamp<std::size_t>(useful, 1, threads), steps);
}

// Ranges of keys that hold few rows of any part and few facts of any run.
std::vector<KeyRange> ranges_of(const Sources& sources, Table table,
                                std::span<const FactSpan> facts) {
  constexpr std::size_t kGroupsAtOnce = kRowsAtOnce / kGroupRows;
  std::vector<std::uint64_t> firsts = {0};
  for (const auto& part : sources.parts) {
    const Directory& directory = part->table(table).directory();
    for (std::size_t group = kGroupsAtOnce; group < directory.groups(); group += kGroupsAtOnce) {
      firsts.push_back(directory.first(group));
    }
  }
  for (const FactSpan run : facts) {
    for (std::size_t i = kRowsAtOnce; i < run.size(); i += kRowsAtOnce) {
      firsts.push_back(run[i].key);
    }
  }
  model::sort_distinct(firsts);
  std::vector<KeyRange> ranges(firsts.size());
  for (std::size_t i = 0; i < firsts.size(); ++i) {
    ranges[i].first = firsts[i];
    if (i > 0) ranges[i - 1].last = firsts[i] - 1;
  }
  return ranges;
}

template <class Batch>
struct RangeUnit {
  KeyRange range;
  Batch batch;
};

// What parts and runs say together: `for_each` calls what it is given for the keys of a range.
template <class State, class Batch, class ForEach, class Add>
Result<void> fold_ranges(const std::vector<KeyRange>& ranges, std::size_t threads, ForEach for_each,
                         Add add, const std::function<void(const Batch&)>& take) {
  std::size_t next = 0;
  const work::OrderedSteps<RangeUnit<Batch>> steps = {
      .read = [&](RangeUnit<Batch>& unit) -> Result<bool> {
        if (next == ranges.size()) return false;
        unit.range = ranges[next++];
        return true;
      },
      .work = [&](RangeUnit<Batch>& unit, std::size_t) -> Result<void> {
        unit.batch.clear();
        Result<void> status;
        RECANT_TRY(for_each(unit.range, [&](std::uint64_t id, const State& state) {
          if (status) status = add(id, state, unit.batch);
        }));
        return status;
      },
      .write = [&](RangeUnit<Batch>& unit) -> Result<void> {
        take(unit.batch);
        return {};
      }};
  return work::run_ordered(std::clamp<std::size_t>(ranges.size() / 4, 1, threads), steps);
}

// `next` is where the search for the id before ended.
bool is_one_of(const Ids& sorted, std::optional<std::size_t>& next, std::uint64_t id) {
  auto at = next ? sorted.begin() + static_cast<std::ptrdiff_t>(*next)
                 : std::ranges::lower_bound(sorted, id);
  while (at != sorted.end() && *at < id) ++at;
  next = static_cast<std::size_t>(at - sorted.begin());
  return at != sorted.end() && *at == id;
}

Result<bool> is_candidate_elsewhere(const TweetContext& context, TweetId id) {
  for (const auto& other : context.others) {
    RECANT_ASSIGN(const bool is_candidate, other->is_candidate(id));
    if (is_candidate) return true;
  }
  return false;
}

// Facts about users name profile fields by their own run's numbers, so that only those of one run
// fold without looking further.
const Run* only_run_with_users(const Sources& sources) {
  const Run* only = nullptr;
  for (const auto& run : sources.runs) {
    if (run->users().empty()) continue;
    if (only != nullptr) return nullptr;
    only = run.get();
  }
  return only;
}

}  // namespace

void TweetBatch::clear() {
  rows.clear();
  digest = {};
  held.clear();
  author_tweets.clear();
  next_original_.reset();
}

Result<void> TweetBatch::add(const TweetContext& context, TweetId id, const TweetState& state) {
  if (context.with_digest) digest.add_tweet(id, state);
  encode_tweet(id, state, row_);
  rows.add(row_);
  const bool is_original = is_one_of(context.originals, next_original_, id);
  const bool is_held = state.held && state.held->held;
  if (is_held) held.push_back(id);
  if (state.authors.empty()) return {};
  bool candidate = is_original || is_held;
  if (!candidate) {
    RECANT_ASSIGN(candidate, is_candidate_elsewhere(context, id));
  }
  if (!candidate) return {};
  for (const UserId author : state.authors) author_tweets.push_back({.key = author, .value = id});
  return {};
}

void UserBatch::clear() {
  rows.clear();
  digest = {};
  histories.clear();
  history_ends.clear();
  user_deletes.clear();
}

void UserBatch::add(UserId id, const UserState& state, bool with_digest) {
  if (with_digest) digest.add_user(id, state);
  encode_user(id, state, row_, of_one_);
  rows.add(row_);
  histories.insert(histories.end(), of_one_.begin(), of_one_.end());
  history_ends.push_back(histories.size());
  for (const ToggleEntry& entry : state.deleted) {
    if (!entry.on) continue;
    user_deletes.push_back({.key = static_cast<std::uint64_t>(entry.at), .value = id});
  }
}

Result<void> fold_tweets(const Sources& sources, const TweetContext& context, std::size_t threads,
                         const std::function<void(const TweetBatch&)>& take) {
  const auto add = [&](TweetId id, const TweetState& state, TweetBatch& batch) {
    return batch.add(context, id, state);
  };
  if (!sources.parts.empty()) {
    const auto for_each = [&](KeyRange range, auto emit) {
      return for_each_tweet(sources, emit, range);
    };
    return fold_ranges<TweetState>(ranges_of(sources, Table::kTweets, tweet_facts(sources)),
                                   threads, for_each, add, take);
  }
  return fold_stretches<TweetState>(
      FactStretches(tweet_facts(sources)), threads,
      [](const model::Fact& fact, TweetState& state) { model::add_fact(fact, state); }, add, take);
}

Result<void> fold_users(const Sources& sources, bool with_digest, std::size_t threads,
                        const std::function<void(const UserBatch&)>& take) {
  const auto add = [&](UserId id, const UserState& state, UserBatch& batch) -> Result<void> {
    batch.add(id, state, with_digest);
    return {};
  };
  const Run* const run = only_run_with_users(sources);
  if (!sources.parts.empty() || run == nullptr) {
    std::vector<FactSpan> facts;
    for (const auto& some : sources.runs) facts.emplace_back(some->users());
    const auto for_each = [&](KeyRange range, auto emit) {
      return for_each_user(sources, emit, range);
    };
    return fold_ranges<UserState>(ranges_of(sources, Table::kUsers, facts), threads, for_each, add,
                                  take);
  }
  return fold_stretches<UserState>(
      FactStretches({run->users()}), threads,
      [run](const model::Fact& fact, UserState& state) {
        model::add_fact(fact, run->fields(), state);
      },
      add, take);
}

}  // namespace recant::index
