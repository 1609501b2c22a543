#include "engine/verdict/item_state.h"

#include <algorithm>

#include "store/model/join.h"

namespace recant::verdict {

void ItemState::forget(const Item& next) {
  item_ = &next;
  tweets_.clear();
  users_.clear();
  retweeted_.clear();
  quoted_.clear();
  in_history_.clear();
}

void ItemState::begin(const Item& item) {
  forget(item);
  if (item.type == ItemType::kTweet) find_relations();
}

void ItemState::begin_unrelated(const Item& item, const TweetState& state) {
  forget(item);
  tweets_.know(item.id, state);
}

void ItemState::find_relations() {
  if (item_->retweeted != 0) {
    retweeted_.push_back(item_->retweeted);
  } else {
    reader_.retweeted(item_->id, retweeted_);
  }
  find_quoted();
}

void ItemState::find_quoted() {
  if (item_->quoted != 0) {
    quoted_.push_back(item_->quoted);
    return;
  }
  reader_.quoted(item_->id, quoted_);
  if (!quoted_.empty() || retweeted_.empty()) return;
  // A retweet without a quoted tweet of its own shows that of its original.
  if (item_->retweeted != 0 && item_->retweeted_quoted != 0) {
    quoted_.push_back(item_->retweeted_quoted);
    return;
  }
  for (const TweetId original : retweeted_) {
    std::vector<TweetId> of_original;
    reader_.quoted(original, of_original);
    quoted_.insert(quoted_.end(), of_original.begin(), of_original.end());
  }
  model::sort_distinct(quoted_);
}

const TweetState& ItemState::tweet(TweetId id) {
  return tweets_.get(
      id, [this](TweetId key) { return reader_.tweet_at_hand(key); },
      [this](TweetId key, TweetState& out) { reader_.tweet(key, out); });
}

const UserState& ItemState::user(UserId id) {
  return users_.get(
      id, [this](UserId key) { return reader_.user_at_hand(key); },
      [this](UserId key, UserState& out) { reader_.user(key, out); });
}

void ItemState::authors(TweetId id, std::vector<UserId>& out) {
  out = tweet(id).authors;
  const auto add = [&](TweetId of, UserId author) {
    if (of == id && author != 0) out.push_back(author);
  };
  if (item_->type == ItemType::kTweet) {
    add(item_->id, item_->author);
    add(item_->retweeted, item_->retweeted_author);
    add(item_->quoted, item_->quoted_author);
    add(item_->retweeted_quoted, item_->retweeted_quoted_author);
  }
  model::sort_distinct(out);
}

const Versions& ItemState::versions(TweetId id) {
  versions_.newest = 0;
  versions_.newest_at = 0;
  reached_.clear();
  history_reached_.assign(item_->edit_histories.size(), false);
  index_histories();
  reached_.add(id);
  // It grows while it is walked.
  for (std::size_t i = 0; i < reached_.size(); ++i) {
    reach_edited(reached_[i]);
    reach_in_histories(reached_[i]);
  }
  versions_.ids = reached_.ids();
  std::ranges::sort(versions_.ids);
  return versions_;
}

void ItemState::reach_edited(TweetId version) {
  for (const EditPair& pair : tweet(version).edits) {
    if (pair.at > as_of_) continue;
    for (const TweetId named : {pair.initial, pair.version}) {
      reached_.add(named);
      if (named < versions_.newest) continue;
      if (named == versions_.newest && pair.at >= versions_.newest_at) continue;
      versions_.newest = named;
      versions_.newest_at = pair.at;
    }
  }
}

// A history is walked once, by whichever of its ids it is reached.
void ItemState::reach_in_histories(TweetId version) {
  auto at = std::ranges::lower_bound(in_history_, std::pair(version, std::uint32_t{0}));
  for (; at != in_history_.end() && at->first == version; ++at) {
    if (history_reached_[at->second]) continue;
    history_reached_[at->second] = true;
    for (const TweetId other : item_->edit_histories[at->second]) reached_.add(other);
  }
}

// Once for an item, and only where its versions are asked for.
void ItemState::index_histories() {
  if (!in_history_.empty()) return;
  const auto& histories = item_->edit_histories;
  for (std::uint32_t i = 0; i < histories.size(); ++i) {
    for (const TweetId id : histories[i]) in_history_.emplace_back(id, i);
  }
  std::ranges::sort(in_history_);
}

}  // namespace recant::verdict
