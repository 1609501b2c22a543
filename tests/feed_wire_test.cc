// What a server may do with bytes, against a whole following: ends that are none, refusals without
// end, compressed ones, last lines without a newline, and very much in very little.
#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <new>
#include <thread>

#include "engine/feed/follow.h"
#include "engine/feed/stream_lines.h"
#include "engine/feed/stream_sockets.h"
#include "recant/time.h"
#include "tests/feed_support.h"
#include "tests/platform/raw_server.h"

using namespace recant;
using namespace recant::feed;
using namespace recant::feed_test;
using recant::platform::RawServer;

namespace {

const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
const std::string kChunked = kOk + "Transfer-Encoding: chunked\r\n\r\n";

std::string chunk(const std::string& bytes) {
  return fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes);
}

std::string event_line(std::uint64_t id, Time at) {
  return R"({"data":{"delete":{"tweet":{"id":")" + std::to_string(id) +
         R"(","author_id":"7"},"event_at":")" + format_time(at) + "\"}}}";
}

std::string gzipped(const std::string& plain) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 9, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, plain.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

/// One stream of a raw server, followed.
struct WireWorld {
  explicit WireWorld(RawServer::Script script) : server(std::move(script)) {
    settings.credential = {
        .scheme = Credential::Scheme::kBearer, .secret = Secret("token"), .origin = server.url()};
    settings.allow_http = true;
    options.streams.push_back({.name = {"v2-tweets", "1"},
                               .url = server.url() + "/stream?partition=1",
                               .backfill_parameter = "backfill_minutes",
                               .takes_range = true,
                               .settings = &settings,
                               .budget = &budget});
    options.duration_ms = 1500;
    options.say = [this](std::string_view text) { said += std::string(text) + "\n"; };
  }
  Result<FollowReport> run(io::Clock& clock = io::real_clock()) {
    return follow({.store = store, .clock = clock, .pace = *pace, .redact = redact}, options);
  }
  /// Heard from `from` to `to` minutes ago.
  void heard(Time from, Time to) {
    const Time now = recant::now();
    const Event event =
        coverage_event({"v2-tweets", "1"}, {now - from * 60'000, now - to * 60'000});
    REQUIRE(store.append({&event, 1}));
  }
  [[nodiscard]] bool asked(const std::string& what) const {
    return std::ranges::any_of(server.requests(), [&](const std::string& request) {
      return request.find(what) != std::string::npos;
    });
  }

  TemporaryDirectory directory;
  Store store = *Store::open({.directory = directory / "store", .create = true});
  std::unique_ptr<Pace> pace = make_pace();
  Redactor redact;
  HttpSettings settings;
  ConnectBudget budget{100, 900'000};
  FollowOptions options;
  std::string said;
  RawServer server;
};

/// Twenty seconds pass in one.
class FastClock final : public io::Clock {
 public:
  Time now() override { return begin_wall_ + steady_ms() - begin_ms_; }
  std::int64_t steady_ms() override { return io::real_clock().steady_ms() * 20; }

 private:
  Time begin_wall_ = recant::now();
  std::int64_t begin_ms_ = steady_ms();
};

bool is_recovery(const std::string& request) {
  return request.find("start_time=") != std::string::npos;
}

}  // namespace

