#include "engine/dataset/page_references.h"

#include <array>
#include <initializer_list>
#include <utility>

#include "recant/time.h"

namespace recant::dataset {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;

constexpr char kUser = 'u';
constexpr char kUserName = 'n';
constexpr char kPlace = 'p';
constexpr char kMedia = 'm';
constexpr char kPoll = 'o';
constexpr char kTweet = 't';

void add(char what, simdjson::simdjson_result<element> value, References& out) {
  std::string_view text;
  std::uint64_t number = 0;
  if (value.get(text) == simdjson::SUCCESS) {
    std::string name = what + std::string(text);
    if (what == kUserName) {
      for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    out.insert(std::move(name));
  } else if (value.get(number) == simdjson::SUCCESS) {
    out.insert(what + std::to_string(number));
  }
}

void add_all(char what, simdjson::simdjson_result<element> list, References& out) {
  array all;
  if (list.get(all) != simdjson::SUCCESS) return;
  for (const element value : all) add(what, element(value), out);
}

void add_mentions(simdjson::simdjson_result<element> entities, References& out) {
  array mentions;
  if (entities["mentions"].get(mentions) != simdjson::SUCCESS) return;
  for (const element mention : mentions) {
    add(kUser, mention["id"], out);
    add(kUserName, mention["username"], out);
  }
}

}  // namespace

std::string PageReferences::tweet_name(TweetId id) { return kTweet + std::to_string(id); }

void PageReferences::add_tweet(std::string_view text, References& out) {
  const auto tweet = parser_.parse(text);
  if (!tweet) return;
  add(kUser, (*tweet)["author_id"], out);
  add(kUser, (*tweet)["in_reply_to_user_id"], out);
  add_mentions((*tweet)["entities"], out);
  for (const std::string_view note : {"note_tweet", "note_post"}) {
    add_mentions((*tweet)[note]["entities"], out);
  }
  add_all(kMedia, (*tweet)["attachments"]["media_keys"], out);
  add_all(kPoll, (*tweet)["attachments"]["poll_ids"], out);
  add(kPlace, (*tweet)["geo"]["place_id"], out);
  for (const std::string_view list : {"referenced_tweets", "referenced_posts"}) {
    array references;
    if ((*tweet)[list].get(references) != simdjson::SUCCESS) continue;
    for (const element reference : references) add(kTweet, reference["id"], out);
  }
}

void PageReferences::add_geo(std::string_view text, References& out) {
  const auto tweet = parser_.parse(text);
  if (tweet) add(kPlace, (*tweet)["geo"]["place_id"], out);
}

References PageReferences::names_of(std::string_view text, Include::Kind kind) {
  References names;
  const auto entry = parser_.parse(text);
  if (!entry) return names;
  switch (kind) {
    case Include::Kind::kUser:
      add(kUser, (*entry)["id"], names);
      add(kUserName, (*entry)["username"], names);
      break;
    case Include::Kind::kPlace:
      add(kPlace, (*entry)["id"], names);
      break;
    case Include::Kind::kMedia:
      add(kMedia, (*entry)["media_key"], names);
      break;
    case Include::Kind::kPoll:
      add(kPoll, (*entry)["id"], names);
      break;
  }
  return names;
}

}  // namespace recant::dataset
