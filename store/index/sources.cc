#include "store/index/sources.h"

#include <algorithm>
#include <map>
#include <optional>

#include "store/model/join.h"

namespace recant::index {
namespace {

// One input of a join: rows with ascending keys. `add_to` adds the current row to a state.
template <class Key, class State>
class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  virtual ~Stream() = default;
  [[nodiscard]] virtual bool valid() const = 0;
  [[nodiscard]] virtual Key key() const = 0;
  [[nodiscard]] virtual bool add_to(State& state) const = 0;
  virtual void next() = 0;
  [[nodiscard]] virtual std::optional<Error> error() const = 0;
};

std::uint64_t key_of(Bytes key, std::uint64_t) { return id_of_key(key); }
std::pair<std::uint64_t, std::uint64_t> key_of(Bytes key, std::pair<std::uint64_t, std::uint64_t>) {
  return pair_of_key(key);
}

template <class Key, class State, class Decode>
class PartStream final : public Stream<Key, State> {
 public:
  PartStream(const Part& part, Table table, Decode decode)
      : part_(part), table_(table), cursor_(part, table), decode_(decode) {
    read_key();
  }
  bool valid() const override { return cursor_.valid(); }
  Key key() const override { return key_; }
  bool add_to(State& state) const override { return decode_(cursor_.value(), key_, state); }
  void next() override {
    cursor_.next();
    read_key();
  }
  std::optional<Error> error() const override {
    if (cursor_.error()) return cursor_.error();
    return cursor_.valid() ? std::optional(part_.damaged_row(table_, cursor_.key())) : std::nullopt;
  }

 private:
  void read_key() {
    if (cursor_.valid()) key_ = key_of(cursor_.key(), Key{});
  }

  const Part& part_;
  Table table_;
  PartCursor cursor_;
  Decode decode_;
  Key key_{};
};

// Rows of a sorted vector: the elements of one key stand together.
template <class Key, class State, class Element, class KeyOf, class Add>
class RunStream final : public Stream<Key, State> {
 public:
  RunStream(const std::vector<Element>& elements, KeyOf key_of_element, Add add)
      : elements_(elements), key_of_(key_of_element), add_(add) {
    find_end();
  }
  bool valid() const override { return begin_ < elements_.size(); }
  Key key() const override { return key_of_(elements_[begin_]); }
  bool add_to(State& state) const override {
    for (std::size_t i = begin_; i < end_; ++i) add_(elements_[i], state);
    return true;
  }
  void next() override {
    begin_ = end_;
    find_end();
  }
  std::optional<Error> error() const override { return {}; }

 private:
  void find_end() {
    end_ = begin_;
    while (end_ < elements_.size() && key_of_(elements_[end_]) == key_of_(elements_[begin_])) {
      ++end_;
    }
  }

  const std::vector<Element>& elements_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  KeyOf key_of_;
  Add add_;
};

template <class Key, class State>
class Streams {
 public:
  template <class Decode>
  void add_parts(const Sources& sources, Table table, Decode decode) {
    for (const auto& part : sources.parts) {
      streams_.push_back(std::make_unique<PartStream<Key, State, Decode>>(*part, table, decode));
    }
  }
  template <class Element, class KeyOf, class Add>
  void add_run(const std::vector<Element>& elements, KeyOf key_of_element, Add add) {
    streams_.push_back(std::make_unique<RunStream<Key, State, Element, KeyOf, Add>>(
        elements, key_of_element, add));
  }

  // `clear` before and `normalize` after the rows of one key are added; `emit` then sees the state.
  template <class Clear, class Normalize, class Emit>
  Result<void> join(Clear clear, Normalize normalize, Emit emit) {
    State state{};
    while (true) {
      std::optional<Key> least;
      for (const auto& stream : streams_) {
        if (stream->valid() && (!least || stream->key() < *least)) least = stream->key();
      }
      if (!least) break;
      clear(state);
      for (const auto& stream : streams_) {
        if (!stream->valid() || stream->key() != *least) continue;
        if (!stream->add_to(state)) return std::unexpected(*stream->error());
        stream->next();
      }
      normalize(state);
      emit(*least, state);
    }
    for (const auto& stream : streams_) {
      if (auto error = stream->error()) return std::unexpected(*std::move(error));
    }
    return {};
  }

 private:
  std::vector<std::unique_ptr<Stream<Key, State>>> streams_;
};

constexpr auto kClear = [](auto& state) { state.clear(); };
constexpr auto kNormalize = [](auto& state) { model::normalize(state); };

const std::vector<model::Pair>& relation(const Run& run, Table table) {
  static const std::vector<model::Pair> kNone;
  switch (table) {
    case Table::kRetweets:
      return run.retweets();
    case Table::kRetweetedBy:
      return run.retweeted_by();
    case Table::kQuotes:
      return run.quotes();
    case Table::kQuotedBy:
      return run.quoted_by();
    default:
      return kNone;
  }
}

}  // namespace

