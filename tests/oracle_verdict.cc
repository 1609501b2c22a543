// Section 3 of semantics.md: whom a verdict is about, and which rows apply to each of them.
#include "oracle.h"
#include "oracle_rules.h"

namespace recant::laws {
namespace {

// What an item itself says of who wrote a tweet. An author of a tweet that the item does not name
// says nothing.
std::set<UserId> authors_told(const Item& item, TweetId tweet) {
  std::set<UserId> authors;
  if (item.id == tweet) authors.insert(item.author);
  if (item.retweeted == tweet) authors.insert(item.retweeted_author);
  if (item.quoted == tweet) authors.insert(item.quoted_author);
  if (item.retweeted_quoted == tweet) authors.insert(item.retweeted_quoted_author);
  authors.erase(0);
  return authors;
}

// "retweeted and quoted are the item's, else the state's"
std::set<TweetId> told_or_known(TweetId told, const std::set<TweetId>& known) {
  return told != 0 ? std::set<TweetId>{told} : known;
}

std::set<TweetId> retweeted_by(const Oracle& oracle, const Item& item) {
  return told_or_known(item.retweeted, oracle.retweeted(item.id));
}

// An item that names no original cannot say what that quotes.
TweetId told_quote_of_original(const Item& item) {
  return item.retweeted != 0 ? item.retweeted_quoted : 0;
}

// "a retweet that has no quoted tweet of its own has that of its original (item's, else state's)"
std::set<TweetId> quoted_by(const Oracle& oracle, const Item& item) {
  const std::set<TweetId> own = told_or_known(item.quoted, oracle.quoted(item.id));
  const std::set<TweetId> originals = retweeted_by(oracle, item);
  if (!own.empty() || originals.empty()) return own;
  std::set<TweetId> of_originals;
  for (const TweetId original : originals) of_originals.merge(oracle.quoted(original));
  return told_or_known(told_quote_of_original(item), of_originals);
}

// "Authors are those of the item and those of the state together"
Subject subject(const Oracle& oracle, const Item& item, TweetId tweet, Via via, Via author_via) {
  std::set<UserId> authors = oracle.authors(tweet);
  authors.merge(authors_told(item, tweet));
  return {tweet, via, author_via, authors};
}

// The first six rows for the tweet itself, and the same for its retweeted original.
void delete_or_suppress(Rules& rules, const Subject& tweet) {
  rules.deleted(tweet.tweet, tweet.via);
  rules.hidden(tweet.tweet, tweet.via);
  for (const UserId author : tweet.authors) {
    rules.account_deleted(author, tweet.author_via);
    rules.account_restricted(author, tweet.author_via, kProtection);
    rules.account_restricted(author, tweet.author_via, kSuspension);
  }
}

// The rows that are the same for the tweet, the original and the quoted tweet.
void withhold_strip_refresh(Rules& rules, const Subject& tweet) {
  rules.tweet_withheld(tweet.tweet, tweet.via);
  rules.tweet_location_scrubbed(tweet.tweet, tweet.via);
  rules.newer_version(tweet.tweet, tweet.via);
  for (const UserId author : tweet.authors) {
    rules.user_withheld(author, tweet.author_via);
    rules.location_scrubbed(author, tweet.author_via, tweet.tweet);
    rules.profile_changed(author, tweet.author_via);
  }
}

void judge_tweet(Rules& rules, const Oracle& oracle, const Item& item) {
  const Subject self = subject(oracle, item, item.id, Via::kSelf, Via::kAuthor);
  delete_or_suppress(rules, self);
  withhold_strip_refresh(rules, self);
  for (const TweetId tweet : retweeted_by(oracle, item)) {
    const Subject original = subject(oracle, item, tweet, Via::kRetweeted, Via::kRetweetedAuthor);
    delete_or_suppress(rules, original);
    withhold_strip_refresh(rules, original);
  }
  for (const TweetId tweet : quoted_by(oracle, item)) {
    const Subject quoted = subject(oracle, item, tweet, Via::kQuoted, Via::kQuotedAuthor);
    rules.quote_to_strip(quoted);
    withhold_strip_refresh(rules, quoted);
  }
}

// "A user item: user_delete (suppress, then delete after 30 days), user_protect, user_suspend
// (suppress), user_withheld (withhold), scrub_geo (strip_geo, whatever the id),
// user_profile_modification (refresh_profile), all via self."
void judge_user(Rules& rules, UserId user) {
  rules.account_deleted(user, Via::kSelf);
  rules.account_restricted(user, Via::kSelf, kProtection);
  rules.account_restricted(user, Via::kSelf, kSuspension);
  rules.user_withheld(user, Via::kSelf);
  rules.location_scrubbed(user, Via::kSelf, 0);
  rules.profile_changed(user, Via::kSelf);
}

// "the liked tweet deleted (delete), dropped or unavailable (suppress), withheld (withhold), via
// tweet; the liking user's user_delete, user_protect, user_suspend (as for a user item, via user);
// the liked tweet's author's (via tweet_author)"
void judge_like(Rules& rules, const Oracle& oracle, const Item& item) {
  rules.favorite_deleted(item.id, item.user);
  rules.deleted(item.id, Via::kTweet);
  rules.hidden(item.id, Via::kTweet);
  rules.tweet_withheld(item.id, Via::kTweet);
  const auto judge_account = [&rules](UserId user, Via via) {
    rules.account_deleted(user, via);
    rules.account_restricted(user, via, kProtection);
    rules.account_restricted(user, via, kSuspension);
  };
  judge_account(item.user, Via::kUser);
  for (const UserId author : oracle.authors(item.id)) judge_account(author, Via::kTweetAuthor);
}

// "how many items were judged without an author, because the user rules could not be applied"
bool is_without_author(const Oracle& oracle, const Item& item) {
  if (item.type == ItemType::kUser) return false;
  if (item.type == ItemType::kLike) return oracle.authors(item.id).empty();
  return oracle.authors(item.id).empty() && authors_told(item, item.id).empty();
}

}  // namespace

bool same(const Verdict& a, const Verdict& b) {
  return a.action == b.action && a.reasons == b.reasons && a.without_author == b.without_author;
}

Verdict Oracle::verdict(const Item& item, Time as_of, const Policy& policy) const {
  Rules rules(events_, item, as_of);
  switch (item.type) {
    case ItemType::kTweet:
      judge_tweet(rules, *this, item);
      break;
    case ItemType::kUser:
      judge_user(rules, item.id);
      break;
    case ItemType::kLike:
      judge_like(rules, *this, item);
      break;
  }
  Verdict verdict;
  verdict.reasons = rules.result(policy);
  // "the item's action is the strongest reason's, or keep"
  if (!verdict.reasons.empty()) verdict.action = verdict.reasons.front().action;
  verdict.without_author = is_without_author(*this, item);
  return verdict;
}

}  // namespace recant::laws
