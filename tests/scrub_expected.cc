// What scrub must make of a line: members erased from parsed JSON, as the oracle's verdicts ask.
#include <algorithm>
#include <set>

#include "recant/time.h"
#include "scrub_world.h"

namespace recant::laws {
namespace {

UserId author_of(const Json& tweet) {
  if (tweet.contains("author_id")) return std::stoull(tweet["author_id"].get<std::string>());
  if (tweet.contains("user")) return std::stoull(tweet["user"]["id_str"].get<std::string>());
  if (!tweet.contains("actor")) return 0;
  const std::string id = tweet["actor"]["id"].get<std::string>();
  return std::stoull(id.substr(id.rfind(':') + 1));
}

bool hides(const Verdict& verdict) {
  return verdict.action == Action::kDelete || verdict.action == Action::kSuppress;
}

bool original_geo(const Reason& reason) {
  return reason.action == Action::kStripGeo &&
         (reason.via == Via::kRetweeted || reason.via == Via::kRetweetedAuthor);
}

using Histories = std::vector<std::vector<TweetId>>;

/// What is due for the tweets that one line shows.
struct Model {
  const Oracle& oracle;
  Time as_of;
  const Policy& policy;
  std::set<TweetId> geo{};
  std::set<TweetId> repeated_geo{};  ///< whose original's geo is due
  std::set<TweetId> gone{};
  std::set<TweetId> deleted{};
  std::set<std::pair<TweetId, TweetId>> retweets{};  ///< that stand in others, with their originals
  Histories histories{};                             ///< of the line

  // Those that name the tweet, and those that have an id in common with them.
  Histories histories_of(TweetId id) const {
    std::set<TweetId> versions = {id};
    Histories found;
    for (std::size_t size = 0; size != versions.size();) {
      size = versions.size();
      found.clear();
      for (const auto& history : histories) {
        const bool named = std::ranges::any_of(
            history, [&](TweetId version) { return versions.contains(version); });
        if (!named) continue;
        versions.insert(history.begin(), history.end());
        found.push_back(history);
      }
    }
    return found;
  }

  // `alone`: an original is no retweet, whatever the state says; and of a quote or another
  // reference the law asks nothing that lies behind it.
  void judge_alone(TweetId id, UserId author, bool alone) {
    const Item item{.id = id, .author = author, .edit_histories = histories_of(id)};
    for (const Reason& reason : oracle.verdict(item, as_of, policy).reasons) {
      const bool own = reason.via == Via::kSelf || reason.via == Via::kAuthor;
      const bool through = reason.via == Via::kRetweeted || reason.via == Via::kRetweetedAuthor;
      if (!own && (!through || alone)) continue;
      if (reason.action == Action::kStripGeo) (own ? geo : repeated_geo).insert(id);
      if (reason.action <= Action::kSuppress) gone.insert(id);
      if (reason.action == Action::kDelete) deleted.insert(id);
    }
  }

  // An embedded retweet goes as an item does that is one.
  void judge_retweets() {
    const Model before = *this;
    for (const auto& [retweet, original] : retweets) {
      if (before.gone.contains(original)) gone.insert(retweet);
      if (before.deleted.contains(original)) deleted.insert(retweet);
      if (before.geo.contains(original)) repeated_geo.insert(retweet);
    }
  }

  // The item's own verdict says it of the tweets that it shows, too.
  void take(const Item& item, const Verdict& verdict) {
    for (const Reason& reason : verdict.reasons) {
      TweetId about = item.id;
      if (original_geo(reason)) repeated_geo.insert(item.id);
      if (reason.via == Via::kRetweeted || reason.via == Via::kRetweetedAuthor) {
        about = item.retweeted;
      }
      if (reason.via == Via::kQuoted || reason.via == Via::kQuotedAuthor) {
        // What only the state knows to be quoted is not shown.
        about = item.quoted;
        if (about == 0 && oracle.quoted(item.id).empty()) about = item.retweeted_quoted;
      }
      if (reason.action == Action::kStripGeo) geo.insert(about);
      if (reason.action == Action::kStripQuote) gone.insert(about);
    }
  }

  void find_histories(const Json& tweet) {
    if (tweet.is_object() && (tweet.contains("id") || tweet.contains("id_str"))) {
      const std::vector<TweetId> history = shown_history(tweet);
      if (!history.empty()) histories.push_back(history);
    }
    if (!tweet.is_structured()) return;
    for (const Json& member : tweet) find_histories(member);
  }

