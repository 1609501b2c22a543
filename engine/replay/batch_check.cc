#include "engine/replay/batch_check.h"

#include <algorithm>
#include <utility>

#include "store/index/batch_reader.h"

namespace recant::replay {
namespace {

// Enough for all waits for memory to overlap, and few enough for what was read to stay in cache.
constexpr std::size_t kItemsAtOnce = 4096;

// The rules' view of what was read ahead. What was not (there is no need to foresee everything) is
// read when it is asked for.
class ReadAhead final : public StateReader {
 public:
  ReadAhead(const std::shared_ptr<const index::View>& view, Time as_of)
      : batch_(view), single_(view), as_of_(as_of) {
    batch_.set_as_of(as_of);
  }

  Result<void> read(std::span<const Item> items);
  /// Nothing is known of what the item names, so that no rule can say anything.
  [[nodiscard]] bool is_unknown(const Item& item) const;

  void tweet(TweetId id, TweetState& out) override {
    const auto known = batch_.tweet(id);
    if (!known.read) return note(single_.tweet(id, out));
    if (known.state != nullptr) out = *known.state;
  }
  void user(UserId id, UserState& out) override {
    const auto known = batch_.user(id);
    if (!known.read) return note(single_.user_as_of(id, as_of_, out));
    if (known.state != nullptr) out = *known.state;
  }
  void retweeted(TweetId id, std::vector<TweetId>& out) override {
    const auto known = batch_.retweeted(id);
    if (!known.read) return note(single_.relation(index::Table::kRetweets, id, out));
    if (known.state != nullptr) out = *known.state;
  }
  void quoted(TweetId id, std::vector<TweetId>& out) override {
    const auto known = batch_.quoted(id);
    if (!known.read) return note(single_.relation(index::Table::kQuotes, id, out));
    if (known.state != nullptr) out = *known.state;
  }
  std::optional<Time> favorite_deleted_at(TweetId tweet, UserId user) override {
    auto at = single_.favorite(tweet, user);
    if (at) return *at;
    note(std::unexpected(std::move(at).error()));
    return {};
  }
  [[nodiscard]] Result<void> status() const override { return status_; }

 private:
  void note(Result<void> result) {
    if (!result && status_) status_ = std::move(result);
  }
  void want(const Item& item);
  void want_tweet_item(const Item& item);
  bool want_more();

  index::BatchReader batch_;
  index::Reader single_;
  Time as_of_;
  Result<void> status_;
};

void ReadAhead::want_tweet_item(const Item& item) {
  batch_.want_tweet(item.id);
  if (item.retweeted == 0) {
    batch_.want_retweeted(item.id);
  } else {
    batch_.want_tweet(item.retweeted);
  }
  if (item.quoted != 0) {
    batch_.want_tweet(item.quoted);
  } else {
    batch_.want_quoted(item.id);
    if (item.retweeted_quoted != 0) {
      batch_.want_tweet(item.retweeted_quoted);
    } else if (item.retweeted != 0) {
      batch_.want_quoted(item.retweeted);
    }
  }
  for (const UserId author :
       {item.author, item.retweeted_author, item.quoted_author, item.retweeted_quoted_author}) {
    if (author != 0) batch_.want_user(author);
  }
  for (const auto& history : item.edit_histories) {
    for (const TweetId version : history) batch_.want_tweet(version);
  }
}

void ReadAhead::want(const Item& item) {
  switch (item.type) {
    case ItemType::kTweet:
      return want_tweet_item(item);
    case ItemType::kUser:
      return batch_.want_user(item.id);
    case ItemType::kLike:
      batch_.want_tweet(item.id);
      return batch_.want_user(item.user);
  }
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
      batch_.want_tweet(id);
      if (relation.retweeted) batch_.want_quoted(id);
    }
  }
  return batch_.wants_anything();
}

Result<void> ReadAhead::read(std::span<const Item> items) {
  batch_.clear();
  for (const Item& item : items) want(item);
  do {
    RECANT_TRY(batch_.fetch());
  } while (want_more());
  return {};
}

bool ReadAhead::is_unknown(const Item& item) const {
  const auto is_unknown_user = [this](UserId id) {
    const auto known = batch_.user(id);
    return known.read && known.state == nullptr;
  };
  switch (item.type) {
    case ItemType::kTweet:
      return item.retweeted == 0 && item.quoted == 0 && item.retweeted_quoted == 0 &&
             item.edit_histories.empty() && batch_.is_unknown_tweet(item.id) &&
             (item.author == 0 || is_unknown_user(item.author));
    case ItemType::kUser:
      return is_unknown_user(item.id);
    case ItemType::kLike:
      return false;
  }
  return false;
}

void keep(const Item& item, Verdict& out) {
  out.action = Action::kKeep;
  out.reasons.clear();
  out.without_author = item.type == ItemType::kTweet && item.author == 0;
}

}  // namespace

Result<void> check_batch(const std::shared_ptr<const index::View>& view,
                         std::span<const Item> items, Time as_of, const Policy& policy,
                         std::span<Verdict> verdicts) {
  ReadAhead reader(view, as_of);
  Judge judge(reader, policy, as_of);
  for (std::size_t begin = 0; begin < items.size(); begin += kItemsAtOnce) {
    const std::size_t end = std::min(begin + kItemsAtOnce, items.size());
    RECANT_TRY(reader.read(items.subspan(begin, end - begin)));
    for (std::size_t i = begin; i < end; ++i) {
      if (reader.is_unknown(items[i])) {
        keep(items[i], verdicts[i]);
      } else {
        RECANT_TRY(judge.judge(items[i], verdicts[i]));
      }
    }
  }
  return {};
}

}  // namespace recant::replay
