#include "scrub_world.h"

#include <algorithm>
#include <set>

#include "recant/time.h"

namespace recant::laws {
namespace {

std::string text_of(std::uint64_t id) { return std::to_string(id); }
std::string tag(std::uint64_t id) { return "tag:search.twitter.com,2005:" + text_of(id); }

Json point(TweetId id) {
  return {{"type", "Point"}, {"coordinates", {static_cast<double>(id % 90) + 0.5, -73.99}}};
}

void add_spaces(std::string& out, RandomWorld& plan) {
  constexpr std::array kSpaces = {" ", "  ", "\t", " \t "};
  if (plan.one_in(6)) out += kSpaces[plan.below(kSpaces.size())];
}

void write_spaced(const Json& json, RandomWorld& plan, std::string& out) {
  if (!json.is_structured()) {
    out += json.dump();
    return;
  }
  out += json.is_object() ? '{' : '[';
  bool first = true;
  for (const auto& [key, value] : json.items()) {
    if (!std::exchange(first, false)) out += ',';
    add_spaces(out, plan);
    if (json.is_object()) {
      std::string name = Json(key).dump();
      // A key means the same with an escape in it.
      if (plan.one_in(30))
        name = "\"\\u00" + std::string(key[0] < 0x70 ? "6" : "7") +
               std::string(1, "0123456789abcdef"[key[0] & 15]) + name.substr(2);
      out += name;
      add_spaces(out, plan);
      out += ':';
      add_spaces(out, plan);
    }
    write_spaced(value, plan, out);
    add_spaces(out, plan);
  }
  out += json.is_object() ? '}' : ']';
}

}  // namespace

std::string spaced(const Json& json, RandomWorld& plan) {
  std::string out;
  write_spaced(json, plan, out);
  return out;
}

TweetId id_of(const Json& tweet) {
  const std::string text = tweet.contains("id_str") ? tweet["id_str"].get<std::string>()
                                                    : tweet.at("id").get<std::string>();
  return parse_id(text.substr(text.rfind(':') + 1)).value();
}

// "its first id with each of its ids": whichever member the ids stand in, and the post itself.
std::vector<TweetId> shown_history(const Json& copy) {
  std::vector<TweetId> history;
  const auto add = [&history](const Json& from, const char* key) {
    if (!from.contains(key)) return;
    const Json ids = from[key].is_array() ? from[key] : Json::array({from[key]});
    for (const Json& id : ids) history.push_back(parse_id(id.get<std::string>()).value());
  };
  if (copy.contains("edit_history")) {
    add(copy["edit_history"], "initial_tweet_id");
    add(copy["edit_history"], "edit_tweet_ids");
  }
  add(copy, "edit_history_tweet_ids");
  add(copy, "edit_history_post_ids");
  if (!history.empty()) history.push_back(id_of(copy));
  return history;
}

ScrubWorld::ScrubWorld(RandomWorld& plan) : plan_(plan) {
  std::vector<TweetId> ids = plan.tweets();
  for (const TweetId id : {100U, 200U, 300U}) ids.push_back(id);
  std::vector<UserId> users = plan.users();
  users.push_back(77);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    Post post{.id = ids[i], .author = users[plan.below(users.size())], .geo = plan.one_in(2)};
    // Only to later ones, so that nothing shows itself.
    const auto later = [&]() -> TweetId {
      return i + 1 < ids.size() ? ids[i + 1 + plan.below(ids.size() - i - 1)] : 0;
    };
    if (plan.one_in(4)) {
      for (std::size_t n = 1 + plan.below(3); n > 0; --n) {
        post.history.push_back(ids[plan.below(ids.size())]);
      }
    }
    if (plan.one_in(3)) post.quoted = later();
    if (plan.one_in(3)) post.retweeted = later();
    posts_[post.id] = post;
  }
  for (auto& [id, post] : posts_) {
    if (post.retweeted == 0) continue;
    // A retweet shows what its original quotes; there are no retweets of retweets.
    post.quoted = 0;
    if (posts_[post.retweeted].retweeted != 0) post.retweeted = 0;
  }
}

