// Lines as a whole: what is JSON, what is an event at all, and what is kept of one not understood.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "tests/decode_helpers.h"

using namespace recant;
using decode::BatchIds;
using decode::LineClass;
using test::decode_line;
using test::told;

namespace {

constexpr std::string_view kDeletion =
    R"({"event":"tweet_delete","at":"1970-01-01T00:00:00.005Z","tweet_id":"3"})";
const std::string kDataset = "rejected: this is a dataset: use check or track";
const std::string kNoEvent = "rejected: no event in it";

// A good deletion with `member` beside it, which is not read.
std::string beside(std::string_view member) {
  return told(fmt::format(R"({{{},"delete":{{"status":{{"id":3}},"timestamp_ms":"5"}}}})", member));
}

// The raw of the only, unknown, event.
std::string raw_of(std::string_view text, decode::DecodeOptions options = {}) {
  const auto line = decode_line(text, options);
  if (line.events.size() != 1) return "no event: " + line.why;
  if (line.events[0].kind != EventKind::kUnknown) return "not unknown";
  return line.events[0].payload.get().raw;
}

Time at_of(std::string_view text) {
  const auto line = decode_line(text);
  return line.events.size() == 1 ? line.events[0].at : -1;
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  while (times-- > 0) out += text;
  return out;
}

}  // namespace

TEST_CASE("lines of white space are blank", "[decode]") {
  for (const char* line : {"", " ", "\r", "\t \r", "\n"}) CHECK(told(line) == "blank");
  CHECK(told("\xc2\xa0") == "rejected: not JSON");
}

