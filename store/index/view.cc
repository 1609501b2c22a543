#include "store/index/view.h"

#include <algorithm>

#include "store/index/part_builder.h"
#include "store/model/join.h"

namespace recant::index {
namespace {

template <class T>
void sort_distinct(std::vector<T>& values) {
  if (values.size() < 2) return;
  std::ranges::sort(values);
  const auto rest = std::ranges::unique(values);
  values.erase(rest.begin(), rest.end());
}

const std::vector<model::Pair>& pairs_in(const Run& run, Table table) {
  switch (table) {
    case Table::kRetweets:
      return run.retweets();
    case Table::kRetweetedBy:
      return run.retweeted_by();
    case Table::kQuotes:
      return run.quotes();
    default:
      return run.quoted_by();
  }
}

Result<void> add_tail_pairs(const Sources& sources, const Ids& candidates,
                            std::vector<model::Pair>& pairs) {
  for (const auto& run : sources.runs) {
    for (const model::Fact& fact : run->tweets()) {
      const bool names_author = fact.kind != model::FactKind::kEditVersion &&
                                fact.kind != model::FactKind::kEditInitial && fact.value != 0;
      if (names_author) pairs.push_back({.key = fact.value, .value = fact.key});
    }
  }
  for (const auto& part : sources.parts) {
    const Part::Reader reader(part);
    for (const TweetId id : candidates) {
      RECANT_ASSIGN(const auto row, reader.get(Table::kTweets, id));
      if (!row) continue;
      TweetState state;
      if (!decode_row(*row, id, state)) {
        return std::unexpected(part->damaged_row(Table::kTweets, id_key(id)));
      }
      for (const UserId author : state.authors) pairs.push_back({.key = author, .value = id});
    }
  }
  sort_distinct(pairs);
  return {};
}

}  // namespace

Result<void> View::derive() const {
  std::call_once(once_, [this] {
    const auto add = [this]() -> Result<void> {
      RECANT_ASSIGN(tail_candidates_, candidates_of({.parts = {}, .runs = sources_.runs}));
      return add_tail_pairs(sources_, tail_candidates_, tail_author_tweets_);
    };
    if (auto added = add(); !added) tail_error_ = std::move(added).error();
  });
  if (tail_error_) return std::unexpected(*tail_error_);
  return {};
}

Result<const std::vector<model::Pair>*> View::tail_author_tweets() const {
  RECANT_TRY(derive());
  return &tail_author_tweets_;
}

Result<const Ids*> View::tail_candidates() const {
  RECANT_TRY(derive());
  return &tail_candidates_;
}

Reader::Reader(std::shared_ptr<const View> view) : view_(std::move(view)) {
  parts_.reserve(view_->sources().parts.size());
  for (const auto& part : view_->sources().parts) parts_.emplace_back(part);
}

Result<void> Reader::tweet(TweetId id, TweetState& out) const {
  for (const Part::Reader& part : parts_) {
    RECANT_ASSIGN(const auto row, part.get(Table::kTweets, id));
    if (row && !decode_row(*row, id, out)) {
      return std::unexpected(part.part().damaged_row(Table::kTweets, id_key(id)));
    }
  }
  for (const auto& run : view_->sources().runs) {
    for (const model::Fact& fact : run->tweet(id)) model::add_fact(fact, out);
  }
  model::normalize(out);
  return {};
}

Result<void> Reader::user(UserId id, UserState& out) const {
  for (const Part::Reader& part : parts_) {
    RECANT_ASSIGN(const auto row, part.get(Table::kUsers, id));
    if (row && !decode_row(*row, out)) {
      return std::unexpected(part.part().damaged_row(Table::kUsers, id_key(id)));
    }
  }
  for (const auto& run : view_->sources().runs) {
    for (const model::Fact& fact : run->user(id)) model::add_fact(fact, run->fields(), out);
  }
  model::normalize(out);
  return {};
}

Result<void> Reader::relation(Table table, std::uint64_t id, Ids& out) const {
  for (const Part::Reader& part : parts_) {
    RECANT_ASSIGN(const auto row, part.get(table, id));
    if (row && !decode_row(*row, out)) {
      return std::unexpected(part.part().damaged_row(table, id_key(id)));
    }
  }
  for (const auto& run : view_->sources().runs) {
    for (const model::Pair& pair : pairs_of(pairs_in(*run, table), id)) out.push_back(pair.value);
  }
  sort_distinct(out);
  return {};
}

Result<std::optional<Time>> Reader::favorite(TweetId tweet, UserId user) const {
  std::optional<Time> earliest;
  const auto add = [&earliest](Time at) {
    if (!earliest || at < *earliest) earliest = at;
  };
  for (const Part::Reader& part : parts_) {
    const auto key = pair_key(tweet, user);
    RECANT_ASSIGN(const auto row, part.get(Table::kFavorites, Bytes(key)));
    if (!row) continue;
    Time at = 0;
    if (!decode_row(*row, at)) {
      return std::unexpected(part.part().damaged_row(Table::kFavorites, key));
    }
    add(at);
  }
  for (const auto& run : view_->sources().runs) {
    for (const model::FavoriteFact& fact : run->favorite(tweet, user)) add(fact.at);
  }
  return earliest;
}

Result<bool> Reader::is_held_or_shown(TweetId id) const {
  const auto is_held = [this](TweetId tweet_id) -> Result<bool> {
    TweetState state;
    RECANT_TRY(tweet(tweet_id, state));
    return state.held && state.held->held;
  };
  RECANT_ASSIGN(const bool held, is_held(id));
  if (held) return true;
  Ids shown_by;
  RECANT_TRY(relation(Table::kRetweetedBy, id, shown_by));
  RECANT_TRY(relation(Table::kQuotedBy, id, shown_by));
  for (const TweetId by : shown_by) {
    RECANT_ASSIGN(const bool by_held, is_held(by));
    if (by_held) return true;
  }
  return false;
}

Result<Ids> Reader::author_candidates(UserId author, TweetId from) const {
  Ids candidates;
  for (const Part::Reader& part : parts_) {
    RECANT_ASSIGN(const auto row, part.get(Table::kAuthorTweets, author));
    if (row && !decode_row(*row, candidates)) {
      return std::unexpected(part.part().damaged_row(Table::kAuthorTweets, id_key(author)));
    }
  }
  RECANT_ASSIGN(const auto* tail, view_->tail_author_tweets());
  for (const model::Pair& pair : pairs_of(*tail, author)) candidates.push_back(pair.value);
  std::erase_if(candidates, [from](TweetId id) { return id < from; });
  sort_distinct(candidates);
  return candidates;
}

Result<Ids> Reader::author_tweets(UserId author) const {
  RECANT_ASSIGN(const Ids candidates, author_candidates(author, 0));
  Ids tweets;
  for (const TweetId id : candidates) {
    RECANT_ASSIGN(const bool confirmed, is_held_or_shown(id));
    if (confirmed) tweets.push_back(id);
  }
  return tweets;
}

Result<void> Reader::for_each_candidate(TweetId from,
                                        const std::function<Result<bool>(TweetId)>& visit) const {
  std::vector<std::unique_ptr<PartCursor>> cursors;
  for (const auto& part : view_->sources().parts) {
    cursors.push_back(std::make_unique<PartCursor>(*part, Table::kCandidates));
    cursors.back()->seek(id_key(from));
  }
  RECANT_ASSIGN(const Ids* tail, view_->tail_candidates());
  auto next_in_tail = std::ranges::lower_bound(*tail, from);
  while (true) {
    std::optional<TweetId> least;
    if (next_in_tail != tail->end()) least = *next_in_tail;
    for (const auto& cursor : cursors) {
      if (cursor->error()) return std::unexpected(*cursor->error());
      if (!cursor->valid()) continue;
      const TweetId id = id_of_key(cursor->key());
      if (!least || id < *least) least = id;
    }
    if (!least) return {};
    RECANT_ASSIGN(const bool more, visit(*least));
    if (!more) return {};
    if (next_in_tail != tail->end() && *next_in_tail == *least) ++next_in_tail;
    for (const auto& cursor : cursors) {
      if (cursor->valid() && id_of_key(cursor->key()) == *least) cursor->next();
    }
  }
}

Result<std::vector<std::pair<Time, UserId>>> Reader::user_deletes(Time from, Time to) const {
  std::vector<std::pair<Time, UserId>> found;
  for (const auto& part : view_->sources().parts) {
    PartCursor cursor(*part, Table::kUserDeletes);
    for (cursor.seek(pair_key(static_cast<std::uint64_t>(from) + 1, 0)); cursor.valid();
         cursor.next()) {
      const auto [at, user] = pair_of_key(cursor.key());
      if (static_cast<Time>(at) > to) break;
      found.emplace_back(static_cast<Time>(at), user);
    }
    if (cursor.error()) return std::unexpected(*cursor.error());
  }
  for (const auto& run : view_->sources().runs) {
    for (const model::Fact& fact : run->users()) {
      const bool deleted = fact.kind == model::FactKind::kDeleteOn;
      if (deleted && fact.at > from && fact.at <= to) found.emplace_back(fact.at, fact.key);
    }
  }
  sort_distinct(found);
  return found;
}

}  // namespace recant::index