const Post& ScrubWorld::any_post() {
  auto at = posts_.begin();
  std::advance(at, plan_.below(posts_.size()));
  return at->second;
}

// In any of the places where one may stand.
void ScrubWorld::show_history(const Post& post, Json& json) {
  if (post.history.empty() || plan_.one_in(3)) return;
  Json ids = Json::array();
  for (const TweetId id : post.history) ids.push_back(text_of(id));
  switch (plan_.below(4)) {
    case 0:
      json["edit_history_tweet_ids"] = ids;
      break;
    case 1:
      json["edit_history_tweet_ids"] = Json::array({text_of(post.id)});
      json["edit_history_post_ids"] = ids;
      break;
    case 2:
      json["edit_history"] = {{"edit_tweet_ids", ids}};
      break;
    default:
      json["edit_history"] = {{"initial_tweet_id", ids.front()}, {"edit_tweet_ids", ids}};
      json["edit_history"]["edit_tweet_ids"].erase(0);
  }
}

void ScrubWorld::tell_history(const Json& copy, Item& item) const {
  const std::vector<TweetId> history = shown_history(copy);
  if (!history.empty()) item.edit_histories.push_back(history);
}

// What users/lookup and its like put beside a tweet: the newest tweet of its users.
void ScrubWorld::show_statuses(Json& json) {
  if (plan_.one_in(4)) json["user"]["status"] = v1(any_post(), false, 0, nullptr);
  if (!plan_.one_in(6)) return;
  const Post& status = any_post();
  json["in_reply_to_user"] = {{"id_str", text_of(status.author)},
                              {"status", v1(status, false, 0, nullptr)}};
}

Json ScrubWorld::v1(const Post& post, bool top, int depth, Item* item) {
  Json json = {{"id", post.id}, {"id_str", text_of(post.id)}, {"text", "t, \"geo\": [x]} \\"}};
  json["user"] = {{"id", post.author}, {"id_str", text_of(post.author)}, {"location", "here"}};
  const bool repeats = top && post.retweeted != 0 && plan_.one_in(2);
  const bool geo = post.geo || (repeats && posts_[post.retweeted].geo);
  if (geo || plan_.one_in(2)) {
    json["geo"] = geo ? point(post.id) : Json();
    json["coordinates"] = geo ? point(post.id + 1) : Json();
    json["place"] = geo && plan_.one_in(2) ? Json{{"id", "p"}, {"name", "n"}} : Json();
  }
  if (item != nullptr) {
    item->id = post.id;
    item->author = post.author;
  }
  show_history(post, json);
  if (top) show_statuses(json);
  if (!top && post.retweeted != 0 && plan_.one_in(2)) {
    json["retweeted_status"] = v1(posts_[post.retweeted], false, 0, nullptr);
  }
  if (top && post.retweeted != 0) {
    const Post& original = posts_[post.retweeted];
    json["retweeted_status"] = v1(original, false, 1, nullptr);
    item->retweeted = original.id;
    item->retweeted_author = original.author;
    if (original.quoted != 0) {
      const bool shown = json["retweeted_status"].contains("quoted_status");
      item->retweeted_quoted = original.quoted;
      if (shown) item->retweeted_quoted_author = posts_[original.quoted].author;
      if (plan_.one_in(2)) {
        json["quoted_status_id_str"] = text_of(original.quoted);
        json["quoted_status"] = v1(posts_[original.quoted], false, 0, nullptr);
        item->quoted = original.quoted;
        item->quoted_author = posts_[original.quoted].author;
      }
    }
  }
  if (post.quoted != 0 && depth > 0) {
    json["quoted_status_id"] = post.quoted;
    json["quoted_status_id_str"] = text_of(post.quoted);
    const bool shown = !plan_.one_in(4);
    if (shown) json["quoted_status"] = v1(posts_[post.quoted], false, 0, nullptr);
    if (item != nullptr) {
      item->quoted = post.quoted;
      if (shown) item->quoted_author = posts_[post.quoted].author;
    }
  }
  if (plan_.one_in(2)) json["lang"] = "en";
  if (item == nullptr) return json;
  tell_history(json, *item);
  for (const char* child : {"retweeted_status", "quoted_status"}) {
    if (!json.contains(child)) continue;
    tell_history(json[child], *item);
    const bool original = child == std::string_view("retweeted_status");
    if (original && json[child].contains("quoted_status")) {
      tell_history(json[child]["quoted_status"], *item);
    }
  }
  return json;
}

