#include "store/index/batch_reader.h"

#include "store/model/join.h"

namespace recant::index {

namespace {

// Few enough for their states to stay in a second- or third-level cache.
constexpr std::size_t kUsersKept = 16 * 1024;

}  // namespace

void BatchReader::clear() {
  tweets_.clear();
  // Users who are wanted still were not read to the end: that failed.
  if (users_.size() > kUsersKept || !wanted_users_.keys.empty()) {
    users_.clear();
    user_states_.used = 0;
  }
  for (Wanted* wanted : {&wanted_tweets_, &wanted_users_, &wanted_retweeted_, &wanted_quoted_}) {
    wanted->clear();
  }
  tweet_states_.used = 0;
  relations_.used = 0;
}

template <class Entry>
void BatchReader::want(Place place, KeyMap<Entry>& entries, std::uint32_t Entry::* part,
                       Wanted& wanted) {
  if (entries.at(place).*part != kUnasked) return;
  entries.at(place).*part = kUnknown;
  wanted.add(entries.key(place), place);
}

BatchReader::Place BatchReader::want_tweet(TweetId id) {
  const Place place = tweets_.place(id);
  want(place, tweets_, &TweetEntry::state, wanted_tweets_);
  return place;
}
BatchReader::Place BatchReader::want_user(UserId id) {
  const Place place = users_.place(id);
  want(place, users_, &UserEntry::state, wanted_users_);
  return place;
}
void BatchReader::want_retweeted(Place tweet) {
  want(tweet, tweets_, &TweetEntry::retweeted, wanted_retweeted_);
}
void BatchReader::want_quoted(Place tweet) {
  want(tweet, tweets_, &TweetEntry::quoted, wanted_quoted_);
}

bool BatchReader::wants_anything() const {
  return !wanted_tweets_.keys.empty() || !wanted_users_.keys.empty() ||
         !wanted_retweeted_.keys.empty() || !wanted_quoted_.keys.empty();
}

Result<void> BatchReader::fetch() {
  tweet_states_.seen = tweet_states_.used;
  user_states_.seen = user_states_.used;
  relations_.seen = relations_.used;
  RECANT_TRY(fetch_tweets());
  RECANT_TRY(fetch_relations(Table::kRetweets, wanted_retweeted_));
  RECANT_TRY(fetch_relations(Table::kQuotes, wanted_quoted_));
  return fetch_users();
}

TweetState& BatchReader::tweet_state(std::uint32_t entry) {
  std::uint32_t& state = tweets_.at(entry).state;
  if (state == kUnknown) {
    state = tweet_states_.take();
    tweet_states_.items[state].clear();
  }
  return tweet_states_.items[state];
}

UserState& BatchReader::user_state(std::uint32_t entry) {
  std::uint32_t& state = users_.at(entry).state;
  if (state == kUnknown) {
    state = user_states_.take();
    user_states_.items[state].clear();
  }
  return user_states_.items[state];
}

Ids& BatchReader::relation_ids(std::uint32_t entry, bool retweeted) {
  TweetEntry& known = tweets_.at(entry);
  std::uint32_t& place = retweeted ? known.retweeted : known.quoted;
  if (place == kUnknown) {
    place = relations_.take();
    Relation& relation = relations_.items[place];
    relation.tweet = tweets_.key(entry);
    relation.retweeted = retweeted;
    relation.ids.clear();
  }
  return relations_.items[place].ids;
}

Result<void> BatchReader::fetch_tweets() {
  const Wanted& wanted = wanted_tweets_;
  for (const auto& part : view_->sources().parts) {
    const bool good =
        part->table(Table::kTweets).find_all(wanted.keys, [&](std::size_t i, const Row& row) {
          return decode_tweet(row, tweet_state(wanted.entries[i]));
        });
    if (!good) return part->damaged(Table::kTweets, wanted.keys.front());
  }
  for (const auto& run : view_->sources().runs) {
    for (std::size_t i = 0; i < wanted.keys.size(); ++i) {
      if (!run->may_know_tweet(wanted.keys[i])) continue;
      for (const model::Fact& fact : run->tweet(wanted.keys[i])) {
        model::add_fact(fact, tweet_state(wanted.entries[i]));
      }
    }
  }
  for (std::size_t i = tweet_states_.seen; i < tweet_states_.used; ++i) {
    model::normalize(tweet_states_.items[i]);
  }
  wanted_tweets_.clear();
  return {};
}

Result<void> BatchReader::fetch_users() {
  const Wanted& wanted = wanted_users_;
  found_.clear();
  for (const auto& part : view_->sources().parts) {
    const bool good =
        part->table(Table::kUsers).find_all(wanted.keys, [&](std::size_t i, const Row& row) {
          if (!decode_user(row, user_state(wanted.entries[i]), head_)) return false;
          if (head_.elsewhere != 0) found_.push_back(i);
          return true;
        });
    if (!good) return part->damaged(Table::kUsers, wanted.keys.front());
  }
  for (const auto& run : view_->sources().runs) {
    for (std::size_t i = 0; i < wanted.keys.size(); ++i) {
      if (!run->may_know_user(wanted.keys[i])) continue;
      for (const model::Fact& fact : run->user(wanted.keys[i])) {
        model::add_fact(fact, run->fields(), user_state(wanted.entries[i]));
      }
    }
  }
  for (std::size_t i = user_states_.seen; i < user_states_.used; ++i) {
    model::normalize(user_states_.items[i]);
  }
  RECANT_TRY(fetch_histories());
  wanted_users_.clear();
  return {};
}

// Users whose histories stand elsewhere are few, and are read anew one by one.
Result<void> BatchReader::fetch_histories() {
  for (const std::size_t i : found_) {
    UserState& state = user_state(wanted_users_.entries[i]);
    state.clear();
    RECANT_TRY(single_.user_as_of(wanted_users_.keys[i], as_of_, state));
  }
  return {};
}

// A group that holds one pair of a key tells that there are some; they are few.
Result<void> BatchReader::fetch_relations(Table table, Wanted& wanted) {
  const bool retweeted = table == Table::kRetweets;
  for (const auto& part : view_->sources().parts) {
    found_.clear();
    const bool good = part->table(table).find_all(wanted.keys, [&](std::size_t i, const Row&) {
      found_.push_back(i);
      return true;
    });
    if (!good) return part->damaged(table, wanted.keys.front());
    for (const std::size_t i : found_) {
      RECANT_TRY(
          part->add_ids(table, wanted.keys[i], 0, relation_ids(wanted.entries[i], retweeted)));
    }
  }
  for (const auto& run : view_->sources().runs) {
    if (run->relation(table).empty()) continue;
    for (std::size_t i = 0; i < wanted.keys.size(); ++i) {
      if (!run->may_know_tweet(wanted.keys[i])) continue;
      for (const model::Pair& pair : pairs_of(run->relation(table), wanted.keys[i])) {
        relation_ids(wanted.entries[i], retweeted).push_back(pair.value);
      }
    }
  }
  for (const std::uint32_t entry : wanted.entries) {
    const TweetEntry& known = tweets_.at(entry);
    const std::uint32_t place = retweeted ? known.retweeted : known.quoted;
    if (place != kUnknown) model::sort_distinct(relations_.items[place].ids);
  }
  wanted.clear();
  return {};
}

BatchReader::Known<TweetState> BatchReader::tweet(TweetId id) const {
  const TweetEntry* entry = tweets_.find(id);
  return known(entry == nullptr ? kUnasked : entry->state, tweet_states_);
}

BatchReader::Known<UserState> BatchReader::user(UserId id) const {
  const UserEntry* entry = users_.find(id);
  return known(entry == nullptr ? kUnasked : entry->state, user_states_);
}

BatchReader::Known<Ids> BatchReader::retweeted(TweetId id) const {
  const TweetEntry* entry = tweets_.find(id);
  return known(entry == nullptr ? kUnasked : entry->retweeted, relations_, &Relation::ids);
}

BatchReader::Known<Ids> BatchReader::quoted(TweetId id) const {
  const TweetEntry* entry = tweets_.find(id);
  return known(entry == nullptr ? kUnasked : entry->quoted, relations_, &Relation::ids);
}

}  // namespace recant::index
