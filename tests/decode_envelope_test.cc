// Event envelopes of every wire form: which members are read, and what a malformed one says.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "tests/decode_helpers.h"

using namespace recant;
using decode::LineClass;
using test::decode_line;
using test::told;

namespace {

constexpr std::string_view kTwoKinds = "rejected: two kinds in one envelope";

// A delete of `members` in a status object, read at 5 ms.
std::string deleted(std::string_view members) {
  return told(fmt::format(R"({{"delete":{{"status":{{{}}},"timestamp_ms":"5"}}}})", members));
}

std::string deletion_of(std::string_view id, std::string_view author = "") {
  std::string line = fmt::format(
      R"({{"event":"tweet_delete","at":"1970-01-01T00:00:00.005Z","tweet_id":"{}")", id);
  if (!author.empty()) line += fmt::format(R"(,"author_id":"{}")", author);
  return line + "}";
}

// The time that `members` beside a status give to a permanent kind.
std::string timed(std::string_view members) {
  const auto line = decode_line(fmt::format(R"({{"delete":{{"status":{{"id":1}}{}}}}})", members));
  return line.events.empty() ? line.why : std::to_string(line.events.at(0).at);
}

std::string withheld_in(std::string_view countries) {
  const auto line = decode_line(fmt::format(
      R"({{"withheld":{{"tweet":{{"id":1}},"withheld_in_countries":{}}}}})", countries));
  if (line.events.empty()) return line.why;
  std::string names;
  for (const Country code : line.events.at(0).payload.get().countries) names += country_name(code);
  return names;
}

}  // namespace

TEST_CASE("ids are exact at every limit, as text and as number", "[decode]") {
  for (const char* id : {"1", "9007199254740993", "9223372036854775807", "9223372036854775808",
                         "18446744073709551615"}) {
    CHECK(deleted(fmt::format(R"("id":{})", id)) == deletion_of(id));
    CHECK(deleted(fmt::format(R"("id":"{}")", id)) == deletion_of(id));
    CHECK(deleted(fmt::format(R"("id":"2","user_id":{})", id)) == deletion_of("2", id));
  }
  CHECK(deleted(R"("id":"007")") == deletion_of("7"));
}

TEST_CASE("ids that are not exact or out of range are rejected", "[decode]") {
  for (const char* id : {"0", "-1", "1e3", "1.0", "1E0", "18446744073709551616", "1e999",
                         "100000000000000000000000000000", "true", "[1]", "{}"}) {
    INFO(id);
    CHECK(deleted(fmt::format(R"("id":{})", id)) == "rejected: id is not an id from 1 to 2^64-1");
  }
  for (const char* id : {"", "0", "-1", "+1", "1e3", "1.0", "18446744073709551616",
                         "000000000000000000001", " 1", "1 ", "abc"}) {
    CHECK(deleted(fmt::format(R"("id":"{}")", id)) ==
          fmt::format("rejected: id is not an id from 1 to 2^64-1: \"{}\"", id));
  }
  CHECK(deleted(R"("id":null)") == "rejected: no tweet id");
  CHECK(deleted("") == "rejected: no tweet id");
}

TEST_CASE("X_str wins over X, which is then not even looked at", "[decode]") {
  CHECK(deleted(R"("id":1587734789333454800,"id_str":"1587734789333454849")") ==
        deletion_of("1587734789333454849"));
  CHECK(deleted(R"("id":1208925819614629174706176,"id_str":"3")") == deletion_of("3"));
  CHECK(deleted(R"("id":"garbage","id_str":"3")") == deletion_of("3"));
  CHECK(deleted(R"("id":4,"id":5,"id_str":"3")") == deletion_of("3"));
  CHECK(deleted(R"("id":{"id":1},"id_str":"3","user_id":1e999,"user_id_str":"8")") ==
        deletion_of("3", "8"));
  CHECK(deleted(R"("id_str":null,"id":4)") == deletion_of("4"));
  CHECK(deleted(R"("id_str":"x","id":4)") ==
        "rejected: id_str is not an id from 1 to 2^64-1: \"x\"");
  CHECK(deleted(R"("id_str":"3","id_str":"3","id":4)") ==
        "rejected: the key id_str is given twice");
}

