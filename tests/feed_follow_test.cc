// Following real connections: what was sent is in the log, whatever is cut, and what is claimed as
// heard was. (The life of a stream under hours of faults is feed_machine_test.cc.)
#include <catch2/catch.hpp>
#include <set>
#include <thread>

#include "engine/feed/stream_lines.h"
#include "engine/feed/stream_notice.h"
#include "engine/files/compress.h"
#include "engine/replay/log_access.h"
#include "tests/stream_world.h"

using namespace recant;
using namespace recant::feed;
using namespace recant::feed_test;

namespace {

std::string stored_digest(const std::string& directory) {
  Store store = *Store::open({.directory = directory});
  return *store.snapshot()->digest();
}

std::vector<std::string> lines_through(StreamLines& lines, std::string_view bytes,
                                       std::size_t piece, std::vector<bool>& last) {
  std::vector<std::string> seen;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    const auto broken = lines.add(bytes.substr(at, piece), [&](const StreamLines::Line& line) {
      seen.emplace_back(line.text);
      last.push_back(line.last);
    });
    REQUIRE_FALSE(broken);
  }
  return seen;
}

}  // namespace

TEST_CASE("lines come out of plain and gzip bytes wherever those are cut", "[feed]") {
  const std::string text = "{\"a\":\"\xc3\xa4\"}\r\n\r\n{\"b\":2}\r\n";
  const auto gzip = [](std::string_view plain) {
    std::string out;
    const auto compressor = files::Compressor::make(files::Compression::kGzip);
    const auto sink = [&out](std::string_view bytes) -> Result<void> {
      out += bytes;
      return {};
    };
    REQUIRE(compressor->add(plain, sink));
    REQUIRE(compressor->end(sink));
    return out;
  };
  for (std::size_t piece = 1; piece < 40; ++piece) {
    std::vector<bool> last;
    StreamLines plain;
    const auto seen = lines_through(plain, text, piece, last);
    CHECK(seen == std::vector<std::string>{"{\"a\":\"\xc3\xa4\"}\r", "\r", "{\"b\":2}\r"});
    CHECK(last.back());
    StreamLines packed;
    CHECK(lines_through(packed, gzip(text) + gzip(text), piece, last).size() == 6);
  }
  StreamLines damaged;
  CHECK(damaged.add("\x1f\x8b\x08 this is no gzip at all", [](const auto&) {}));
  std::string wrong = gzip(text);
  wrong[wrong.size() - 6] = static_cast<char>(wrong[wrong.size() - 6] ^ 1);  // of its checksum
  for (const std::size_t piece : {std::size_t{1}, wrong.size()}) {
    INFO("lines before damage are kept, in pieces of " << piece);
    StreamLines stream;
    std::size_t lines = 0;
    bool broken = false;
    for (std::size_t at = 0; at < wrong.size() && !broken; at += piece) {
      const auto bytes = std::string_view(wrong).substr(at, piece);
      broken = stream.add(bytes, [&](const auto&) { ++lines; }).has_value();
    }
    CHECK(broken);
    CHECK(lines == 3);
  }
}

TEST_CASE("a line over 16 MiB is told by its length, and the next one is read", "[feed]") {
  StreamLines lines;
  const std::string much(1 << 20, 'x');
  std::vector<std::uint64_t> too_long;
  std::vector<std::string> seen;
  const auto on_line = [&](const StreamLines::Line& line) {
    too_long.push_back(line.too_long);
    seen.emplace_back(line.text);
  };
  for (int i = 0; i < 20; ++i) CHECK_FALSE(lines.add(much, on_line));
  CHECK_FALSE(lines.add("\nnext\nhalf", on_line));
  CHECK(too_long == std::vector<std::uint64_t>{20 << 20, 0});
  CHECK(seen == std::vector<std::string>{"", "next"});
  CHECK(lines.rest() == "half");
}