Json ScrubWorld::activity(const Post& post, int depth, Item* item) {
  Json json = {{"id", tag(post.id)}, {"objectType", "activity"}};
  const bool share = post.retweeted != 0 && (item != nullptr || plan_.one_in(2));
  if (post.geo) json["geo"] = point(post.id);
  json["verb"] = share ? "share" : "post";
  json["actor"] = {{"objectType", "person"}, {"id", "id:x.com:" + text_of(post.author)}};
  if (item != nullptr) {
    item->id = post.id;
    item->author = post.author;
  }
  const TweetId quoted = share ? posts_[post.retweeted].quoted : post.quoted;
  if (share) {
    const Post& original = posts_[post.retweeted];
    json["object"] = activity(original, item != nullptr ? 1 : 0, nullptr);
    if (item != nullptr) {
      item->retweeted = original.id;
      item->retweeted_author = original.author;
      item->retweeted_quoted = original.quoted;
      item->retweeted_quoted_author = quoted != 0 ? posts_[quoted].author : 0;
    }
  } else {
    json["object"] = {{"objectType", "note"}, {"id", "object:" + tag(post.id)}};
  }
  if (post.geo) json["location"] = {{"objectType", "place"}};
  if (quoted != 0 && depth > 0) {
    json["twitter_quoted_status"] = activity(posts_[quoted], 0, nullptr);
    if (item != nullptr) {
      item->quoted = quoted;
      item->quoted_author = posts_[quoted].author;
    }
  }
  return json;
}

Json ScrubWorld::flat(const Post& post, int depth, Item* item) {
  Json json = {{"id", text_of(post.id)}, {"author_id", text_of(post.author)}, {"text", "x"}};
  if (post.geo) json["geo"] = {{"place_id", "p" + text_of(post.id)}};
  if (item != nullptr) {
    item->id = post.id;
    item->author = post.author;
  }
  if (depth == 0) return json;
  Json references = Json::array();
  const auto refer = [&](const char* type, TweetId id) {
    Json entry = {{"type", type}, {"id", text_of(id)}};
    const bool shown = plan_.one_in(2);
    if (shown) entry.update(flat(posts_[id], depth - 1, nullptr));
    references.push_back(entry);
    return shown;
  };
  if (post.retweeted != 0 && item == nullptr && plan_.one_in(2)) {
    refer("retweeted", post.retweeted);
  }
  if (post.retweeted != 0 && item != nullptr) {
    const Post& original = posts_[post.retweeted];
    item->retweeted = original.id;
    if (refer("retweeted", original.id)) {
      item->retweeted_author = original.author;
      item->retweeted_quoted = original.quoted;
      for (const Json& nested : references.back().value("referenced_tweets", Json::array())) {
        if (nested.contains("author_id")) {
          item->retweeted_quoted_author = posts_[original.quoted].author;
        }
      }
    }
  }
  if (post.quoted != 0) {
    const bool shown = refer("quoted", post.quoted);
    if (item != nullptr) {
      item->quoted = post.quoted;
      if (shown) item->quoted_author = posts_[post.quoted].author;
    }
  }
  if (item != nullptr && plan_.one_in(4)) refer("replied_to", any_post().id);
  if (!references.empty()) json["referenced_tweets"] = references;
  return json;
}