TEST_CASE("what is not JSON, or no object, is rejected", "[decode]") {
  CHECK(told("null") == "rejected: not an object");
  CHECK(told("12345") == "rejected: not an object");
  CHECK(told("\"delete\"") == "rejected: not an object");
  CHECK(told(R"([{"delete":{"status":{"id":3}}}])") == "rejected: not an object");
  CHECK(told("hello") == "rejected: not JSON");
  CHECK(told("{}") == kNoEvent);
  CHECK(told(R"({"delete":{"status":{"id":3}})") == "rejected: not JSON");
  CHECK(told(R"({"delete":{"status":{"id":3}}}})") == "rejected: not JSON");
  CHECK(told(R"({"delete":{"status":{"id":3}}} {})") == "rejected: not JSON");
  CHECK(told(R"({"delete":{"status":{"id":3}},})") == "rejected: not JSON");
  CHECK(told(R"({'delete':{}})") == "rejected: not JSON");
  CHECK(told(R"({"delete":{"status":{"id":3)") == "rejected: not JSON");
  CHECK(told(R"({"delete)") == "rejected: not JSON: a string without its end");
  CHECK(told("\xef\xbb\xbf{}") == "rejected: not JSON");
  CHECK(beside("\"x\":\"\xff\"") == "rejected: not JSON: invalid UTF-8");
  CHECK(beside("\"x\":\"\xc0\xaf\"") == "rejected: not JSON: invalid UTF-8");
  CHECK(beside("\"x\":\"\xed\xa0\x80\"") == "rejected: not JSON: invalid UTF-8");
  CHECK(beside(std::string_view("\"x\":\"\0\"", 7)) == "rejected: not JSON: a NUL byte");
  CHECK(beside(std::string_view("\"x\":\0001", 6)) == "rejected: not JSON: a NUL byte");
  CHECK(beside("\"x\":\"\x01\"") == "rejected: not JSON: a control character in a string");
  CHECK(beside(R"("x":"\q")") == "rejected: not JSON: a malformed escape in a string");
  CHECK(beside(R"("x":"\u12g4")") == "rejected: not JSON: a malformed escape in a string");
}

TEST_CASE("64 levels of nesting are read, 65 are not", "[decode]") {
  // The line's own object is the first level.
  for (const char* inner : {"", "1", "{}", "\"[[[[\""}) {
    const std::size_t own = std::string_view(inner) == "{}" ? 1 : 0;
    const auto nested = [&](std::size_t levels) {
      const std::size_t arrays = levels - 1 - own;
      return beside("\"x\":" + repeated("[", arrays) + inner + repeated("]", arrays));
    };
    INFO(inner);
    CHECK(nested(64) == kDeletion);
    CHECK(nested(65) == "rejected: nested deeper than 64");
    CHECK(nested(66) == "rejected: nested deeper than 64");
    CHECK(nested(5000) == "rejected: nested deeper than 64");
  }
  CHECK(beside("\"x\":[" + repeated("[],", 500) + "[]]") == kDeletion);
  CHECK(beside("\"x\":" + repeated("{\"a\":", 63) + "1" + repeated("}", 63)) == kDeletion);
  CHECK(beside("\"x\":" + repeated("{\"a\":", 64) + "1" + repeated("}", 64)) ==
        "rejected: nested deeper than 64");
}

TEST_CASE("a number too large for any type does not reject a line where it is not read",
          "[decode]") {
  for (const char* number :
       {"1e999", "-1e999", "1E+999", "123456789012345678901234567890", "18446744073709551616",
        "-9223372036854775809", "1.5e400", "1e-999", "0.1e1000000000000000000000", "1.7e309"}) {
    INFO(number);
    CHECK(beside(fmt::format(R"("x":{})", number)) == kDeletion);
    CHECK(beside(fmt::format(R"("x":[{0},{{"id":{0}}},{0}])", number)) == kDeletion);
    CHECK(beside(fmt::format(R"("x":{},"y\"":"\\","z":"{}")", number, number)) == kDeletion);
  }
  CHECK(told("123456789012345678901234567890") == "rejected: not an object");
}

TEST_CASE("a malformed number rejects the line, also beside one that is too large", "[decode]") {
  for (const char* number : {"01", "1.", ".5", "1e", "1e+", "-", "+1", "1x", "0x10", "1e999.5",
                             "--1", "1-2", "00e999", "Infinity", "1_000", "1e999x"}) {
    INFO(number);
    CHECK(beside(fmt::format(R"("x":{})", number)).starts_with("rejected: not JSON"));
    CHECK(beside(fmt::format(R"("x":1e999,"y":{})", number)).starts_with("rejected: not JSON"));
  }
}

TEST_CASE("half a surrogate pair is legal in a string that is not read", "[decode]") {
  for (const char* text : {R"(\ud800)", R"(\uDFFF)", R"(\ud83dx)", R"(\ud83d\ud83d\ude00)",
                           R"(\ude00\ud83d)", R"(\\\ud800)", R"(\ud800\u0041\")"}) {
    INFO(text);
    CHECK(beside(fmt::format(R"("x":"{}")", text)) == kDeletion);
    CHECK(beside(fmt::format(R"("{}":1e999)", text)) == kDeletion);
  }
  CHECK(beside(R"("x":"\\ud800 \ud83d\ude00")") == kDeletion);
}

TEST_CASE("an unknown kind is kept whole, minified and blanked", "[decode]") {
  CHECK(raw_of(R"( { "data" : { "new_kind" : { "a" : "secret" , "b" : [ "x y" , 1.50 , -0 , 1E5,)"
               R"( true, false , null , { } , [ ] ] , "id" : "0012" } } , "meta\"\\" : "m" } )") ==
        R"({"data":{"new_kind":{"a":"","b":["",1.50,-0,1E5,true,false,null,{},[]],"id":"0012"}},)"
        R"("meta\"\\":""})");
  CHECK(raw_of(R"({"new_kind":{"s":""}})") == R"({"new_kind":{"s":""}})");
  CHECK(
      raw_of(R"({"new_kind":{"n":[1e999,123456789012345678901234567890,{"\ud800":"\ud800"}]}})") ==
      R"({"new_kind":{"n":[1e999,123456789012345678901234567890,{"\ud800":""}]}})");
}

TEST_CASE("of strings in an unknown event only digits, times and two letters stay", "[decode]") {
  const auto kept = [](std::string_view text) {
    const std::string raw = raw_of(fmt::format(R"({{"new":{{"v":"{}"}}}})", text));
    return raw.substr(13, raw.size() - 16);
  };
  for (const char* text : {"0", "00123", "99999999999999999999999999999999", "DE", "de", "Xy",
                           "2022-12-23T12:34:56Z", "2022-12-23t12:34:56.123456789+05:30"}) {
    CHECK(kept(text) == text);
  }
  for (const char* text : {"1.5",
                           "-1",
                           "1 ",
                           "d",
                           "D1",
                           "DEU",
                           "d,",
                           "é",
                           "\xc3\xa9\xc3\xa9",
                           "2022-12-23",
                           "2022-12-23T12:34:56",
                           "2022-13-23T12:34:56Z",
                           "secret",
                           R"(\")",
                           R"(\\)",
                           R"(\n\n)",
                           R"(\u00e9\u00e9)",
                           R"(a\")",
                           R"(\ud83d\ude00)",
                           R"(12\n)",
                           "\xd9\xa1\xd9\xa2"}) {
    INFO(text);
    CHECK(kept(text) == "");
  }
  CHECK(kept(R"(\u0031\u0032)") == "12");
  CHECK(kept(R"(\u0064e)") == "de");
}

TEST_CASE("an unknown event has its time where that can be read, else 0", "[decode]") {
  CHECK(at_of(R"({"data":{"new":{"event_at":"1970-01-01T00:00:01Z"}}})") == 1000);
  CHECK(at_of(R"({"new":{"timestamp_ms":"7"}})") == 7);
  CHECK(at_of(R"({"new":{"timestamp_ms":7,"event_at":"soon"}})") == 7);
  CHECK(at_of(R"({"new":{"event_at":"soon"}})") == 0);
  CHECK(at_of(R"({"new":{"event_at":1e999}})") == 0);
  CHECK(at_of(R"({"new":{"inner":{"event_at":7}}})") == 0);
  CHECK(decode_line(R"({"new":{}})", {.default_at = 9}).events.at(0).at == 0);
  CHECK(told(R"({"new":{"event_at":7,"event_at":7}})") ==
        "rejected: the key event_at is given twice");
}

TEST_CASE("an unknown event over 64 KiB is rejected, measured after blanking", "[decode]") {
  const std::string frame = R"({"new":{"n":""}})";
  const auto of_digits = [&](std::size_t bytes) {
    return R"({"new":{"n":")" + std::string(bytes - frame.size(), '1') + R"("}})";
  };
  CHECK(raw_of(of_digits(kRawBytesMax)).size() == kRawBytesMax);
  CHECK(told(of_digits(kRawBytesMax + 1)) == "rejected: an unknown event over 64 KiB");
  CHECK(raw_of(R"({"new":{"n":")" + std::string(1 << 20, 'x') + R"("}})") == frame);
}

TEST_CASE("an unknown kind is told by one key with an object", "[decode]") {
  CHECK(raw_of(R"({"data":{"new":{}},"matching_rules":[1]})") ==
        R"({"data":{"new":{}},"matching_rules":[1]})");
  CHECK(raw_of(R"({"data":{"new":{}},"errors":[{"title":"t"}]})") ==
        R"({"data":{"new":{}},"errors":[{"title":""}]})");
  for (const char* line :
       {R"({"new":1})", R"({"new":[{}]})", R"({"new":{},"other":1})", R"({"data":{}})",
        R"({"data":{"new":1}})", R"({"data":{"a":{},"b":{}}})", R"({"data":"x"})",
        R"({"data":null})", R"({"for_user_id":"1","favorite_events":[{}]})",
        R"({"deleted":true,"interaction":{},"twitter":{"id":"1"}})", R"({"errors":null})",
        R"({"event":5,"tweet_id":"1"})"}) {
    INFO(line);
    CHECK(told(line) == kNoEvent);
  }
}

TEST_CASE("stream messages that are no events are notices", "[decode]") {
  for (const char* line :
       {R"({"errors":[{"title":"x"}]})", R"({"errors":[]})", R"({"error":{"message":"x"}})",
        R"({"error":"x"})", R"({"info":{"message":"x"}})", R"({"warning":{"code":"x"}})",
        R"({"limit":{"track":1}})", R"({"disconnect":{"code":4}})",
        R"({"title":"x","type":"about:blank","detail":"y"})", R"({"errors":[1],"data":null})",
        R"({"error":{"message":"x"},"sent":"now"})"}) {
    INFO(line);
    CHECK(told(line) == "notice");
  }
  CHECK(told(R"({"title":"x"})") == kNoEvent);
}

TEST_CASE("tweets and pages among events are named as a dataset", "[decode]") {
  for (const char* line :
       {R"({"id":1,"id_str":"1","text":"x","user":{"id":2}})", R"({"id":"1","author_id":"2"})",
        R"({"id":"1"})", R"({"id":1})", R"({"id_str":"1","user":{}})",
        R"({"id":"1","username":"u"})", R"({"id":"1","edit_history_tweet_ids":["1"]})",
        R"({"data":[{"id":"1"}],"errors":[{}]})", R"({"data":{"id":"1","text":"x"},"errors":[{}]})",
        R"({"data":[]})", R"({"meta":{}})", R"({"id":"tag:x:1","verb":"post","actor":{}})",
        R"({"id":"tag:x:1","objectType":"activity"})", R"({"id":"1","text":"x","error":"y"})",
        R"({"id":1e999,"text":"x"})"}) {
    INFO(line);
    CHECK(told(line) == kDataset);
  }
  CHECK(told(R"({"id":"abc"})") == kNoEvent);
}

TEST_CASE("a webhook line holds deletes, all of them good or none taken", "[decode]") {
  const auto webhook = [](std::string_view items) {
    return told(fmt::format(R"({{"for_user_id":"7","tweet_delete_events":{}}})", items));
  };
  CHECK(
      webhook(R"([{"status":{"id":3},"timestamp_ms":5},{"status":{"id":"4","user_id":"8"}}])") ==
      std::string(kDeletion) +
          "\n"
          R"({"event":"tweet_delete","at":"1970-01-01T00:00:00.000Z","tweet_id":"4","author_id":"8"})");
  CHECK(webhook(R"([{"status":{"id":3}},{"status":{"id":0}}])") ==
        "rejected: id is not an id from 1 to 2^64-1");
  CHECK(webhook(R"([{"status":{"id":3}},{"status":{}}])") == "rejected: no tweet id");
  CHECK(webhook(R"([{"status":{"id":3}},{}])") ==
        "rejected: tweet_delete_events holds an object without a status");
  CHECK(webhook(R"([{"status":{"id":3}},5])") ==
        "rejected: tweet_delete_events holds what is not an object");
  CHECK(webhook("[]") == "rejected: tweet_delete_events is empty");
  CHECK(webhook("{}") == "rejected: tweet_delete_events is not an array");
}

TEST_CASE("an activity with the verb delete is a tweet_delete at its postedTime", "[decode]") {
  CHECK(
      told(
          R"({"id":"tag:search.x.com,2005:3","verb":"delete","postedTime":"1970-01-01T00:00:00.005Z"})") ==
      kDeletion);
  CHECK(
      told(R"({"id":"3","verb":"delete","postedTime":5,"actor":{"id":"id:twitter.com:8"}})") ==
      R"({"event":"tweet_delete","at":"1970-01-01T00:00:00.005Z","tweet_id":"3","author_id":"8"})");
  CHECK(told(R"({"id":3,"verb":"delete","objectType":"activity","actor":{}})", {.default_at = 5}) ==
        kDeletion);
  CHECK(told(R"({"verb":"delete"})") == "rejected: no tweet id");
  CHECK(told(R"({"id":"tag:x:","verb":"delete"})") ==
        "rejected: id does not end in an id from 1 to 2^64-1: \"tag:x:\"");
  CHECK(told(R"({"id":"x","verb":"delete"})") ==
        "rejected: id is not an id from 1 to 2^64-1: \"x\"");
  CHECK(told(R"({"id":"3","verb":"delete","verb":"post"})") ==
        "rejected: the key verb is given twice");
  CHECK(told(R"({"id":"3","verb":"delete","postedTime":"x"})") ==
        "rejected: postedTime is not a time: \"x\"");
}

TEST_CASE("batch results need to know what their ids are", "[decode]") {
  const std::string line = R"({"id":"3","action":"delete","redacted_at":5,"reason":"deleted"})";
  CHECK(
      told(line) ==
      "rejected: a batch result line: say what its ids are with --format batch-tweets|batch-users");
  CHECK(told(line, {.default_at = {}, .batch_ids = BatchIds::kTweets}) == kDeletion);
  CHECK(told(line, {.default_at = {}, .batch_ids = BatchIds::kUsers}) ==
        R"({"event":"user_delete","at":"1970-01-01T00:00:00.005Z","user_id":"3"})");
}

TEST_CASE("batch results are read by action, reason and time", "[decode]") {
  const auto tweet = [](std::string_view members, std::optional<Time> default_at = 5) {
    return told(fmt::format(R"({{"id":"3"{}}})", members),
                {.default_at = default_at, .batch_ids = BatchIds::kTweets});
  };
  const auto user = [](std::string_view reason) {
    const auto line =
        decode_line(fmt::format(R"({{"id":"3","action":"delete","reason":{}}})", reason),
                    {.default_at = 5, .batch_ids = BatchIds::kUsers});
    return line.events.empty() ? line.why : std::string(event_kind_name(line.events[0].kind));
  };
  for (const char* reason :
       {"", R"(,"reason":null)", R"(,"reason":"deleted")", R"(,"reason":"bounced")",
        R"(,"reason":"new reason")", R"(,"reason":"")", R"(,"reason":7)"}) {
    CHECK(tweet(std::string(R"(,"action":"delete")") + reason) == kDeletion);
  }
  for (const char* reason :
       {"null", R"("deleted")", R"("deactivated")", R"("scrub_geo")", R"("x")"}) {
    CHECK(user(reason) == "user_delete");
  }
  CHECK(user(R"("protected")") == "user_protect");
  CHECK(user(R"("suspended")") == "user_suspend");
  CHECK(tweet(R"(,"action":"delete","redacted_at":7)") ==
        R"({"event":"tweet_delete","at":"1970-01-01T00:00:00.007Z","tweet_id":"3"})");
  CHECK(tweet(R"(,"action":"delete")", std::nullopt) ==
        "rejected: no redacted_at (give a time with --default-at)");
  CHECK(tweet(R"(,"action":"delete","redacted_at":"x")") ==
        "rejected: redacted_at is not a time: \"x\"");
  CHECK(tweet(R"(,"action":"restore","redacted_at":7)") ==
        R"({"event":"unknown","at":"1970-01-01T00:00:00.000Z",)"
        R"("raw":"{\"id\":\"3\",\"action\":\"\",\"redacted_at\":7}"})");
  CHECK(tweet(R"(,"action":"delete","id":"4")") == "rejected: the key id is given twice");
  CHECK(tweet(R"(,"action":"delete","action":"x")") == "rejected: the key action is given twice");
}

TEST_CASE("what is echoed of a line is escaped and short", "[decode]") {
  const std::string why = told(R"({"delete":{"status":{"id":"\u001b[31m\"\\\u007f)"
                               "\xc2\x9b" +
                               std::string(500, 'x') + R"("}}})");
  CHECK(why.starts_with(
      R"(rejected: id is not an id from 1 to 2^64-1: "\x1b[31m\x22\x5c\x7f\xc2\x9bxxx)"));
  CHECK(why.ends_with("xxx...\""));
  CHECK(why.size() - why.find('"') == 80);
}

TEST_CASE("one decoder reads lines of any size, one after another", "[decode]") {
  decode::EventDecoder decoder({});
  std::vector<Event> events;
  std::size_t expected = 0;
  for (const std::size_t size : {10U, 5'000U, 3'000'000U, 10U, 100'000U, 1'100'000U, 1U}) {
    std::string line = fmt::format(R"({{"x":"{}","y":1e999,"delete":{{"status":{{"id":3}}}}}})",
                                   std::string(size, 'a'));
    const std::size_t bytes = line.size();
    line.append(decode::kLinePadding, '}');
    CHECK(decoder.decode(std::string_view(line).substr(0, bytes), events).line_class ==
          LineClass::kEvents);
    CHECK(events.size() == ++expected);
    CHECK(decoder.decode(std::string_view(line).substr(0, bytes - 1), events).line_class ==
          LineClass::kRejected);
    CHECK(events.size() == expected);
  }
  decode::EventDecoder moved = std::move(decoder);
  const std::string notice = R"({"limit":{}})" + std::string(decode::kLinePadding, ' ');
  CHECK(moved.decode(std::string_view(notice).substr(0, 12), events).line_class ==
        LineClass::kNotice);
}
