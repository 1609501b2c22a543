#include "engine/replay/compact.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "store/log/rewrite.h"
#include "store/log/segment.h"
#include "store/model/join.h"
#include "store/model/needed.h"

namespace recant::replay {
namespace {

using model::ToldFact;

struct ToldPair {
  model::Pair pair;
  SequenceNumber sequence = 0;
};
struct ToldFavorite {
  model::FavoriteFact fact;
  SequenceNumber sequence = 0;
};

// Which of `passes` passes takes the facts of a key.
bool is_of_pass(std::uint64_t key, std::uint64_t pass, std::uint64_t passes) {
  return (key * 0x9e3779b97f4a7c15 >> 32) % passes == pass;
}

// These are no facts about a tweet or a user: they are all kept.
bool is_kept_anyway(EventKind kind) {
  return kind == EventKind::kUnknown || kind == EventKind::kCoverage || kind == EventKind::kLoss;
}

// One pass: the facts of some keys, and the events that are needed for them.
class Pass {
 public:
  Pass(std::uint64_t number, std::uint64_t passes, std::vector<bool>& needed)
      : number_(number), passes_(passes), needed_(needed) {}

  void add(SequenceNumber sequence, const Event& event);
  Result<void> finish();

 private:
  void take(SequenceNumber sequence, std::vector<model::Fact>& facts, std::vector<ToldFact>& out);
  void take(SequenceNumber sequence, std::vector<model::Pair>& pairs, std::vector<ToldPair>& out);
  template <class State, class AddFact>
  Result<void> finish(std::vector<ToldFact>& facts, AddFact add_fact);
  void finish(std::vector<ToldPair>& pairs);
  void finish_favorites();

  std::uint64_t number_;
  std::uint64_t passes_;
  std::vector<bool>& needed_;
  model::Facts of_event_;
  std::vector<ToldFact> tweets_;
  std::vector<ToldFact> users_;
  std::vector<ToldPair> retweets_;
  std::vector<ToldPair> quotes_;
  std::vector<ToldFavorite> favorites_;
};

void Pass::take(SequenceNumber sequence, std::vector<model::Fact>& facts,
                std::vector<ToldFact>& out) {
  for (const model::Fact& fact : facts) {
    if (is_of_pass(fact.key, number_, passes_)) out.push_back({fact, sequence});
  }
  facts.clear();
}

void Pass::take(SequenceNumber sequence, std::vector<model::Pair>& pairs,
                std::vector<ToldPair>& out) {
  for (const model::Pair& pair : pairs) {
    if (is_of_pass(pair.key, number_, passes_)) out.push_back({pair, sequence});
  }
  pairs.clear();
}

void Pass::add(SequenceNumber sequence, const Event& event) {
  if (is_kept_anyway(event.kind)) {
    needed_[sequence] = true;
    return;
  }
  of_event_.add(event);
  take(sequence, of_event_.tweets, tweets_);
  take(sequence, of_event_.users, users_);
  take(sequence, of_event_.retweets, retweets_);
  take(sequence, of_event_.quotes, quotes_);
  for (const model::FavoriteFact& fact : of_event_.favorites) {
    if (is_of_pass(fact.tweet, number_, passes_)) favorites_.push_back({fact, sequence});
  }
  of_event_.favorites.clear();
}

// What the needed events say of each key is compared with what all do: a log that says less must
// never come out of this.
template <class State, class AddFact>
Result<void> Pass::finish(std::vector<ToldFact>& facts, AddFact add_fact) {
  std::ranges::sort(facts, {}, [](const ToldFact& told) { return told.fact.key; });
  std::vector<SequenceNumber> needed;
  State all;
  State kept;
  for (std::size_t begin = 0; begin < facts.size();) {
    std::size_t end = begin;
    while (end < facts.size() && facts[end].fact.key == facts[begin].fact.key) ++end;
    const std::span<ToldFact> of_key = std::span(facts).subspan(begin, end - begin);
    begin = end;
    needed.clear();
    model::add_needed(of_key, needed);
    for (const SequenceNumber sequence : needed) needed_[sequence] = true;
    if (needed.size() == of_key.size()) continue;
    all.clear();
    kept.clear();
    for (const ToldFact& told : of_key) {
      add_fact(told.fact, all);
      if (needed_[told.sequence]) add_fact(told.fact, kept);
    }
    model::normalize(all);
    model::normalize(kept);
    if (all != kept) {
      return fail(ErrorCode::kCorruption,
                  fmt::format("cannot compact the log: events that seem needless are not, for id "
                              "{} (nothing was changed; please report this)",
                              of_key.front().fact.key));
    }
  }
  return {};
}

void Pass::finish(std::vector<ToldPair>& pairs) {
  std::ranges::sort(pairs, {}, [](const ToldPair& told) {
    return std::tuple{told.pair.key, told.pair.value, told.sequence};
  });
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (i == 0 || pairs[i].pair != pairs[i - 1].pair) needed_[pairs[i].sequence] = true;
  }
}

// The earliest of each like.
void Pass::finish_favorites() {
  std::ranges::sort(favorites_, {}, [](const ToldFavorite& told) {
    return std::tuple{told.fact.tweet, told.fact.user, told.fact.at, told.sequence};
  });
  for (std::size_t i = 0; i < favorites_.size(); ++i) {
    const bool first = i == 0 || favorites_[i].fact.tweet != favorites_[i - 1].fact.tweet ||
                       favorites_[i].fact.user != favorites_[i - 1].fact.user;
    if (first) needed_[favorites_[i].sequence] = true;
  }
}

Result<void> Pass::finish() {
  RECANT_TRY(finish<TweetState>(
      tweets_, [](const model::Fact& fact, TweetState& state) { model::add_fact(fact, state); }));
  RECANT_TRY(finish<UserState>(users_, [this](const model::Fact& fact, UserState& state) {
    model::add_fact(fact, of_event_.fields, state);
  }));
  finish(retweets_);
  finish(quotes_);
  finish_favorites();
  return {};
}

}  // namespace

