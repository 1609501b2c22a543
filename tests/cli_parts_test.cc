// The pieces of the command line that need no store.
#include <catch2/catch.hpp>

#include "cli/exit_code.h"
#include "cli/summary.h"
#include "cli/text.h"

using namespace recant;
using namespace recant::cli;

TEST_CASE("every error code has the exit code that scripts rely on", "[cli]") {
  CHECK(exit_code(ErrorCode::kInvalidArgument) == 2);
  CHECK(exit_code(ErrorCode::kIo) == 3);
  CHECK(exit_code(ErrorCode::kNoSpace) == 3);
  CHECK(exit_code(ErrorCode::kCorruption) == 4);
  CHECK(exit_code(ErrorCode::kLocked) == 5);
  CHECK(exit_code(ErrorCode::kRefused) == 6);
  CHECK(exit_code(ErrorCode::kNetwork) == 7);
}

TEST_CASE("what is printed stays on one line and cannot drive a terminal", "[cli]") {
  CHECK(printable("plain, é, 日本, 😀") == "plain, é, 日本, 😀");
  CHECK(printable("a\nb\t\x1b[31m\x7f") == "a\\x0ab\\x09\\x1b[31m\\x7f");
  CHECK(printable(std::string_view("\0", 1)) == "\\x00");
  CHECK(printable("\xff\xc0\xaf") == "\\xff\\xc0\\xaf");  // never UTF-8
  CHECK(printable("\xed\xa0\x80") == "\\xed\\xa0\\x80");  // half a surrogate pair
  CHECK(printable("\xe2\x82") == "\\xe2\\x82");           // cut
  CHECK(printable("\xc2\x9b"
                  "31m") ==
        "\\xc2\\x9b"
        "31m");  // a C1 control
  CHECK(printable("\xe2\x80\xae"
                  "abc") ==
        "\\xe2\\x80\\xae"
        "abc");  // right-to-left override
  CHECK(printable(std::string(5000, 'x'), 100) == std::string(100, 'x') + "...");
}

TEST_CASE("sizes are read in powers of 1024, and nothing else is a size", "[cli]") {
  CHECK(parse_size("512") == 512);
  CHECK(parse_size("512B") == 512);
  CHECK(parse_size("64k") == 65536);
  CHECK(parse_size("16MiB") == 16u << 20);
  CHECK(parse_size("2GB") == std::uint64_t{2} << 30);
  for (const char* text : {"", "0", "-1", "1.5G", "G", "1X", "1KK", "1 K", "99999999999T", "nan"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_size(text));
  }
}

TEST_CASE("seconds may have a fraction, and nothing else is a wait", "[cli]") {
  CHECK(parse_seconds("0") == 0);
  CHECK(parse_seconds("10") == 10'000);
  CHECK(parse_seconds("0.25") == 250);
  for (const char* text : {"", "-1", "nan", "inf", "1e3", "1s", "99999999999"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_seconds(text));
  }
}

TEST_CASE("a mistyped word is told what it was meant to be, a strange one is not", "[cli]") {
  const std::vector<std::string> commands = {"ingest", "check", "digest", "log", "rebuild"};
  CHECK(closest("chekc", commands) == "check");
  CHECK(closest("injest", commands) == "ingest");
  CHECK(closest("rebulid", commands) == "rebuild");
  CHECK(closest("lgo", commands) == "log");
  CHECK(closest("reb", commands) == "rebuild");
  CHECK_FALSE(closest("re", std::vector<std::string>{"rebuild", "repair"}));
  CHECK_FALSE(closest("frobnicate", commands));
  CHECK_FALSE(closest("xyz", commands));
  CHECK_FALSE(closest("", commands));
  CHECK_FALSE(closest(std::string(100'000, 'x'), commands));
}

TEST_CASE("numbers are easy to read", "[cli]") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1000) == "1,000");
  CHECK(grouped(1234567) == "1,234,567");
  CHECK(counted(1, "line") == "1 line");
  CHECK(counted(2, "line") == "2 lines");
  CHECK(human_bytes(12) == "12 bytes");
  CHECK(human_bytes(1500) == "1.5 kB");
  CHECK(human_bytes(2'000'000'000) == "2.0 GB");
}

TEST_CASE("an ingest summary has the keys of the contract in their order", "[cli]") {
  replay::IngestSummary summary;
  CHECK(ingest_summary_json(summary) ==
        R"({"lines":0,"accepted":0,"rejected":0,"unknown":0,"notices":0,"blank":0,"future":0,)"
        R"("by_kind":{},"seconds":0.0})"
        "\n");
  summary.lines = 5;
  summary.accepted = 3;
  summary.unknown = 1;
  summary.rejected = 1;
  summary.notices = 1;
  summary.first_seq = 7;
  summary.last_seq = 9;
  summary.by_kind[static_cast<std::size_t>(EventKind::kTweetDelete)] = 2;
  summary.by_kind[static_cast<std::size_t>(EventKind::kUnknown)] = 1;
  summary.seconds = 0.12349;
  CHECK(ingest_summary_json(summary) ==
        R"({"lines":5,"accepted":3,"rejected":1,"unknown":1,"notices":1,"blank":0,"future":0,)"
        R"("first_seq":"7","last_seq":"9","by_kind":{"tweet_delete":2,"unknown":1},)"
        R"("seconds":0.123})"
        "\n");
}
