// The firehose's Replay: what is asked for, and what counts as heard.
#include <catch2/catch.hpp>

#include "engine/feed/firehose_replay.h"
#include "tests/feed_support.h"

using namespace recant;
using namespace recant::feed;
using namespace recant::feed_test;

namespace {

constexpr Time kMinute = 60'000;

std::string tweet_line(std::uint64_t id) {
  const std::string text = std::to_string(id);
  return R"({"delete":{"status":{"id":)" + text + R"(,"id_str":")" + text +
         R"("},"timestamp_ms":"1772300000000"}})"
         "\r\n";
}

const std::string kCompleted =
    "{\"info\":{\"message\":\"Replay Request Completed\",\"activity_count\":2}}\r\n";

struct ReplayTest : World {
  ReplayTest() {
    start();
    store.emplace(*Store::open({.directory = directory / "store", .create = true}));
  }
  void answer(const std::string& body, int status = 200) {
    api_server.fail_next("/replay", {.status = status, .body = body, .content_type = "x/y"});
  }
  Result<ReplaySummary> run(Time from, Time to) {
    return replay_firehose({.store = *store, .clock = time, .pace = time, .redact = redact}, *http,
                           {.url = api_server.url() + "/replay", .range = {from, to}});
  }
  TemporaryDirectory directory;
  std::optional<Store> store;
};

}  // namespace

TEST_CASE("a replay is asked for in stretches of two hours, and heard by all partitions",
          "[feed]") {
  ReplayTest test;
  const Time now = test.time.now();  // 10:00:00
  test.answer(tweet_line(1) + "\r\n" + tweet_line(2) + kCompleted);
  test.answer(tweet_line(3) + kCompleted);
  const auto summary = test.run(now - 240 * kMinute + 5, now - 61 * kMinute - 5);
  REQUIRE(summary);
  CHECK(summary->events == 3);
  CHECK(summary->missed.empty());
  const auto asked = test.api_server.seen("GET", "/replay");
  REQUIRE(asked.size() == 2);
  CHECK(asked[0].target == "/replay?fromDate=202603010600&toDate=202603010800");
  CHECK(asked[1].target == "/replay?fromDate=202603010800&toDate=202603010859");
  CHECK(asked[0].header("Accept-Encoding") == "gzip");
  const auto known = *coverage(*test.store->snapshot());
  REQUIRE(known.streams.size() == 8);
  for (const StreamCoverage& each : known.streams) {
    CHECK(each.heard == std::vector<Interval>{{now - 240 * kMinute, now - 61 * kMinute}});
  }
}

TEST_CASE("only what the platform calls complete is heard", "[feed]") {
  ReplayTest test;
  const Time from = test.time.now() - 60 * kMinute;
  const Time to = from + 10 * kMinute;
  test.answer(tweet_line(1));  // ends without a word
  test.answer(tweet_line(1) + R"({"info":{"message":"Replay Request Failed to Complete"}})"
                              "\r\n");
  test.answer("no event\r\n" + kCompleted);
  test.answer("", 503);
  const auto summary = test.run(from, to);
  REQUIRE(summary);
  CHECK(summary->events == 2);
  CHECK(summary->missed == std::vector<Interval>{{from, to}});
  CHECK(coverage(*test.store->snapshot())->streams.empty());
  test.answer(tweet_line(1) +
              R"({"info":{"message":"Replay Request Completed with Errors","minutes_failed":)"
              R"(["2026-03-01T09:05:00+00:00"]}})"
              "\r\n");
  for (int i = 0; i < 3; ++i) test.answer("", 503);
  const auto partly = test.run(from, to);
  REQUIRE(partly);
  CHECK(partly->missed == std::vector<Interval>{{from + 5 * kMinute, from + 6 * kMinute}});
  CHECK(partly->heard ==
        std::vector<Interval>{{from, from + 5 * kMinute}, {from + 6 * kMinute, to}});
  CHECK(
      test.api_server.seen().back().target.ends_with("?fromDate=202603010905&toDate=202603010906"));
}

TEST_CASE("what a replay left out is asked for again, and no more than that", "[feed]") {
  ReplayTest test;
  const Time from = test.time.now() - 60 * kMinute;
  const Time to = from + 10 * kMinute;
  test.answer(tweet_line(1) +
              R"({"info":{"message":"Replay Request Failed to Complete","unprocessed_range":)"
              R"({"fromDate":"2026-03-01T09:04:00+00:00","toDate":"202603010910"}}})"
              "\r\n");
  test.answer(tweet_line(2) +
              R"({"info":{"message":"Replay Request Completed with Errors","minutes_failed":)"
              R"(["2026-03-01T09:06:00+00:00","2026-03-01T09:05:00+00:00"]}})"
              "\r\n");
  test.answer(kCompleted);
  const auto summary = test.run(from, to);
  REQUIRE(summary);
  CHECK(summary->missed.empty());
  const auto asked = test.api_server.seen();
  REQUIRE(asked.size() == 3);
  CHECK(asked[1].target.ends_with("?fromDate=202603010904&toDate=202603010910"));
  CHECK(asked[2].target.ends_with("?fromDate=202603010905&toDate=202603010907"));
  const auto known = *coverage(*test.store->snapshot());
  REQUIRE(known.streams.size() == 8);
  for (const StreamCoverage& each : known.streams) {
    CHECK(each.heard == std::vector<Interval>{{from, to}});
  }
}

TEST_CASE("a replay may end half an hour ago, not later", "[feed]") {
  ReplayTest test;
  const Time now = test.time.now();
  test.answer(kCompleted);
  const auto summary = test.run(now - 60 * kMinute, now - 30 * kMinute - 1);
  REQUIRE(summary);
  CHECK(test.api_server.seen().at(0).target.ends_with("&toDate=202603010930"));
}

TEST_CASE("a replay outside of what the platform keeps is not asked for", "[feed]") {
  ReplayTest test;
  const Time now = test.time.now();
  CHECK(test.run(now - 60 * kMinute, now - 20 * kMinute).error().code ==
        ErrorCode::kInvalidArgument);
  CHECK(test.run(now - 8'000 * kMinute, now - 60 * kMinute).error().code ==
        ErrorCode::kInvalidArgument);
  CHECK(test.run(now - 60 * kMinute, now - 90 * kMinute).error().code ==
        ErrorCode::kInvalidArgument);
  CHECK(test.api_server.seen().empty());
  test.answer("{}", 401);
  CHECK(test.run(now - 60 * kMinute, now - 50 * kMinute).error().code == ErrorCode::kRefused);
}
