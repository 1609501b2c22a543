#include "recant/time.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <limits>

#include "store/io/posix_clock.h"

using namespace recant;

namespace {

std::string written(std::string_view text) {
  const auto at = parse_rfc3339(text);
  return at ? format_time(*at) : "nothing";
}

}  // namespace

TEST_CASE("RFC 3339 times are read with any offset, to UTC", "[time]") {
  CHECK(parse_rfc3339("1970-01-01T00:00:00Z") == 0);
  CHECK(written("2022-07-01T21:48:43.030Z") == "2022-07-01T21:48:43.030Z");
  CHECK(written("2022-06-27T23:49:41.839+00:00") == "2022-06-27T23:49:41.839Z");
  CHECK(written("2022-12-23T14:34:56+05:30") == "2022-12-23T09:04:56.000Z");
  CHECK(written("2022-12-23T14:34:56-00:00") == "2022-12-23T14:34:56.000Z");
  CHECK(written("2022-12-31T23:34:56-23:59") == "2023-01-01T23:33:56.000Z");
  CHECK(written("2022-01-01T00:00:00+23:59") == "2021-12-31T00:01:00.000Z");
  CHECK(written("2022-12-23t14:34:56z") == "2022-12-23T14:34:56.000Z");
}

TEST_CASE("any number of fraction digits is read and truncated to milliseconds", "[time]") {
  CHECK(written("2022-12-23T12:34:56.7Z") == "2022-12-23T12:34:56.700Z");
  CHECK(written("2022-12-23T12:34:56.78Z") == "2022-12-23T12:34:56.780Z");
  CHECK(written("2022-12-23T12:34:56.7899Z") == "2022-12-23T12:34:56.789Z");
  CHECK(written("2022-12-23T12:34:56." + std::string(1000, '9') + "Z") ==
        "2022-12-23T12:34:56.999Z");
  CHECK(written("2022-12-23T12:34:56.Z") == "nothing");
  CHECK(written("2022-12-23T12:34:56,5Z") == "nothing");
}

TEST_CASE("a leap second is the last millisecond before it ends", "[time]") {
  CHECK(written("2016-12-31T23:59:60Z") == "2016-12-31T23:59:59.999Z");
  CHECK(written("2016-12-31T23:59:60.5Z") == "2016-12-31T23:59:59.999Z");
  CHECK(written("2017-01-01T05:29:60+05:30") == "2016-12-31T23:59:59.999Z");
  CHECK(written("2016-12-31T23:59:61Z") == "nothing");
}

TEST_CASE("what is no RFC 3339 time is not read", "[time]") {
  for (const char* text : {"",
                           "2022",
                           "2022-12-23",
                           "2022-12-23T12:34:56",
                           "2022-12-23 12:34:56Z",
                           "2022-12-23T12:34Z",
                           "2022-12-23T12:34:56+0530",
                           "2022-12-23T12:34:56+05",
                           "2022-12-23T12:34:56+24:00",
                           "2022-12-23T12:34:56+05:60",
                           "2022-12-23T12:34:56 Z",
                           " 2022-12-23T12:34:56Z",
                           "2022-12-23T12:34:56Z ",
                           "2022-12-23T12:34:56ZZ",
                           "2022-13-01T00:00:00Z",
                           "2022-00-01T00:00:00Z",
                           "2022-02-30T00:00:00Z",
                           "2022-01-00T00:00:00Z",
                           "2022-01-32T00:00:00Z",
                           "2023-02-29T00:00:00Z",
                           "2022-12-23T24:00:00Z",
                           "2022-12-23T12:60:00Z",
                           "22-12-23T12:34:56Z",
                           "+022-12-23T12:34:56Z",
                           "2022-1-23T12:34:56Z",
                           "2022-12-23T1:34:56Z",
                           "-022-12-23T12:34:56Z",
                           "2022-12-23T12:34:5Z",
                           "2022-12-2\xc3\xa9T12:34:56Z",
                           "Fri Mar 01 10:00:00 +0000 2019"}) {
    INFO(text);
    CHECK(written(text) == "nothing");
  }
  CHECK(written("2024-02-29T00:00:00Z") == "2024-02-29T00:00:00.000Z");
  CHECK(written("2000-02-29T00:00:00Z") == "2000-02-29T00:00:00.000Z");
  CHECK(written("2100-02-29T00:00:00Z") == "nothing");
  CHECK(written(std::string_view("2022-12-23T12:34:56Z\0", 21)) == "nothing");
}

