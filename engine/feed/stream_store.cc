#include "engine/feed/stream_store.h"

#include <algorithm>
#include <utility>

namespace recant::feed {
namespace {

using namespace std::chrono_literals;

constexpr auto kGather = 100ms;
constexpr std::size_t kGroupBytesMax = std::size_t{1} << 20;
constexpr auto kPatience = 1000ms;
// Whoever asked for the end will not wait for ever.
constexpr unsigned kAttemptsAtEnd = 3;
// The tail is sealed on the way, so that whoever opens the store next has little to fold.
constexpr std::uint64_t kEventsBetweenSeals = 250'000;
constexpr Time kAheadMs = 60'000;

}  // namespace

StreamStore::StreamStore(Store& store, StreamQueue& queue, std::vector<StreamName> names,
                         const Redactor& redact, std::function<void()> on_stored)
    : store_(store),
      queue_(queue),
      names_(std::move(names)),
      redact_(redact),
      on_stored_(std::move(on_stored)),
      streams_(names_.size()),
      thread_([this] { run(); }) {}

StreamStore::~StreamStore() { join(); }

void StreamStore::join() {
  if (thread_.joinable()) thread_.join();
}

std::vector<Stored> StreamStore::take() {
  const std::lock_guard guard(mutex_);
  return std::exchange(stored_, {});
}

std::optional<Error> StreamStore::failure() const {
  const std::lock_guard guard(mutex_);
  return failure_;
}

void StreamStore::publish(std::vector<Stored> stored) {
  {
    const std::lock_guard guard(mutex_);
    std::ranges::move(stored, std::back_inserter(stored_));
  }
  on_stored_();
}

void StreamStore::run() {
  while (!queue_.ended()) {
    const auto group = queue_.pop_group(kGather, kGroupBytesMax, kPatience);
    std::vector<Event> events;
    std::vector<Stored> stored;
    for (const Piece& piece : group) take_up(piece, events, stored);
    const auto done = group.empty() ? rest() : append(events);
    if (!done) {
      const std::lock_guard guard(mutex_);
      failure_ = done.error();
      break;
    }
    if (!stored.empty()) publish(std::move(stored));
  }
  on_stored_();
}

void StreamStore::take_up(const Piece& piece, std::vector<Event>& events,
                          std::vector<Stored>& stored) {
  Stream& stream = streams_[piece.stream];
  switch (piece.kind) {
    case Piece::Kind::kOpened:
      // What a connection before this one left of a line is not the beginning of a line of it.
      stream.connection = piece.connection;
      stream.lines.emplace(piece.gzip);
      stream.broken = false;
      return;
    case Piece::Kind::kBytes:
      if (stream.lines && !stream.broken) read_bytes(piece, events, stored);
      return;
    case Piece::Kind::kHeard:
      events.push_back(heard_event(piece));
      return;
    case Piece::Kind::kClosed:
      stored.push_back({.kind = Stored::Kind::kClosed,
                        .stream = piece.stream,
                        .connection = piece.connection,
                        .arrived = piece.arrived,
                        .close = piece.close,
                        .words = piece.why});
      return;
  }
}

void StreamStore::read_bytes(const Piece& piece, std::vector<Event>& events,
                             std::vector<Stored>& stored) {
  const Stored base{
      .stream = piece.stream, .connection = piece.connection, .arrived = piece.arrived};
  Stored newest = base;
  const std::size_t before = events.size();
  const auto add = [&](Stored::Kind kind, const std::string& words) -> Stored& {
    Stored& added = stored.emplace_back(base);
    added.kind = kind;
    added.words = words;
    return added;
  };
  const auto on_line = [&](std::string_view line, bool last) {
    const auto result = decoder_.decode(line, events);
    if (result.line_class == decode::LineClass::kBlank) {
      if (last) add(Stored::Kind::kKeepAlive, "");
    } else if (result.line_class == decode::LineClass::kNotice) {
      const StreamNotice notice = read_notice(line, redact_);
      add(Stored::Kind::kNotice, notice.words).advice = notice.advice;
    } else if (result.line_class == decode::LineClass::kRejected) {
      add(Stored::Kind::kRejected, redact_(result.why));
    }
  };
  Stream& stream = streams_[piece.stream];
  const auto broken = stream.lines->add(piece.bytes, on_line);
  for (std::size_t i = before; i < events.size(); ++i) {
    events[i].source = names_[piece.stream].source;
    if (events[i].received_at == 0) events[i].received_at = piece.arrived.wall;
    if (events[i].at <= piece.arrived.wall + kAheadMs)
      newest.at = std::max(newest.at, events[i].at);
  }
  newest.count = events.size() - before;
  if (newest.count > 0) stored.push_back(newest);
  if (broken) {
    stream.broken = true;
    add(Stored::Kind::kBroken, *broken).close = Close::kCut;
  }
}

Event StreamStore::heard_event(const Piece& piece) const {
  Event event{.kind = EventKind::kCoverage, .at = piece.heard.to};
  event.source = names_[piece.stream].source;
  Payload& payload = event.payload.make();
  payload.partition = names_[piece.stream].partition;
  payload.from = piece.heard.from;
  payload.to = piece.heard.to;
  return event;
}

// Another writer may hold the lock for as long as it takes: what came is kept, and the streams
// wait.
Result<void> StreamStore::append(const std::vector<Event>& events) {
  for (unsigned refused_at_end = 0; !events.empty();) {
    auto appended = store_.append(events);
    if (appended) break;
    if (queue_.ending()) ++refused_at_end;
    if (appended.error().code != ErrorCode::kLocked || refused_at_end == kAttemptsAtEnd) {
      return std::unexpected(std::move(appended).error());
    }
    publish({{.kind = Stored::Kind::kTrouble, .words = appended.error().what}});
  }
  unmarked_ = unmarked_ || !events.empty();
  unsealed_ += events.size();
  if (unsealed_ < kEventsBetweenSeals) return {};
  unsealed_ = 0;
  auto sealed = store_.seal();
  if (!sealed && sealed.error().code == ErrorCode::kLocked) return {};
  return sealed;
}

// A mark names the last group, so that damage to it is known for damage.
Result<void> StreamStore::rest() {
  if (!unmarked_) return {};
  auto import = store_.begin_import();
  if (!import) {
    if (import.error().code == ErrorCode::kLocked) return {};
    return std::unexpected(std::move(import).error());
  }
  RECANT_TRY(import->finish());
  unmarked_ = false;
  return {};
}

}  // namespace recant::feed