TEST_CASE("a key that is read and given twice rejects the line, naming the key", "[decode]") {
  CHECK(deleted(R"("id":1,"id":1)") == "rejected: the key id is given twice");
  CHECK(deleted(R"("id":null,"id":1)") == "rejected: the key id is given twice");
  CHECK(deleted(R"("id":1,"\u0069d":2)") == "rejected: the key id is given twice");
  CHECK(told(R"({"data":{"drop":{"tweet":{"id":"1"},"tweet":{"id":"1"},"event_at":5}}})") ==
        "rejected: the key tweet is given twice");
  CHECK(timed(R"(,"event_at":5,"event_at":5)") == "the key event_at is given twice");
  CHECK(told(R"({"delete":{"status":{"id":1}},"delete":{"status":{"id":1}}})") ==
        "rejected: the key delete is given twice");
  CHECK(told(R"({"data":{"delete":{"status":{"id":1}}},"data":1})") ==
        "rejected: the key data is given twice");
}

TEST_CASE("unknown members, their order, repetition and escapes do not matter", "[decode]") {
  CHECK(
      told(R"( { "x" : 1 , "data" : { "new":[{}], "delete" : { "event_at" : 5 , "y" : null,)"
           R"( "y": {"id": 7}, "tweet" : { "z": 1e999, "author_id" : "8" , "\u0069d" : "3" } } },)"
           R"( "x": 2, "errors": [{"title":"t"}] } )") == deletion_of("3", "8"));
}

TEST_CASE("one envelope holds exactly one kind", "[decode]") {
  CHECK(told(R"({"delete":{"status":{"id":1}},"drop":{"status":{"id":1}}})") ==
        std::string(kTwoKinds) + ": delete and drop");
  CHECK(told(R"({"data":{"delete":{"tweet":{"id":1}},"user_delete":{"user":{"id":1}}}})") ==
        std::string(kTwoKinds) + ": delete and user_delete");
  CHECK(told(R"({"delete":{"status":{"id":1}},"data":{"drop":{"tweet":{"id":1}}}})") == kTwoKinds);
  CHECK(told(R"({"delete":{"status":{"id":1}},"tweet_delete_events":[]})") == kTwoKinds);
  CHECK(told(R"({"delete":{"status":{"id":1},"timestamp_ms":5},"data":{"new":{}},"drop":null})") ==
        deletion_of("1"));
}

TEST_CASE("a kind beside anything else is still an event", "[decode]") {
  for (const char* beside :
       {R"("errors":[{"title":"x"}])", R"("error":{"message":"x"})", R"("event":"new field")",
        R"("id":"5","text":"x")", R"("id":"5","action":"delete")", R"("verb":"post","actor":{})",
        R"("data":[1])", R"("title":"x","type":"y")"}) {
    INFO(beside);
    CHECK(told(fmt::format(R"({{"delete":{{"status":{{"id":1}},"timestamp_ms":5}},{}}})",
                           beside)) == deletion_of("1"));
  }
}

TEST_CASE("a kind whose value is not an object is rejected", "[decode]") {
  for (const char* value : {"null", "1", "\"x\"", "[{}]", "true"}) {
    CHECK(told(fmt::format(R"({{"delete":{}}})", value)) == "rejected: delete is not an object");
    CHECK(told(fmt::format(R"({{"data":{{"user_protect":{}}}}})", value)) ==
          "rejected: user_protect is not an object");
  }
}

