#include "engine/feed/follow.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <new>
#include <utility>

#include "engine/feed/api.h"
#include "engine/feed/recovery.h"
#include "engine/feed/stream_sockets.h"
#include "recant/time.h"

namespace recant::feed {
namespace {

constexpr std::int64_t kPollMaxMs = 200;
constexpr std::int64_t kSecondMs = 1000;

using State = StreamMachine::State;

class Following final : public StreamHandler, public RecoveryHost {
 public:
  Following(FollowParts parts, const FollowOptions& options, const Coverage& known)
      : parts_(parts),
        options_(options),
        queue_(options.queue_bytes_max),
        reports_(names_of(options), options.say),
        sockets_(StreamSockets::make()) {
    if (!sockets_) throw std::bad_alloc();
    for (const FollowedStream& stream : options.streams) {
      slots_.emplace_back().machine = std::make_unique<StreamMachine>(
          stream.rules, *stream.budget, parts_.pace, heard_before(known, stream.name), now());
    }
    make_recovery(known);
    // A stream and its recovery are told apart by their slots, and share their name.
    std::vector<StreamName> names = names_of(options);
    names.insert(names.end(), names.begin(), names.end());
    store_ = std::make_unique<StreamStore>(parts_.store, queue_, std::move(names), parts_.redact,
                                           [this] { sockets_->wake(); });
  }

  Result<FollowReport> run() {
    const std::int64_t begin = now().steady_ms;
    std::int64_t next_heard = begin + options_.heard_every_ms;
    std::int64_t next_second = begin + kSecondMs;
    while (!over(begin)) {
      take_stored();
      step_machines();
      recovery_->step(now());
      resume_if_room();
      const Moment moment = now();
      if (moment.steady_ms >= next_heard) {
        next_heard = moment.steady_ms + options_.heard_every_ms;
        for (std::size_t i = 0; i < slots_.size(); ++i) tell_heard(i);
      }
      if (moment.steady_ms >= next_second) {
        next_second = moment.steady_ms + kSecondMs;
        store_->note(statuses());
        if (options_.on_second) options_.on_second(report());
      }
      sockets_->poll(until_next(moment.steady_ms), *this);
    }
    return finish();
  }

  void on_response(std::size_t slot, int status, const Headers& headers,
                   std::string_view body) override {
    if (is_recovery(slot)) {
      recovery_->responded(stream_of(slot), now(), status, headers);
      if (recovery_->is_open(stream_of(slot))) push(slot, {.kind = Piece::Kind::kOpened});
      return;
    }
    Slot& each = slots_[slot];
    each.machine->responded(now(), status, headers);
    if (each.machine->state() != State::kOpen) {
      each.hang_up = true;
      const std::string words = explain_body(body, parts_.redact);
      return note_trouble(slot, each.machine->trouble().what + (words.empty() ? "" : ": " + words));
    }
    reports_[slot].connected_at = now().wall;
    push(slot, {.kind = Piece::Kind::kOpened});
    tell_first_heard(slot);
  }

  bool on_bytes(std::size_t slot, std::string_view bytes) override {
    if (is_recovery(slot)) return on_recovered_bytes(slot, bytes);
    Slot& each = slots_[slot];
    if (each.machine->state() != State::kOpen) return true;  // about to be hung up
    if (queue_.full()) {
      each.paused = true;
      ++reports_[slot].pauses;
      each.machine->paused(now(), true);
      return false;
    }
    reports_[slot].bytes += bytes.size();
    each.machine->received(now());
    push(slot, {.kind = Piece::Kind::kBytes, .bytes = std::string(bytes)});
    return true;
  }

  void on_closed(std::size_t slot, Close close, const std::string& why) override {
    if (is_recovery(slot)) {
      if (!recovery_->is_open(stream_of(slot))) {
        return recovery_->closed(stream_of(slot), now(), parts_.redact(why));
      }
      return push(slot, {.kind = Piece::Kind::kClosed, .close = close, .why = why});
    }
    Slot& each = slots_[slot];
    if (each.machine->state() == State::kOpen) {
      // What came before has to be stored first: a notice in it may say why.
      return push(slot, {.kind = Piece::Kind::kClosed, .close = close, .why = why});
    }
    each.machine->closed(now(), close, parts_.redact(why));
    note_trouble(slot, each.machine->trouble().what);
  }

 private:
  struct Slot {
    std::unique_ptr<StreamMachine> machine{};
    std::uint64_t connection = 0;
    bool paused = false;
    bool hang_up = false;
    bool told = false;  ///< of this connection: that, and from when, it is heard
  };

  [[nodiscard]] Moment now() const { return {parts_.clock.steady_ms(), parts_.clock.now()}; }

  static std::vector<StreamName> names_of(const FollowOptions& options) {
    std::vector<StreamName> names;
    for (const FollowedStream& stream : options.streams) names.push_back(stream.name);
    return names;
  }

