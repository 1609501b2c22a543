// Lookups: what an answer proves, and what ends in the log.
#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/feed/gap_tweets.h"
#include "engine/feed/lookup.h"
#include "tests/cli_runner.h"
#include "tests/feed_support.h"
#include "tests/platform/lookup_service.h"

using namespace recant;
using namespace recant::feed;
using namespace recant::feed_test;
using platform::Fate;
using What = Observation::What;

namespace {

nlohmann::json sample(const std::string& name) {
  return nlohmann::json::parse(content_of(std::string(RECANT_FIXTURES "/samples/") + name));
}

struct LookupTest : World {
  LookupTest() {
    known.token = kToken;
    platform::add_lookups(api_server, known);
    start();
    store.emplace(*Store::open({.directory = directory / "store", .create = true}));
  }
  Result<LookupSummary> run(std::vector<std::uint64_t> ids, LookupOptions options = {}) {
    options.next_id = [ids = std::move(ids),
                       at = std::size_t{0}]() mutable -> Result<std::optional<std::uint64_t>> {
      if (at == ids.size()) return std::optional<std::uint64_t>();
      return std::optional(ids[at++]);
    };
    return lookup(*store, *api, options);
  }
  std::optional<VisibilityEntry> visibility(TweetId id) {
    return visibility_as_of(*store->snapshot()->tweet(id), kTimeMax);
  }

  TemporaryDirectory directory;
  platform::LookupWorld known;
  std::optional<Store> store;
};

}  // namespace

TEST_CASE("a v2 answer proves only what its errors are about", "[feed]") {
  const std::vector<std::uint64_t> asked = {1101421820113846273, 1101776658232246275,
                                            1102357988766646273, 958852393989046273,
                                            959214781854646274,  1234};
  const std::vector<Observation> expected = {
      {.what = What::kTweetSeen, .id = 1101421820113846273, .author = 40551327},
      {.what = What::kTweetSeen, .id = 1101776658232246275, .author = 700000000000000123},
      {.what = What::kTweetSeen, .id = 1102357988766646273, .author = 40551327},
      {.what = What::kTweetUnavailable, .id = 958852393989046273, .why = Why::kNotFound},
      {.what = What::kTweetUnavailable, .id = 959214781854646274, .why = Why::kProtected},
      // about related objects, and of use for those
      {.what = What::kTweetUnavailable, .id = 959577169720246275, .why = Why::kProtected},
      {.what = What::kUserSuspended, .id = 5511}};
  CHECK(read_v2_lookup(sample("lookup_v2.json"), LookupType::kTweets, asked) == expected);
  const std::vector<std::uint64_t> users = {700000000000000123, 40551327, 481186999, 99};
  CHECK(read_v2_lookup(sample("lookup_v2_users.json"), LookupType::kUsers, users) ==
        std::vector<Observation>{
            {.what = What::kUserSeen, .id = 700000000000000123, .is_protected = true},
            {.what = What::kUserSeen, .id = 40551327, .is_protected = false},
            {.what = What::kUserSuspended, .id = 481186999},
            {.what = What::kUserDeleted, .id = 99}});
}

TEST_CASE("what does not say clearly what happened to which id proves nothing", "[feed]") {
  const std::vector<std::uint64_t> asked = {11};
  const auto read = [&](nlohmann::json error, LookupType type = LookupType::kTweets) {
    nlohmann::json body;
    body["errors"].push_back(std::move(error));
    return read_v2_lookup(body, type, asked);
  };
  const nlohmann::json proof = {{"resource_id", "11"},
                                {"resource_type", "tweet"},
                                {"parameter", "ids"},
                                {"title", "Not Found Error"},
                                {"detail", "Could not find tweet with ids: [11]."},
                                {"type", "https://api.x.com/2/problems/resource-not-found"}};
  REQUIRE(read(proof).size() == 1);
  const auto with = [&proof](const char* key, const nlohmann::json& value) {
    nlohmann::json changed = proof;
    changed[key] = value;
    return changed;
  };
  CHECK(read(with("type", "https://api.twitter.com/2/problems#resource-not-found")).size() == 1);
  CHECK(read(with("resource_id", "12")).empty());  // not asked for
  CHECK(read(with("resource_id", "11x")).empty());
  CHECK(read(with("resource_type", "user")).empty());
  CHECK(read(with("resource_type", "media")).empty());
  CHECK(read(with("parameter", "geo.place_id")).empty());
  CHECK(read(with("parameter", "attachments.media_keys")).empty());
  CHECK(read(with("type", "https://api.x.com/2/problems/resource-unavailable")).empty());
  CHECK(read(with("type", "https://api.x.com/2/problems/disallowed-resource")).empty());
  nlohmann::json mention = with("resource_type", "user");  // a name that is all digits
  mention["parameter"] = "entities.mentions.username";
  CHECK(read(mention).empty());
  CHECK(read("text").empty());
  CHECK(read_v2_lookup(nlohmann::json::parse(R"({"data":{"id":"11"}})"), LookupType::kTweets, asked)
            .empty());
  CHECK(read_v2_lookup(nlohmann::json::parse(R"({"data":[{"id":"12"},7]})"), LookupType::kTweets,
                       asked)
            .empty());
}

