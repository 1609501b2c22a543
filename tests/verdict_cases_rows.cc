// One example or more for each row of the table, and for the items that are users and likes.
#include "build_facts.h"
#include "verdict_cases.h"

namespace recant::laws {
namespace {

using enum EventKind;
using Cases = std::vector<VerdictCase>;

Cases deletions() {
  return {
      {.law = "nothing known: keep", .item = ItemOf::tweet(10).by(7), .as_of = 100},
      {.law = "the tweet is deleted: delete, via self",
       .events = {fact(kTweetDelete).tweet(10).at(100)},
       .item = ItemOf::tweet(10),
       .as_of = 200,
       .reasons = {"delete tweet_delete self tweet=10 at=100"}},
      {.law = "a version of the tweet is deleted: delete, naming that version",
       .events = {fact(kTweetDelete).tweet(10).at(100),
                  fact(kTweetEdit).tweet(11).initial(10).edits({10, 11}).at(50)},
       .item = ItemOf::tweet(11).by(7),
       .as_of = 200,
       .reasons = {"delete tweet_delete self tweet=10 at=100"}},
      {.law = "its retweeted original is deleted: delete, via retweeted",
       .events = {fact(kTweetDelete).tweet(20).at(100)},
       .item = ItemOf::tweet(10).retweets(20),
       .as_of = 200,
       .reasons = {"delete tweet_delete retweeted tweet=20 at=100"}},
      {.law = "any version of the original is deleted: delete, via retweeted",
       .events = {fact(kTweetDelete).tweet(21).at(100),
                  fact(kTweetEdit).tweet(21).initial(20).edits({20, 21}).at(120)},
       .item = ItemOf::tweet(10).retweets(20),
       .as_of = 200,
       .reasons = {"delete tweet_delete retweeted tweet=21 at=100",
                   "refresh tweet_edit retweeted tweet=20 at=120 latest=21"}},
      {.law = "a deleted retweet says nothing about its original",
       .events = {fact(kTweetDelete).tweet(10).at(100),
                  fact(kTweetHeld).tweet(10).retweeted(20).at(1)},
       .item = ItemOf::tweet(20),
       .as_of = 200},
  };
}

Cases accounts() {
  return {
      {.law = "author deleted for 30 days: delete, grace_expired",
       .events = {fact(kUserDelete).user(7).at(100)},
       .item = ItemOf::tweet(10).by(7),
       .as_of = 100 + 30 * kDay,
       .reasons = {"delete user_delete author user=7 at=100 grace_expired"}},
      {.law = "author deleted for less than 30 days: suppress",
       .events = {fact(kUserDelete).user(7).at(100)},
       .item = ItemOf::tweet(10).by(7),
       .as_of = 100 + 30 * kDay - 1,
       .reasons = {"suppress user_delete author user=7 at=100"}},
      {.law = "the original's author deleted for 30 days: delete, via retweeted_author",
       .events = {fact(kUserDelete).user(8).at(100)},
       .item = ItemOf::tweet(10).retweets(20).retweeted_author(8),
       .as_of = 101 + 30 * kDay,
       .reasons = {"delete user_delete retweeted_author user=8 at=100 grace_expired"}},
      {.law = "the original's author deleted for less than 30 days: suppress",
       .events = {fact(kUserDelete).user(8).at(100)},
       .item = ItemOf::tweet(10).retweets(20).retweeted_author(8),
       .as_of = 100,
       .reasons = {"suppress user_delete retweeted_author user=8 at=100"}},
      {.law = "author protected, suspended: suppress, one reason each",
       .events = {fact(kUserSuspend).user(7).at(100), fact(kUserProtect).user(7).at(200)},
       .item = ItemOf::tweet(10).by(7),
       .as_of = 300,
       .reasons = {"suppress user_protect author user=7 at=200",
                   "suppress user_suspend author user=7 at=100"}},
      {.law = "the original's author protected, suspended: suppress, via retweeted_author",
       .events = {fact(kUserSuspend).user(8).at(100), fact(kUserProtect).user(8).at(200)},
       .item = ItemOf::tweet(10).retweets(20).retweeted_author(8),
       .as_of = 300 + 40 * kDay,
       .reasons = {"suppress user_protect retweeted_author user=8 at=200",
                   "suppress user_suspend retweeted_author user=8 at=100"}},
      {.law = "a tweet that comes back (unprotect, unsuspend, undelete) is keep again",
       .events = {fact(kUserSuspend).user(7).at(1), fact(kUserUnsuspend).user(7).at(2),
                  fact(kUserProtect).user(7).at(1), fact(kUserUnprotect).user(7).at(2),
                  fact(kUserDelete).user(7).at(1), fact(kUserUndelete).user(7).at(2)},
       .item = ItemOf::tweet(10).by(7),
       .as_of = 60 * kDay},
  };
}

Cases hidden_tweets() {
  return {
      {.law = "the tweet is dropped: suppress, via self",
       .events = {fact(kTweetDrop).tweet(10).at(100)},
       .item = ItemOf::tweet(10),
       .as_of = 200,
       .reasons = {"suppress tweet_drop self tweet=10 at=100"}},
      {.law = "the tweet is unavailable: suppress, with why",
       .events = {fact(kTweetUnavailable).tweet(10).why(Why::kNotFound).at(100)},
       .item = ItemOf::tweet(10),
       .as_of = 200,
       .reasons = {"suppress tweet_unavailable self tweet=10 at=100 why=not_found"}},
      {.law = "the original is dropped or unavailable: suppress, via retweeted",
       .events = {fact(kTweetUnavailable).tweet(20).why(Why::kRemoved).at(100)},
       .item = ItemOf::tweet(10).retweets(20),
       .as_of = 200,
       .reasons = {"suppress tweet_unavailable retweeted tweet=20 at=100 why=removed"}},
      {.law = "a tweet that comes back (undrop) is keep again",
       .events = {fact(kTweetDrop).tweet(10).at(100), fact(kTweetUndrop).tweet(10).at(101)},
       .item = ItemOf::tweet(10),
       .as_of = 200},
      {.law = "a drop of another version is no drop of the tweet",
       .events = {fact(kTweetDrop).tweet(10).at(100),
                  fact(kTweetEdit).tweet(11).initial(10).edits({10, 11}).at(50)},
       .item = ItemOf::tweet(11),
       .as_of = 200},
  };
}

Cases withheld() {
  return {
      {.law = "the tweet and its author are withheld: withhold",
       .events = {fact(kTweetWithheld).tweet(10).countries({"FR", "DE"}).at(100),
                  fact(kUserWithheld).user(7).countries({"TR"}).at(200)},
       .item = ItemOf::tweet(10).by(7),
       .as_of = 300,
       .reasons = {"withhold tweet_withheld self tweet=10 at=100 countries=DE,FR",
                   "withhold user_withheld author user=7 at=200 countries=TR"}},
      {.law = "the original and its author are withheld: withhold",
       .events = {fact(kTweetWithheld).tweet(20).countries({"FR"}).at(100),
                  fact(kUserWithheld).user(8).countries({"TR"}).at(200)},
       .item = ItemOf::tweet(10).retweets(20).retweeted_author(8),
       .as_of = 300,
       .reasons = {"withhold tweet_withheld retweeted tweet=20 at=100 countries=FR",
                   "withhold user_withheld retweeted_author user=8 at=200 countries=TR"}},
      {.law = "the quoted tweet and its author are withheld: withhold, not strip_quote",
       .events = {fact(kTweetWithheld).tweet(30).countries({"FR"}).at(100),
                  fact(kUserWithheld).user(9).countries({"TR"}).at(200)},
       .item = ItemOf::tweet(10).quotes(30).quoted_author(9),
       .as_of = 300,
       .reasons = {"withhold tweet_withheld quoted tweet=30 at=100 countries=FR",
                   "withhold user_withheld quoted_author user=9 at=200 countries=TR"}},
  };
}

Cases locations() {
  return {
      {.law = "scrub_geo of the author with up_to_tweet >= the tweet's id (inclusive): strip_geo",
       .events = {fact(kScrubGeo).user(7).up_to(10).at(100)},
       .item = ItemOf::tweet(10).by(7),
       .as_of = 200,
       .reasons = {"strip_geo scrub_geo author user=7 at=100 up_to=10"}},
      {.law = "a tweet after up_to_tweet keeps its location",
       .events = {fact(kScrubGeo).user(7).up_to(9).at(100)},
       .item = ItemOf::tweet(10).by(7),
       .as_of = 200},
      {.law = "scrub_geo for the original and the quoted tweet, each by its own id and author",
       .events = {fact(kScrubGeo).user(8).up_to(20).at(100),
                  fact(kScrubGeo).user(9).up_to(30).at(101)},
       .item = ItemOf::tweet(10).by(7).retweets(20).retweeted_author(8).quotes(30).quoted_author(9),
       .as_of = 200,
       .reasons = {"strip_geo scrub_geo retweeted_author user=8 at=100 up_to=20",
                   "strip_geo scrub_geo quoted_author user=9 at=101 up_to=30"}},
      {.law = "one author of tweet and original: each id is compared by itself",
       .events = {fact(kScrubGeo).user(7).up_to(15).at(100)},
       .item = ItemOf::tweet(10).by(7).retweets(20).retweeted_author(7),
       .as_of = 200,
       .reasons = {"strip_geo scrub_geo author user=7 at=100 up_to=15"}},
      {.law = "tweet_scrub_geo of the tweet, the original, the quoted tweet: strip_geo",
       .events = {fact(kTweetScrubGeo).tweet(30).at(103), fact(kTweetScrubGeo).tweet(20).at(102),
                  fact(kTweetScrubGeo).tweet(10).at(101)},
       .item = ItemOf::tweet(10).retweets(20).quotes(30),
       .as_of = 200,
       .reasons = {"strip_geo tweet_scrub_geo self tweet=10 at=101",
                   "strip_geo tweet_scrub_geo retweeted tweet=20 at=102",
                   "strip_geo tweet_scrub_geo quoted tweet=30 at=103"}},
  };
}

Cases quotes() {
  return {
      {.law = "the quoted tweet is deleted: strip_quote",
       .events = {fact(kTweetDelete).tweet(30).at(100)},
       .item = ItemOf::tweet(10).quotes(30),
       .as_of = 200,
       .reasons = {"strip_quote tweet_delete quoted tweet=30 at=100"}},
      {.law = "a version of the quoted tweet is deleted: strip_quote",
       .events = {fact(kTweetDelete).tweet(29).at(100),
                  fact(kTweetEdit).tweet(30).initial(29).edits({29, 30}).at(50)},
       .item = ItemOf::tweet(10).quotes(30),
       .as_of = 200,
       .reasons = {"strip_quote tweet_delete quoted tweet=29 at=100"}},
      {.law = "the quoted tweet is dropped, its author protected, suspended, deleted: strip_quote",
       .events = {fact(kTweetDrop).tweet(30).at(100), fact(kUserProtect).user(9).at(101),
                  fact(kUserSuspend).user(9).at(102), fact(kUserDelete).user(9).at(103)},
       .item = ItemOf::tweet(10).quotes(30).quoted_author(9),
       .as_of = 200,
       .reasons = {"strip_quote tweet_drop quoted tweet=30 at=100",
                   "strip_quote user_delete quoted_author user=9 at=103",
                   "strip_quote user_protect quoted_author user=9 at=101",
                   "strip_quote user_suspend quoted_author user=9 at=102"}},
      {.law = "the quoted tweet is unavailable: strip_quote, with why",
       .events = {fact(kTweetUnavailable).tweet(30).why(Why::kProtected).at(100)},
       .item = ItemOf::tweet(10).quotes(30),
       .as_of = 200,
       .reasons = {"strip_quote tweet_unavailable quoted tweet=30 at=100 why=protected"}},
      {.law = "the quoted tweet itself: its own retweeted original and quote do not count",
       .events = {fact(kTweetHeld).tweet(30).retweeted(40).quoted(50).at(1),
                  fact(kTweetDelete).tweet(40).at(100), fact(kTweetDelete).tweet(50).at(100)},
       .item = ItemOf::tweet(10).quotes(30),
       .as_of = 200},
  };
}

Cases refreshes() {
  return {
      {.law = "a version with a greater id exists of the tweet: refresh",
       .events = {fact(kTweetEdit).tweet(12).initial(10).edits({10, 11, 12}).at(100)},
       .item = ItemOf::tweet(10),
       .as_of = 200,
       .reasons = {"refresh tweet_edit self tweet=10 at=100 latest=12"}},
      {.law = "the newest version needs no refresh",
       .events = {fact(kTweetEdit).tweet(12).initial(10).edits({10, 11, 12}).at(100)},
       .item = ItemOf::tweet(12),
       .as_of = 200},
      {.law = "refresh for the original and the quoted tweet, naming the tweet that via means",
       .events = {fact(kTweetEdit).tweet(21).initial(20).edits({20, 21}).at(100),
                  fact(kTweetEdit).tweet(31).initial(29).edits({29, 30, 31}).at(101)},
       .item = ItemOf::tweet(10).retweets(20).quotes(30),
       .as_of = 200,
       .reasons = {"refresh tweet_edit retweeted tweet=20 at=100 latest=21",
                   "refresh tweet_edit quoted tweet=30 at=101 latest=31"}},
      {.law = "the profile of its author, the original's, the quoted tweet's changed",
       .events = {fact(kUserProfileModification).user(7).field("profile.name").at(101),
                  fact(kUserProfileModification).user(8).field("profile.url").at(102),
                  fact(kUserProfileModification).user(9).field("profile.location").at(103)},
       .item = ItemOf::tweet(10).by(7).retweets(20).retweeted_author(8).quotes(30).quoted_author(9),
       .as_of = 200,
       .reasons = {"refresh_profile user_profile_modification author user=7 at=101 "
                   "fields=profile.name",
                   "refresh_profile user_profile_modification retweeted_author user=8 at=102 "
                   "fields=profile.url",
                   "refresh_profile user_profile_modification quoted_author user=9 at=103 "
                   "fields=profile.location"}},
  };
}

Cases users() {
  const std::vector<Event> all = {
      fact(kUserDelete).user(7).at(100),
      fact(kUserProtect).user(7).at(101),
      fact(kUserSuspend).user(7).at(102),
      fact(kUserWithheld).user(7).countries({"DE"}).at(103),
      fact(kScrubGeo).user(7).up_to(1).at(104),
      fact(kUserProfileModification).user(7).field("profile.name").at(105)};
  return {
      {.law = "a user item: every row, via self; scrub_geo whatever the id",
       .events = all,
       .item = ItemOf::user(7),
       .as_of = 200,
       .reasons = {"suppress user_delete self user=7 at=100",
                   "suppress user_protect self user=7 at=101",
                   "suppress user_suspend self user=7 at=102",
                   "withhold user_withheld self user=7 at=103 countries=DE",
                   "strip_geo scrub_geo self user=7 at=104 up_to=1",
                   "refresh_profile user_profile_modification self user=7 at=105 "
                   "fields=profile.name"},
       .without_author = false},
      {.law = "a user item: user_delete is delete after 30 days",
       .events = {fact(kUserDelete).user(7).at(100)},
       .item = ItemOf::user(7),
       .as_of = 100 + 30 * kDay,
       .reasons = {"delete user_delete self user=7 at=100 grace_expired"}},
      {.law = "a user's id is no tweet's id",
       .events = {fact(kTweetDelete).tweet(7).at(100), fact(kTweetDrop).tweet(7).at(100)},
       .item = ItemOf::user(7),
       .as_of = 200,
       .without_author = false},
  };
}

Cases likes() {
  return {
      {.law = "favorite_delete: delete, via self, names both",
       .events = {fact(kFavoriteDelete).tweet(10).user(5).at(100)},
       .item = ItemOf::like(10).by(5),
       .as_of = 200,
       .reasons = {"delete favorite_delete self tweet=10 user=5 at=100"},
       .without_author = true},
      {.law = "a favorite_delete is of one user's like of one tweet",
       .events = {fact(kFavoriteDelete).tweet(10).user(6).at(100),
                  fact(kFavoriteDelete).tweet(11).user(5).at(100)},
       .item = ItemOf::like(10).by(5),
       .as_of = 200},
      {.law = "the liked tweet deleted (or a version of it), unavailable, withheld: via tweet",
       .events = {fact(kTweetDelete).tweet(11).at(100),
                  fact(kTweetEdit).tweet(11).initial(10).edits({10, 11}).at(99),
                  fact(kTweetUnavailable).tweet(10).why(Why::kSuspended).at(101),
                  fact(kTweetWithheld).tweet(10).countries({"DE"}).at(102)},
       .item = ItemOf::like(10).by(5),
       .as_of = 200,
       .reasons = {"delete tweet_delete tweet tweet=11 at=100",
                   "suppress tweet_unavailable tweet tweet=10 at=101 why=suspended",
                   "withhold tweet_withheld tweet tweet=10 at=102 countries=DE"}},
      {.law = "the liking user's delete, protect, suspend: via user",
       .events = {fact(kUserDelete).user(5).at(100), fact(kUserProtect).user(5).at(101),
                  fact(kUserSuspend).user(5).at(102)},
       .item = ItemOf::like(10).by(5),
       .as_of = 100 + 30 * kDay,
       .reasons = {"delete user_delete user user=5 at=100 grace_expired",
                   "suppress user_protect user user=5 at=101",
                   "suppress user_suspend user user=5 at=102"}},
      {.law = "the liked tweet's author's: via tweet_author",
       .events = {fact(kTweetHeld).tweet(10).author(7).at(1), fact(kUserDelete).user(7).at(100),
                  fact(kUserProtect).user(7).at(101), fact(kUserSuspend).user(7).at(102)},
       .item = ItemOf::like(10).by(5),
       .as_of = 200,
       .reasons = {"suppress user_delete tweet_author user=7 at=100",
                   "suppress user_protect tweet_author user=7 at=101",
                   "suppress user_suspend tweet_author user=7 at=102"},
       .without_author = false},
      {.law = "no other row is a like's: geo, profiles, accounts withheld, originals",
       .events = {fact(kTweetHeld).tweet(10).author(7).retweeted(20).quoted(30).at(1),
                  fact(kTweetScrubGeo).tweet(10).at(2), fact(kScrubGeo).user(7).up_to(99).at(2),
                  fact(kScrubGeo).user(5).up_to(99).at(2),
                  fact(kUserProfileModification).user(5).field("profile.name").at(2),
                  fact(kUserWithheld).user(5).countries({"DE"}).at(2),
                  fact(kUserWithheld).user(7).countries({"DE"}).at(2),
                  fact(kTweetDelete).tweet(20).at(2), fact(kTweetDelete).tweet(30).at(2),
                  fact(kTweetEdit).tweet(11).initial(10).edits({10, 11}).at(2)},
       .item = ItemOf::like(10).by(5),
       .as_of = 200},
  };
}

}  // namespace

std::vector<VerdictCase> row_cases() {
  Cases all;
  for (auto* const part :
       {deletions, accounts, hidden_tweets, withheld, locations, quotes, refreshes, users, likes}) {
    for (VerdictCase& example : part()) all.push_back(std::move(example));
  }
  return all;
}

}  // namespace recant::laws