Json ScrubWorld::page_tweet(const Post& post) {
  Json json = flat(post, 0, nullptr);
  Json references = Json::array();
  if (post.retweeted != 0) {
    references.push_back({{"type", "retweeted"}, {"id", text_of(post.retweeted)}});
  }
  if (post.quoted != 0) {
    references.push_back({{"type", "quoted"}, {"id", text_of(post.quoted)}});
  }
  if (!references.empty()) json["referenced_tweets"] = references;
  return json;
}

Json ScrubWorld::page(std::vector<Item>& items) {
  std::set<TweetId> data;
  std::set<TweetId> included;
  for (std::size_t n = 1 + plan_.below(4); n > 0; --n) data.insert(any_post().id);
  for (const TweetId id : data) {
    for (const TweetId other : {posts_[id].retweeted, posts_[id].quoted}) {
      if (other == 0 || plan_.one_in(4)) continue;
      included.insert(other);
      if (posts_[other].quoted != 0) included.insert(posts_[other].quoted);
    }
  }
  std::set<TweetId> known = data;
  known.insert(included.begin(), included.end());
  const auto author = [&](TweetId id) { return known.contains(id) ? posts_[id].author : 0; };
  Json json = {{"data", Json::array()}, {"includes", Json::object()}, {"meta", {{"n", 1}}}};
  std::set<UserId> users;
  for (const TweetId id : known) users.insert(posts_[id].author);
  for (const UserId id : users) {
    json["includes"]["users"].push_back({{"id", text_of(id)}, {"username", "u" + text_of(id)}});
  }
  for (const TweetId id : included) json["includes"]["tweets"].push_back(page_tweet(posts_[id]));
  for (const TweetId id : known) {
    if (posts_[id].geo) json["includes"]["places"].push_back({{"id", "p" + text_of(id)}});
  }
  for (const TweetId id : data) {
    const Post& post = posts_[id];
    json["data"].push_back(page_tweet(post));
    Item item{.id = id, .author = post.author, .retweeted = post.retweeted, .quoted = post.quoted};
    item.retweeted_author = author(post.retweeted);
    item.quoted_author = author(post.quoted);
    if (post.retweeted != 0 && known.contains(post.retweeted)) {
      item.retweeted_quoted = posts_[post.retweeted].quoted;
      item.retweeted_quoted_author = author(item.retweeted_quoted);
    }
    items.push_back(item);
  }
  if (data.size() == 1 && plan_.one_in(2)) {
    const Json one = json["data"][0];
    json["data"] = one;
  }
  return json;
}

DatasetLine ScrubWorld::line(DatasetShape shape) {
  DatasetLine line;
  Item item;
  const Post& post = any_post();
  switch (shape) {
    case DatasetShape::kV1:
      line.json = v1(post, true, 1, &item);
      break;
    case DatasetShape::kActivity:
      line.json = activity(post, 1, &item);
      break;
    case DatasetShape::kFlat:
      line.json = flat(post, 2, &item);
      break;
    case DatasetShape::kPage:
      line.json = page(line.items);
      line.text = spaced(line.json, plan_);
      return line;
    case DatasetShape::kIds:
      item.id = post.id;
      line.text = plan_.one_in(4) ? '"' + text_of(post.id) + '"' : text_of(post.id);
      break;
    case DatasetShape::kCsv:
      item.id = post.id;
      item.author = post.author;
      line.text = "\"a, \"\"quoted\"\"\ncell\"," + text_of(post.id) + ", " + text_of(post.author);
      break;
  }
  if (!line.json.is_null()) line.text = spaced(line.json, plan_);
  line.items.push_back(item);
  return line;
}

}  // namespace recant::laws