TEST_CASE("v1.1 answers are read by map=true and by code", "[feed]") {
  const std::vector<std::uint64_t> asked = {1101421820113846273, 958852393989046273,
                                            959214781854646274, 1101814406968246276};
  const auto seen = read_v1_tweets(sample("lookup_v11_map.json"), asked);
  REQUIRE(seen.size() == 4);
  std::size_t unavailable = 0;
  for (const Observation& each : seen) {
    if (each.what == What::kTweetUnavailable) ++unavailable;
    if (each.what == What::kTweetUnavailable) CHECK(each.why == Why::kNotFound);
    if (each.id == 1101814406968246276) CHECK(each.author == 1399112233445566778);
  }
  CHECK(unavailable == 2);
  const auto of_code = [](int code) {
    return read_v1_user({{"errors", {{{"code", code}, {"message", "m"}}}}}, 5);
  };
  CHECK(of_code(50)->what == What::kUserDeleted);
  CHECK(of_code(63)->what == What::kUserSuspended);
  for (const int code : {136, 64, 326, 88, 0, 425}) CHECK_FALSE(of_code(code));
}

TEST_CASE("a lookup of tweets writes what hides them, and lifts only what is held", "[feed]") {
  for (const LookupApi version : {LookupApi::kV2, LookupApi::kV1}) {
    LookupTest test;
    test.known.tweets = {{1, Fate::kThere}, {2, Fate::kProtected}, {3, Fate::kThere}};
    const Event before{
        .kind = EventKind::kTweetUnavailable, .why = Why::kProtected, .at = 5, .tweet = 3};
    REQUIRE(test.store->append({&before, 1}));
    const auto summary = test.run({1, 2, 3, 4, 4}, {.api = version});
    REQUIRE(summary);
    CHECK(summary->ids == 4);
    CHECK(summary->seen == 2);
    CHECK(summary->hidden == 2);
    CHECK(summary->events == 3);
    CHECK(summary->lifted == 1);
    CHECK_FALSE(test.visibility(1));
    CHECK(test.visibility(2)->why ==
          (version == LookupApi::kV2 ? Why::kProtected : Why::kNotFound));
    CHECK(test.visibility(3)->visibility == Visibility::kAvailable);
    CHECK(test.visibility(3)->at == test.time.now());
    CHECK(test.visibility(4)->why == Why::kNotFound);
    CHECK(test.run({1, 3}, {.api = version})->events == 0);
  }
}

TEST_CASE("a lookup of users turns each toggle by what it saw", "[feed]") {
  for (const LookupApi version : {LookupApi::kV2, LookupApi::kV1}) {
    LookupTest test;
    test.known.users = {{1, Fate::kThere}, {2, Fate::kProtected}, {3, Fate::kSuspended}};
    std::vector<Event> before;
    for (const UserId user : {1U, 2U}) {
      before.push_back({.kind = EventKind::kUserDelete, .at = 5, .user = user});
      before.push_back({.kind = EventKind::kUserSuspend, .at = 5, .user = user});
      before.push_back({.kind = EventKind::kUserProtect, .at = 5, .user = user});
    }
    REQUIRE(test.store->append(before));
    const auto summary = test.run({1, 2, 3, 4}, {.type = LookupType::kUsers, .api = version});
    REQUIRE(summary);
    CHECK(summary->lifted == 5);
    const auto snapshot = test.store->snapshot();
    const auto on = [&](const std::vector<ToggleEntry>& toggle) {
      return on_since(toggle, kTimeMax).has_value();
    };
    const UserState one = *snapshot->user(1);
    CHECK_FALSE((on(one.deleted) || on(one.protected_) || on(one.suspended)));
    const UserState two = *snapshot->user(2);
    CHECK(on(two.protected_));
    CHECK_FALSE((on(two.deleted) || on(two.suspended)));
    CHECK(on(snapshot->user(3)->suspended));
    CHECK_FALSE(on(snapshot->user(3)->deleted));
    CHECK(on(snapshot->user(4)->deleted));
  }
}