TEST_CASE("a gap over the backfill window is asked for by its times at once, and closed",
          "[feed]") {
  WireWorld world([](const std::string& request, const RawServer::Peer& peer) {
    const Time at = recant::now() - 1'800'000;
    if (is_recovery(request)) {
      return peer.send(kChunked + chunk(event_line(2, at) + "\r\n") + "0\r\n\r\n");
    }
    peer.send(kChunked);
    for (int i = 0; i < 30; ++i) {
      peer.send(chunk("\r\n"));
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    peer.await_close();
  });
  world.heard(90, 60);  // and nothing in the hour since
  world.options.duration_ms = 3500;
  REQUIRE(world.run());
  CHECK(world.asked("&backfill_minutes=5 "));
  CHECK(world.asked("&start_time="));
  const auto known = *coverage(*world.store.snapshot());
  CHECK(known.gap_count() == 0);
  REQUIRE(known.streams.size() == 1);
  CHECK(known.streams[0].heard.size() == 1);
  CHECK(*world.store.snapshot()->digest() != std::string(32, '0'));
}

TEST_CASE("a line that is rejected breaks what is heard; one of an unknown kind does not",
          "[feed]") {
  const std::string unknown =
      R"({"data":{"tweet_frobnicate":{"tweet":{"id":"2"},"event_at":"2022-07-01T21:48:43.030Z"}}})";
  const std::pair<std::string, std::size_t> lines[] = {
      {event_line(2, recant::now()), 0},
      {unknown, 0},
      {R"({"data":{"delete":{"tweet":{"id":"none"},"event_at":"2022-07-01T21:48:43.030Z"}}})", 1},
      {std::string(StreamLines::kLineBytesMax + 1, 'x'), 1}};
  for (const auto& [line, gaps] : lines) {
    WireWorld world([&line](const std::string&, const RawServer::Peer& peer) {
      peer.send(kChunked);
      for (int i = 0; i < 25; ++i) {
        if (i == 5) peer.send(chunk(line + "\r\n"));
        peer.send(chunk("\r\n"));
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
      }
      peer.await_close();
    });
    FastClock clock;
    world.options.streams[0].takes_range = false;
    world.options.duration_ms = 45'000;
    const auto report = world.run(clock);
    REQUIRE(report);
    CAPTURE(line.substr(0, 80), world.said);
    CHECK(report->streams[0].rejected == gaps);
    CHECK(report->streams[0].holes.size() == gaps);
    const auto known = *coverage(*world.store.snapshot(), {}, clock.now());
    CHECK(known.gap_count() == gaps);
    CHECK(known.complete() == (gaps == 0));
  }
}

TEST_CASE("an end that the protocol does not prove closes no gap", "[feed]") {
  const std::string line = event_line(2, recant::now() - 1'500'000);
  const std::string ends[] = {
      kOk + "Connection: close\r\n\r\n" + line + "\r\n",                   // undelimited
      kChunked + chunk(line + "\r\n"),                                     // no last chunk
      kChunked + chunk(line + "\r\n" + line.substr(0, 40)) + "0\r\n\r\n",  // half a line
      kOk + "Content-Length: 9999\r\n\r\n" + line + "\r\n",                // too short
      "HTTP/1.1 200 OK\r\nContent-Type: Text/HTML\r\nContent-Length: 2\r\n\r\n\r\n"};
  for (const std::string& end : ends) {
    WireWorld world([&end](const std::string& request, const RawServer::Peer& peer) {
      if (is_recovery(request)) return peer.send(end);
      peer.send(kChunked);
      peer.await_close();
    });
    world.heard(90, 60);
    world.heard(20, 0);
    REQUIRE(world.run());
    CAPTURE(end);
    CHECK(world.asked("&start_time="));
    CHECK(coverage(*world.store.snapshot())->gap_count() == 1);
  }
}

TEST_CASE("a refusal whose body has no end is a refusal by its status", "[feed]") {
  WireWorld world([](const std::string&, const RawServer::Peer& peer) {
    peer.send("HTTP/1.1 401 Unauthorized\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("no "));
    peer.await_close();
  });
  world.options.duration_ms = 20'000;
  const auto report = world.run();
  REQUIRE_FALSE(report);
  CHECK(report.error().code == ErrorCode::kRefused);
  CHECK(report.error().what.find("HTTP 401: no") != std::string::npos);
}

TEST_CASE("a refusal's words are read though they are compressed", "[feed]") {
  const std::string body = gzipped(R"({"title":"Forbidden","detail":"not enrolled"})");
  WireWorld world([&body](const std::string&, const RawServer::Peer& peer) {
    peer.send("HTTP/1.1 403 Forbidden\r\nContent-Encoding: gzip\r\nContent-Length: " +
              std::to_string(body.size()) + "\r\n\r\n" + body);
  });
  const auto report = world.run();
  REQUIRE_FALSE(report);
  CHECK(report.error().what.find("Forbidden: not enrolled") != std::string::npos);
}

TEST_CASE("a last line without its newline is read where it is whole", "[feed]") {
  WireWorld world([](const std::string&, const RawServer::Peer& peer) {
    peer.send(kChunked + chunk(event_line(5, recant::now())) + "0\r\n\r\n");
  });
  world.options.duration_ms = 700;
  REQUIRE(world.run());
  CHECK(world.store.snapshot()->tweet(5)->deleted_at.has_value());
  WireWorld crowded([](const std::string&, const RawServer::Peer& peer) {
    peer.send(kChunked +
              chunk(R"({"title":"ConnectionException","detail":"many","connection_issue":)"
                    R"("TooManyConnections","type":"https://api.x.com/2/problems/x"})") +
              "0\r\n\r\n");
  });
  REQUIRE(crowded.run());
  CHECK(crowded.server.requests().size() == 1);  // the next attempt is a minute away
  CHECK(crowded.said.find("ConnectionException") != std::string::npos);
}

TEST_CASE("very much in very little fills no memory, and loses nothing", "[feed]") {
  constexpr int kEvents = 300'000;
  std::string plain;
  const Time now = recant::now();
  for (int i = 0; i < kEvents; ++i) plain += event_line(9, now) + "\r\n";
  for (int i = 0; i < 1'000'000; ++i) plain += "x\n";
  const std::string bomb = gzipped(plain);
  WireWorld world([&bomb](const std::string&, const RawServer::Peer& peer) {
    peer.send(kChunked + chunk(bomb));
    peer.await_close();
  });
  world.options.duration_ms = 60'000;
  std::atomic<bool> stop = false;
  world.options.stop = &stop;
  world.options.on_second = [&stop](const FollowReport& report) {
    stop = report.streams[0].rejected == 1'000'000;
  };
  const auto report = world.run();
  REQUIRE(report);
  CHECK(report->streams[0].events == kEvents);
  CHECK(report->streams[0].rejected == 1'000'000);
  CHECK(std::ranges::count(world.said, '\n') < 20);
  CHECK(world.store.snapshot()->part_count() > 0);  // what came was sealed on the way
}

namespace {

/// A handler that has no memory for anything.
struct Exhausted final : StreamHandler {
  void on_response(std::size_t, int, const Headers&, std::string_view) override {
    if (at_response) throw std::bad_alloc();
  }
  bool on_bytes(std::size_t, std::string_view) override { throw std::bad_alloc(); }
  void on_closed(std::size_t, Close, const std::string&) override {}
  bool at_response = false;
};

}  // namespace

TEST_CASE("what is thrown while bytes are taken comes out behind libcurl", "[feed]") {
  const RawServer server([](const std::string&, const RawServer::Peer& peer) {
    peer.send(kChunked + chunk("\r\n"));
    peer.await_close();
  });
  HttpSettings settings;
  settings.allow_http = true;
  for (const bool at_response : {false, true}) {
    Exhausted handler;
    handler.at_response = at_response;
    const auto sockets = StreamSockets::make();
    REQUIRE(sockets->open(0, settings, {.url = server.url() + "/", .timeout_ms = 0}));
    const auto poll = [&] {
      for (int i = 0; i < 100; ++i) sockets->poll(100, handler);
    };
    CHECK_THROWS_AS(poll(), std::bad_alloc);
    sockets->close(0);
  }
  const auto client = *make_http_client(std::move(settings));
  HttpRequest request{.url = server.url() + "/"};
  request.sink = [](std::string_view) -> Result<void> { throw std::bad_alloc(); };
  CHECK_THROWS_AS((void)client->send(request), std::bad_alloc);
}