TEST_CASE("moments outside 1970 to 9999 are not read", "[time]") {
  CHECK(written("1969-12-31T23:59:59.999Z") == "nothing");
  CHECK(written("0000-01-01T00:00:00Z") == "nothing");
  CHECK(written("1970-01-01T00:30:00+01:00") == "nothing");
  CHECK(written("1969-12-31T23:30:00-01:00") == "1970-01-01T00:30:00.000Z");
  CHECK(written("9999-12-31T23:59:59.999Z") == "9999-12-31T23:59:59.999Z");
  CHECK(parse_rfc3339("9999-12-31T23:59:59.999Z") == kTimeMax);
  CHECK(written("9999-12-31T23:59:60Z") == "9999-12-31T23:59:59.999Z");
  CHECK(written("9999-12-31T23:30:00-01:00") == "nothing");
  CHECK(written("10000-01-01T00:00:00Z") == "nothing");
}

TEST_CASE("times are also read as digits, milliseconds since 1970", "[time]") {
  CHECK(parse_time("0") == 0);
  CHECK(parse_time("1671798896789") == 1671798896789);
  CHECK(parse_time("001") == 1);
  CHECK(parse_time("253402300799999") == kTimeMax);
  CHECK(parse_time("2022-07-01T21:48:43.030Z") == 1656712123030);
  for (const char* text : {"253402300800000", "9999999999999999", "18446744073709551617", "-1",
                           "+1", "1.0", "1e3", " 1", "1 ", "", "0x10"}) {
    INFO(text);
    CHECK_FALSE(parse_time(text).has_value());
  }
  CHECK_FALSE(parse_rfc3339("1671798896789").has_value());
}

TEST_CASE("every written time is read back as itself", "[time]") {
  CHECK(rc::check([] {
    const auto at = static_cast<Time>(*rc::gen::arbitrary<std::uint64_t>() %
                                      static_cast<std::uint64_t>(kTimeMax + 1));
    const std::string text = format_time(at);
    RC_ASSERT(text.size() == 24U);
    RC_ASSERT(parse_rfc3339(text) == at);
    RC_ASSERT(parse_time(std::to_string(at)) == at);
  }));
}

TEST_CASE("ids are decimal, from 1 to 2^64-1, exactly", "[time]") {
  CHECK(parse_id("1") == 1);
  CHECK(parse_id("007") == 7);
  CHECK(parse_id("9007199254740993") == 9007199254740993);
  CHECK(parse_id("9223372036854775808") == 9223372036854775808U);
  CHECK(parse_id("18446744073709551615") == 18446744073709551615U);
  CHECK(parse_id("00000000000000000007") == 7);
  for (const char* text :
       {"", "0", "00", "18446744073709551616", "99999999999999999999", "000000000000000000007",
        "-1", "+1", " 1", "1 ", "1e3", "1.0", "0x1", "1_0", "\xd9\xa1"}) {
    INFO(text);
    CHECK_FALSE(parse_id(text).has_value());
  }
}

TEST_CASE("a snowflake id holds its creation time, an older one none", "[time]") {
  CHECK(snowflake_time(1424854924194729984) == parse_rfc3339("2021-08-09T22:07:41.109Z"));
  CHECK_FALSE(snowflake_time(29'700'859'246).has_value());
  CHECK(snowflake_time(29'700'859'247).has_value());
  CHECK(snowflake_time(~0ULL) <= kTimeMax);
}

TEST_CASE("a clock of any year tells a time that can be stored", "[time]") {
  const auto told = [](std::int64_t seconds, long nanoseconds) {
    return io::milliseconds_of({.tv_sec = seconds, .tv_nsec = nanoseconds});
  };
  CHECK(told(0, 1'999'999) == 1);
  CHECK(told(1'656'712'123, 30'999'999) == 1'656'712'123'030);
  CHECK(format_time(told(9'246'182'400, 0)) == "2263-01-01T00:00:00.000Z");
  CHECK(told(kTimeMax / 1000, 999'999'999) == kTimeMax);
  CHECK(told(kTimeMax / 1000 + 1, 0) == kTimeMax);
  CHECK(told(std::numeric_limits<std::int64_t>::max(), 0) == kTimeMax);
  CHECK(told(-1, 999'999'999) == 0);
  CHECK(told(std::numeric_limits<std::int64_t>::min(), 0) == 0);
}
