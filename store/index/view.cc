#include "store/index/view.h"

#include <algorithm>

#include "store/index/part_builder.h"
#include "store/model/join.h"

namespace recant::index {
namespace {

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
    for (const TweetId id : candidates) {
      TweetState state;
      RECANT_TRY(part->add_tweet(id, state));
      for (const UserId author : state.authors) pairs.push_back({.key = author, .value = id});
    }
  }
  model::sort_distinct(pairs);
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

Result<void> Reader::tweet(TweetId id, TweetState& out) const {
  for (const auto& part : view_->sources().parts) RECANT_TRY(part->add_tweet(id, out));
  for (const auto& run : view_->sources().runs) {
    for (const model::Fact& fact : run->tweet(id)) model::add_fact(fact, out);
  }
  model::normalize(out);
  return {};
}

Result<void> Reader::user(UserId id, UserState& out) const {
  for (const auto& part : view_->sources().parts) RECANT_TRY(part->add_user(id, out));
  for (const auto& run : view_->sources().runs) {
    for (const model::Fact& fact : run->user(id)) model::add_fact(fact, run->fields(), out);
  }
  model::normalize(out);
  return {};
}

Result<void> Reader::relation(Table table, std::uint64_t id, Ids& out) const {
  for (const auto& part : view_->sources().parts) RECANT_TRY(part->add_ids(table, id, 0, out));
  for (const auto& run : view_->sources().runs) {
    for (const model::Pair& pair : pairs_of(run->relation(table), id)) out.push_back(pair.value);
  }
  model::sort_distinct(out);
  return {};
}

Result<std::optional<Time>> Reader::favorite(TweetId tweet, UserId user) const {
  std::optional<Time> earliest;
  const auto add = [&earliest](Time at) {
    if (!earliest || at < *earliest) earliest = at;
  };
  for (const auto& part : view_->sources().parts) {
    RECANT_ASSIGN(const auto at, part->favorite(tweet, user));
    if (at) add(*at);
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
  for (const auto& part : view_->sources().parts) {
    RECANT_TRY(part->add_ids(Table::kAuthorTweets, author, from, candidates));
  }
  RECANT_ASSIGN(const auto* tail, view_->tail_author_tweets());
  for (const model::Pair& pair : pairs_of(*tail, author)) {
    if (pair.value >= from) candidates.push_back(pair.value);
  }
  model::sort_distinct(candidates);
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
  const auto& parts = view_->sources().parts;
  std::vector<TableCursor> cursors;
  for (const auto& part : parts) {
    cursors.emplace_back(part->table(Table::kCandidates)).seek(from);
  }
  RECANT_ASSIGN(const Ids* tail, view_->tail_candidates());
  auto next_in_tail = std::ranges::lower_bound(*tail, from);
  while (true) {
    std::optional<TweetId> least;
    if (next_in_tail != tail->end()) least = *next_in_tail;
    for (std::size_t i = 0; i < cursors.size(); ++i) {
      if (cursors[i].damaged()) return parts[i]->damaged(Table::kCandidates, from);
      if (!cursors[i].valid()) continue;
      const TweetId id = cursors[i].row().numbers[0];
      if (!least || id < *least) least = id;
    }
    if (!least) return {};
    RECANT_ASSIGN(const bool more, visit(*least));
    if (!more) return {};
    if (next_in_tail != tail->end() && *next_in_tail == *least) ++next_in_tail;
    for (TableCursor& cursor : cursors) {
      if (cursor.valid() && cursor.row().numbers[0] == *least) cursor.next();
    }
  }
}

Result<std::vector<std::pair<Time, UserId>>> Reader::user_deletes(Time from, Time to) const {
  std::vector<std::pair<Time, UserId>> found;
  for (const auto& part : view_->sources().parts) {
    TableCursor cursor(part->table(Table::kUserDeletes));
    for (cursor.seek(static_cast<std::uint64_t>(from) + 1); cursor.valid(); cursor.next()) {
      const auto at = static_cast<Time>(cursor.row().numbers[0]);
      if (at > to) break;
      found.emplace_back(at, cursor.row().numbers[1]);
    }
    if (cursor.damaged()) return part->damaged(Table::kUserDeletes, 0);
  }
  for (const auto& run : view_->sources().runs) {
    for (const model::Fact& fact : run->users()) {
      const bool deleted = fact.kind == model::FactKind::kDeleteOn;
      if (deleted && fact.at > from && fact.at <= to) found.emplace_back(fact.at, fact.key);
    }
  }
  model::sort_distinct(found);
  return found;
}

}  // namespace recant::index
