// Canonical lines: written and read back, they are the same event.
#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include "engine/decode/decode.h"
#include "recant/time.h"
#include "tests/decode_helpers.h"
#include "tests/event_generator.h"

using namespace recant;
using decode::append_canonical_line;
using decode::LineClass;
using test::decode_line;
using test::told;

namespace {

std::string canonical(const Event& event, SequenceNumber sequence = 0) {
  std::string line;
  append_canonical_line(event, sequence, true, line);
  return line;
}

// Changes a few bytes; most results are still JSON, because punctuation is mostly left alone.
std::string mutated(std::string line, test::EventGenerator& random) {
  constexpr std::string_view kBytes = "0123456789-.eE\"\\{}[]:,nul \x01\xc3\xa9tdata";
  for (std::uint64_t changes = 1 + random.below(3); changes > 0 && !line.empty(); --changes) {
    const std::size_t place = random.below(line.size());
    const char byte = kBytes[random.below(kBytes.size())];
    switch (random.below(3)) {
      case 0:
        line[place] = byte;
        break;
      case 1:
        line.insert(place, 1, byte);
        break;
      default:
        line.erase(place, 1 + random.below(4));
    }
  }
  return line;
}

}  // namespace

TEST_CASE("a canonical line of any event is read back as that event", "[decode]") {
  for (std::size_t kind = 1; kind <= kEventKindCount; ++kind) {
    const auto event_kind = static_cast<EventKind>(kind);
    const bool held = rc::check(std::string(event_kind_name(event_kind)), [event_kind] {
      const auto seed = *rc::gen::arbitrary<std::uint64_t>();
      test::EventGenerator random(seed);
      const Event event = random.next(event_kind);
      RC_ASSERT_FALSE(why_malformed(event).has_value());
      const auto line = decode_line(canonical(event, 1 + random.below(1000)));
      RC_ASSERT(line.why == "");
      RC_ASSERT(line.events == std::vector<Event>{event});
    });
    CHECK(held);
  }
}

TEST_CASE("damaged lines are rejected or give well-formed events that read back", "[decode]") {
  std::vector<std::string> lines;
  for (const char* name :
       {"v2_tweet.jsonl", "v2_user.jsonl", "gnip.jsonl", "batch_results.jsonl"}) {
    const auto more = test::sample_lines(name);
    lines.insert(lines.end(), more.begin(), more.end());
  }
  const bool held = rc::check("damage", [&lines] {
    test::EventGenerator random(*rc::gen::arbitrary<std::uint64_t>());
    for (int i = 0; i < 50; ++i) {
      const std::string text = mutated(lines[random.below(lines.size())], random);
      const auto line =
          decode_line(text, {.default_at = 7, .batch_ids = decode::BatchIds::kTweets});
      RC_ASSERT((line.line_class == LineClass::kRejected) == !line.why.empty());
      RC_ASSERT((line.line_class == LineClass::kEvents) == !line.events.empty());
      for (const char c : line.why) RC_ASSERT((c >= ' ' && c <= '~'));
      for (const Event& event : line.events) {
        RC_ASSERT_FALSE(why_malformed(event).has_value());
        const auto again = decode_line(canonical(event));
        if (again.events != std::vector<Event>{event})
          RC_FAIL(text + " became " + canonical(event) + " " + again.why);
      }
    }
  });
  CHECK(held);
}

TEST_CASE("a canonical line has its keys in order, and seq and receipt where asked", "[decode]") {
  Event event;
  event.kind = EventKind::kTweetWithheld;
  event.at = *parse_time("2022-07-01T21:48:43.030Z");
  event.received_at = event.at + 1;
  event.source = "file";
  event.tweet = 154;
  event.author = 906;
  event.quote_tweet = ~0ULL;
  event.payload.make().countries = {country('A', 'R'), country('D', 'E')};
  std::string line = "before ";
  append_canonical_line(event, 1, true, line);
  CHECK(line ==
        R"(before {"seq":"1","event":"tweet_withheld","at":"2022-07-01T21:48:43.030Z",)"
        R"("tweet_id":"154","author_id":"906","quote_tweet_id":"18446744073709551615",)"
        R"("countries":["AR","DE"],"received_at":"2022-07-01T21:48:43.031Z","source":"file"})");
  line.clear();
  append_canonical_line(event, 0, false, line);
  CHECK(line == R"({"event":"tweet_withheld","at":"2022-07-01T21:48:43.030Z",)"
                R"("tweet_id":"154","author_id":"906","quote_tweet_id":"18446744073709551615",)"
                R"("countries":["AR","DE"]})");
}