TEST_CASE("the field withheld of a tweet or user is no event", "[decode]") {
  const std::string dataset = "rejected: this is a dataset: use check or track";
  const std::string field =
      R"("withheld":{"copyright":true,"country_codes":["DE"],"scope":"tweet"})";
  CHECK(told(R"({"id":"1","text":"x",)" + field + "}") == dataset);
  CHECK(told("{" + field + R"(,"id_str":"1"})") == dataset);
  CHECK(told(R"({"data":{"id":"1",)" + field + "}}") == dataset);
  CHECK(told(R"({"id":"1","text":"x","withheld":null})") == dataset);
  CHECK(told("{" + field + "}") == "rejected: no tweet id");
  CHECK(
      told(R"({"id":"1","withheld":{"tweet":{"id":"3"},"withheld_in_countries":["DE"]}})") ==
      R"({"event":"tweet_withheld","at":"1970-01-01T00:00:00.000Z","tweet_id":"3","countries":["DE"]})");
  CHECK(
      told(R"({"id":"1","withheld":{"id":"3","withheld_in_countries":["DE"]}})") ==
      R"({"event":"tweet_withheld","at":"1970-01-01T00:00:00.000Z","tweet_id":"3","countries":["DE"]})");
}

TEST_CASE("a tweet is named under tweet or status, and flat only where the wire does so",
          "[decode]") {
  CHECK(told(R"({"data":{"delete":{"status":{"id":1,"user_id":8},"event_at":5}}})") ==
        deletion_of("1", "8"));
  CHECK(told(R"({"delete":{"tweet":{"id":1,"author_id":8,"user_id":"x"},"timestamp_ms":5}})") ==
        deletion_of("1", "8"));
  CHECK(told(R"({"delete":{"tweet":{"id":1},"status":{"id":1}}})") ==
        "rejected: both a tweet and a status");
  CHECK(told(R"({"delete":{"tweet":{"id":1},"status":null,"event_at":5}})") == deletion_of("1"));
  CHECK(told(R"({"delete":{"tweet":1}})") == "rejected: tweet is not an object");
  CHECK(told(R"({"drop":{"id":1,"timestamp_ms":5}})") == "rejected: no tweet id");
  CHECK(told(R"({"status_withheld":{"id_str":"3","user_id_str":"8","quote_tweet_id":4,)"
             R"("withheld_in_countries":["DE"],"timestamp_ms":5}})") ==
        R"({"event":"tweet_withheld","at":"1970-01-01T00:00:00.005Z","tweet_id":"3",)"
        R"("author_id":"8","quote_tweet_id":"4","countries":["DE"]})");
}

TEST_CASE("a delete is of a tweet, of a favorite, or unknown, and never of both", "[decode]") {
  const std::string favorite =
      R"({"event":"favorite_delete","at":"1970-01-01T00:00:00.005Z","tweet_id":"3","user_id":"8"})";
  CHECK(told(R"({"delete":{"favorite":{"tweet_id":3,"id":"x","user_id":8},"timestamp_ms":5}})") ==
        favorite);
  CHECK(told(R"({"data":{"delete":{"favorite":{"id_str":"3","user_id_str":"8"},"event_at":5}}})") ==
        favorite);
  CHECK(told(R"({"delete":{"favorite":{"id":3}}})") == "rejected: no user id");
  CHECK(told(R"({"delete":{"favorite":{"id":3,"user_id":8},"tweet":{"id":3}}})") ==
        "rejected: delete of both a tweet and a favorite");
  CHECK(told(R"({"delete":{"tweet":null,"event_at":5}})") ==
        R"({"event":"unknown","at":"1970-01-01T00:00:00.005Z",)"
        R"("raw":"{\"delete\":{\"tweet\":null,\"event_at\":5}}"})");
}

