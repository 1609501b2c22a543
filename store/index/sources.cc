#include "store/index/sources.h"

#include <algorithm>
#include <map>
#include <optional>
#include <type_traits>

#include "store/model/join.h"

namespace recant::index {

namespace {

FactSpan in_range(FactSpan facts, KeyRange range) {
  const auto begin = std::ranges::lower_bound(facts, range.first, {}, &model::Fact::key);
  return {begin, std::ranges::upper_bound(begin, facts.end(), range.last, {}, &model::Fact::key)};
}

}  // namespace

std::vector<FactSpan> tweet_facts(const Sources& sources, KeyRange range) {
  std::vector<FactSpan> facts;
  for (const auto& run : sources.runs) {
    const FactSpan some = in_range(run->tweets(), range);
    if (!some.empty()) facts.push_back(some);
  }
  return facts;
}

namespace {

using PairKey = std::pair<std::uint64_t, std::uint64_t>;

// One input of a join, with ascending keys. `take` adds what it has under the current key to a
// state and moves on.
template <class Key, class State>
class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  virtual ~Stream() = default;
  [[nodiscard]] virtual bool valid() const = 0;
  [[nodiscard]] virtual Key key() const = 0;
  [[nodiscard]] virtual Result<void> take(State& state) = 0;
  /// Why it ended early.
  [[nodiscard]] virtual Result<void> status() const = 0;
};

void set_key(const Row& row, std::uint64_t& key) { key = row.numbers[0]; }
void set_key(const Row& row, PairKey& key) { key = {row.numbers[0], row.numbers[1]}; }

// `add` adds a row to a state; a part's rows of one key follow one another.
template <class Key, class State, class Add>
class PartStream final : public Stream<Key, State> {
 public:
  PartStream(const Part& part, Table table, KeyRange range, Add add)
      : part_(part), table_(table), cursor_(part.table(table)), last_(range.last), add_(add) {
    cursor_.seek(range.first);
    read_key();
  }
  bool valid() const override { return cursor_.valid() && first_word() <= last_; }
  Key key() const override { return key_; }
  Result<void> take(State& state) override {
    const Key key = key_;
    do {
      RECANT_TRY(add_(part_, cursor_.row(), state));
      cursor_.next();
      read_key();
    } while (cursor_.valid() && key_ == key);
    return {};
  }
  Result<void> status() const override {
    if (!cursor_.damaged()) return {};
    return part_.damaged(table_, first_word());
  }

 private:
  void read_key() {
    if (cursor_.valid()) set_key(cursor_.row(), key_);
  }
  [[nodiscard]] std::uint64_t first_word() const {
    if constexpr (std::is_same_v<Key, PairKey>) {
      return key_.first;
    } else {
      return key_;
    }
  }

  const Part& part_;
  Table table_;
  TableCursor cursor_;
  std::uint64_t last_;
  Add add_;
  Key key_{};
};

// Rows of a sorted vector: the elements of one key stand together.
template <class Key, class State, class Element, class KeyOf, class Add>
class RunStream final : public Stream<Key, State> {
 public:
  RunStream(std::span<const Element> elements, KeyOf key_of_element, Add add)
      : elements_(elements), key_of_(key_of_element), add_(add) {
    find_end();
  }
  bool valid() const override { return begin_ < elements_.size(); }
  Key key() const override { return key_of_(elements_[begin_]); }
  Result<void> take(State& state) override {
    for (std::size_t i = begin_; i < end_; ++i) add_(elements_[i], state);
    begin_ = end_;
    find_end();
    return {};
  }
  Result<void> status() const override { return {}; }

 private:
  void find_end() {
    end_ = begin_;
    while (end_ < elements_.size() && key_of_(elements_[end_]) == key_of_(elements_[begin_])) {
      ++end_;
    }
  }

