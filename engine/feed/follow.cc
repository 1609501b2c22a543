#include "engine/feed/follow.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <utility>

#include "engine/feed/following.h"

namespace recant::feed {
namespace {

constexpr std::int64_t kPollMaxMs = 200;
constexpr std::int64_t kSecondMs = 1000;

using State = StreamMachine::State;

std::vector<StreamName> names_of(const FollowOptions& options) {
  std::vector<StreamName> names;
  for (const FollowedStream& stream : options.streams) names.push_back(stream.name);
  return names;
}

std::optional<Time> heard_before(const Coverage& known, const StreamName& name) {
  for (const StreamCoverage& each : known.streams) {
    if (each.source == name.source && each.partition == name.partition) {
      return each.heard.back().to;
    }
  }
  return {};
}

std::string_view advice(ErrorCode code) {
  return code == ErrorCode::kRefused ? " (check the credentials, and that they may read it)"
                                     : " (check the address: the platform does not take this)";
}

}  // namespace

Following::Following(FollowParts parts, const FollowOptions& options, const Coverage& known)
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

Result<FollowReport> Following::run() {
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

bool Following::over(std::int64_t begin) {
  asked_to_stop_ = options_.stop != nullptr && options_.stop->load();
  if (asked_to_stop_) return true;
  if (options_.duration_ms > 0 && now().steady_ms - begin >= options_.duration_ms) return true;
  failure_ = store_->failure();
  return failure_ || stopped_;
}

std::int64_t Following::until_next(std::int64_t now_ms) const {
  std::int64_t next = now_ms + kPollMaxMs;
  for (const Slot& slot : slots_) next = std::min(next, slot.machine->next_ms());
  return std::max<std::int64_t>(next - now_ms, 0);
}

void Following::step_machines() {
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

void Following::connect(std::size_t i, int backfill_minutes) {
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
  const HttpRequest request{.url = url,
                            .authorized = true,
                            .headers = {{"Accept-Encoding", "gzip"}, {"Connection", "keep-alive"}},
                            .timeout_ms = 0};
  const auto opened = sockets_->open(i, *stream.settings, request);
  if (!opened) slot.machine->closed(now(), Close::kNotReached, opened.error().what);
}

void Following::hang_up(std::size_t i) {
  sockets_->close(i);
  ++slots_[i].connection;  // what is still in the queue of it is stored, but proves nothing
}

void Following::stop(std::size_t i) {
  const Error& why = slots_[i].machine->trouble();
  const std::string& trouble = reports_[i].trouble;
  stopped_ = Error{.code = why.code,
                   .what = fmt::format("cannot follow {}: {}{}", reports_.label(i), trouble,
                                       trouble.ends_with(')') ? "" : advice(why.code))};
}

void Following::resume_if_room() {
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

FollowReport Following::report() const {
  FollowReport report{.streams = reports_.all()};
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    report.streams[i].state = slots_[i].machine->state();
    report.streams[i].heard_to = slots_[i].machine->heard_to();
  }
  return report;
}

std::vector<StreamStatus> Following::statuses() const {
  std::vector<StreamStatus> statuses;
  for (const StreamReport& each : report().streams) {
    StreamStatus& status = statuses.emplace_back();
    status = {
        .name = each.name, .last_event = each.last_event, .last_keep_alive = each.last_keep_alive};
    if (each.state == State::kOpen) status.connected_since = each.connected_at;
  }
  return statuses;
}

// Hangs up, stores what came, and only then writes how far was heard.
Result<FollowReport> Following::finish() {
  for (std::size_t i = 0; i < 2 * slots_.size(); ++i) sockets_->close(i);
  store_->note(statuses());
  queue_.end();
  if (const std::uint64_t left = store_->join(); left > 0 && !store_->failure()) {
    say(fmt::format("{} bytes that came were not stored in time: they are asked for again", left));
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

Result<void> Following::write_heard() {
  std::vector<Event> events;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const auto heard = slots_[i].machine->take_heard(now());
    if (heard && !store_->failure()) {
      events.push_back(coverage_event(options_.streams[i].name, *heard));
    }
  }
  if (!events.empty()) RECANT_TRY(parts_.store.append(events));
  return {};
}

Result<FollowReport> follow(FollowParts parts, const FollowOptions& options) {
  RECANT_ASSIGN(const auto snapshot, parts.store.snapshot());
  RECANT_ASSIGN(const Coverage known, coverage(snapshot, {}, parts.clock.now()));
  return Following(parts, options, known).run();
}

}  // namespace recant::feed