TEST_CASE("messages in a stream say what to do", "[feed]") {
  const Redactor redact;
  const auto advice = [&](std::string_view line) { return read_notice(line, redact).advice; };
  CHECK(advice(R"({"errors":[{"title":"operational-disconnect","disconnect_type":)"
               R"("UpstreamOperationalDisconnect","type":"https://api.twitter.com/2/problems/)"
               R"(operational-disconnect"}]})") == NoticeAdvice::kReconnect);
  CHECK(advice(R"({"title":"ConnectionException","detail":"d","connection_issue":)"
               R"("TooManyConnections","type":"https://api.x.com/2/problems/)"
               R"(streaming-connection"})") == NoticeAdvice::kBackOff);
  CHECK(
      advice(R"({"errors":[{"title":"t","type":"https://api.x.com/2/problems/usage-capped"}]})") ==
      NoticeAdvice::kBackOff);
  CHECK(advice(R"({"title":"t","type":"https://developer.x.com/x#client-forbidden"})") ==
        NoticeAdvice::kStop);
  CHECK(advice(R"({"error":{"message":"Forced Disconnect: Too many connections."}})") ==
        NoticeAdvice::kBackOff);
  CHECK(advice(R"({"error":{"message":"Force closing connection to N because it reached the )"
               R"(maximum allowed backup (buffer size is 5)."}})") == NoticeAdvice::kNoBackfill);
  CHECK(advice(R"({"disconnect":{"code":2}})") == NoticeAdvice::kBackOff);
  CHECK(advice(R"({"disconnect":{"code":4}})") == NoticeAdvice::kReconnect);
  CHECK(advice(R"({"info":{"message":"Replay Request Completed"}})") == NoticeAdvice::kNone);
  CHECK(advice(R"({"warning":{"code":"FALLING_BEHIND"}})") == NoticeAdvice::kNone);
  CHECK(advice(R"({"errors":"odd"})") == NoticeAdvice::kReconnect);
}

TEST_CASE("a second follow asks again for what the first may have missed", "[feed]") {
  StreamWorld world({.lines = 400});
  world.add("v2-tweets", "/2/tweets/compliance/stream", 2);
  const TemporaryDirectory directory;
  {
    Surroundings around(directory / "store");
    world.options.duration_ms = 2000;  // both partitions connect, on a busy machine too
    REQUIRE(follow(around.parts(), world.options));
  }
  const auto first = world.server.seen("GET", "/2/");
  REQUIRE(first.size() >= 2);
  CHECK(first.at(0).target.find("backfill") == std::string::npos);
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));  // nobody listens
  Surroundings around(directory / "store");
  world.options.duration_ms = 1200;
  const auto report = follow(around.parts(), world.options);
  REQUIRE(report);
  const auto all = world.server.seen("GET", "/2/");
  REQUIRE(all.size() > first.size());
  for (std::size_t i = first.size(); i < all.size(); ++i) {
    INFO(all[i].target);
    CHECK(all[i].target.ends_with("&backfill_minutes=1"));
  }
  CHECK(report->streams.at(0).holes.empty());
  const auto known = coverage(*around.store.snapshot());
  REQUIRE(known);
  CHECK(known->streams.size() == 2);
  CHECK(known->gap_count() == 0);
  const auto all_told =
      coverage(*around.store.snapshot(), read_stream_statuses(directory / "store"));
  CHECK(all_told->unheard == std::vector<StreamName>{{"v2-tweets", "3"}, {"v2-tweets", "4"}});
}

TEST_CASE("a gap that an earlier follow left is asked for by its times, and closed", "[feed]") {
  for (const bool takes_range : {true, false}) {
    StreamWorld world({.takes_range = takes_range, .begin_minutes_ago = 20});
    world.add("v2-tweets", "/2/tweets/compliance/stream", 1);
    world.options.streams[0].takes_range = true;
    world.options.streams[0].rules.backfill_minutes_max = 0;
    const TemporaryDirectory directory;
    Surroundings around(directory / "store");
    const Time now = recant::now();
    std::vector<Event> before;
    for (const auto& [from, to] :
         {std::pair{now - 3'600'000, now - 1'800'000}, std::pair{now - 600'000, now + 5'000}}) {
      Event& event = before.emplace_back();
      event = {.kind = EventKind::kCoverage, .at = to, .source = "v2-tweets"};
      event.payload.make().partition = "1";
      event.payload.make().from = from;
      event.payload.make().to = to;
    }
    REQUIRE(around.store.append(before));
    std::this_thread::sleep_for(std::chrono::milliseconds(1200));  // every line came out unheard
    world.options.duration_ms = 1000;
    REQUIRE(follow(around.parts(), world.options));
    const auto asked = world.server.seen("GET", "/2/tweets/compliance/stream?partition=1&start");
    REQUIRE(asked.size() == 1);
    const std::string from = format_time(now - 1'860'000).substr(0, 19) + "Z";
    const std::string to = format_time(now - 540'000).substr(0, 19) + "Z";
    CHECK(asked[0].target.ends_with("start_time=" + from + "&end_time=" + to));
    CHECK((coverage(*around.store.snapshot())->gap_count() == 0) == takes_range);
    if (takes_range) CHECK(*around.store.snapshot()->digest() == world.sent_digest());
  }
}

TEST_CASE("a refused credential ends the following with exit 6's error", "[feed]") {
  StreamWorld world({.token = "another"});
  world.add("v2-users", "/2/users/compliance/stream", 4);
  const TemporaryDirectory directory;
  Surroundings around(directory / "store");
  world.options.duration_ms = 20'000;
  const auto report = follow(around.parts(), world.options);
  REQUIRE_FALSE(report);
  CHECK(report.error().code == ErrorCode::kRefused);
  CHECK(report.error().what.find("HTTP 401") != std::string::npos);
}

TEST_CASE("while the store is locked the streams wait, and nothing is dropped", "[feed]") {
  StreamWorld world({.lines = 600, .line_every_ms = 1, .gives_gzip = false});
  world.add("v2-tweets", "/2/tweets/compliance/stream", 2);
  for (FollowedStream& stream : world.options.streams) stream.rules.backfill_minutes_fixed = 5;
  const TemporaryDirectory directory;
  Surroundings around(directory / "store");
  world.options.queue_bytes_max = 4096;
  world.options.duration_ms = 4000;
  Store other = *Store::open({.directory = directory / "store"});
  std::optional<Import> held(*other.begin_import());
  bool finished = false;  // Catch's assertions are for one thread alone
  std::thread release([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(1800));
    finished = held->finish().has_value();
    held.reset();
  });
  const auto report = follow(around.parts(), world.options);
  release.join();
  REQUIRE(finished);
  REQUIRE(report);
  CHECK(report->streams.at(0).pauses > 0);
  CHECK(report->streams.at(0).connects == 1);
  CHECK(stored_digest(directory / "store") == world.sent_digest());
}