  void judge_original(const Json& retweet, const Json& original, bool top) {
    if (!top) retweets.insert({id_of(retweet), id_of(original)});
    judge_shown(original, false, true);
  }

  void judge_shown(const Json& tweet, bool top, bool alone = false) {
    if (!top) judge_alone(id_of(tweet), author_of(tweet), alone);
    for (const char* key : {"quoted_status", "twitter_quoted_status"}) {
      if (tweet.contains(key)) judge_shown(tweet[key], false, true);
    }
    for (const char* user : {"user", "in_reply_to_user"}) {
      if (!tweet.contains(user) || !tweet[user].contains("status")) continue;
      judge_shown(tweet[user]["status"], false);
    }
    if (tweet.contains("retweeted_status")) judge_original(tweet, tweet["retweeted_status"], top);
    if (tweet.value("verb", "") == "share") judge_original(tweet, tweet["object"], top);
    if (!tweet.contains("referenced_tweets")) return;
    for (const Json& entry : tweet["referenced_tweets"]) {
      if (entry["type"] == "retweeted") {
        judge_original(tweet, entry, top);
      } else {
        judge_shown(entry, false, true);
      }
    }
  }

  void erase_geo(Json& tweet) const {
    const bool due = geo.contains(id_of(tweet));
    if (!due && !repeated_geo.contains(id_of(tweet))) return;
    std::vector<std::string> keys = {"geo", "coordinates", "place"};
    if (tweet.value("objectType", "") == "activity") keys = {"geo", "location"};
    for (const std::string& key : keys) {
      if (!due && (!tweet.contains(key) || tweet[key].is_null())) continue;
      tweet.erase(key);
    }
  }

  void erase_copy(Json& in, const char* key, bool held) const {
    if (!in.contains(key)) return;
    if (!held && gone.contains(id_of(in[key]))) {
      in.erase(key);
    } else {
      erase_due(in[key], held);
    }
  }

