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

void ReadAhead::want_author(UserId author, const verdict::Rules& rules) {
  if (author != 0 && !rules.remembers(author)) batch_.want_user(author);
}

// Who wrote it is wanted once its state has been read.
ReadAhead::Place ReadAhead::want_other(TweetId id) {
  const Place place = batch_.want_tweet(id);
  if (place >= is_other_.size()) is_other_.resize(place + 1);
  if (!is_other_[place]) others_.push_back(place);
  is_other_[place] = true;
  return place;
}

void ReadAhead::want_versions(const TweetState& state) {
  for (const EditPair& pair : state.edits) {
    want_other(pair.initial);
    want_other(pair.version);
  }
}

ReadAhead::Place ReadAhead::want_tweet_item(const Item& item, const verdict::Rules& rules) {
  const Place place = batch_.want_tweet(item.id);
  if (item.retweeted == 0) {
    batch_.want_retweeted(place);
  } else {
    want_other(item.retweeted);
  }
  if (item.quoted != 0) {
    want_other(item.quoted);
  } else {
    batch_.want_quoted(place);
    if (item.retweeted_quoted != 0) {
      want_other(item.retweeted_quoted);
    } else if (item.retweeted != 0) {
      batch_.want_quoted(batch_.tweet_place(item.retweeted));
    }
  }
  want_author(item.author, rules);
  for (const UserId author :
       {item.retweeted_author, item.quoted_author, item.retweeted_quoted_author}) {
    if (author != 0) batch_.want_user(author);
  }
  for (const auto& history : item.edit_histories) {
    for (const TweetId version : history) want_other(version);
  }
  return place;
}

ReadAhead::Place ReadAhead::want(const Item& item, const verdict::Rules& rules) {
  switch (item.type) {
    case ItemType::kTweet:
      return want_tweet_item(item, rules);
    case ItemType::kUser:
      return batch_.want_user(item.id);
    case ItemType::kLike:
      batch_.want_user(item.user);
      return want_other(item.id);
  }
  return {};
}

// What was found of the items' own tweets names further keys: authors, versions, originals.
void ReadAhead::want_more_of_items(std::span<const Item> items, const verdict::Rules& rules) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i].type != ItemType::kTweet) continue;
    const TweetState* state = batch_.tweet_at(places_[i]).state;
    if (state == nullptr) continue;
    for (const UserId author : state->authors) want_author(author, rules);
    want_versions(*state);
  }
}

void ReadAhead::want_more_of_others(std::size_t fetched) {
  for (const index::BatchReader::Relation& relation : batch_.new_relations()) {
    for (const TweetId id : relation.ids) {
      const Place place = want_other(id);
      if (relation.retweeted) batch_.want_quoted(place);
    }
  }
  for (; others_seen_ < fetched; ++others_seen_) {
    const TweetState* state = batch_.tweet_at(others_[others_seen_]).state;
    if (state == nullptr) continue;
    for (const UserId author : state->authors) batch_.want_user(author);
    want_versions(*state);
  }
}

Result<void> ReadAhead::read(std::span<const Item> items, std::size_t first,
                             const verdict::Rules& rules) {
  batch_.clear();
  places_.clear();
  others_.clear();
  others_seen_ = 0;
  is_other_.clear();
  bool nothing = false;
  for (const Item& item : items) {
    nothing |= verdict::names_nothing(item);
    places_.push_back(want(item, rules));
  }
  if (nothing) return verdict::require_ids(items, first);
  std::size_t asked = others_.size();
  RECANT_TRY(batch_.fetch());
  want_more_of_items(items, rules);
  want_more_of_others(asked);
  while (batch_.wants_anything() || others_seen_ < others_.size()) {
    asked = others_.size();
    RECANT_TRY(batch_.fetch());
    want_more_of_others(asked);
  }
  return {};
}

bool ReadAhead::is_unknown(std::size_t index, const Item& item) const {
  switch (item.type) {
    case ItemType::kTweet:
      return batch_.is_unknown_tweet(places_[index]) && !names_others(item);
    case ItemType::kUser:
      return batch_.is_unknown_user(places_[index]);
    case ItemType::kLike:
      return false;
  }
  return false;
}

bool ReadAhead::is_unknown_user(UserId id) const {
  const auto known = batch_.user(id);
  return known.read && known.state == nullptr;
}

const TweetState* ReadAhead::unrelated(std::size_t index, const Item& item) const {
  if (item.type != ItemType::kTweet || names_others(item)) return nullptr;
  if (!batch_.is_unrelated_tweet(places_[index])) return nullptr;
  return batch_.tweet_at(places_[index]).state;
}

Result<verdict::Ruling> BatchWork::keep(const Item& item) const {
  // Whether the author is blameless may have been read, in vain.
  if (reader_.failed()) return std::unexpected(reader_.status().error());
  return verdict::Ruling{.without_author = item.type == ItemType::kTweet && item.author == 0};
}

// That is all that is known of it, and its authors give no reasons; most known tweets are so.
bool BatchWork::is_just_deleted(const Item& item, const TweetState& state) {
  const bool plain = state.visibility.empty() && state.withheld.empty() && state.edits.empty() &&
                     !state.geo_scrubbed_at;
  if (!plain || !state.deleted_at || *state.deleted_at > as_of_) return false;
  return is_blameless(item.author) &&
         std::ranges::all_of(state.authors, [this](UserId author) { return is_blameless(author); });
}

Result<verdict::Ruling> BatchWork::rule(std::size_t index, const Item& item) {
  if (reader_.is_unknown(index, item)) {
    const bool blameless = item.type != ItemType::kTweet || is_blameless(item.author);
    return blameless ? keep(item) : rules_.judge(item);
  }
  const TweetState* const state = reader_.unrelated(index, item);
  if (state == nullptr) return rules_.judge(item);
  if (is_just_deleted(item, *state) && !reader_.failed()) {
    return rules_.deleted(item, *state->deleted_at, item.author == 0 && state->authors.empty());
  }
  return rules_.judge_unrelated(item, *state);
}

}  // namespace replay

Result<void> BatchJudge::Impl::judge(std::span<const Item> items, std::span<Verdict> verdicts) {
  if (items.size() != verdicts.size()) {
    return fail(ErrorCode::kInvalidArgument,
                "cannot check: items and verdicts differ in length (give one verdict an item)");
  }
  auto verdict = verdicts.begin();
  return each(items, [&verdict](const Item&, const verdict::Ruling& ruling) {
    verdict::tell(ruling, *verdict++);
  });
}

BatchJudge::BatchJudge(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
BatchJudge::BatchJudge(BatchJudge&&) noexcept = default;
BatchJudge& BatchJudge::operator=(BatchJudge&&) noexcept = default;
BatchJudge::~BatchJudge() = default;

Result<void> BatchJudge::judge(std::span<const Item> items, std::span<Verdict> verdicts) {
  return replay::guarded([&] { return impl_->judge(items, verdicts); });
}

}  // namespace recant
