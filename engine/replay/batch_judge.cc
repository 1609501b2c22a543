#include "engine/replay/batch_judge.h"

#include <algorithm>
#include <utility>

#include "engine/replay/guard.h"

namespace recant {
namespace replay {

namespace {

template <class State>
const State* at_hand(index::BatchReader::Known<State> known) {
  static const State kNothing;
  if (!known.read) return nullptr;
  return known.state != nullptr ? known.state : &kNothing;
}

}  // namespace

const TweetState* ReadAhead::tweet_at_hand(TweetId id) { return at_hand(batch_.tweet(id)); }
const UserState* ReadAhead::user_at_hand(UserId id) { return at_hand(batch_.user(id)); }

void ReadAhead::retweeted(TweetId id, std::vector<TweetId>& out) {
  const auto known = batch_.retweeted(id);
  if (!known.read) return note(single_.relation(index::Table::kRetweets, id, out));
  if (known.state != nullptr) out = *known.state;
}

void ReadAhead::quoted(TweetId id, std::vector<TweetId>& out) {
  const auto known = batch_.quoted(id);
  if (!known.read) return note(single_.relation(index::Table::kQuotes, id, out));
  if (known.state != nullptr) out = *known.state;
}

std::optional<Time> ReadAhead::favorite_deleted_at(TweetId tweet, UserId user) {
  auto at = single_.favorite(tweet, user);
  if (at) return *at;
  note(std::unexpected(std::move(at).error()));
  return {};
}

ReadAhead::Place ReadAhead::want_tweet_item(const Item& item) {
  const Place place = batch_.want_tweet(item.id);
  if (item.retweeted == 0) {
    batch_.want_retweeted(place);
  } else {
    batch_.want_tweet(item.retweeted);
  }
  if (item.quoted != 0) {
    batch_.want_tweet(item.quoted);
  } else {
    batch_.want_quoted(place);
    if (item.retweeted_quoted != 0) {
      batch_.want_tweet(item.retweeted_quoted);
    } else if (item.retweeted != 0) {
      batch_.want_quoted(batch_.tweet_place(item.retweeted));
    }
  }
  for (const UserId author :
       {item.author, item.retweeted_author, item.quoted_author, item.retweeted_quoted_author}) {
    if (author != 0) batch_.want_user(author);
  }
  for (const auto& history : item.edit_histories) {
    for (const TweetId version : history) batch_.want_tweet(version);
  }
  return place;
}

ReadAhead::Place ReadAhead::want(const Item& item) {
  switch (item.type) {
    case ItemType::kTweet:
      return want_tweet_item(item);
    case ItemType::kUser:
      return batch_.want_user(item.id);
    case ItemType::kLike:
      batch_.want_user(item.user);
      return batch_.want_tweet(item.id);
  }
  return {};
}

// What was found names further keys: authors, versions, originals. False where it names none.
bool ReadAhead::want_more() {
  for (const TweetState& state : batch_.new_tweets()) {
    for (const UserId author : state.authors) batch_.want_user(author);
    for (const EditPair& pair : state.edits) {
      batch_.want_tweet(pair.initial);
      batch_.want_tweet(pair.version);
    }
  }
  for (const index::BatchReader::Relation& relation : batch_.new_relations()) {
    for (const TweetId id : relation.ids) {
      const Place place = batch_.want_tweet(id);
      if (relation.retweeted) batch_.want_quoted(place);
    }
  }
  return batch_.wants_anything();
}

Result<void> ReadAhead::read(std::span<const Item> items) {
  batch_.clear();
  places_.clear();
  for (const Item& item : items) places_.push_back(want(item));
  do {
    RECANT_TRY(batch_.fetch());
  } while (want_more());
  return {};
}

bool ReadAhead::is_unknown_user(UserId id) const {
  const auto known = batch_.user(id);
  return known.read && known.state == nullptr;
}

bool ReadAhead::is_unknown(std::size_t index, const Item& item) const {
  switch (item.type) {
    case ItemType::kTweet:
      return batch_.is_unknown_tweet(places_[index]) && !names_others(item) &&
             (item.author == 0 || is_unknown_user(item.author));
    case ItemType::kUser:
      return batch_.is_unknown_user(places_[index]);
    case ItemType::kLike:
      return false;
  }
  return false;
}

std::optional<Time> ReadAhead::just_deleted(std::size_t index, const Item& item) const {
  if (item.type != ItemType::kTweet || names_others(item)) return {};
  if (!batch_.is_unrelated_tweet(places_[index])) return {};
  const TweetState& state = *tweet_of(index);
  const bool plain = state.visibility.empty() && state.withheld.empty() && state.edits.empty() &&
                     !state.geo_scrubbed_at;
  if (!plain || !state.deleted_at || *state.deleted_at > as_of_) return {};
  const auto is_unknown = [this](UserId author) { return author == 0 || is_unknown_user(author); };
  if (!is_unknown(item.author) || !std::ranges::all_of(state.authors, is_unknown)) return {};
  return state.deleted_at;
}

}  // namespace replay

namespace {

// Enough for all waits for memory to overlap, and few enough for what was read to stay in cache.
constexpr std::size_t kItemsAtOnce = 4096;

void keep(const Item& item, Verdict& out) {
  out.action = Action::kKeep;
  out.reasons.clear();
  out.without_author = item.type == ItemType::kTweet && item.author == 0;
}

// What the rules say of a tweet that is deleted and of which nothing else is known.
void tell_deleted(const Item& item, Time at, bool without_author, Verdict& out) {
  out.action = Action::kDelete;
  out.reasons.resize(1);
  out.reasons.front() = {.action = Action::kDelete,
                         .event = EventKind::kTweetDelete,
                         .via = Via::kSelf,
                         .tweet = item.id,
                         .at = at};
  out.without_author = without_author;
}

}  // namespace

Result<void> BatchJudge::Impl::judge(std::span<const Item> items, std::span<Verdict> verdicts) {
  if (items.size() != verdicts.size()) {
    return fail(ErrorCode::kInvalidArgument,
                "cannot check: items and verdicts differ in length (give one verdict an item)");
  }
  while (!items.empty()) {
    const auto some = items.first(std::min(kItemsAtOnce, items.size()));
    RECANT_TRY(reader_.read(some));
    for (std::size_t i = 0; i < some.size(); ++i) {
      if (reader_.is_unknown(i, some[i])) {
        keep(some[i], verdicts[i]);
      } else if (const auto at = reader_.just_deleted(i, some[i])) {
        const bool without_author = some[i].author == 0 && reader_.tweet_of(i)->authors.empty();
        tell_deleted(some[i], *at, without_author, verdicts[i]);
      } else {
        RECANT_TRY(judge_.judge(some[i], verdicts[i]));
      }
    }
    items = items.subspan(some.size());
    verdicts = verdicts.subspan(some.size());
  }
  return {};
}

BatchJudge::BatchJudge(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
BatchJudge::BatchJudge(BatchJudge&&) noexcept = default;
BatchJudge& BatchJudge::operator=(BatchJudge&&) noexcept = default;
BatchJudge::~BatchJudge() = default;

Result<void> BatchJudge::judge(std::span<const Item> items, std::span<Verdict> verdicts) {
  return replay::guarded([&] { return impl_->judge(items, verdicts); });
}

}  // namespace recant
