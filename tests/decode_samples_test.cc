// The sample files of the platform's reference, line by line, against what they are said to mean.
#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>

#include "recant/time.h"
#include "tests/decode_helpers.h"

using namespace recant;
using decode::BatchIds;
using decode::DecodeOptions;
using decode::LineClass;
using test::decode_line;
using test::sample_lines;
using test::told;

namespace {

using Json = nlohmann::json;

void check_event(const Json& expected, const Event& event, Time when_untold) {
  std::string line;
  decode::append_canonical_line(event, 0, true, line);
  if (expected["event"] == "unknown") {
    CHECK(event.kind == EventKind::kUnknown);
    CHECK_FALSE(event.payload.get().raw.empty());
    return;
  }
  Json wanted = expected;
  for (const char* key : {"file", "line", "note"}) wanted.erase(key);
  if (wanted["at"].is_null()) wanted["at"] = format_time(when_untold);
  CHECK(Json::parse(line) == wanted);
}

void check_samples(DecodeOptions options, Time when_untold) {
  std::map<std::string, std::vector<std::string>> files;
  for (const char* name : {"v2_tweet.jsonl", "v2_user.jsonl", "gnip.jsonl"}) {
    files[name] = sample_lines(name);
  }
  std::size_t checked = 0;
  for (const std::string& text : sample_lines("expected_events.jsonl")) {
    const Json expected = Json::parse(text);
    const auto number = expected["line"].get<std::size_t>();
    const std::string& line = files.at(expected["file"].get<std::string>()).at(number - 1);
    INFO(expected["file"] << ":" << number << " " << line);
    const auto decoded = decode_line(line, options);
    CHECK(decoded.why.empty());
    if (expected["event"] == "notice") {
      CHECK(decoded.line_class == LineClass::kNotice);
      CHECK(decoded.events.empty());
    } else {
      CHECK(decoded.line_class == LineClass::kEvents);
      REQUIRE(decoded.events.size() == 1);
      check_event(expected, decoded.events[0], when_untold);
    }
    ++checked;
  }
  CHECK(checked == files["v2_tweet.jsonl"].size() + files["v2_user.jsonl"].size() +
                       files["gnip.jsonl"].size());
}

}  // namespace

TEST_CASE("every sample line of the streams means what the reference says", "[decode]") {
  check_samples({}, 0);
}

TEST_CASE("sample lines without a time get the default time", "[decode]") {
  check_samples({.default_at = 1234}, 1234);
}

TEST_CASE("the unknown kinds of the samples are kept blanked, at their time", "[decode]") {
  CHECK(
      told(sample_lines("v2_tweet.jsonl").at(13)) ==
      R"({"event":"unknown","at":"2022-12-23T12:34:56.789Z","raw":"{\"data\":{\"tweet_future_kind\":)"
      R"({\"tweet\":{\"id\":\"1587734789333454849\",\"author_id\":\"700000000000000123\"},)"
      R"(\"event_at\":\"2022-12-23T12:34:56.789Z\"}}}"})");
  CHECK(told(sample_lines("gnip.jsonl").at(7)) ==
        R"({"event":"unknown","at":"2022-12-23T12:34:56.789Z","raw":"{\"delete\":{\"unknown\":)"
        R"({\"id\":1,\"id_str\":\"1\"},\"timestamp_ms\":\"1671798896789\"}}"})");
}

TEST_CASE("the raw stream is blank lines, three events and a closing notice", "[decode]") {
  std::vector<std::string> all;
  for (const std::string& line : sample_lines("v2_stream_raw.ndjson")) {
    CHECK(line.ends_with('\r'));
    all.push_back(told(line));
  }
  const std::string deleted =
      R"({"event":"tweet_delete","at":"2022-12-23T12:34:56.789Z","tweet_id":"1587734789333454849",)"
      R"("author_id":"700000000000000123"})";
  CHECK(all == std::vector<std::string>{
                   "blank", deleted, "blank", "blank",
                   R"({"event":"tweet_drop","at":"2022-12-23T12:34:56.789Z",)"
                   R"("tweet_id":"1395114972186411085","author_id":"1399112233445566778"})",
                   deleted, "notice"});
}

TEST_CASE("batch results of tweets are read by their reason", "[decode]") {
  const auto lines = sample_lines("batch_results.jsonl");
  const DecodeOptions options{.default_at = 5, .batch_ids = BatchIds::kTweets};
  const auto at = [&](std::size_t i) { return told(lines.at(i), options); };
  CHECK(at(0) == R"({"event":"tweet_delete","at":"2020-07-29T17:02:47.000Z",)"
                 R"("tweet_id":"1101421820113846273"})");
  CHECK(at(1) == R"({"event":"tweet_unavailable","at":"2020-07-29T17:02:47.000Z",)"
                 R"("tweet_id":"1101421820113846274","why":"protected"})");
  CHECK(at(2) == R"({"event":"tweet_unavailable","at":"2021-07-29T17:02:47.607Z",)"
                 R"("tweet_id":"1101421820113846275","why":"suspended"})");
  CHECK(at(3) == R"({"event":"tweet_delete","at":"1970-01-01T00:00:00.005Z",)"
                 R"("tweet_id":"1101421820113846276"})");
  CHECK(at(4) == R"({"event":"tweet_scrub_geo","at":"1970-01-01T00:00:00.005Z",)"
                 R"("tweet_id":"1101421820113846277"})");
  CHECK(at(5) == R"({"event":"tweet_unavailable","at":"1970-01-01T00:00:00.005Z",)"
                 R"("tweet_id":"1101421820113846278","why":"deactivated"})");
}

TEST_CASE("batch results of users are read by their reason", "[decode]") {
  const auto lines = sample_lines("batch_results.jsonl");
  const DecodeOptions options{.default_at = 5, .batch_ids = BatchIds::kUsers};
  CHECK(told(lines.at(6), options) ==
        R"({"event":"user_protect","at":"1970-01-01T00:00:00.005Z","user_id":"40551327"})");
  CHECK(told(lines.at(7), options) ==
        R"({"event":"user_delete","at":"2022-01-01T00:00:00.000Z","user_id":"40551328"})");
}

TEST_CASE("every sample line of a dataset is rejected as one", "[decode]") {
  const std::string dataset = "rejected: this is a dataset: use check or track";
  for (const char* name : {"dataset_v1.jsonl", "dataset_v2_flat.jsonl"}) {
    for (const std::string& line : sample_lines(name)) {
      INFO(line);
      // Archives hold the events that came while they were written.
      CHECK(told(line) == (line.starts_with(R"({"delete")")
                               ? R"({"event":"tweet_delete","at":"2019-03-03T08:00:00.123Z",)"
                                 R"("tweet_id":"1101436919608246274",)"
                                 R"("author_id":"700000000000000123"})"
                               : dataset));
    }
  }
  const auto activities = sample_lines("dataset_gnip_activity.jsonl");
  REQUIRE(activities.size() == 8);
  for (std::size_t i = 0; i < 6; ++i) CHECK(told(activities[i]) == dataset);
  CHECK(told(activities[6]) == R"({"event":"tweet_delete","at":"1970-01-01T00:00:00.000Z",)"
                               R"("tweet_id":"1101436919608246274"})");
  CHECK(told(activities[7]) == "notice");
  const auto pages = sample_lines("dataset_v2_pages.jsonl");
  REQUIRE(pages.size() == 6);
  for (const std::size_t i : {0U, 1U, 2U, 3U, 5U}) CHECK(told(pages[i]) == dataset);
  CHECK(told(pages[4]) == "notice");
}