  void erase_due(Json& tweet, bool held) const {
    erase_geo(tweet);
    for (const char* key : {"quoted_status", "twitter_quoted_status", "retweeted_status"}) {
      erase_copy(tweet, key, held);
    }
    for (const char* user : {"user", "in_reply_to_user"}) {
      if (tweet.contains(user)) erase_copy(tweet[user], "status", held);
    }
    if (tweet.value("verb", "") == "share") erase_copy(tweet, "object", held);
    if (!tweet.contains("referenced_tweets")) return;
    for (Json& entry : tweet["referenced_tweets"]) {
      if (held || !gone.contains(id_of(entry))) {
        erase_due(entry, held);
      } else {
        entry = Json{{"type", entry["type"]}, {"id", entry["id"]}};
      }
    }
  }
};

struct References {
  std::set<std::string> users, places, tweets;
  void add(const Json& tweet) {
    users.insert(tweet["author_id"].get<std::string>());
    if (tweet.contains("geo")) places.insert(tweet["geo"]["place_id"].get<std::string>());
    for (const Json& entry : tweet.value("referenced_tweets", Json::array())) {
      tweets.insert(entry["id"].get<std::string>());
    }
  }
};

template <class Stays>
void filter(Json& list, Stays stays) {
  Json left = Json::array();
  for (const Json& entry : list) {
    if (stays(entry)) left.push_back(entry);
  }
  list = left;
}

// One destination of a page.
std::optional<Json> page_for(const Json& whole, const std::vector<Item>& items,
                             const std::vector<Verdict>& verdicts, const Model& model, bool held) {
  Json page = whole;
  const bool single = page["data"].is_object();
  if (single) page["data"] = Json::array({whole["data"]});
  std::set<TweetId> staying;
  std::set<TweetId> gone = model.gone;
  std::set<TweetId> deleted = model.deleted;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Action action = verdicts[i].action;
    if (held ? action == Action::kSuppress : action > Action::kSuppress) {
      staying.insert(items[i].id);
    }
    if (hides(verdicts[i])) gone.insert(items[i].id);
    if (action == Action::kDelete) deleted.insert(items[i].id);
  }
  if (staying.empty()) return {};
  Json& includes = page["includes"];
  for (const char* list : {"tweets", "users", "places"}) {
    if (!includes.contains(list)) includes[list] = Json::array();
  }
  References cut;
  References kept;
  const auto split = [&](Json& list, auto stays) {
    filter(list, [&](const Json& tweet) {
      const bool here = stays(id_of(tweet));
      (here ? kept : cut).add(tweet);
      return here;
    });
  };
  split(page["data"], [&](TweetId id) { return staying.contains(id); });
  if (held) {
    // What is needed, and what that needs.
    std::set<std::string> needed = kept.tweets;
    for (bool more = true; more;) {
      more = false;
      for (const Json& tweet : includes["tweets"]) {
        const std::string id = tweet["id"].get<std::string>();
        if (!needed.contains(id) || deleted.contains(id_of(tweet))) continue;
        for (const Json& entry : tweet.value("referenced_tweets", Json::array())) {
          more |= needed.insert(entry["id"].get<std::string>()).second;
        }
      }
    }
    split(includes["tweets"],
          [&](TweetId id) { return needed.contains(std::to_string(id)) && !deleted.contains(id); });
  } else {
    split(includes["tweets"], [&](TweetId id) { return !gone.contains(id); });
  }
  kept.places.clear();
  for (std::size_t i = 0; i < page["data"].size(); ++i) {
    Json& tweet = page["data"][i];
    if (model.geo.contains(id_of(tweet)) || model.repeated_geo.contains(id_of(tweet))) {
      if (tweet.contains("geo")) cut.places.insert(tweet["geo"]["place_id"].get<std::string>());
      tweet.erase("geo");
    }
    if (tweet.contains("geo")) kept.places.insert(tweet["geo"]["place_id"].get<std::string>());
  }
  for (Json& tweet : includes["tweets"]) {
    if (model.geo.contains(id_of(tweet)) || model.repeated_geo.contains(id_of(tweet))) {
      if (tweet.contains("geo")) cut.places.insert(tweet["geo"]["place_id"].get<std::string>());
      tweet.erase("geo");
    }
    if (tweet.contains("geo")) kept.places.insert(tweet["geo"]["place_id"].get<std::string>());
  }
  const auto stays = [held](const auto& kept_ids, const auto& cut_ids) {
    return [&kept_ids, &cut_ids, held](const Json& entry) {
      const std::string id = entry["id"].get<std::string>();
      return kept_ids.contains(id) || (!held && !cut_ids.contains(id));
    };
  };
  filter(includes["users"], stays(kept.users, cut.users));
  filter(includes["places"], stays(kept.places, cut.places));
  for (const char* list : {"tweets", "users", "places"}) {
    if (!whole["includes"].contains(list)) includes.erase(list);
  }
  if (single) page["data"] = Json(page["data"][0]);
  return page;
}

}  // namespace

Expected expect(const DatasetLine& line, DatasetShape shape, const Oracle& oracle, Time as_of,
                const Policy& policy) {
  Model model{.oracle = oracle, .as_of = as_of, .policy = policy};
  std::vector<Verdict> verdicts;
  for (const Item& item : line.items) {
    verdicts.push_back(oracle.verdict(item, as_of, policy));
    model.take(item, verdicts.back());
  }
  Expected expected;
  if (shape == DatasetShape::kPage) {
    for (std::size_t i = 0; i < line.items.size(); ++i) {
      if (hides(verdicts[i])) model.gone.insert(line.items[i].id);
      if (verdicts[i].action == Action::kDelete) model.deleted.insert(line.items[i].id);
    }
    for (const Json& tweet : line.json["includes"].value("tweets", Json::array())) {
      model.judge_shown(tweet, false);
    }
    model.judge_retweets();
    expected.output = page_for(line.json, line.items, verdicts, model, false);
    expected.held = page_for(line.json, line.items, verdicts, model, true);
    expected.unchanged = expected.output == line.json;
    return expected;
  }
  const Verdict& verdict = verdicts.front();
  if (verdict.action == Action::kDelete) return expected;
  const bool held = verdict.action == Action::kSuppress;
  Json left = line.json;
  if (!left.is_null()) {
    model.find_histories(left);
    model.judge_shown(left, true);
    model.judge_retweets();
    model.erase_due(left, held);
  }
  expected.unchanged = left == line.json;
  (held ? expected.held : expected.output) = left;
  return expected;
}

}  // namespace recant::laws
