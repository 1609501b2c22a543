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
  Versions& found = versions_;
  found.ids.assign(1, id);
  found.newest = 0;
  found.newest_at = 0;
  const auto reach = [&found](TweetId version) {
    if (std::ranges::find(found.ids, version) == found.ids.end()) found.ids.push_back(version);
  };
  const auto name = [&found](TweetId version, Time at) {
    if (version > found.newest || (version == found.newest && at < found.newest_at)) {
      found.newest = version;
      found.newest_at = at;
    }
  };
  // `ids` grows while it is walked: it is the queue of the breadth-first search too.
  for (std::size_t i = 0; i < found.ids.size(); ++i) {
    const TweetId version = found.ids[i];
    for (const EditPair& pair : tweet(version).edits) {
      if (pair.at > as_of_) continue;
      for (const TweetId named : {pair.initial, pair.version}) {
        reach(named);
        name(named, pair.at);
      }
    }
    for (const auto& history : item_->edit_histories) {
      if (std::ranges::find(history, version) != history.end())
        std::ranges::for_each(history, reach);
    }
  }
  std::ranges::sort(found.ids);
  return found;
}

}  // namespace recant::verdict
