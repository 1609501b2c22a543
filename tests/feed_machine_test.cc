// The life of a stream under a virtual clock: hours of faults against a model of the server, which
// knows what it sent. What is claimed as heard must have been delivered; what was not must be told.
#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>
#include <random>
#include <set>

#include "engine/feed/stream_machine.h"
#include "tests/random_events.h"

using namespace recant;
using namespace recant::feed;

namespace {

using Do = StreamMachine::Do;
using State = StreamMachine::State;

constexpr Time kBegin = 1'772'359'200'000;
constexpr std::int64_t kTickMs = 250;

class Chance final : public Pace {
 public:
  explicit Chance(std::uint64_t seed) : random_(seed) {}
  void wait(std::int64_t) override {}
  double chance() override { return std::uniform_real_distribution<double>(0, 1)(random_); }
  std::size_t below(std::size_t bound) { return random_() % bound; }

 private:
  std::mt19937_64 random_;
};

struct Fact {
  Time at = 0;
  Time sent_at = 0;  ///< a little later, and so out of order
};

/// One connection as the server has it: what it owes, oldest first, and what it does wrong.
struct Connection {
  std::deque<Fact> owed{};
  Time last_sent = 0;
  Time fails_at = 0;
  enum class Fault { kNone, kCut, kEnd, kSilence } fault = Fault::kNone;
};

struct Plan {
  std::int64_t minutes = 180;
  std::int64_t quiet_minutes = 30;  ///< at the end, without faults
  bool takes_backfill = true;
  std::size_t faults_in = 3;  ///< of so many connections one is bad at once
  std::size_t per_tick = 40;
};

class Simulation {
 public:
  Simulation(std::uint64_t seed, Plan plan)
      : plan_(plan), chance_(seed), pace_(seed + 1), budget_(20, 900'000) {
    const Time end = kBegin + plan_.minutes * 60'000;
    for (Time at = kBegin; at < end; at += static_cast<Time>(chance_.below(20'000))) {
      for (std::size_t burst = chance_.below(4) == 0 ? 60 : 1; burst > 0; --burst) {
        facts_.push_back({at, at + static_cast<Time>(chance_.below(5'000))});
      }
    }
    std::ranges::sort(facts_, {}, &Fact::sent_at);
    machine_.emplace(StreamRules{}, budget_, pace_, std::nullopt, moment());
  }

  void run() {
    const Time end = kBegin + plan_.minutes * 60'000;
    for (; now_ < end; now_ += kTickMs) step();
    take();
  }

  [[nodiscard]] std::string broken() const {
    for (std::size_t i = 0; i < facts_.size(); ++i) {
      for (const Heard& heard : claims_) {
        const bool claimed = heard.from <= facts_[i].at && facts_[i].at < heard.to;
        if (claimed && !delivered_.contains(i)) return "an event that was claimed never came";
      }
    }
    for (std::size_t i = 1; i < claims_.size(); ++i) {
      if (claims_[i].from == claims_[i - 1].to) continue;
      const Heard between{claims_[i - 1].to, claims_[i].from};
      if (between.from > between.to) return "claims go back in time";
      if (std::ranges::find(holes_, between) == holes_.end()) return "a gap that nobody told";
    }
    if (holes_.size() > claims_.size()) return "a hole between nothing";
    if (claims_.empty() || claims_.back().to < now_ - 60'000) return "behind at the end";
    for (std::size_t i = 20; i < connects_.size(); ++i) {
      if (connects_[i] - connects_[i - 20] < 900'000) return "over the budget";
    }
    return silence_ ? "a dead connection was kept" : "";
  }
  [[nodiscard]] const std::vector<Heard>& holes() const { return holes_; }
  [[nodiscard]] const std::vector<Heard>& claims() const { return claims_; }

 private:
  [[nodiscard]] Moment moment() const { return {now_ - kBegin + 777, now_}; }
  [[nodiscard]] bool quiet() const {
    return now_ > kBegin + (plan_.minutes - plan_.quiet_minutes) * 60'000;
  }

  void step() {
    if (connection_) serve();
    for (auto step = machine_->tick(moment()); step.what != Do::kNothing;
         step = machine_->tick(moment())) {
      if (step.what == Do::kHangUp) connection_.reset();
      if (step.what == Do::kConnect) connect(step.backfill_minutes);
      take();
    }
    if (connection_ && now_ - connection_->last_sent > 31'000) silence_ = true;
  }

  void connect(int backfill_minutes) {
    connects_.push_back(now_);
    const bool bad = !quiet() && chance_.below(plan_.faults_in) == 0;
    if (backfill_minutes > 0 && !plan_.takes_backfill) {
      return machine_->responded(moment(), 400, {});
    }
    if (bad) {
      const int statuses[] = {500, 503, 429, 420, 502, 200};
      const std::size_t fault = chance_.below(8);
      if (fault == 6) return machine_->closed(moment(), Close::kNotReached, "refused");
      if (fault == 7) return machine_->closed(moment(), Close::kCut, "cut before the headers");
      return machine_->responded(moment(), statuses[fault],
                                 {{"Content-Type", "text/html"}, {"x-rate-limit-reset", "junk"}});
    }
    open(backfill_minutes);
    machine_->responded(moment(), 200, {});
  }

  void open(int backfill_minutes) {
    connection_.emplace();
    connection_->last_sent = now_;
    const Time from = now_ - backfill_minutes * 60'000;
    for (const Fact& fact : facts_) {
      if (fact.at >= from || fact.sent_at >= now_) connection_->owed.push_back(fact);
    }
    if (quiet()) return;
    connection_->fault = static_cast<Connection::Fault>(1 + chance_.below(3));
    const std::int64_t lasts[] = {100, 2'000, 20'000, 300'000, 1'200'000};
    connection_->fails_at =
        now_ + static_cast<Time>(chance_.below(static_cast<std::size_t>(lasts[chance_.below(5)])));
  }

  void serve() {
    Connection& c = *connection_;
    if (c.fault != Connection::Fault::kNone && now_ >= c.fails_at) {
      if (c.fault == Connection::Fault::kSilence) return;
      const bool cut = c.fault == Connection::Fault::kCut;
      connection_.reset();
      machine_->closed(moment(), cut ? Close::kCut : Close::kEnded, "over");
      return take();
    }
    std::size_t sent = 0;
    for (; sent < plan_.per_tick && !c.owed.empty() && c.owed.front().sent_at <= now_; ++sent) {
      machine_->received(moment());
      machine_->event(moment(), c.owed.front().at);
      deliver(c.owed.front());
      c.owed.pop_front();
    }
    if (sent > 0) c.last_sent = now_;
    if (sent == 0 && now_ - c.last_sent >= 20'000) {
      c.last_sent = now_;
      machine_->received(moment());
      machine_->keep_alive(moment());
    }
  }

  void deliver(const Fact& fact) {
    const auto [first, last] = std::ranges::equal_range(facts_, fact.sent_at, {}, &Fact::sent_at);
    for (auto each = first; each != last; ++each) {
      if (each->at == fact.at) delivered_.insert(static_cast<std::size_t>(each - facts_.begin()));
    }
  }

  void take() {
    if (const auto heard = machine_->take_heard(moment())) claims_.push_back(*heard);
    if (const auto hole = machine_->take_hole()) holes_.push_back(*hole);
  }

  Plan plan_;
  Chance chance_;
  Chance pace_;
  ConnectBudget budget_;
  Time now_ = kBegin;
  std::vector<Fact> facts_;
  std::set<std::size_t> delivered_;
  std::optional<StreamMachine> machine_;
  std::optional<Connection> connection_;
  std::vector<Time> connects_;
  std::vector<Heard> claims_;
  std::vector<Heard> holes_;
  bool silence_ = false;
};

/// A machine and hands to drive it.
struct Driven {
  explicit Driven(StreamRules rules = {}, std::optional<Time> heard_to = {})
      : budget(100, 900'000), machine(rules, budget, pace, heard_to, at(0)) {}
  static Moment at(std::int64_t ms) { return {ms, kBegin + ms}; }
  StreamMachine::Step tick(std::int64_t ms) { return machine.tick(at(ms)); }
  void open(std::int64_t ms) {
    REQUIRE(tick(ms).what == Do::kConnect);
    machine.responded(at(ms), 200, {});
  }
  std::int64_t wait_after(int status, std::int64_t ms, const Headers& headers = {}) {
    REQUIRE(tick(ms).what == Do::kConnect);
    machine.responded(at(ms), status, headers);
    return machine.next_ms() - ms;
  }
  /// Of what is over.
  std::optional<Heard> heard() { return machine.take_heard(at(86'400'000)); }
  struct NoChance final : Pace {
    void wait(std::int64_t) override {}
    double chance() override { return 0; }
  } pace;
  ConnectBudget budget;
  StreamMachine machine;
};

}  // namespace

TEST_CASE("whatever the network does, what is claimed was heard and gaps are told", "[feed]") {
  const std::uint64_t cases = laws::case_count(300);
  std::size_t holes = 0;
  std::size_t claims = 0;
  for (std::uint64_t i = 0; i < cases; ++i) {
    const std::uint64_t seed = laws::seed_of(i);
    Simulation simulation(seed, {.takes_backfill = seed % 5 != 0, .faults_in = 2 + seed % 4});
    simulation.run();
    CAPTURE(seed);
    REQUIRE(simulation.broken() == "");
    holes += simulation.holes().size();
    claims += simulation.claims().size();
  }
  CHECK(holes > 0);
  CHECK(claims > cases);
}

TEST_CASE("faults that backfill can close leave no gap", "[feed]") {
  Driven driven;
  driven.open(0);
  driven.machine.keep_alive(Driven::at(20'000));
  driven.machine.closed(Driven::at(21'000), Close::kCut, "cut");
  const auto again = driven.tick(21'000);  // at once
  CHECK(again.what == Do::kConnect);
  CHECK(again.backfill_minutes == 1);
  driven.machine.responded(Driven::at(21'500), 200, {});
  CHECK(driven.heard() == Heard{kBegin, kBegin + 10'000});
  driven.machine.event(Driven::at(22'000), kBegin + 5'000);  // given again
  CHECK_FALSE(driven.heard());
  driven.machine.keep_alive(Driven::at(42'000));
  CHECK(driven.heard() == Heard{kBegin + 10'000, kBegin + 32'000});
  CHECK_FALSE(driven.machine.take_hole());
}

TEST_CASE("a gap over the backfill window is told, and what was heard before stays", "[feed]") {
  Driven driven({}, kBegin - 3'600'000);
  const auto connect = driven.tick(0);
  CHECK(connect.backfill_minutes == 5);
  driven.machine.responded(Driven::at(100), 200, {});
  driven.machine.keep_alive(Driven::at(1'099));  // may come before what is given again
  CHECK_FALSE(driven.machine.caught_up());
  driven.machine.keep_alive(Driven::at(1'100));
  CHECK(driven.heard() == Heard{kBegin + 100 - 300'000, kBegin + 1'100 - 10'000});
  CHECK(driven.machine.take_hole() == Heard{kBegin - 3'600'000, kBegin + 100 - 300'000});
}

TEST_CASE("silence past the heartbeat is a dead connection; any byte is life", "[feed]") {
  Driven driven;
  driven.open(0);
  CHECK(driven.tick(29'999).what == Do::kNothing);
  driven.machine.received(Driven::at(29'999));
  CHECK(driven.tick(59'998).what == Do::kNothing);
  CHECK(driven.machine.next_ms() == 59'999);
  CHECK(driven.tick(59'999).what == Do::kHangUp);
  CHECK(driven.tick(59'999).what == Do::kConnect);
  driven.machine.responded(Driven::at(60'000), 200, {});
  driven.machine.paused(Driven::at(61'000), true);
  CHECK(driven.tick(200'000).what == Do::kNothing);  // the silence is ours
  driven.machine.paused(Driven::at(200'000), false);
  CHECK(driven.tick(229'999).what == Do::kNothing);
  CHECK(driven.tick(230'000).what == Do::kHangUp);
  // Who was cut while we paused is not paused for ever.
  driven.open(230'000);
  driven.machine.paused(Driven::at(231'000), true);
  driven.machine.closed(Driven::at(232'000), Close::kCut, "cut");
  driven.open(260'000);
  CHECK(driven.tick(290'000).what == Do::kHangUp);
}

TEST_CASE("each ladder is the documented one, and only data begins it anew", "[feed]") {
  Driven driven;
  CHECK(driven.wait_after(408, 0) == 5'000);
  CHECK(driven.wait_after(500, 10'000) == 10'000);
  CHECK(driven.wait_after(504, 30'000) == 20'000);
  CHECK(driven.wait_after(429, 60'000) == 60'000);
  CHECK(driven.wait_after(420, 200'000) == 120'000);
  CHECK(driven.wait_after(503, 400'000) == 40'000);
  const std::string reset = std::to_string((kBegin + 500'000) / 1000 + 200);
  CHECK(driven.wait_after(429, 500'000, {{"x-rate-limit-reset", reset}}) == 210'000);
  driven.open(900'000);
  driven.machine.closed(Driven::at(900'001), Close::kCut, "cut");
  driven.open(900'001);
  driven.machine.closed(Driven::at(900'002), Close::kCut, "cut");
  CHECK(driven.machine.next_ms() == 900'002 + 250);
  CHECK(driven.wait_after(503, 901'000) == 80'000);  // a connection alone proves nothing
  driven.open(1'000'000);
  driven.machine.keep_alive(Driven::at(1'000'001));
  driven.machine.closed(Driven::at(1'011'000), Close::kEnded, "over");
  CHECK(driven.wait_after(503, 1'011'000) == 5'000);
  for (int i = 1; i <= 100; ++i) {
    REQUIRE(driven.tick(2'000'000 + i * 900'000).what == Do::kConnect);
    const Moment now = Driven::at(2'000'000 + i * 900'000);
    driven.machine.closed(now, Close::kNotReached, "refused");
    CHECK(driven.machine.next_ms() - now.steady_ms == std::min(250 * i, 16'000));
  }
}

TEST_CASE("refusals stop for good: credentials, paths and certificates", "[feed]") {
  for (const auto& [status, code] :
       std::initializer_list<std::pair<int, ErrorCode>>{{401, ErrorCode::kRefused},
                                                        {403, ErrorCode::kRefused},
                                                        {404, ErrorCode::kIo},
                                                        {400, ErrorCode::kIo},
                                                        {409, ErrorCode::kIo},
                                                        {302, ErrorCode::kIo}}) {
    Driven driven;
    REQUIRE(driven.tick(0).what == Do::kConnect);
    driven.machine.responded(Driven::at(1), status, {});
    CHECK(driven.tick(2).what == Do::kStop);
    CHECK(driven.machine.trouble().code == code);
    CHECK(driven.tick(1'000'000).what == Do::kNothing);
  }
  Driven driven;
  REQUIRE(driven.tick(0).what == Do::kConnect);
  driven.machine.closed(Driven::at(1), Close::kTlsRefused, "certificate");
  CHECK(driven.tick(2).what == Do::kStop);
  CHECK(driven.machine.trouble().code == ErrorCode::kRefused);
}

TEST_CASE("a platform that gives no backfill is gone on with, and the gap told", "[feed]") {
  Driven driven({}, kBegin - 10'000);
  CHECK(driven.tick(0).backfill_minutes == 1);
  driven.machine.responded(Driven::at(0), 400, {});
  const auto again = driven.tick(10'000);
  CHECK(again.what == Do::kConnect);
  CHECK(again.backfill_minutes == 0);
  driven.machine.responded(Driven::at(10'000), 200, {});
  CHECK(driven.machine.take_hole() == Heard{kBegin - 10'000, kBegin + 10'000});
}

TEST_CASE("backfill that nobody documents counts only once something of it came", "[feed]") {
  for (const bool given : {false, true}) {
    Driven driven({.backfill_documented = false}, kBegin - 60'000);
    CHECK(driven.tick(0).backfill_minutes == 2);
    driven.machine.responded(Driven::at(0), 200, {});
    driven.machine.event(Driven::at(100), kBegin - 29'000);  // late, and no more than that
    if (given) driven.machine.event(Driven::at(200), kBegin - 30'000);
    driven.machine.keep_alive(Driven::at(5'000));
    CHECK(driven.machine.caught_up());
    const auto hole = driven.machine.take_hole();
    CHECK(hole.has_value() == !given);
    if (hole) CHECK(*hole == Heard{kBegin - 60'000, kBegin});
  }
}

TEST_CASE("what the stream says before it ends decides what follows", "[feed]") {
  const auto after = [](NoticeAdvice advice, auto look) {
    Driven driven({}, kBegin - 10'000);
    driven.open(0);
    driven.machine.notice(Driven::at(15'000), advice, "words");
    driven.machine.closed(Driven::at(15'000), Close::kEnded, "over");
    look(driven.machine);
  };
  after(NoticeAdvice::kReconnect, [](auto& machine) { CHECK(machine.next_ms() == 15'000); });
  after(NoticeAdvice::kBackOff, [](auto& machine) { CHECK(machine.next_ms() == 75'000); });
  after(NoticeAdvice::kStop, [](auto& machine) { CHECK(machine.state() == State::kStopped); });
  Driven full({}, kBegin - 10'000);
  full.open(0);
  full.machine.notice(Driven::at(15'000), NoticeAdvice::kNoBackfill, "buffer full");
  full.machine.closed(Driven::at(15'000), Close::kEnded, "over");
  CHECK(full.tick(15'000).backfill_minutes == 0);
}

TEST_CASE("an event far ahead of the clock proves nothing", "[feed]") {
  Driven driven({}, kBegin - 60'000);
  driven.open(0);
  driven.machine.event(Driven::at(10), kBegin + 86'400'000);
  CHECK_FALSE(driven.machine.caught_up());
  CHECK(driven.machine.heard_to() == kBegin - 60'000);
}

namespace {

/// A machine whose wall clock is set while it runs.
struct Clocked : Driven {
  explicit Clocked(std::optional<Time> heard_to = {}) : Driven({}, heard_to) {}
  [[nodiscard]] Moment now() const { return {ms, kBegin + ms + set_by}; }
  void connect(const Headers& headers = {}) {
    REQUIRE(machine.tick(now()).what == Do::kConnect);
    machine.responded(now(), 200, headers);
  }
  /// Keep-alives, and whether the connection was given up for them.
  bool lives(std::int64_t minutes) {
    for (std::int64_t i = 0; i < 3 * minutes; ++i) {
      ms += 20'000;
      machine.received(now());
      machine.keep_alive(now());
      if (machine.tick(now()).what == Do::kHangUp) return false;
    }
    return true;
  }
  std::optional<Heard> heard_now() { return machine.take_heard(now()); }
  std::int64_t ms = 0;
  Time set_by = 0;
};

constexpr Time kHour = 3'600'000;
constexpr Time kMinute = 60'000;

}  // namespace

TEST_CASE("a clock that is an hour ahead for a minute claims no hour, and hides no outage",
          "[feed]") {
  Clocked world;
  world.connect();
  REQUIRE(world.lives(20));
  CHECK(world.heard_now() == Heard{kBegin, kBegin + 20 * kMinute - 10'000});
  world.set_by = kHour;
  REQUIRE(world.lives(1));
  CHECK_FALSE(world.heard_now());
  world.set_by = 0;
  REQUIRE(world.lives(1));  // it was connected all the time
  CHECK(world.heard_now() == Heard{kBegin + 20 * kMinute - 10'000, kBegin + 22 * kMinute - 10'000});
  world.machine.closed(world.now(), Close::kCut, "cut");
  world.ms += 40 * kMinute;
  const auto again = world.machine.tick(world.now());
  CHECK(again.backfill_minutes == 5);
  world.machine.responded(world.now(), 200, {});
  REQUIRE(world.lives(1));
  CHECK(world.machine.take_hole() == Heard{kBegin + 22 * kMinute - 10'000, kBegin + 57 * kMinute});
  CHECK(world.heard_now()->from == kBegin + 57 * kMinute);
}

TEST_CASE("nothing is heard later than the clock says, and a clock that is set back is believed",
          "[feed]") {
  for (const std::int64_t connected : {20, 120}) {
    Clocked world(kBegin - 30 * kMinute);  // by a clock that was right
    world.set_by = kHour;
    world.connect();
    REQUIRE(world.lives(connected));
    const auto wrong = world.machine.heard_to();
    CHECK(wrong == kBegin + kHour + connected * kMinute - 10'000);
    world.set_by = 0;
    CHECK_FALSE(world.heard_now());  // it would be in the future
    CHECK_FALSE(world.lives(10));    // from when on it is heard, a new connection has to tell
    const Time set_at = world.now().wall;
    CHECK(world.machine.heard_to() <= set_at);
    (void)world.machine.take_hole();
    const auto again = world.machine.tick(world.now());
    CHECK(again.what == Do::kConnect);
    world.machine.responded(world.now(), 200, {});
    REQUIRE(world.lives(2));
    const auto hole = world.machine.take_hole();
    // Of an hour ahead, and connected for two, the second one was heard as it was told.
    CHECK(hole.has_value() == (connected == 20));
    if (hole) CHECK(*hole == Heard{kBegin - 30 * kMinute, set_at - 5 * kMinute});
    CHECK(world.heard_now()->to == world.now().wall - 10'000);
  }
}

TEST_CASE("a clock that stays ahead begins anew, and the time between is a hole", "[feed]") {
  Clocked world;
  world.connect();
  REQUIRE(world.lives(10));
  (void)world.heard_now();
  world.set_by = kHour;
  CHECK_FALSE(world.lives(10));
  const Time heard_to = kBegin + 10 * kMinute - 10'000;
  CHECK(world.machine.heard_to() == heard_to);
  world.connect();
  const Time given_from = world.now().wall - 5 * kMinute;
  REQUIRE(world.lives(1));
  CHECK(world.machine.take_hole() == Heard{heard_to, given_from});
}

TEST_CASE("a coverage that ends in the future is not believed past now", "[feed]") {
  Clocked world(kBegin + kHour);
  CHECK(world.machine.heard_to() == kBegin);
  world.connect();
  REQUIRE(world.lives(1));
  CHECK(world.heard_now() == Heard{kBegin, kBegin + kMinute - 10'000});
  world.machine.closed(world.now(), Close::kCut, "cut");
  world.ms += 20 * kMinute;  // still before that end
  world.connect();
  REQUIRE(world.lives(1));
  CHECK(world.machine.take_hole() == Heard{kBegin + kMinute - 10'000, kBegin + 16 * kMinute});
}

TEST_CASE("an answer of another date is told of, and decides nothing", "[feed]") {
  Clocked world;
  world.connect({{"Date", "Sun, 01 Mar 2026 11:00:20 GMT"}});
  CHECK(world.machine.clock_differs());
  REQUIRE(world.lives(2));
  CHECK(world.heard_now() == Heard{kBegin, kBegin + 2 * kMinute - 10'000});
  world.machine.closed(world.now(), Close::kCut, "cut");
  CHECK_FALSE(world.machine.clock_differs());
  world.connect({{"Date", "no date at all"}});
  CHECK_FALSE(world.machine.clock_differs());
}

TEST_CASE("a line that is not understood breaks what is heard, and a run of them does so once",
          "[feed]") {
  Clocked world;
  world.connect();
  REQUIRE(world.lives(2));
  for (int i = 0; i < 4; ++i) {
    (void)world.heard_now();
    world.ms += 1'000;
    world.machine.doubt(world.now());
    CHECK_FALSE(world.machine.take_hole());
  }
  world.machine.keep_alive(world.now());  // what is older may come late
  CHECK_FALSE(world.heard_now());
  const Time last = world.now().wall;
  REQUIRE(world.lives(1));
  CHECK(world.machine.take_hole() == Heard{kBegin + 2 * kMinute - 10'000, last});
  CHECK(world.heard_now() == Heard{last, world.now().wall - 10'000});
}

TEST_CASE("what is given again after a doubt is heard after all", "[feed]") {
  Clocked world;
  world.connect();
  REQUIRE(world.lives(2));
  (void)world.heard_now();
  world.machine.doubt(world.now());
  world.machine.closed(world.now(), Close::kCut, "cut");
  world.connect();
  REQUIRE(world.lives(1));
  CHECK_FALSE(world.machine.take_hole());
  CHECK(world.heard_now()->from == kBegin + 2 * kMinute - 10'000);
  // But not where it comes again: then it is what was given that is in doubt.
  world.machine.closed(world.now(), Close::kCut, "cut");
  const Time heard_to = world.machine.heard_to().value();
  world.connect();
  world.ms += 100;
  world.machine.doubt(world.now());
  const Time doubted = world.now().wall;
  REQUIRE(world.lives(1));
  CHECK(world.machine.take_hole() == Heard{heard_to, doubted});
}