  std::span<const Element> elements_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  KeyOf key_of_;
  Add add_;
};

// The tweets of many runs as one input.
class TweetFactStream final : public Stream<TweetId, TweetState> {
 public:
  TweetFactStream(const Sources& sources, KeyRange range)
      : stretches_(tweet_facts(sources, range)) {
    load();
  }
  bool valid() const override { return at_ < facts_.size(); }
  TweetId key() const override { return facts_[at_].key; }
  Result<void> take(TweetState& state) override {
    // No key is in two stretches.
    for (const TweetId id = key(); valid() && key() == id; ++at_) {
      model::add_fact(facts_[at_], state);
    }
    if (!valid()) load();
    return {};
  }
  Result<void> status() const override { return {}; }

 private:
  void load() {
    at_ = 0;
    facts_ = stretches_.next(pieces_) ? gatherer_.gather(pieces_) : FactSpan();
  }

  FactStretches stretches_;
  FactGatherer gatherer_;
  std::vector<FactSpan> pieces_;
  FactSpan facts_;
  std::size_t at_ = 0;
};

template <class Key, class State>
class Streams {
 public:
  template <class Add>
  void add_parts(const Sources& sources, Table table, Add add, KeyRange range = {}) {
    for (const auto& part : sources.parts) {
      streams_.push_back(std::make_unique<PartStream<Key, State, Add>>(*part, table, range, add));
    }
  }
  template <class Element, class KeyOf, class Add>
  void add_run(std::span<const Element> elements, KeyOf key_of_element, Add add) {
    if (elements.empty()) return;
    streams_.push_back(std::make_unique<RunStream<Key, State, Element, KeyOf, Add>>(
        elements, key_of_element, add));
  }

  void add(std::unique_ptr<Stream<Key, State>> stream) { streams_.push_back(std::move(stream)); }

  // `clear` before and `normalize` after the rows of one key are added; `emit` then sees the state.
  template <class Clear, class Normalize, class Emit>
  Result<void> join(Clear clear, Normalize normalize, Emit emit) {
    State state{};
    std::vector<Head> heads;
    for (const auto& stream : streams_) {
      if (stream->valid()) heads.push_back({stream->key(), stream.get()});
    }
    while (!heads.empty()) {
      const Key least = std::ranges::min(heads, {}, &Head::key).key;
      clear(state);
      for (std::size_t i = 0; i < heads.size();) {
        Head& head = heads[i];
        if (head.key != least) {
          ++i;
          continue;
        }
        RECANT_TRY(head.stream->take(state));
        if (head.stream->valid()) {
          head.key = head.stream->key();
          ++i;
        } else {
          head = heads.back();
          heads.pop_back();
        }
      }
      normalize(state);
      emit(least, state);
    }
    for (const auto& stream : streams_) RECANT_TRY(stream->status());
    return {};
  }

 private:
  // A stream that has not ended, and its key, which asking it each time would cost more.
  struct Head {
    Key key;
    Stream<Key, State>* stream;
  };

  std::vector<std::unique_ptr<Stream<Key, State>>> streams_;
};

constexpr auto kClear = [](auto& state) { state.clear(); };
constexpr auto kNormalize = [](auto& state) { model::normalize(state); };

}  // namespace

namespace {

constexpr auto kAddTweet = [](const Part& part, const Row& row, TweetState& state) -> Result<void> {
  if (decode_tweet(row, state)) return {};
  return part.damaged(Table::kTweets, row.numbers[0]);
};
constexpr auto kAddUser = [](const Part& part, const Row& row, UserState& state) {
  return part.add_user_row(row, state);
};

}  // namespace

Result<void> for_each_tweet(const Sources& sources,
                            const std::function<void(TweetId, const TweetState&)>& emit,
                            KeyRange range) {
  Streams<TweetId, TweetState> streams;
  streams.add_parts(sources, Table::kTweets, kAddTweet, range);
  streams.add(std::make_unique<TweetFactStream>(sources, range));
  return streams.join(kClear, kNormalize, emit);
}

Result<void> for_each_user(const Sources& sources,
                           const std::function<void(UserId, const UserState&)>& emit,
                           KeyRange range) {
  Streams<UserId, UserState> streams;
  streams.add_parts(sources, Table::kUsers, kAddUser, range);
  for (const auto& run : sources.runs) {
    streams.add_run(
        in_range(run->users(), range), [](const model::Fact& fact) { return fact.key; },
        [fields = &run->fields()](const model::Fact& fact, UserState& state) {
          model::add_fact(fact, *fields, state);
        });
  }
  return streams.join(kClear, kNormalize, emit);
}

