#include "engine/feed/lookup_answer.h"

#include <algorithm>
#include <string>

#include "recant/time.h"

namespace recant::feed {
namespace {

using nlohmann::json;
using What = Observation::What;

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::uint64_t id_of(const json& value) {
  if (value.is_number_unsigned()) return value.get<std::uint64_t>();
  return value.is_string() ? parse_id(value.get_ref<const std::string&>()).value_or(0) : 0;
}

// `id_str` before `id`: the number may have been rounded on its way.
std::uint64_t id_of(const json& object, const char* string_key, const char* key) {
  for (const char* name : {string_key, key}) {
    const auto found = object.find(name);
    if (found != object.end() && !found->is_null()) return id_of(*found);
  }
  return 0;
}

bool was_asked(std::span<const std::uint64_t> asked, std::uint64_t id) {
  return id != 0 && std::ranges::find(asked, id) != asked.end();
}

Observation seen_tweet(std::uint64_t id, UserId author) {
  return {.what = What::kTweetSeen, .id = id, .author = author};
}

Observation seen_user(const json& user, std::uint64_t id) {
  Observation seen{.what = What::kUserSeen, .id = id};
  const auto is_protected = user.find("protected");
  if (is_protected != user.end() && is_protected->is_boolean()) {
    seen.is_protected = is_protected->get<bool>();
  }
  return seen;
}

enum class Fate : std::uint8_t { kUnclear, kNotFound, kSuspended, kNotAuthorized };

std::string single_spaced(const std::string& text) {
  std::string single;
  for (const char c : text) {
    if (c != ' ' || !single.ends_with(' ')) single += c;
  }
  return single;
}

// A suspension shares the type of what is not found; only its words tell them apart.
Fate fate_of(const json& error) {
  const std::string title = text_of(error, "title");
  const std::string detail = single_spaced(text_of(error, "detail"));
  std::string type = text_of(error, "type");
  type = type.substr(type.find_last_of("/#") + 1);  // npos + 1 is 0
  const bool forbidden = title == "Forbidden" && type == "resource-not-found";
  if (forbidden || detail.starts_with("User has been suspended")) return Fate::kSuspended;
  if (type == "not-authorized-for-resource") return Fate::kNotAuthorized;
  const bool not_found = title == "Not Found Error" || detail.starts_with("Could not find");
  return type == "resource-not-found" && not_found ? Fate::kNotFound : Fate::kUnclear;
}

bool is_one_of(const std::string& text, std::initializer_list<const char*> words) {
  return std::ranges::any_of(words, [&text](const char* word) { return text == word; });
}

// The object that an error is about: one that was asked for, or one that is related to it. Mentions
// name users, places are neither.
std::uint64_t subject_of(const json& error, LookupType type, LookupType subject,
                         std::span<const std::uint64_t> asked) {
  const std::string parameter = text_of(error, "parameter");
  std::uint64_t id = 0;
  for (const char* key : {"resource_id", "value"}) {
    const auto found = error.find(key);
    if (id == 0 && found != error.end()) id = id_of(*found);
  }
  if (is_one_of(parameter, {"ids", "id"})) {
    return subject == type && was_asked(asked, id) ? id : 0;
  }
  const bool related = subject == LookupType::kTweets
                           ? is_one_of(parameter, {"referenced_tweets.id", "referenced_posts.id",
                                                   "pinned_tweet_id", "pinned_post_id"})
                           : is_one_of(parameter, {"author_id", "in_reply_to_user_id",
                                                   "referenced_tweets.id.author_id"});
  if (related) return id;
  const bool of_data = parameter.empty() && text_of(error, "section") == "data";
  return of_data && subject == type && was_asked(asked, id) ? id : 0;
}

std::optional<Observation> read_error(const json& error, LookupType type,
                                      std::span<const std::uint64_t> asked) {
  if (!error.is_object()) return {};
  const std::string resource = text_of(error, "resource_type");
  const bool tweet = is_one_of(resource, {"tweet", "post"});
  if (!tweet && resource != "user") return {};
  const std::uint64_t id =
      subject_of(error, type, tweet ? LookupType::kTweets : LookupType::kUsers, asked);
  const Fate fate = fate_of(error);
  if (id == 0 || fate == Fate::kUnclear) return {};
  if (tweet) {
    const Why why = fate == Fate::kNotFound    ? Why::kNotFound
                    : fate == Fate::kSuspended ? Why::kSuspended
                                               : Why::kProtected;
    return Observation{.what = What::kTweetUnavailable, .id = id, .why = why};
  }
  if (fate == Fate::kNotAuthorized) return {};
  return Observation{.what = fate == Fate::kSuspended ? What::kUserSuspended : What::kUserDeleted,
                     .id = id};
}

}  // namespace

std::vector<Observation> read_v2_lookup(const json& body, LookupType type,
                                        std::span<const std::uint64_t> asked) {
  std::vector<Observation> observations;
  if (!body.is_object()) return observations;
  if (const auto data = body.find("data"); data != body.end() && data->is_array()) {
    for (const json& object : *data) {
      const std::uint64_t id = object.is_object() ? id_of(object, "id_str", "id") : 0;
      if (!was_asked(asked, id)) continue;
      observations.push_back(type == LookupType::kUsers
                                 ? seen_user(object, id)
                                 : seen_tweet(id, id_of(object, "author_id", "author_id")));
    }
  }
  if (const auto errors = body.find("errors"); errors != body.end() && errors->is_array()) {
    for (const json& error : *errors) {
      if (const auto observation = read_error(error, type, asked)) {
        observations.push_back(*observation);
      }
    }
  }
  return observations;
}

std::vector<Observation> read_v1_tweets(const json& body, std::span<const std::uint64_t> asked) {
  std::vector<Observation> observations;
  const auto map = body.is_object() ? body.find("id") : body.end();
  if (!body.is_object() || map == body.end() || !map->is_object()) return observations;
  for (const auto& [key, tweet] : map->items()) {
    const std::uint64_t id = parse_id(key).value_or(0);
    if (!was_asked(asked, id)) continue;
    if (tweet.is_null()) {
      observations.push_back({.what = What::kTweetUnavailable, .id = id, .why = Why::kNotFound});
    } else if (tweet.is_object()) {
      const auto user = tweet.find("user");
      const bool told = user != tweet.end() && user->is_object();
      observations.push_back(seen_tweet(id, told ? id_of(*user, "id_str", "id") : 0));
    }
  }
  return observations;
}

std::vector<Observation> read_v1_users(const json& body, std::span<const std::uint64_t> asked) {
  std::vector<Observation> observations;
  if (!body.is_array()) return observations;
  for (const json& user : body) {
    const std::uint64_t id = user.is_object() ? id_of(user, "id_str", "id") : 0;
    if (was_asked(asked, id)) observations.push_back(seen_user(user, id));
  }
  return observations;
}

std::optional<Observation> read_v1_user(const json& body, UserId user) {
  if (body.is_object() && id_of(body, "id_str", "id") == user) return seen_user(body, user);
  switch (v1_error_code(body)) {
    case 50:
    case 17:
      return Observation{.what = What::kUserDeleted, .id = user};
    case 63:
      return Observation{.what = What::kUserSuspended, .id = user};
    default:
      return {};
  }
}

int v1_error_code(const json& body) {
  if (!body.is_object()) return 0;
  const auto errors = body.find("errors");
  if (errors == body.end() || !errors->is_array() || errors->empty()) return 0;
  const json& first = errors->front();
  const auto code = first.is_object() ? first.find("code") : first.end();
  if (!first.is_object() || code == first.end() || !code->is_number_integer()) return 0;
  return code->get<int>();
}

}  // namespace recant::feed
