// Examples of the details under the table of semantics.md, section 3, bullet by bullet.
#include "build_facts.h"
#include "verdict_cases.h"

namespace recant::laws {
namespace {

using enum EventKind;
using Cases = std::vector<VerdictCase>;

Policy delete_on(std::vector<EventKind> kinds) {
  return {.delete_on = std::move(kinds), .country = {}};
}
Policy in_country(char first, char second) {
  return {.delete_on = {}, .country = country(first, second)};
}

Cases named_ids() {
  return {
      {.law = "a tweet_delete reason names the tweet itself if that is deleted",
       .events = {fact(kTweetEdit).tweet(12).initial(10).edits({10, 11, 12}).at(1),
                  fact(kTweetDelete).tweet(10).at(100), fact(kTweetDelete).tweet(12).at(150)},
       .item = ItemOf::tweet(12),
       .as_of = 200,
       .reasons = {"delete tweet_delete self tweet=12 at=150"}},
      {.law = "else the deleted version with the smallest id; its `at` is that one's",
       .events = {fact(kTweetEdit).tweet(12).initial(10).edits({10, 11, 12}).at(1),
                  fact(kTweetDelete).tweet(10).at(150), fact(kTweetDelete).tweet(11).at(100)},
       .item = ItemOf::tweet(12),
       .as_of = 200,
       .reasons = {"delete tweet_delete self tweet=10 at=150"}},
      {.law = "the deleted version with the smallest id, of those deleted as-of T",
       .events = {fact(kTweetEdit).tweet(12).initial(10).edits({10, 11, 12}).at(1),
                  fact(kTweetDelete).tweet(10).at(150), fact(kTweetDelete).tweet(11).at(100)},
       .item = ItemOf::tweet(12),
       .as_of = 149,
       .reasons = {"delete tweet_delete self tweet=11 at=100"}},
      {.law = "two originals that are versions of one another give one reason an id",
       .events = {fact(kTweetHeld).tweet(10).retweeted(20).at(1),
                  fact(kTweetHeld).tweet(10).retweeted(21).at(1),
                  fact(kTweetEdit).tweet(21).initial(20).edits({20, 21}).at(1),
                  fact(kTweetDelete).tweet(20).at(100)},
       .item = ItemOf::tweet(10),
       .as_of = 200,
       .reasons = {"delete tweet_delete retweeted tweet=20 at=100",
                   "refresh tweet_edit retweeted tweet=20 at=1 latest=21"}},
      {.law = "one author by two vias gives a reason each",
       .events = {fact(kUserProtect).user(7).at(100)},
       .item = ItemOf::tweet(10).by(7).retweets(20).retweeted_author(7).quotes(30).quoted_author(7),
       .as_of = 200,
       .reasons = {"suppress user_protect author user=7 at=100",
                   "suppress user_protect retweeted_author user=7 at=100",
                   "strip_quote user_protect quoted_author user=7 at=100"}},
  };
}

Cases since() {
  return {
      {.law = "since: the first entry of the run in force",
       .events = {fact(kUserDelete).user(7).at(300), fact(kUserDelete).user(7).at(200),
                  fact(kUserDelete).user(7).at(100)},
       .item = ItemOf::tweet(10).by(7),
       .as_of = 400,
       .reasons = {"suppress user_delete author user=7 at=100"}},
      {.law = "since: after the last undoing entry",
       .events = {fact(kUserDelete).user(7).at(100), fact(kUserUndelete).user(7).at(200),
                  fact(kUserDelete).user(7).at(300), fact(kUserDelete).user(7).at(400)},
       .item = ItemOf::tweet(10).by(7),
       .as_of = 300 + 30 * kDay,
       .reasons = {"delete user_delete author user=7 at=300 grace_expired"}},
      {.law = "the 30 days count from since, not from the first delete ever",
       .events = {fact(kUserDelete).user(7).at(100), fact(kUserUndelete).user(7).at(200),
                  fact(kUserDelete).user(7).at(300)},
       .item = ItemOf::tweet(10).by(7),
       .as_of = 299 + 30 * kDay,
       .reasons = {"suppress user_delete author user=7 at=300"}},
      {.law = "an undo of the same `at` as a restriction does not end the run",
       .events = {fact(kUserDelete).user(7).at(100), fact(kUserUndelete).user(7).at(200),
                  fact(kUserDelete).user(7).at(200)},
       .item = ItemOf::tweet(10).by(7),
       .as_of = 400,
       .reasons = {"suppress user_delete author user=7 at=100"}},
      {.law = "since as-of T: an undo after T is not known, a later run neither",
       .events = {fact(kUserSuspend).user(7).at(100), fact(kUserUnsuspend).user(7).at(200),
                  fact(kUserSuspend).user(7).at(300)},
       .item = ItemOf::tweet(10).by(7),
       .as_of = 199,
       .reasons = {"suppress user_suspend author user=7 at=100"}},
      {.law = "an undo of one toggle does not undo another",
       .events = {fact(kUserSuspend).user(7).at(100), fact(kUserUnprotect).user(7).at(200),
                  fact(kUserUndelete).user(7).at(200)},
       .item = ItemOf::user(7),
       .as_of = 300,
       .reasons = {"suppress user_suspend self user=7 at=100"}},
  };
}

Cases visibility_ties() {
  return {
      {.law = "of several restrictive ones at that `at`, tweet_drop before tweet_unavailable",
       .events = {fact(kTweetUnavailable).tweet(10).why(Why::kDeactivated).at(100),
                  fact(kTweetDrop).tweet(10).at(100)},
       .item = ItemOf::tweet(10),
       .as_of = 200,
       .reasons = {"suppress tweet_drop self tweet=10 at=100"}},
      {.law = "then the smaller why",
       .events = {fact(kTweetUnavailable).tweet(10).why(Why::kSuspended).at(100),
                  fact(kTweetUnavailable).tweet(10).why(Why::kNotFound).at(100),
                  fact(kTweetUnavailable).tweet(10).why(Why::kProtected).at(100)},
       .item = ItemOf::tweet(10),
       .as_of = 200,
       .reasons = {"suppress tweet_unavailable self tweet=10 at=100 why=not_found"}},
      {.law = "a later unavailability takes the place of a drop",
       .events = {fact(kTweetUnavailable).tweet(10).why(Why::kSuspended).at(101),
                  fact(kTweetDrop).tweet(10).at(100)},
       .item = ItemOf::tweet(10),
       .as_of = 200,
       .reasons = {"suppress tweet_unavailable self tweet=10 at=101 why=suspended"}},
  };
}

Cases collected_facts() {
  return {
      {.law = "withhold: one reason for a (via, id), `at` the latest of the countries' times",
       .events = {fact(kTweetWithheld).tweet(10).countries({"FR", "DE"}).at(100),
                  fact(kTweetWithheld).tweet(10).countries({"DE", "AA"}).at(90),
                  fact(kTweetWithheld).tweet(10).countries({"FR"}).at(150)},
       .item = ItemOf::tweet(10),
       .as_of = 200,
       .reasons = {"withhold tweet_withheld self tweet=10 at=100 countries=AA,DE,FR"}},
      {.law = "withhold: the countries known as-of T",
       .events = {fact(kTweetWithheld).tweet(10).countries({"FR", "DE"}).at(100),
                  fact(kTweetWithheld).tweet(10).countries({"DE", "AA"}).at(90)},
       .item = ItemOf::tweet(10),
       .as_of = 99,
       .reasons = {"withhold tweet_withheld self tweet=10 at=90 countries=AA,DE"}},
      {.law = "scrub_geo: `at` the earliest that named the greatest up_to_tweet",
       .events = {fact(kScrubGeo).user(7).up_to(50).at(120),
                  fact(kScrubGeo).user(7).up_to(50).at(110),
                  fact(kScrubGeo).user(7).up_to(40).at(100)},
       .item = ItemOf::tweet(10).by(7),
       .as_of = 200,
       .reasons = {"strip_geo scrub_geo author user=7 at=110 up_to=50"}},
      {.law = "refresh: `at` the earliest of the pairs that name the greatest id",
       .events = {fact(kTweetEdit).tweet(12).initial(10).edits({10, 12}).at(120),
                  fact(kTweetEdit).tweet(12).initial(11).edits({10, 11}).at(110),
                  fact(kTweetEdit).tweet(11).initial(10).edits({10, 11}).at(100)},
       .item = ItemOf::tweet(10),
       .as_of = 200,
       .reasons = {"refresh tweet_edit self tweet=10 at=110 latest=12"}},
      {.law = "refresh: a pair names its initial tweet too",
       .events = {fact(kTweetEdit).tweet(11).initial(12).edits({11}).at(100)},
       .item = ItemOf::tweet(11),
       .as_of = 200,
       .reasons = {"refresh tweet_edit self tweet=11 at=100 latest=12"}},
      {.law = "refresh: only an event's pair names a newest version; the item's own does not",
       .events = {fact(kTweetEdit).tweet(11).initial(10).edits({10, 11}).at(100)},
       .item = ItemOf::tweet(11).history({11, 15}),
       .as_of = 200},
      {.law = "refresh: as-of T the newest version known then",
       .events = {fact(kTweetEdit).tweet(11).initial(10).edits({10, 11}).at(100),
                  fact(kTweetEdit).tweet(12).initial(10).edits({10, 11, 12}).at(120)},
       .item = ItemOf::tweet(10),
       .as_of = 119,
       .reasons = {"refresh tweet_edit self tweet=10 at=100 latest=11"}},
      {.law = "refresh_profile: fields sorted, `at` the latest",
       .events = {fact(kUserProfileModification).user(7).field("profile.url").at(100),
                  fact(kUserProfileModification).user(7).field("profile.name").at(120),
                  fact(kUserProfileModification).user(7).field("profile.url").at(110),
                  fact(kUserProfileModification).user(7).field("profile.x").at(210)},
       .item = ItemOf::tweet(10).by(7),
       .as_of = 200,
       .reasons = {"refresh_profile user_profile_modification author user=7 at=120 "
                   "fields=profile.name,profile.url"}},
      {.law = "strip_quote reasons never carry grace_expired",
       .events = {fact(kUserDelete).user(9).at(100)},
       .item = ItemOf::tweet(10).quotes(30).quoted_author(9),
       .as_of = 100 + 40 * kDay,
       .reasons = {"strip_quote user_delete quoted_author user=9 at=100"}},
  };
}

Cases policies() {
  const std::vector<Event> restricted = {
      fact(kUserSuspend).user(7).at(100),
      fact(kUserProtect).user(7).at(101),
      fact(kUserDelete).user(7).at(102),
      fact(kTweetUnavailable).tweet(20).why(Why::kRemoved).at(103),
      fact(kTweetDrop).tweet(10).at(104),
      fact(kUserSuspend).user(9).at(105)};
  const Item item = ItemOf::tweet(10).by(7).retweets(20).quotes(30).quoted_author(9);
  return {
      {.law = "delete_on raises suppress to delete per event, and does not touch strip_quote",
       .events = restricted,
       .item = item,
       .as_of = 200,
       .policy = delete_on({kUserSuspend, kTweetUnavailable}),
       .reasons = {"delete user_suspend author user=7 at=100",
                   "delete tweet_unavailable retweeted tweet=20 at=103 why=removed",
                   "suppress tweet_drop self tweet=10 at=104",
                   "suppress user_delete author user=7 at=102",
                   "suppress user_protect author user=7 at=101",
                   "strip_quote user_suspend quoted_author user=9 at=105"}},
      {.law = "delete_on of the other three",
       .events = restricted,
       .item = item,
       .as_of = 200,
       .policy = delete_on({kUserProtect, kUserDelete, kTweetDrop}),
       .reasons = {"delete tweet_drop self tweet=10 at=104",
                   "delete user_delete author user=7 at=102",
                   "delete user_protect author user=7 at=101",
                   "suppress user_suspend author user=7 at=100",
                   "suppress tweet_unavailable retweeted tweet=20 at=103 why=removed",
                   "strip_quote user_suspend quoted_author user=9 at=105"}},
      {.law = "--country CC: a reason that holds CC becomes suppress, keeping its countries",
       .events = {fact(kTweetWithheld).tweet(10).countries({"DE", "FR"}).at(100)},
       .item = ItemOf::tweet(10),
       .as_of = 200,
       .policy = in_country('D', 'E'),
       .reasons = {"suppress tweet_withheld self tweet=10 at=100 countries=DE,FR"}},
      {.law = "--country CC: one that holds none of CC, XX, XY goes away",
       .events = {fact(kTweetWithheld).tweet(10).countries({"DE", "FR"}).at(100),
                  fact(kUserWithheld).user(7).countries({"AA"}).at(100)},
       .item = ItemOf::tweet(10).by(7),
       .as_of = 200,
       .policy = in_country('T', 'R')},
      {.law = "--country CC: XX and XY are everywhere; via quoted it is strip_quote",
       .events = {fact(kTweetWithheld).tweet(10).countries({"XX"}).at(100),
                  fact(kUserWithheld).user(7).countries({"DE", "XY"}).at(101),
                  fact(kTweetWithheld).tweet(20).countries({"TR"}).at(102),
                  fact(kUserWithheld).user(8).countries({"XX"}).at(103),
                  fact(kTweetWithheld).tweet(30).countries({"XY"}).at(104),
                  fact(kUserWithheld).user(9).countries({"TR"}).at(105)},
       .item = ItemOf::tweet(10).by(7).retweets(20).retweeted_author(8).quotes(30).quoted_author(9),
       .as_of = 200,
       .policy = in_country('T', 'R'),
       .reasons = {"suppress tweet_withheld self tweet=10 at=100 countries=XX",
                   "suppress user_withheld author user=7 at=101 countries=DE,XY",
                   "suppress tweet_withheld retweeted tweet=20 at=102 countries=TR",
                   "suppress user_withheld retweeted_author user=8 at=103 countries=XX",
                   "strip_quote tweet_withheld quoted tweet=30 at=104 countries=XY",
                   "strip_quote user_withheld quoted_author user=9 at=105 countries=TR"}},
      {.law = "--country applies to user items and likes as well",
       .events = {fact(kTweetWithheld).tweet(10).countries({"DE"}).at(100)},
       .item = ItemOf::like(10).by(5),
       .as_of = 200,
       .policy = in_country('D', 'E'),
       .reasons = {"suppress tweet_withheld tweet tweet=10 at=100 countries=DE"}},
  };
}

Cases order() {
  return {
      {.law = "reasons are sorted by action, then via, then event name, then at, then id",
       .events = {fact(kTweetHeld).tweet(10).author(7).at(1),
                  fact(kTweetAvailable).tweet(10).author(100).at(0),
                  fact(kTweetAvailable).tweet(10).author(20).at(0),
                  fact(kUserProtect).user(7).at(50), fact(kUserProtect).user(100).at(40),
                  fact(kUserProtect).user(20).at(40), fact(kUserDelete).user(7).at(60),
                  fact(kTweetDrop).tweet(10).at(70), fact(kTweetDelete).tweet(20).at(80),
                  fact(kTweetDrop).tweet(20).at(10)},
       .item = ItemOf::tweet(10).retweets(20),
       .as_of = 200,
       .reasons = {"delete tweet_delete retweeted tweet=20 at=80",
                   "suppress tweet_drop self tweet=10 at=70",
                   "suppress user_delete author user=7 at=60",
                   "suppress user_protect author user=20 at=40",
                   "suppress user_protect author user=100 at=40",
                   "suppress user_protect author user=7 at=50",
                   "suppress tweet_drop retweeted tweet=20 at=10"}},
      {.law = "a like's vias: self, tweet, user, tweet_author",
       .events = {fact(kFavoriteDelete).tweet(10).user(5).at(90),
                  fact(kTweetDelete).tweet(10).author(7).at(80), fact(kUserDelete).user(5).at(70),
                  fact(kUserDelete).user(7).at(60)},
       .item = ItemOf::like(10).by(5),
       .as_of = 70 + 30 * kDay,
       .reasons = {"delete favorite_delete self tweet=10 user=5 at=90",
                   "delete tweet_delete tweet tweet=10 at=80",
                   "delete user_delete user user=5 at=70 grace_expired",
                   "delete user_delete tweet_author user=7 at=60 grace_expired"}},
  };
}

}  // namespace

std::vector<VerdictCase> detail_cases() {
  Cases all;
  for (auto* const part : {named_ids, since, visibility_ties, collected_facts, policies, order}) {
    for (VerdictCase& example : part()) all.push_back(std::move(example));
  }
  return all;
}

}  // namespace recant::laws