  static std::optional<Time> heard_before(const Coverage& known, const StreamName& name) {
    for (const StreamCoverage& each : known.streams) {
      if (each.source == name.source && each.partition == name.partition) {
        return each.heard.back().to;
      }
    }
    return {};
  }

  [[nodiscard]] bool is_recovery(std::size_t slot) const { return slot >= slots_.size(); }
  [[nodiscard]] std::size_t stream_of(std::size_t slot) const { return slot % slots_.size(); }

  void make_recovery(const Coverage& known) {
    std::map<std::size_t, RecoverableStream> streams;
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      const FollowedStream& each = options_.streams[i];
      if (!each.takes_range) continue;
      streams[i] = {reports_.label(i), each.url, each.settings, each.budget};
    }
    recovery_.emplace(std::move(streams), slots_.size(), *sockets_, parts_.pace, *this);
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      for (const StreamCoverage& each : known.streams) {
        const StreamName& name = options_.streams[i].name;
        if (each.source != name.source || each.partition != name.partition) continue;
        for (const Interval& gap : each.gaps()) (void)recovery_->add(i, {gap.from, gap.to}, now());
      }
    }
  }

  void recovered(std::size_t stream, Heard gap) override {
    push(stream, {.kind = Piece::Kind::kHeard, .heard = gap});
    reports_.closed(stream, gap);
  }

  bool on_recovered_bytes(std::size_t slot, std::string_view bytes) {
    if (!recovery_->is_open(stream_of(slot))) return true;  // about to be hung up
    recovery_->received(stream_of(slot), now());
    if (queue_.full()) {
      paused_recoveries_.push_back(slot);
      return false;
    }
    push(slot, {.kind = Piece::Kind::kBytes, .bytes = std::string(bytes)});
    return true;
  }

  void push(std::size_t slot, Piece piece) {
    piece.stream = slot;
    piece.connection =
        is_recovery(slot) ? recovery_->connection(stream_of(slot)) : slots_[slot].connection;
    piece.arrived = now();
    queue_.push(std::move(piece));
  }

  [[nodiscard]] bool over(std::int64_t begin) {
    asked_to_stop_ = options_.stop != nullptr && options_.stop->load();
    if (asked_to_stop_) return true;
    if (options_.duration_ms > 0 && now().steady_ms - begin >= options_.duration_ms) return true;
    failure_ = store_->failure();
    return failure_ || stopped_;
  }

  [[nodiscard]] std::int64_t until_next(std::int64_t now_ms) const {
    std::int64_t next = now_ms + kPollMaxMs;
    for (const Slot& slot : slots_) next = std::min(next, slot.machine->next_ms());
    return std::max<std::int64_t>(next - now_ms, 0);
  }