TEST_CASE("what is said to be heard in the future is not heard", "[feed]") {
  const TemporaryDirectory directory;
  Store store = *Store::open({.directory = directory / "store", .create = true});
  REQUIRE(store.append(std::vector{
      coverage_event({"v2-users", "1"}, {1000, 2000}),
      coverage_event({"v2-users", "1"}, {3000, 9000}),
      coverage_event({"v2-users", "1"}, {9500, 9900}),
      coverage_event({"v2-likes", "1"}, {9000, 9900}),
  }));
  const auto known = *coverage(*store.snapshot(), {}, 5000);
  REQUIRE(known.streams.size() == 1);
  CHECK(known.streams[0].heard == std::vector<Interval>{{1000, 2000}, {3000, 5000}});
  CHECK(known.compliant_through() == 5000);
  CHECK(known.unheard == std::vector<StreamName>{{"v2-likes", "1"}});
  CHECK(coverage(*store.snapshot(), {}, 10'000)->streams.size() == 2);
}

TEST_CASE("coverage tells gaps, and the least advanced stream", "[feed]") {
  const TemporaryDirectory directory;
  Store store = *Store::open({.directory = directory / "store", .create = true});
  CHECK(coverage_line(*coverage(*store.snapshot())).empty());
  const auto heard = [](const char* partition, Time from, Time to) {
    Event event{.kind = EventKind::kCoverage, .at = to};
    event.source = "v2-users";
    event.payload.make().partition = partition;
    event.payload.make().from = from;
    event.payload.make().to = to;
    return event;
  };
  REQUIRE(store.append(std::vector{heard("1", 1000, 5000), heard("1", 5000, 9000),
                                   heard("2", 1000, 2000), heard("2", 3000, 7000)}));
  const std::vector<StreamStatus> followed = {{.name = {"v2-users", "2"}}};
  const auto known = *coverage(*store.snapshot(), followed);
  CHECK(known.compliant_through() == 7000);
  REQUIRE(known.streams.size() == 2);
  CHECK(known.streams[0].gaps().empty());
  CHECK(known.streams[1].gaps() == std::vector<Interval>{{2000, 3000}});
  CHECK_FALSE(known.complete());
  CHECK(coverage_line(known) ==
        "compliant through 1970-01-01T00:00:07.000Z, but for 1 gap; what was never heard: "
        "v2-users partition 3, v2-users partition 4 (see `recant status`)");
  REQUIRE(store.append(std::vector{heard("2", 2000, 3000), heard("3", 1000, 9000)}));
  const auto almost = *coverage(*store.snapshot(), followed);
  CHECK(almost.gap_count() == 0);
  CHECK(almost.unheard == std::vector<StreamName>{{"v2-users", "4"}});
  CHECK_FALSE(almost.complete());                  // a quarter of the users never reaches us
  CHECK(coverage(*store.snapshot())->complete());  // for whoever got this log from elsewhere
  const Event last = heard("4", 1000, 9000);
  REQUIRE(store.append({&last, 1}));
  CHECK(coverage(*store.snapshot(), followed)->complete());
  CHECK_FALSE(coverage(*store.snapshot(), {{.name = {"v2-likes", "1"}}})->complete());
}
