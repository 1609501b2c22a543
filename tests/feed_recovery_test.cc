// Gaps recovered by their times, without sockets: only a proper end of all of it closes one.
#include <catch2/catch.hpp>
#include <set>

#include "engine/feed/recovery.h"

using namespace recant;
using namespace recant::feed;

namespace {

constexpr Time kNow = 1'772'359'200'000;  // 2026-03-01T10:00:00Z
constexpr Time kMinute = 60'000;

class FakeSockets final : public StreamSockets {
 public:
  Result<void> open(std::size_t slot, const HttpSettings&, const HttpRequest& request) override {
    slots.insert(slot);
    urls.push_back(request.url);
    return {};
  }
  void close(std::size_t slot) override { slots.erase(slot); }
  void resume(std::size_t) override {}
  void poll(std::int64_t, StreamHandler&) override {}
  void wake() override {}
  std::set<std::size_t> slots;
  std::vector<std::string> urls;
};

struct NoChance final : Pace {
  void wait(std::int64_t) override {}
  double chance() override { return 0; }
};

struct RecoveryTest : RecoveryHost {
  explicit RecoveryTest(std::size_t streams = 1)
      : recovery(make_streams(streams), 100, sockets, pace, *this) {}
  std::map<std::size_t, RecoverableStream> make_streams(std::size_t count) {
    std::map<std::size_t, RecoverableStream> made;
    for (std::size_t i = 0; i < count; ++i) {
      made[i] = {"stream " + std::to_string(i), "https://x/s?partition=1", &settings, &budget};
    }
    return made;
  }
  void recovered(std::size_t, Heard gap) override { closed_gaps.push_back(gap); }
  void say(const std::string& text) override { said.push_back(text); }
  static Moment at(std::int64_t ms) { return {ms, kNow + ms}; }
  void store(Stored::Kind kind, std::int64_t ms, Stored more = {}) {
    more.kind = kind;
    more.connection = recovery.connection(0);
    recovery.stored(more, 0, at(ms));
  }
  void begin(std::int64_t ms) {
    recovery.step(at(ms));
    recovery.responded(0, at(ms), 200, {});
    REQUIRE(recovery.is_open(0));
  }
  HttpSettings settings;
  ConnectBudget budget{100, 900'000};
  FakeSockets sockets;
  NoChance pace;
  std::vector<Heard> closed_gaps;
  std::vector<std::string> said;
  Recovery recovery;
};

const Heard kGap{kNow - 30 * kMinute, kNow - 20 * kMinute};

}  // namespace

TEST_CASE("a recovered gap is closed when its proper end is durable, not before", "[feed]") {
  RecoveryTest test;
  test.recovery.add(0, kGap, RecoveryTest::at(0));
  test.begin(0);
  CHECK(test.sockets.urls.at(0) ==
        "https://x/s?partition=1&start_time=2026-03-01T09:29:00Z&end_time=2026-03-01T09:41:00Z");
  test.store(Stored::Kind::kEvents, 10, {.at = kGap.to, .count = 5});
  CHECK(test.closed_gaps.empty());
  test.store(Stored::Kind::kClosed, 20, {.close = Close::kEnded});
  CHECK(test.closed_gaps == std::vector<Heard>{kGap});
  CHECK(test.recovery.idle());
}

TEST_CASE("a recovery that was cut, spoke up or was not understood is tried again, then given up",
          "[feed]") {
  const auto spoil = [](RecoveryTest& test, int way, std::int64_t ms) {
    if (way == 1) test.store(Stored::Kind::kRejected, ms);
    if (way == 2) test.store(Stored::Kind::kNotice, ms, {.advice = NoticeAdvice::kReconnect});
    if (way == 3) return test.store(Stored::Kind::kBroken, ms, {.close = Close::kCut});
    test.store(Stored::Kind::kClosed, ms, {.close = way == 0 ? Close::kCut : Close::kEnded});
  };
  for (int way = 0; way < 4; ++way) {
    RecoveryTest test;
    test.recovery.add(0, kGap, RecoveryTest::at(0));
    for (int attempt = 1; attempt <= 5; ++attempt) {
      test.begin(attempt * 400'000);
      spoil(test, way, attempt * 400'000 + 10);
    }
    CHECK(test.closed_gaps.empty());
    CHECK(test.recovery.idle());
    REQUIRE(test.said.size() == 1);
    CHECK(test.said[0].find("stays") != std::string::npos);
  }
}

TEST_CASE("a platform that refuses or ignores the times is believed at once", "[feed]") {
  RecoveryTest refused;
  refused.recovery.add(0, kGap, RecoveryTest::at(0));
  refused.recovery.step(RecoveryTest::at(0));
  refused.recovery.responded(0, RecoveryTest::at(1), 400, {});
  CHECK(refused.recovery.idle());
  RecoveryTest ignored;
  ignored.recovery.add(0, kGap, RecoveryTest::at(0));
  ignored.begin(0);
  ignored.store(Stored::Kind::kEvents, 10, {.at = kNow, .count = 1});
  CHECK(ignored.recovery.idle());
  CHECK(ignored.sockets.slots.empty());
  CHECK(ignored.closed_gaps.empty());
}

TEST_CASE("a gap is asked for once it is over, of the last 24 hours, two at a time", "[feed]") {
  RecoveryTest test(4);
  test.recovery.add(0, {kNow - kMinute, kNow}, RecoveryTest::at(0));
  test.recovery.step(RecoveryTest::at(69'999));
  CHECK(test.sockets.urls.empty());
  test.recovery.step(RecoveryTest::at(70'000));
  CHECK(test.sockets.urls.size() == 1);
  for (const std::size_t stream : {1U, 2U, 3U}) test.recovery.add(stream, kGap, test.at(70'000));
  test.recovery.step(RecoveryTest::at(70'001));
  CHECK(test.sockets.urls.size() == 2);
  RecoveryTest old;
  old.recovery.add(0, {kNow - 48 * 60 * kMinute, kNow - 25 * 60 * kMinute}, old.at(0));
  CHECK(old.recovery.idle());
  old.recovery.add(0, {kNow - 48 * 60 * kMinute, kNow - 60 * kMinute}, old.at(0));
  old.begin(0);
  old.store(Stored::Kind::kClosed, 1, {.close = Close::kEnded});
  CHECK(old.closed_gaps.at(0).from == kNow - 24 * 60 * kMinute + 2 * kMinute);
  RecoveryTest silent;
  silent.recovery.add(0, kGap, silent.at(0));
  silent.begin(0);
  silent.recovery.step(RecoveryTest::at(59'999));
  CHECK(silent.sockets.slots.size() == 1);
  silent.recovery.step(RecoveryTest::at(60'000));
  CHECK(silent.sockets.slots.empty());
  CHECK_FALSE(silent.recovery.idle());
}