  void step_machines() {
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      if (std::exchange(slots_[i].hang_up, false)) hang_up(i);
      for (auto step = slots_[i].machine->tick(now()); step.what != StreamMachine::Do::kNothing;
           step = slots_[i].machine->tick(now())) {
        tell_heard(i);
        if (step.what == StreamMachine::Do::kConnect) connect(i, step.backfill_minutes);
        if (step.what == StreamMachine::Do::kHangUp) {
          hang_up(i);
          note_trouble(i, slots_[i].machine->trouble().what);
        }
        if (step.what == StreamMachine::Do::kStop) stop(i);
      }
    }
  }

  void connect(std::size_t i, int backfill_minutes) {
    const FollowedStream& stream = options_.streams[i];
    std::string url = stream.url;
    if (backfill_minutes > 0) {
      url += fmt::format("{}{}={}", url.find('?') == std::string::npos ? '?' : '&',
                         stream.backfill_parameter, backfill_minutes);
    }
    Slot& slot = slots_[i];
    ++slot.connection;
    ++reports_[i].connects;
    slot.paused = false;
    slot.told = false;
    const HttpRequest request{
        .url = url,
        .authorized = true,
        .headers = {{"Accept-Encoding", "gzip"}, {"Connection", "keep-alive"}},
        .timeout_ms = 0};
    const auto opened = sockets_->open(i, *stream.settings, request);
    if (!opened) slot.machine->closed(now(), Close::kNotReached, opened.error().what);
  }

  void hang_up(std::size_t i) {
    sockets_->close(i);
    ++slots_[i].connection;  // what is still in the queue of it is stored, but proves nothing
  }

  void stop(std::size_t i) {
    const Error& why = slots_[i].machine->trouble();
    stopped_ =
        Error{.code = why.code,
              .what = fmt::format("cannot follow {}: {}", reports_.label(i), reports_[i].trouble)};
  }

  void resume_if_room() {
    if (!queue_.has_room()) return;
    for (const std::size_t slot : std::exchange(paused_recoveries_, {})) {
      recovery_->received(stream_of(slot), now());
      sockets_->resume(slot);
    }
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      if (!std::exchange(slots_[i].paused, false)) continue;
      slots_[i].machine->paused(now(), false);
      sockets_->resume(i);
    }
  }

  void take_stored() {
    for (const Stored& stored : store_->take()) {
      Slot& slot = slots_[stream_of(stored.stream)];
      reports_.stored(stream_of(stored.stream), stored);
      if (is_recovery(stored.stream)) {
        recovery_->stored(stored, stream_of(stored.stream), now());
        continue;
      }
      if (stored.connection != slot.connection) continue;
      tell_machine(stored);
      tell_first_heard(stored.stream);
      if (const auto hole = slot.machine->take_hole()) {
        reports_.hole(stored.stream, *hole, recovery_->add(stored.stream, *hole, now()));
      }
    }
  }

  void tell_machine(const Stored& stored) {
    StreamMachine& machine = *slots_[stored.stream].machine;
    switch (stored.kind) {
      case Stored::Kind::kEvents:
        return machine.event(stored.arrived, stored.at);
      case Stored::Kind::kKeepAlive:
        return machine.keep_alive(stored.arrived);
      case Stored::Kind::kNotice:
        machine.notice(now(), stored.advice, stored.words);
        return reports_.notice(stored.stream, stored.words, now());
      case Stored::Kind::kBroken:
        hang_up(stored.stream);
        [[fallthrough]];
      case Stored::Kind::kClosed:
        machine.closed(now(), stored.close, parts_.redact(stored.words));
        tell_heard(stored.stream);
        return note_trouble(stored.stream, machine.trouble().what);
      case Stored::Kind::kRejected:
      case Stored::Kind::kTrouble:
        return;
    }
  }

  void tell_heard(std::size_t i) {
    if (const auto heard = slots_[i].machine->take_heard()) {
      push(i, {.kind = Piece::Kind::kHeard, .heard = *heard});
    }
  }

  // At once, so that whoever goes on after a kill knows from where.
  void tell_first_heard(std::size_t i) {
    if (slots_[i].told || !slots_[i].machine->caught_up()) return;
    slots_[i].told = true;
    tell_heard(i);
  }

  void note_trouble(std::size_t i, const std::string& trouble) {
    reports_.trouble(i, trouble, now(), slots_[i].machine->state() != State::kStopped);
  }

  void say(const std::string& text) override { reports_.say(text); }

  [[nodiscard]] FollowReport report() const {
    FollowReport report{.streams = reports_.all()};
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      report.streams[i].state = slots_[i].machine->state();
      report.streams[i].heard_to = slots_[i].machine->heard_to();
    }
    return report;
  }

  [[nodiscard]] std::vector<StreamStatus> statuses() const {
    std::vector<StreamStatus> statuses;
    for (const StreamReport& each : report().streams) {
      StreamStatus& status = statuses.emplace_back();
      status = {.name = each.name,
                .last_event = each.last_event,
                .last_keep_alive = each.last_keep_alive};
      if (each.state == State::kOpen) status.connected_since = each.connected_at;
    }
    return statuses;
  }

  // Hangs up, stores what came, and only then writes how far was heard.
  Result<FollowReport> finish() {
    for (std::size_t i = 0; i < 2 * slots_.size(); ++i) sockets_->close(i);
    store_->note(statuses());
    queue_.end();
    if (const std::uint64_t left = store_->join(); left > 0 && !store_->failure()) {
      say(fmt::format("{} bytes that came were not stored in time: they are asked for again",
                      left));
    }
    take_stored();
    RECANT_TRY(write_heard());
    failure_ = store_->failure();
    if (failure_) return std::unexpected(*failure_);
    if (stopped_) return std::unexpected(*stopped_);
    FollowReport last = report();
    const bool connected = std::ranges::any_of(
        last.streams, [](const StreamReport& each) { return each.connected_at.has_value(); });
    if (!connected && !asked_to_stop_ && !last.streams.front().trouble.empty()) {
      return fail(ErrorCode::kNetwork,
                  fmt::format("no stream was ever connected: {}", last.streams.front().trouble));
    }
    return last;
  }

  Result<void> write_heard() {
    std::vector<Event> events;
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      const auto heard = slots_[i].machine->take_heard();
      if (heard && !store_->failure()) {
        events.push_back(coverage_event(options_.streams[i].name, *heard));
      }
    }
    if (!events.empty()) RECANT_TRY(parts_.store.append(events));
    return {};
  }

  FollowParts parts_;
  const FollowOptions& options_;
  StreamQueue queue_;
  StreamReports reports_;
  std::vector<Slot> slots_;
  std::unique_ptr<StreamSockets> sockets_;
  std::optional<Recovery> recovery_;
  std::vector<std::size_t> paused_recoveries_;
  std::unique_ptr<StreamStore> store_;
  std::optional<Error> failure_;
  std::optional<Error> stopped_;
  bool asked_to_stop_ = false;
};

}  // namespace

Result<FollowReport> follow(FollowParts parts, const FollowOptions& options) {
  RECANT_ASSIGN(const auto snapshot, parts.store.snapshot());
  RECANT_ASSIGN(const Coverage known, coverage(snapshot));
  return Following(parts, options, known).run();
}

}  // namespace recant::feed