Result<void> for_each_tweet(const Sources& sources,
                            const std::function<void(TweetId, const TweetState&)>& emit) {
  Streams<TweetId, TweetState> streams;
  streams.add_parts(sources, Table::kTweets, [](Bytes row, TweetId key, TweetState& state) {
    return decode_row(row, key, state);
  });
  for (const auto& run : sources.runs) {
    streams.add_run(
        run->tweets(), [](const model::Fact& fact) { return fact.key; },
        [](const model::Fact& fact, TweetState& state) { model::add_fact(fact, state); });
  }
  return streams.join(kClear, kNormalize, emit);
}

Result<void> for_each_user(const Sources& sources,
                           const std::function<void(UserId, const UserState&)>& emit) {
  Streams<UserId, UserState> streams;
  streams.add_parts(sources, Table::kUsers,
                    [](Bytes row, UserId, UserState& state) { return decode_row(row, state); });
  for (const auto& run : sources.runs) {
    streams.add_run(
        run->users(), [](const model::Fact& fact) { return fact.key; },
        [fields = &run->fields()](const model::Fact& fact, UserState& state) {
          model::add_fact(fact, *fields, state);
        });
  }
  return streams.join(kClear, kNormalize, emit);
}

Result<void> for_each_ids(const Sources& sources, Table table,
                          const std::function<void(std::uint64_t, const Ids&)>& emit) {
  Streams<std::uint64_t, Ids> streams;
  streams.add_parts(sources, table,
                    [](Bytes row, std::uint64_t, Ids& ids) { return decode_row(row, ids); });
  for (const auto& run : sources.runs) {
    streams.add_run(
        relation(*run, table), [](const model::Pair& pair) { return pair.key; },
        [](const model::Pair& pair, Ids& ids) { ids.push_back(pair.value); });
  }
  return streams.join(
      kClear,
      [](Ids& ids) {
        std::ranges::sort(ids);
        const auto rest = std::ranges::unique(ids);
        ids.erase(rest.begin(), rest.end());
      },
      emit);
}

Result<void> for_each_favorite(const Sources& sources,
                               const std::function<void(TweetId, UserId, Time)>& emit) {
  using Key = std::pair<std::uint64_t, std::uint64_t>;
  Streams<Key, Time> streams;
  streams.add_parts(sources, Table::kFavorites, [](Bytes row, const Key&, Time& earliest) {
    Time at = 0;
    const bool good = decode_row(row, at);
    earliest = std::min(earliest, at);
    return good;
  });
  for (const auto& run : sources.runs) {
    streams.add_run(
        run->favorites(),
        [](const model::FavoriteFact& fact) { return Key{fact.tweet, fact.user}; },
        [](const model::FavoriteFact& fact, Time& earliest) {
          earliest = std::min(earliest, fact.at);
        });
  }
  return streams.join([](Time& earliest) { earliest = kTimeMax; }, [](Time&) {},
                      [&](const Key& key, Time at) { emit(key.first, key.second, at); });
}

// Both tables hold a few rows at most: a source has a handful of partitions, repairs are rare.
Result<void> for_each_coverage(
    const Sources& sources,
    const std::function<void(const model::CoverageKey&, const model::Coverage&)>& emit) {
  std::map<model::CoverageKey, model::Coverage> all;
  for (const auto& part : sources.parts) {
    for (PartCursor cursor(*part, Table::kCoverage); cursor.valid() || cursor.error();
         cursor.next()) {
      if (cursor.error()) return std::unexpected(*cursor.error());
      const std::string key(reinterpret_cast<const char*>(cursor.key().data()),
                            cursor.key().size());
      const std::size_t zero = key.find('\0');
      if (zero == std::string::npos ||
          !decode_row(cursor.value(), all[{key.substr(0, zero), key.substr(zero + 1)}])) {
        return std::unexpected(part->damaged_row(Table::kCoverage, cursor.key()));
      }
    }
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
    for (PartCursor cursor(*part, Table::kLosses); cursor.valid() || cursor.error();
         cursor.next()) {
      if (cursor.error()) return std::unexpected(*cursor.error());
      model::Loss loss{.first = id_of_key(cursor.key())};
      if (!decode_row(cursor.value(), loss)) {
        return std::unexpected(part->damaged_row(Table::kLosses, cursor.key()));
      }
      add(loss);
    }
  }
  for (const auto& run : sources.runs) std::ranges::for_each(run->losses(), add);
  for (const auto& [first, loss] : all) emit(loss);
  return {};
}

}  // namespace recant::index