TEST_CASE("a tweet_edit needs its chain, up to 1000 ids", "[decode]") {
  const auto edit = [](std::string_view members) {
    return told(fmt::format(R"({{"tweet_edit":{{"id":3,"timestamp_ms":5{}}}}})", members));
  };
  const std::string head =
      R"({"event":"tweet_edit","at":"1970-01-01T00:00:00.005Z","tweet_id":"3",)";
  CHECK(edit(R"(,"initial_tweet_id":1,"edit_tweet_ids":[1,"3"],"user_id":8)") ==
        head + R"("author_id":"8","initial_tweet_id":"1","edit_tweet_ids":["1","3"]})");
  CHECK(told(R"({"data":{"tweet_edit":{"tweet":{"id":"3"},"author_id":"8","initial_tweet_id":"1",)"
             R"("edit_tweet_ids":["3"],"event_at":5}}})") ==
        head + R"("author_id":"8","initial_tweet_id":"1","edit_tweet_ids":["3"]})");
  CHECK(edit(R"(,"edit_tweet_ids":[1])") == "rejected: no initial_tweet_id");
  CHECK(edit(R"(,"initial_tweet_id":1)") == "rejected: no edit_tweet_ids");
  CHECK(edit(R"(,"initial_tweet_id":1,"edit_tweet_ids":[])") == "rejected: no edit_tweet_ids");
  CHECK(edit(R"(,"initial_tweet_id":1,"edit_tweet_ids":"1")") ==
        "rejected: edit_tweet_ids is not an array");
  CHECK(edit(R"(,"initial_tweet_id":1,"edit_tweet_ids":[1,null])") ==
        "rejected: edit_tweet_ids holds what is not an id from 1 to 2^64-1");
  std::string ids = "1";
  for (int i = 1; i < 1000; ++i) ids += ",1";
  CHECK(edit(R"(,"initial_tweet_id":1,"edit_tweet_ids":[)" + ids + "]").starts_with(head));
  CHECK(edit(R"(,"initial_tweet_id":1,"edit_tweet_ids":[)" + ids + ",1]") ==
        "rejected: more than 1000 edit_tweet_ids");
}

TEST_CASE("user kinds name their user in an object or flat", "[decode]") {
  for (const char* user : {R"("user":{"id":"9"})", R"("user":{"id":1.5,"id_str":"9"},"id":"x")",
                           R"("id":9)", R"("id":9,"user":null)", R"("user_id_str":"9")"}) {
    INFO(user);
    CHECK(told(fmt::format(R"({{"user_suspend":{{{},"timestamp_ms":"5"}}}})", user)) ==
          R"({"event":"user_suspend","at":"1970-01-01T00:00:00.005Z","user_id":"9"})");
  }
  CHECK(told(R"({"user_suspend":{"user":"9","timestamp_ms":5}})") ==
        "rejected: user is not an object");
  CHECK(told(R"({"user_suspend":{"timestamp_ms":5}})") == "rejected: no user id");
  CHECK(
      told(R"({"scrub_geo":{"user_id":9,"up_to_tweet_id_str":"3","timestamp_ms":5}})") ==
      R"({"event":"scrub_geo","at":"1970-01-01T00:00:00.005Z","user_id":"9","up_to_tweet_id":"3"})");
  CHECK(told(R"({"scrub_geo":{"user_id":9}})") == "rejected: no up_to_tweet_id");
  CHECK(told(R"({"scrub_geo":{"up_to_status_id":9}})") == "rejected: no user id");
}

TEST_CASE("a profile modification keeps the field's name and never its value", "[decode]") {
  const auto line =
      decode_line(R"({"data":{"user_profile_modification":{"user":{"id":"9"},"event_at":5,)"
                  R"("profile_field":"profile.name","new_value":"secret"}}})");
  REQUIRE(line.events.size() == 1);
  CHECK(line.events[0].payload.get().field == "profile.name");
  std::string text;
  decode::append_canonical_line(line.events[0], 0, true, text);
  CHECK(text.find("secret") == std::string::npos);
  CHECK(told(R"({"user_profile_modification":{"id":9,"event_at":5,"profile_field":"a b"}})") ==
        "rejected: profile_field is not a field's name");
  CHECK(told(R"({"user_profile_modification":{"id":9,"event_at":5}})") ==
        "rejected: profile_field is not a field's name");
  CHECK(told(R"({"user_profile_modification":{"id":9,"event_at":5,"profile_field":3}})") ==
        "rejected: profile_field is not a string");
}