TEST_CASE("ids are asked for by the hundred, and the rate limit is obeyed", "[feed]") {
  LookupTest test;
  std::vector<std::uint64_t> ids;
  for (std::uint64_t id = 1; id <= 250; ++id) ids.push_back(id);
  const std::string reset = std::to_string(test.time.now() / 1000 + 300);
  test.api_server.fail_next("/2/tweets",
                            {.status = 429, .headers = {{"x-rate-limit-reset", reset}}});
  const auto summary = test.run(ids);
  REQUIRE(summary);
  CHECK(summary->ids == 250);
  CHECK(summary->events == 250);
  CHECK(test.time.waits == std::vector<std::int64_t>{310'000});
  const auto requests = test.api_server.seen("GET", "/2/tweets?ids=");
  REQUIRE(requests.size() == 4);
  CHECK(requests[1].target.ends_with(",100&tweet.fields=author_id"));
  CHECK(requests[3].target.starts_with("/2/tweets?ids=201,202,"));
  test.time.waits.clear();
  test.api_server.fail_next(
      "/2/tweets", {.status = 200,
                    .headers = {{"x-rate-limit-remaining", "0"}, {"x-rate-limit-reset", reset}},
                    .body = R"({"meta":{}})"});
  test.time.wall_ms = test.time.now() - test.time.passed_ms - 200'000;
  REQUIRE(test.run({1}));
  CHECK(test.time.waits.empty());  // nobody waits for a call that does not come
  const std::int64_t left = std::stoll(reset) * 1000 - test.time.now() + 10'000;
  REQUIRE(test.run({2}));
  CHECK(test.time.waits == std::vector<std::int64_t>{left});  // the window was used up
}

TEST_CASE("an id that the platform cannot have does not spoil the call of the others", "[feed]") {
  LookupTest test;
  const auto summary = test.run({1, 10'000'000'000'000'000'000U, 2});
  REQUIRE(summary);
  CHECK(summary->ids == 2);
  CHECK(summary->impossible == 1);
  CHECK(test.api_server.seen("GET", "/2/tweets?ids=1,2&").size() == 1);
}

TEST_CASE("what was learned before a refusal stays", "[feed]") {
  LookupTest test;
  std::vector<std::uint64_t> ids;
  for (std::uint64_t id = 1; id <= 150; ++id) ids.push_back(id);
  test.api_server.fail_next("/2/tweets?ids=101", {.status = 403, .body = "{}"});
  const auto summary = test.run(ids);
  REQUIRE_FALSE(summary);
  CHECK(summary.error().code == ErrorCode::kRefused);
  CHECK(test.visibility(100)->why == Why::kNotFound);
  CHECK_FALSE(test.visibility(101));
}

TEST_CASE("a gap puts in doubt the tracked tweets that were there before its end", "[feed]") {
  LookupTest test;
  const TweetId before = 1'425'543'269'983'784'962;  // made in August 2021
  const TweetId after = 1'900'000'000'000'000'000;   // made in March 2025
  std::vector<Event> events;
  for (const TweetId tweet : {TweetId{5}, before, after}) {
    events.push_back({.kind = EventKind::kTweetHeld, .at = 1000, .tweet = tweet});
  }
  events.push_back({.kind = EventKind::kTweetDelete, .at = 1000, .tweet = 77});  // not tracked
  REQUIRE(test.store->append(events));
  const auto doubted = [&](std::uint64_t page) {
    const auto snapshot = *test.store->snapshot();
    const auto known = *coverage(snapshot);
    GapTweets tweets(snapshot, known, now(), page);
    std::vector<TweetId> all;
    for (auto next = tweets.next(); next && *next; next = tweets.next()) all.push_back(**next);
    std::ranges::sort(all);
    return all;
  };
  CHECK(doubted(100).empty());
  const Time gap_end = *parse_time("2023-01-01T00:00:00Z");
  for (const auto& [from, to] :
       {std::pair{gap_end - 5000, gap_end - 4000}, std::pair{gap_end, gap_end + 1000}}) {
    Event event{.kind = EventKind::kCoverage, .at = to, .source = "v2-tweets"};
    event.payload.make().partition = "1";
    event.payload.make().from = from;
    event.payload.make().to = to;
    REQUIRE(test.store->append({&event, 1}));
  }
  for (const std::uint64_t page : {1U, 2U, 3U, 100U}) {
    CHECK(doubted(page) == std::vector<TweetId>{5, before});
  }
}