TEST_CASE("every canonical key is written, in the order of the contract", "[decode]") {
  const std::vector<std::string> lines = {
      R"({"event":"tweet_edit","at":"1970-01-01T00:00:00.001Z","tweet_id":"3","author_id":"9","initial_tweet_id":"1","edit_tweet_ids":["1","2","3"]})",
      R"({"event":"scrub_geo","at":"1970-01-01T00:00:00.001Z","user_id":"9","up_to_tweet_id":"5"})",
      R"({"event":"user_profile_modification","at":"1970-01-01T00:00:00.001Z","user_id":"9","field":"profile.name"})",
      R"({"event":"tweet_unavailable","at":"1970-01-01T00:00:00.001Z","tweet_id":"3","why":"not_found"})",
      R"({"event":"tweet_held","at":"1970-01-01T00:00:00.001Z","tweet_id":"3","author_id":"9","retweeted_id":"4","retweeted_author_id":"5","quoted_id":"6","quoted_author_id":"7"})",
      R"({"event":"tweet_released","at":"1970-01-01T00:00:00.001Z","tweet_id":"3"})",
      R"({"event":"favorite_delete","at":"1970-01-01T00:00:00.001Z","tweet_id":"3","user_id":"9"})",
      R"({"event":"coverage","at":"1970-01-01T00:00:00.002Z","partition":"1","from":"1970-01-01T00:00:00.000Z","to":"1970-01-01T00:00:00.002Z","source":"v2-tweets"})",
      R"({"event":"loss","at":"1970-01-01T00:00:00.001Z","first":"4","last":"6","bytes":"0"})",
      R"({"event":"unknown","at":"1970-01-01T00:00:00.001Z","raw":"{\"x\":{\"timestamp_ms\":1}}"})",
  };
  for (const std::string& line : lines) CHECK(told(line) == line);
}

TEST_CASE("canonical lines take ids, counts and times in every form, and ignore seq", "[decode]") {
  CHECK(
      told(R"({"seq":{"any":"thing"},"edit_tweet_ids":[1,"0002"],"initial_tweet_id":1,)"
           R"("tweet_id":18446744073709551615,"at":1,"event":"tweet_edit"})") ==
      R"({"event":"tweet_edit","at":"1970-01-01T00:00:00.001Z","tweet_id":"18446744073709551615",)"
      R"("initial_tweet_id":"1","edit_tweet_ids":["1","2"]})");
  CHECK(told(R"({"event":"user_withheld","at":"1","user_id":"7","countries":"tr, de,TR"})") ==
        R"({"event":"user_withheld","at":"1970-01-01T00:00:00.001Z","user_id":"7",)"
        R"("countries":["DE","TR"]})");
  CHECK(told(R"({"event":"loss","at":1,"first":4,"last":"6","bytes":18446744073709551615})") ==
        R"({"event":"loss","at":"1970-01-01T00:00:00.001Z","first":"4","last":"6",)"
        R"("bytes":"18446744073709551615"})");
  CHECK(
      told(
          R"({"event":"tweet_drop","at":1,"tweet_id":"3","received_at":2,"source":"v2-tweets"})") ==
      R"({"event":"tweet_drop","at":"1970-01-01T00:00:00.001Z","tweet_id":"3",)"
      R"("received_at":"1970-01-01T00:00:00.002Z","source":"v2-tweets"})");
}

TEST_CASE("canonical coverage is at its end, whatever its at says", "[decode]") {
  for (const char* at : {"", R"("at":77,)", R"("at":"garbage",)"}) {
    CHECK(told(std::string(R"({"event":"coverage",)") + at +
               R"("partition":"p","from":1,"to":2,"source":"s"})") ==
          R"({"event":"coverage","at":"1970-01-01T00:00:00.002Z","partition":"p",)"
          R"("from":"1970-01-01T00:00:00.001Z","to":"1970-01-01T00:00:00.002Z","source":"s"})");
  }
  CHECK(told(R"({"event":"coverage","partition":"p","from":1,"source":"s"})") ==
        "rejected: coverage without its from and to");
  CHECK(told(R"({"event":"coverage","partition":"p","from":3,"to":2,"source":"s"})") ==
        "rejected: coverage that ends before it begins");
  CHECK(told(R"({"event":"coverage","partition":"p","from":1,"to":2})") ==
        "rejected: coverage without a source");
}

TEST_CASE("canonical lines without a time follow the rule of their kind", "[decode]") {
  CHECK(told(R"({"event":"tweet_scrub_geo","tweet_id":"3"})") ==
        R"({"event":"tweet_scrub_geo","at":"1970-01-01T00:00:00.000Z","tweet_id":"3"})");
  CHECK(told(R"({"event":"tweet_available","tweet_id":"3"})") ==
        "rejected: no time (give one with --default-at)");
  CHECK(told(R"({"event":"loss","first":"1","last":"1","bytes":"1"})") ==
        "rejected: no time (give one with --default-at)");
  CHECK(told(R"({"event":"tweet_available","tweet_id":"3"})", {.default_at = 1}) ==
        R"({"event":"tweet_available","at":"1970-01-01T00:00:00.001Z","tweet_id":"3"})");
}

