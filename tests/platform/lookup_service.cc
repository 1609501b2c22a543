#include "tests/platform/lookup_service.h"

#include <nlohmann/json.hpp>
#include <sstream>

namespace recant::platform {
namespace {

using httplib::Request;
using httplib::Response;
using nlohmann::json;

std::vector<std::uint64_t> ids_of(const Request& request, const char* parameter) {
  std::vector<std::uint64_t> ids;
  std::istringstream in(request.get_param_value(parameter));
  for (std::string id; std::getline(in, id, ',');) ids.push_back(std::stoull(id));
  return ids;
}

Fate fate(const std::map<std::uint64_t, Fate>& known, std::uint64_t id) {
  const auto found = known.find(id);
  return found == known.end() ? Fate::kGone : found->second;
}

bool accepted(const LookupWorld& world, const Request& request, Response& response,
              std::size_t ids) {
  response.status = 200;
  if (request.get_header_value("Authorization") != "Bearer " + world.token) response.status = 401;
  if (ids == 0 || ids > 100) response.status = 400;
  return response.status == 200;
}

json v2_error(const std::string& what, std::uint64_t id, Fate fate) {
  const std::string list = "[" + std::to_string(id) + "].";
  json error = {{"value", std::to_string(id)},
                {"resource_id", std::to_string(id)},
                {"resource_type", what},
                {"parameter", "ids"},
                {"title", "Not Found Error"},
                {"detail", "Could not find " + what + " with ids: " + list},
                {"type", "https://api.x.com/2/problems/resource-not-found"}};
  if (fate == Fate::kSuspended) {
    error["title"] = "Forbidden";
    error["detail"] = "User has been suspended: " + list;
  } else if (fate == Fate::kProtected) {
    error["title"] = "Authorization Error";
    error["detail"] = "Sorry, you are not authorized to see the Tweet with ids: " + list;
    error["type"] = "https://api.twitter.com/2/problems/not-authorized-for-resource";
  }
  return error;
}

void v2(const LookupWorld& world, const Request& request, Response& response, bool tweets) {
  const auto ids = ids_of(request, "ids");
  if (!accepted(world, request, response, ids.size())) return;
  json body = json::object();
  for (const std::uint64_t id : ids) {
    const Fate fate = platform::fate(tweets ? world.tweets : world.users, id);
    const std::string text = std::to_string(id);
    if (tweets && fate == Fate::kThere) {
      body["data"].push_back({{"id", text}, {"author_id", "7"}, {"text", "t"}});
    } else if (!tweets && (fate == Fate::kThere || fate == Fate::kProtected)) {
      body["data"].push_back(
          {{"id", text}, {"username", "u"}, {"protected", fate == Fate::kProtected}});
    } else {
      body["errors"].push_back(v2_error(tweets ? "tweet" : "user", id, fate));
    }
  }
  response.set_content(body.dump(), "application/json");
}

void v1_tweets(const LookupWorld& world, const Request& request, Response& response) {
  const auto ids = ids_of(request, "id");
  if (!accepted(world, request, response, ids.size())) return;
  json map = json::object();
  for (const std::uint64_t id : ids) {
    const std::string text = std::to_string(id);
    map[text] = nullptr;
    if (fate(world.tweets, id) == Fate::kThere) {
      map[text] = {{"id", id}, {"id_str", text}, {"user", {{"id", 7}, {"id_str", "7"}}}};
    }
  }
  response.set_content(json{{"id", map}}.dump(), "application/json");
}

void v1_error(Response& response, int status, int code) {
  response.status = status;
  response.set_content(json{{"errors", {{{"code", code}, {"message", "no"}}}}}.dump(),
                       "application/json");
}

json v1_user(std::uint64_t id, Fate fate) {
  return {{"id", id}, {"id_str", std::to_string(id)}, {"protected", fate == Fate::kProtected}};
}

void v1_users(const LookupWorld& world, const Request& request, Response& response) {
  const auto ids = ids_of(request, "user_id");
  if (!accepted(world, request, response, ids.size())) return;
  json users = json::array();
  for (const std::uint64_t id : ids) {
    const Fate fate = platform::fate(world.users, id);
    if (fate == Fate::kThere || fate == Fate::kProtected) users.push_back(v1_user(id, fate));
  }
  if (users.empty()) {
    v1_error(response, 404, 17);
  } else {
    response.set_content(users.dump(), "application/json");
  }
}

void v1_user_show(const LookupWorld& world, const Request& request, Response& response) {
  const auto ids = ids_of(request, "user_id");
  if (!accepted(world, request, response, ids.size())) return;
  const Fate fate = platform::fate(world.users, ids[0]);
  if (fate == Fate::kGone) return v1_error(response, 404, 50);
  if (fate == Fate::kSuspended) return v1_error(response, 403, 63);
  response.set_content(v1_user(ids[0], fate).dump(), "application/json");
}

}  // namespace

void add_lookups(Server& server, const LookupWorld& world) {
  const auto add = [&](const char* path, auto handler) {
    server.http().Get(path, [&world, handler](const Request& request, Response& response) {
      handler(world, request, response);
    });
  };
  add("/2/tweets", [](auto& w, auto& request, auto& response) { v2(w, request, response, true); });
  add("/2/users", [](auto& w, auto& request, auto& response) { v2(w, request, response, false); });
  add("/1.1/statuses/lookup.json", v1_tweets);
  add("/1.1/users/lookup.json", v1_users);
  add("/1.1/users/show.json", v1_user_show);
}

}  // namespace recant::platform
