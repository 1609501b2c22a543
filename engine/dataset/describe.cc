#include "engine/dataset/describe.h"

#include <utility>

#include "engine/dataset/history.h"
#include "engine/dataset/verdict_writer.h"
#include "engine/decode/decode.h"

namespace recant::dataset {
namespace {

using Json = nlohmann::ordered_json;

std::string id_text(std::uint64_t id) { return std::to_string(id); }

// `entries` under `name`, each made by `describe`; nothing where there are none.
template <class Entries, class Describe>
void put_list(Json& json, const char* name, const Entries& entries, Describe describe) {
  if (entries.empty()) return;
  Json list = Json::array();
  for (const auto& entry : entries) list.push_back(describe(entry));
  json[name] = std::move(list);
}

Json withheld_json(const WithheldEntry& entry) {
  return {{"country", country_name(entry.country)}, {"at", format_time(entry.at)}};
}

Json visibility_json(const VisibilityEntry& entry) {
  constexpr std::string_view kNames[] = {"available", "undropped", "unavailable", "dropped"};
  Json json = {{"at", format_time(entry.at)},
               {"visibility", kNames[static_cast<std::size_t>(entry.visibility)]}};
  if (entry.why != Why::kNone) json["why"] = why_name(entry.why);
  return json;
}

Json edit_json(const EditPair& pair) {
  return {{"initial_tweet_id", id_text(pair.initial)},
          {"tweet_id", id_text(pair.version)},
          {"at", format_time(pair.at)}};
}

Json state_json(const TweetState& state, const std::vector<TweetId>& retweeted,
                const std::vector<TweetId>& quoted) {
  Json json = Json::object();
  put_list(json, "author_ids", state.authors, id_text);
  if (state.deleted_at) json["deleted_at"] = format_time(*state.deleted_at);
  put_list(json, "visibility", state.visibility, visibility_json);
  put_list(json, "withheld", state.withheld, withheld_json);
  if (state.geo_scrubbed_at) json["geo_scrubbed_at"] = format_time(*state.geo_scrubbed_at);
  put_list(json, "edits", state.edits, edit_json);
  if (state.held) {
    json[state.held->held ? "held_since" : "released_at"] = format_time(state.held->at);
  }
  put_list(json, "retweeted_ids", retweeted, id_text);
  put_list(json, "quoted_ids", quoted, id_text);
  return json;
}

Json state_json(const UserState& state) {
  const auto toggle = [](const ToggleEntry& entry) {
    return Json{{"at", format_time(entry.at)}, {"on", entry.on}};
  };
  Json json = Json::object();
  put_list(json, "deleted", state.deleted, toggle);
  put_list(json, "protected", state.protected_, toggle);
  put_list(json, "suspended", state.suspended, toggle);
  put_list(json, "withheld", state.withheld, withheld_json);
  put_list(json, "scrub_geo", state.scrub_geo, [](const ScrubGeoEntry& entry) {
    return Json{{"at", format_time(entry.at)}, {"up_to_tweet_id", id_text(entry.up_to_tweet)}};
  });
  put_list(json, "profile", state.profile, [](const ProfileEntry& entry) {
    return Json{{"field", entry.field}, {"at", format_time(entry.at)}};
  });
  return json;
}

Json history_json(const std::vector<Event>& events, Time as_of) {
  Json history = Json::array();
  std::string line;
  for (const Event& event : events) {
    if (event.at > as_of) break;
    line.clear();
    decode::append_canonical_line(event, 0, false, line);
    history.push_back(Json::parse(line));
  }
  return history;
}

Result<Json> described(const Snapshot& snapshot, const Item& item, Json state,
                       const std::vector<Event>& history, Time as_of) {
  Verdict verdict;
  RECANT_TRY(snapshot.check({&item, 1}, as_of, {}, {&verdict, 1}));
  std::string line;
  append_check_line(item, verdict, line);
  return Json{{"id", id_text(item.id)},
              {"state", std::move(state)},
              {"history", history_json(history, as_of)},
              {"verdict", Json::parse(line)}};
}

}  // namespace

Result<Json> describe_tweet(const Snapshot& snapshot, TweetId id, Time as_of) {
  RECANT_ASSIGN(const TweetState state, snapshot.tweet(id));
  RECANT_ASSIGN(const auto retweeted, snapshot.retweeted(id));
  RECANT_ASSIGN(const auto quoted, snapshot.quoted(id));
  Item item;
  item.id = id;
  return described(snapshot, item, state_json(state, retweeted, quoted),
                   tweet_history(id, state, retweeted, quoted), as_of);
}

Result<Json> describe_user(const Snapshot& snapshot, UserId id, Time as_of) {
  RECANT_ASSIGN(const UserState state, snapshot.user(id));
  Item item;
  item.type = ItemType::kUser;
  item.id = id;
  return described(snapshot, item, state_json(state), user_history(id, state), as_of);
}

}  // namespace recant::dataset