Result<NeededEvents> NeededEvents::find(io::FileSystem& files, const std::string& store_directory,
                                        const FinishedSegments& finished,
                                        const CompactOptions& options) {
  // Few events make two facts; sorting them needs no more room.
  constexpr std::uint64_t kBytesAnEvent = sizeof(ToldFact) + sizeof(ToldFact) / 2;
  const SequenceNumber last = finished.last;
  NeededEvents found(last);
  std::uint64_t events = 0;
  for (const FinishedSegment& segment : finished.segments) events += segment.events;
  const std::uint64_t passes = events * kBytesAnEvent / options.memory_bytes_max + 1;
  log::LogBlock block;
  for (std::uint64_t number = 0; number < passes; ++number) {
    Pass pass(number, passes, found.needed_);
    RECANT_ASSIGN(auto reader, log::LogReader::open(files, store_directory, 1, 0));
    while (reader.last_sequence() < last) {
      RECANT_ASSIGN(const bool more, reader.next(block));
      if (!more) break;
      for (std::size_t i = 0; i < block.events.size(); ++i) {
        if (block.sequences[i] <= last) pass.add(block.sequences[i], block.events[i]);
      }
      if (options.on_progress) {
        options.on_progress(number * last + reader.last_sequence(), passes * last);
      }
    }
    RECANT_TRY(pass.finish());
  }
  return found;
}

std::uint64_t NeededEvents::count(SequenceNumber first, SequenceNumber last) const {
  const auto at = [this](SequenceNumber sequence) {
    return needed_.begin() + static_cast<std::ptrdiff_t>(sequence);
  };
  return static_cast<std::uint64_t>(std::count(at(first), at(last + 1), true));
}

Result<FinishedSegments> finished_segments(io::FileSystem& files,
                                           const std::string& store_directory) {
  RECANT_ASSIGN(const auto segments, log::list_segments(files, store_directory));
  FinishedSegments finished;
  for (std::size_t i = 0; i + 1 < segments.size(); ++i) {
    const std::string path = io::join_path(log::log_directory(store_directory), segments[i].name);
    RECANT_ASSIGN(const auto info, files.info(path));
    if (!info) return fail(ErrorCode::kIo, fmt::format("cannot read {}: it is gone (again)", path));
    finished.last = segments[i + 1].first - 1;
    finished.segments.push_back({.name = segments[i].name,
                                 .inode = info->inode,
                                 .first = segments[i].first,
                                 .last = finished.last,
                                 .events = 0});
  }
  RECANT_ASSIGN(auto reader, log::LogReader::open(files, store_directory, 1, 0));
  log::BlockInfo info;
  for (auto segment = finished.segments.begin(); segment != finished.segments.end();) {
    RECANT_ASSIGN(const bool more, reader.next_info(info));
    if (!more) break;
    while (segment != finished.segments.end() && info.first > segment->last) ++segment;
    if (segment != finished.segments.end()) segment->events += info.count;
  }
  return finished;
}

Result<void> compact_segment(io::FileSystem& files, const StoreOptions& options,
                             const FinishedSegment& segment, const NeededEvents& needed,
                             CompactSummary& summary) {
  const std::string path = io::join_path(log::log_directory(options.directory), segment.name);
  RECANT_ASSIGN(const auto info, files.info(path));
  if (!info || info->inode != segment.inode) return {};
  const std::uint64_t needless = segment.events - needed.count(segment.first, segment.last);
  if (needless * 100 < segment.events) {
    RECANT_ASSIGN(const bool done, log::make_dense(files, options.directory, segment.name, {}));
    summary.segments += done ? 1 : 0;
    return {};
  }
  RECANT_ASSIGN(const log::Rewritten done,
                log::rewrite_segment(files, options.directory, segment.name, {},
                                     [&](SequenceNumber sequence, const Event&) {
                                       return needed.is_needed(sequence);
                                     }));
  ++summary.segments;
  summary.bytes_before += done.bytes_before;
  summary.bytes_after += done.bytes_after;
  summary.events_before += done.events_before;
  summary.events_after += done.events_after;
  return {};
}

}  // namespace recant::replay
