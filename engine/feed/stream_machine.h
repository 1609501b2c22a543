// One stream's life, as a machine without sockets: bytes, closes, statuses and time go in; when to
// connect and with which backfill, when to hang up, when to stop, and what was covered come out.
// Source: the platform's reference, section 2; reliability.md, "Network", A1, A9.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/feed/connect_budget.h"
#include "engine/feed/http.h"
#include "engine/feed/pace.h"
#include "engine/feed/stream_clock.h"
#include "recant/error.h"
#include "recant/event.h"

namespace recant::feed {

/// Times that were heard without a hole, both ends included.
struct Heard {
  Time from = 0;
  Time to = 0;
  friend bool operator==(const Heard&, const Heard&) = default;
};

struct StreamRules {
  std::int64_t heartbeat_ms = 30'000;  ///< silence that means that the connection is dead
  int backfill_minutes_max = 5;        ///< what the platform gives again; 0: never ask
  int backfill_minutes_fixed = 0;      ///< ask for so many at each connect; 0: as the gap needs
  /// The platform documents backfill for this stream. Else it may ignore the parameter, and what
  /// was asked for counts as given only once something of it came.
  bool backfill_documented = true;
};

/// Why a connection is no more, where no status said so.
enum class Close : std::uint8_t {
  kEnded,       ///< the server ended it properly
  kCut,         ///< in the middle of something, or it never answered
  kNotReached,  ///< DNS or TCP failed
  kTlsRefused,  ///< trying again does not help
};

/// What a message in the stream asks for, before the server closes.
enum class NoticeAdvice : std::uint8_t {
  kNone,
  kReconnect,   ///< the platform's own doing
  kBackOff,     ///< too many connections, or a usage cap
  kNoBackfill,  ///< our buffer over there was full: what was in it is lost
  kStop,        ///< this client is not allowed to
};

/// The body is a web page, whatever the status: a proxy or a portal has answered.
[[nodiscard]] bool is_html(const Headers& headers);

class StreamMachine {
 public:
  enum class State : std::uint8_t { kWaiting, kConnecting, kOpen, kStopped };
  enum class Do : std::uint8_t { kNothing, kConnect, kHangUp, kStop };
  struct Step {
    Do what = Do::kNothing;
    int backfill_minutes = 0;  ///< kConnect: 0 asks for none
  };

  /// `heard_to`: how far earlier runs heard this stream, if they did. `budget` and `pace` are
  /// shared and outlive it.
  StreamMachine(StreamRules rules, ConnectBudget& budget, Pace& pace, std::optional<Time> heard_to,
                Moment now);

  /// What to do now. Call it after each input and at next_ms(). After kHangUp the connection is
  /// gone for the machine; after kStop it does nothing more.
  [[nodiscard]] Step tick(Moment now);
  /// When tick() has something to do without an input. [steady ms]
  [[nodiscard]] std::int64_t next_ms() const;

  /// The response's status and headers came.
  void responded(Moment now, int status, const Headers& headers);
  /// Any bytes came, also such that yield nothing yet.
  void received(Moment now) { last_byte_ms_ = now.steady_ms; }
  /// An empty line, with nothing behind it that was already there.
  void keep_alive(Moment now);
  void event(Moment now, Time at);
  void notice(Moment now, NoticeAdvice advice, const std::string& words);
  /// Something came that was not understood: whatever happened about then may be missing.
  void doubt(Moment now);
  void closed(Moment now, Close close, const std::string& why);
  /// We do not read, because we cannot store as fast: silence is ours.
  void paused(Moment now, bool paused);

  /// What became covered since the last call, touching what was told before; nothing if nothing, or
  /// while the clock is behind it. Take it after each close, before the next connection can leave a
  /// hole.
  [[nodiscard]] std::optional<Heard> take_heard(Moment now);
  /// A hole that this stream will not close by itself: between what was heard and what a
  /// connection gives.
  [[nodiscard]] std::optional<Heard> take_hole();

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] std::optional<Time> heard_to() const { return heard_to_; }
  /// Everything that was waiting when the connection was made has come.
  [[nodiscard]] bool caught_up() const { return caught_up_; }
  /// The answer that began this connection has another date than the clock here.
  [[nodiscard]] bool clock_differs() const { return state_ == State::kOpen && clock_.is_foreign(); }
  /// Why it stopped, or what the last trouble was.
  [[nodiscard]] const Error& trouble() const { return trouble_; }

 private:
  void wait(Moment now, std::int64_t ms);
  void stop(ErrorCode code, const std::string& why);
  void lost(Moment now, const std::string& why);
  void catch_up();
  void heard_until(Time to);
  void begin_at(Time from);
  void data_came();
  void distrust_future(Moment now);
  void refused(Moment now, int status, const Headers& headers);
  [[nodiscard]] int backfill_for(Time wall) const;

  StreamRules rules_;
  ConnectBudget& budget_;
  Pace& pace_;
  State state_ = State::kWaiting;
  Error trouble_{};
  std::int64_t connect_at_ms_ = 0;
  std::int64_t last_byte_ms_ = 0;
  std::int64_t opened_ms_ = 0;
  bool paused_ = false;
  bool stop_told_ = false;
  bool backfill_refused_ = false;  ///< the platform does not take the parameter
  bool backfill_lost_ = false;     ///< for the next connection alone
  int backfill_asked_ = 0;
  bool backfill_seen_ = false;  ///< something from before the connection came
  NoticeAdvice advice_ = NoticeAdvice::kNone;
  // Attempts since data came, for each ladder.
  unsigned drops_ = 0;
  unsigned not_reached_ = 0;
  unsigned http_errors_ = 0;
  unsigned limited_ = 0;
  // Coverage.
  StreamClock clock_{};
  bool caught_up_ = false;
  Time opened_wall_ = 0;
  Time given_from_ = 0;   ///< what this connection gives begins here
  Time proof_until_ = 0;  ///< an event until then shows that backfill was given
  std::optional<Time> heard_to_{};
  std::optional<Time> heard_before_{};  ///< heard_to_ as this connection found it
  std::optional<Time> doubt_until_{};   ///< of this connection: nothing before it is heard any more
  std::optional<Time> told_to_{};       ///< the end of what take_heard() returned
  std::optional<Time> heard_from_{};
  std::optional<Heard> hole_{};
};

}  // namespace recant::feed
