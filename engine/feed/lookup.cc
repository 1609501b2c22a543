#include "engine/feed/lookup.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/feed/lifting.h"

namespace recant::feed {
namespace {

constexpr std::size_t kIdsACall = 100;
constexpr std::uint64_t kIdMax = 9'999'999'999'999'999'999U;  // ids have at most 19 digits
constexpr std::string_view kSource = "lookup";

using What = Observation::What;

// Codes of v1.1 that speak of the caller: nothing can be learned any more.
constexpr int kCallerSuspended = 64;
constexpr int kCallerLocked = 326;

class Lookup {
 public:
  Lookup(Store& store, Api& api, const LookupOptions& options)
      : store_(store), api_(api), options_(options) {}

  Result<LookupSummary> run() {
    for (;;) {
      RECANT_ASSIGN(const auto ids, next_ids());
      if (ids.empty()) return summary_;
      RECANT_ASSIGN(const auto observations, ask(ids));
      RECANT_TRY(write(observations));
      summary_.ids += ids.size();
      if (options_.progress) options_.progress(summary_.ids);
    }
  }

 private:
  Result<std::vector<std::uint64_t>> next_ids() {
    std::vector<std::uint64_t> ids;
    while (ids.size() < kIdsACall) {
      RECANT_ASSIGN(const auto id, options_.next_id());
      if (!id) break;
      // One that the platform cannot have would have all of the call refused.
      if (*id > kIdMax) {
        ++summary_.impossible;
      } else if (std::ranges::find(ids, *id) == ids.end()) {
        ids.push_back(*id);
      }
    }
    return ids;
  }

  Result<ApiReply> get(const std::string& path, const std::vector<int>& tolerated) {
    return api_.call({.url = path}, "cannot look up", {.tolerated = tolerated});
  }

  Result<std::vector<Observation>> ask(const std::vector<std::uint64_t>& ids) {
    const std::string list = fmt::format("{}", fmt::join(ids, ","));
    const bool tweets = options_.type == LookupType::kTweets;
    if (options_.api == LookupApi::kV2) {
      const std::string path = tweets ? "/2/tweets?ids={}&tweet.fields=author_id"
                                      : "/2/users?ids={}&user.fields=protected";
      RECANT_ASSIGN(const auto reply, get(fmt::format(fmt::runtime(path), list), {}));
      return read_v2_lookup(reply.body, options_.type, ids);
    }
    if (!tweets) return ask_v1_users(ids, list);
    RECANT_ASSIGN(
        const auto reply,
        get(fmt::format("/1.1/statuses/lookup.json?id={}&map=true&trim_user=true", list), {}));
    return read_v1_tweets(reply.body, ids);
  }

  Result<std::vector<Observation>> ask_v1_users(const std::vector<std::uint64_t>& ids,
                                                const std::string& list) {
    // 404 is what it answers where it finds none of them.
    RECANT_ASSIGN(const auto reply,
                  get(fmt::format("/1.1/users/lookup.json?user_id={}", list), {404}));
    auto observations = read_v1_users(reply.body, ids);
    for (const std::uint64_t id : ids) {
      const bool seen = std::ranges::any_of(
          observations, [id](const Observation& each) { return each.id == id; });
      if (seen) continue;
      RECANT_ASSIGN(const auto shown,
                    get(fmt::format("/1.1/users/show.json?user_id={}", id), {403, 404}));
      const int code = v1_error_code(shown.body);
      if (code == kCallerSuspended || code == kCallerLocked) {
        return fail(ErrorCode::kRefused,
                    "cannot look up: the account of this credential is suspended or locked (code "
                    "64 or 326)");
      }
      if (const auto observation = read_v1_user(shown.body, id)) {
        observations.push_back(*observation);
      }
    }
    return observations;
  }

  Result<void> write(const std::vector<Observation>& observations) {
    RECANT_ASSIGN(const auto snapshot, store_.snapshot());
    const Time at = api_.parts().clock.now();
    Lifting lifting(snapshot, at, std::string(kSource));
    std::vector<Event> events;
    std::vector<Event> lifted;
    for (const Observation& each : observations) {
      count(each);
      if (each.what == What::kTweetSeen) {
        RECANT_TRY(lifting.tweet_seen(each.id, each.author, lifted));
      } else if (each.what == What::kUserSeen) {
        RECANT_TRY(lifting.user_seen(each.id,
                                     {.not_deleted = true,
                                      .not_protected = each.is_protected == false,
                                      .not_suspended = true},
                                     lifted));
      }
      add_restriction(each, at, events);
    }
    summary_.lifted += lifted.size();
    events.insert(events.end(), std::move_iterator(lifted.begin()),
                  std::move_iterator(lifted.end()));
    summary_.events += events.size();
    if (!events.empty()) RECANT_TRY(store_.append(events));
    return {};
  }

  void count(const Observation& each) {
    const bool seen = each.what == What::kTweetSeen ||
                      (each.what == What::kUserSeen && each.is_protected != true);
    ++(seen ? summary_.seen : summary_.hidden);
  }

  static void add_restriction(const Observation& each, Time at, std::vector<Event>& events) {
    Event event{.at = at, .source = std::string(kSource)};
    switch (each.what) {
      case What::kTweetSeen:
        return;
      case What::kTweetUnavailable:
        event.kind = EventKind::kTweetUnavailable;
        event.why = each.why;
        event.tweet = each.id;
        break;
      case What::kUserSeen:
        if (each.is_protected != true) return;
        event.kind = EventKind::kUserProtect;
        event.user = each.id;
        break;
      case What::kUserDeleted:
      case What::kUserSuspended:
        event.kind =
            each.what == What::kUserDeleted ? EventKind::kUserDelete : EventKind::kUserSuspend;
        event.user = each.id;
        break;
    }
    events.push_back(std::move(event));
  }

  Store& store_;
  Api& api_;
  const LookupOptions& options_;
  LookupSummary summary_;
};

}  // namespace

Result<LookupSummary> lookup(Store& store, Api& api, const LookupOptions& options) {
  return Lookup(store, api, options).run();
}

}  // namespace recant::feed