TEST_CASE("canonical lines that are malformed say why", "[decode]") {
  CHECK(told(R"({"event":"tweet_vanish","at":1,"tweet_id":"3"})") ==
        "rejected: event is no known kind: \"tweet_vanish\"");
  CHECK(told(R"({"event":"","at":1})") == "rejected: event is no known kind: \"\"");
  CHECK(told(R"({"event":"tweet_drop","event":"tweet_drop","at":1,"tweet_id":"3"})") ==
        "rejected: the key event is given twice");
  CHECK(told(R"({"event":"tweet_drop","at":1,"at":1,"tweet_id":"3"})") ==
        "rejected: the key at is given twice");
  CHECK(told(R"({"event":"tweet_drop","at":1})") == "rejected: no tweet id");
  CHECK(told(R"({"event":"user_protect","at":1})") == "rejected: no user id");
  CHECK(told(R"({"event":"tweet_unavailable","at":1,"tweet_id":"1","why":"bored"})") ==
        "rejected: why is none that is known: \"bored\"");
  CHECK(told(R"({"event":"tweet_unavailable","at":1,"tweet_id":"1"})") == "rejected: no why");
  CHECK(told(R"({"event":"loss","at":1,"first":"5","last":"4"})") ==
        "rejected: no range of sequences lost");
  CHECK(told(R"({"event":"loss","at":1,"first":"-5","last":"4"})") ==
        "rejected: first is not a whole number: \"-5\"");
  CHECK(told(R"({"event":"tweet_drop","at":1,"tweet_id":"3","received_at":"soon"})") ==
        "rejected: received_at is not a time: \"soon\"");
  CHECK(told(R"({"event":"tweet_drop","at":1,"tweet_id":"3","source":"a b"})") ==
        "rejected: source is not a name of up to 32 letters, digits and _.-:/");
  CHECK(told(R"({"event":"tweet_drop","at":1,"tweet_id":"3","source":5})") ==
        "rejected: source is not a string");
  CHECK(told(R"({"event":"user_profile_modification","at":1,"user_id":"3","field":"two words"})") ==
        "rejected: profile_field is not a field's name");
}

TEST_CASE("a canonical line keeps only what its kind has", "[decode]") {
  CHECK(told(R"({"event":"user_protect","at":1,"user_id":"3","tweet_id":"4","countries":["DE"],)"
             R"("why":"removed","raw":"{}"})") ==
        R"({"event":"user_protect","at":"1970-01-01T00:00:00.001Z","user_id":"3"})");
}

TEST_CASE("an unknown canonical line is decoded anew from its raw", "[decode]") {
  SECTION("a kind that is known by now") {
    CHECK(told(R"({"seq":"9","event":"unknown","at":9,"received_at":2,"source":"s",)"
               R"("raw":"{\"data\":{\"drop\":{\"tweet\":{\"id\":\"3\"},\"event_at\":\"5\"}}}"})") ==
          R"({"event":"tweet_drop","at":"1970-01-01T00:00:00.005Z","tweet_id":"3",)"
          R"("received_at":"1970-01-01T00:00:00.002Z","source":"s"})");
  }
  SECTION("a kind that is still unknown is blanked again") {
    CHECK(told(R"({"event":"unknown","raw":" {\"new\": {\"text\": \"secret\", \"event_at\": 5}} ",)"
               R"("source":"s"})") ==
          R"({"event":"unknown","at":"1970-01-01T00:00:00.005Z",)"
          R"("raw":"{\"new\":{\"text\":\"\",\"event_at\":5}}","source":"s"})");
  }
  SECTION("a batch result needs no word of what its ids are while its action is unknown") {
    const std::string line =
        R"({"event":"unknown","at":"1970-01-01T00:00:00.000Z","raw":"{\"id\":\"3\",\"action\":\"\"}"})";
    CHECK(told(line) == line);
    CHECK(told(R"({"event":"unknown","raw":"{\"id\":\"3\",\"action\":\"delete\"}"})") ==
          "rejected: a batch result line: say what its ids are with --format "
          "batch-tweets|batch-users");
  }
  SECTION("what is no event is rejected") {
    CHECK(told(R"({"event":"unknown","at":1})") == "rejected: an unknown event without raw");
    CHECK(told(R"({"event":"unknown","raw":""})") == "rejected: raw is blank");
    CHECK(told(R"({"event":"unknown","raw":"{"})") == "rejected: not JSON");
    CHECK(told(R"({"event":"unknown","raw":"{\"limit\":{}}"})") == "rejected: raw is no event");
    CHECK(
        told(R"({"event":"unknown","raw":"{\"event\":\"tweet_drop\",\"at\":1,\"tweet_id\":1}"})") ==
        "rejected: raw is itself a canonical line");
    CHECK(told(R"({"event":"unknown","raw":{"new":{}}})") == "rejected: raw is not a string");
  }
}