Result<void> for_each_ids(const Sources& sources, Table table,
                          const std::function<void(std::uint64_t, const Ids&)>& emit) {
  Streams<std::uint64_t, Ids> streams;
  streams.add_parts(sources, table, [](const Part&, const Row& row, Ids& ids) -> Result<void> {
    ids.push_back(row.numbers[1]);
    return {};
  });
  for (const auto& run : sources.runs) {
    streams.add_run(
        std::span(run->relation(table)), [](const model::Pair& pair) { return pair.key; },
        [](const model::Pair& pair, Ids& ids) { ids.push_back(pair.value); });
  }
  return streams.join(kClear, [](Ids& ids) { model::sort_distinct(ids); }, emit);
}

Result<void> for_each_favorite(const Sources& sources,
                               const std::function<void(TweetId, UserId, Time)>& emit) {
  Streams<PairKey, Time> streams;
  streams.add_parts(sources, Table::kFavorites,
                    [](const Part&, const Row& row, Time& earliest) -> Result<void> {
                      earliest = std::min(earliest, static_cast<Time>(row.numbers[2]));
                      return {};
                    });
  for (const auto& run : sources.runs) {
    streams.add_run(
        std::span(run->favorites()),
        [](const model::FavoriteFact& fact) { return PairKey{fact.tweet, fact.user}; },
        [](const model::FavoriteFact& fact, Time& earliest) {
          earliest = std::min(earliest, fact.at);
        });
  }
  return streams.join([](Time& earliest) { earliest = kTimeMax; }, [](Time&) {},
                      [&](const PairKey& key, Time at) { emit(key.first, key.second, at); });
}

// Both tables hold a few rows at most: a source has a handful of partitions, repairs are rare.
Result<void> for_each_coverage(
    const Sources& sources,
    const std::function<void(const model::CoverageKey&, const model::Coverage&)>& emit) {
  std::map<model::CoverageKey, model::Coverage> all;
  model::CoverageKey part_key;
  model::Coverage part_intervals;
  for (const auto& part : sources.parts) {
    TableCursor cursor(part->table(Table::kCoverage));
    for (cursor.seek(0); cursor.valid(); cursor.next()) {
      if (!decode_coverage(cursor.row().extra, part_key, part_intervals)) {
        return part->damaged(Table::kCoverage, cursor.row().numbers[0]);
      }
      for (const model::Interval interval : part_intervals) {
        model::add_interval(interval, all[part_key]);
      }
    }
    if (cursor.damaged()) return part->damaged(Table::kCoverage, 0);
  }
  for (const auto& run : sources.runs) {
    for (const auto& [key, intervals] : run->coverage()) {
      for (const model::Interval interval : intervals) model::add_interval(interval, all[key]);
    }
  }
  for (const auto& [key, intervals] : all) emit(key, intervals);
  return {};
}

Result<void> for_each_loss(const Sources& sources,
                           const std::function<void(const model::Loss&)>& emit) {
  std::map<SequenceNumber, model::Loss> all;
  const auto add = [&all](const model::Loss& loss) {
    auto& joined = all.try_emplace(loss.first, loss).first->second;
    joined.last = std::max(joined.last, loss.last);
    joined.at = std::min(joined.at, loss.at);
    joined.bytes = std::max(joined.bytes, loss.bytes);
  };
  for (const auto& part : sources.parts) {
    TableCursor cursor(part->table(Table::kLosses));
    for (cursor.seek(0); cursor.valid(); cursor.next()) {
      const auto& [first, last, at, bytes] = cursor.row().numbers;
      add({.first = first, .last = last, .at = static_cast<Time>(at), .bytes = bytes});
    }
    if (cursor.damaged()) return part->damaged(Table::kLosses, 0);
  }
  for (const auto& run : sources.runs) std::ranges::for_each(run->losses(), add);
  for (const auto& [first, loss] : all) emit(loss);
  return {};
}

}  // namespace recant::index