TEST_CASE("countries come as a list or one string, in any case and order", "[decode]") {
  CHECK(withheld_in(R"(["de","AR","De"])") == "ARDE");
  CHECK(withheld_in(R"("de, AR ,xy")") == "ARDEXY");
  CHECK(withheld_in(R"("XX")") == "XX");
  CHECK(withheld_in("[]") == "no country code");
  CHECK(withheld_in("null") == "no country code");
  for (const char* list : {R"("")", R"("DE,")", R"(["DEU"])", R"(["D"])", R"([""])", R"(["D1"])",
                           R"([" DE"])", R"([5])", R"({"DE":1})", R"("D E")", R"(["é"])"}) {
    INFO(list);
    CHECK(withheld_in(list) == "withheld_in_countries is not a list of two-letter codes");
  }
}

TEST_CASE("times are RFC 3339 or milliseconds, in any of the three members", "[decode]") {
  CHECK(timed(R"(,"event_at":"1970-01-01T00:00:01+00:00")") == "1000");
  CHECK(timed(R"(,"event_at":"7")") == "7");
  CHECK(timed(R"(,"event_at":7)") == "7");
  CHECK(timed(R"(,"timestamp_ms":"7")") == "7");
  CHECK(timed(R"(,"timestampMs":"1970-01-01t00:00:01z")") == "1000");
  CHECK(timed(R"(,"timestampMs":"x","timestamp_ms":"y","event_at":7)") == "7");
  CHECK(timed(R"(,"event_at":null,"timestamp_ms":7)") == "7");
  CHECK(timed(R"(,"event_at":253402300799999)") == "253402300799999");
}

TEST_CASE("a time that is there and cannot be read rejects the line", "[decode]") {
  for (const char* time :
       {"7.0", "7e0", "-7", "253402300800000", "18446744073709551615", "1e999", "true", "[7]"}) {
    INFO(time);
    CHECK(timed(fmt::format(R"(,"event_at":{},"timestamp_ms":"5")", time)) ==
          "event_at is not a time");
  }
  for (const char* time : {"", "now", "2022-12-23T12:34:56", "2022-13-01T00:00:00Z",
                           "2022-02-30T00:00:00Z", "1969-12-31T23:59:59Z", "7 "}) {
    CHECK(timed(fmt::format(R"(,"event_at":"{}")", time)) ==
          fmt::format("event_at is not a time: \"{}\"", time));
  }
}

TEST_CASE("without a time, permanent kinds are known since ever and others rejected", "[decode]") {
  CHECK(timed("") == "0");
  CHECK(timed(R"(,"event_at":null)") == "0");
  for (const char* kind : {"user_delete", "user_undelete", "user_protect", "user_unprotect",
                           "user_suspend", "user_unsuspend"}) {
    const std::string line = fmt::format(R"({{"{}":{{"id":9}}}})", kind);
    CHECK(told(line) == "rejected: no time (give one with --default-at)");
    CHECK(told(line, {.default_at = 6}) ==
          fmt::format(R"({{"event":"{}","at":"1970-01-01T00:00:00.006Z","user_id":"9"}})", kind));
  }
  CHECK(told(R"({"drop":{"tweet":{"id":1}}})") == "rejected: no time (give one with --default-at)");
  CHECK(
      told(R"({"scrub_geo":{"user_id":9,"up_to_tweet_id":3}})", {.default_at = 6}) ==
      R"({"event":"scrub_geo","at":"1970-01-01T00:00:00.006Z","user_id":"9","up_to_tweet_id":"3"})");
}

TEST_CASE("an event far in the future is kept as it is", "[decode]") {
  CHECK(timed(R"(,"event_at":"9999-12-31T23:59:59Z")") == "253402300799000");
}
