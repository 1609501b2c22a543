#include "engine/feed/stream_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/feed/coverage.h"
#include "engine/replay/guard.h"

namespace recant::feed {
namespace {

using namespace std::chrono_literals;
using decode::LineClass;

constexpr auto kGather = 100ms;
constexpr std::size_t kGroupBytesMax = std::size_t{1} << 20;
constexpr std::size_t kGroupEventsMax = 64 * 1024;
constexpr std::size_t kGroupStoredMax = 4 * 1024;
constexpr auto kPatience = 1000ms;
constexpr unsigned kAttemptsAtEnd = 3;  ///< of a second each, to have the lock
// The tail is sealed on the way, so that whoever opens the store next has little to fold.
constexpr std::uint64_t kEventsBetweenSeals = 250'000;
constexpr std::int64_t kSealLockWaitMs = 1'000;
constexpr Time kAheadMs = 60'000;
constexpr Time kFutureMs = 86'400'000;

}  // namespace

StreamStore::StreamStore(Store& store, StreamQueue& queue, std::vector<StreamName> names,
                         const Redactor& redact, std::function<void()> on_stored)
    : store_(store),
      queue_(queue),
      names_(std::move(names)),
      redact_(redact),
      on_stored_(std::move(on_stored)),
      status_files_(io::real_file_system(), store.directory()),
      sealer_({.directory = store.directory(), .lock_wait_ms = kSealLockWaitMs}),
      streams_(names_.size()),
      thread_([this] { run(); }) {}

// Also while an exception unwinds whoever should have ended the queue.
StreamStore::~StreamStore() {
  if (!queue_.ending()) queue_.end();
  (void)join();
}

std::uint64_t StreamStore::join() {
  if (thread_.joinable()) thread_.join();
  return queue_.bytes();
}

void StreamStore::note(std::vector<StreamStatus> statuses) {
  const std::lock_guard guard(mutex_);
  statuses_ = std::move(statuses);
}

void StreamStore::write_statuses() {
  std::vector<StreamStatus> statuses;
  {
    const std::lock_guard guard(mutex_);
    statuses.swap(statuses_);
  }
  if (!statuses.empty()) status_files_.write(statuses);
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

// Nothing may leave a thread; without memory what was stored stays, and nothing else is told.
void StreamStore::run() noexcept {
  auto done = replay::guarded([this] { return store_all(); });
  if (!done) {
    const std::lock_guard guard(mutex_);
    failure_ = std::move(done).error();
  }
  (void)replay::guarded([this]() -> Result<void> {
    write_statuses();
    return {};
  });
  on_stored_();
}

Result<void> StreamStore::store_all() {
  while (!queue_.ended() && !queue_.ended_for(kEndMs)) {
    const auto pieces = queue_.pop_group(kGather, kGroupBytesMax, kPatience);
    const auto done = pieces.empty() ? rest() : store_group(pieces);
    write_statuses();
    RECANT_TRY(done);
  }
  return rest();
}

Result<void> StreamStore::store_group(const std::vector<Piece>& pieces) {
  for (const Piece& piece : pieces) {
    if (broken_ || queue_.ended_for(kEndMs)) break;
    take_up(piece);
  }
  flush();
  if (broken_) return std::unexpected(*broken_);
  return {};
}

void StreamStore::take_up(const Piece& piece) {
  Stream& stream = streams_[piece.stream];
  switch (piece.kind) {
    case Piece::Kind::kOpened:
      // What a connection before this one left of a line is not the beginning of a line of it.
      stream.lines.emplace();
      stream.broken = false;
      return;
    case Piece::Kind::kBytes:
      if (stream.lines && !stream.broken) read_bytes(piece);
      return;
    case Piece::Kind::kHeard:
      group_.events.push_back(coverage_event(names_[piece.stream], piece.heard));
      return;
    case Piece::Kind::kClosed:
      return read_rest(piece);
  }
}

void StreamStore::read_bytes(const Piece& piece) {
  Stream& stream = streams_[piece.stream];
  const auto broken = stream.lines->add(
      piece.bytes, [&](const StreamLines::Line& line) { read_line(piece, line); });
  if (!broken) return;
  stream.broken = true;
  Stored& told = add(piece, Stored::Kind::kBroken);
  told.close = Close::kCut;
  told.words = *broken;
}

// A last line may come without its end: what is an object is whole, and what is none was cut.
void StreamStore::read_rest(const Piece& piece) {
  Stream& stream = streams_[piece.stream];
  Close close = piece.close;
  if (stream.lines && !stream.broken) {
    const std::size_t before = group_.events.size();
    const std::string_view rest = stream.lines->rest();
    const auto result = decoder_.decode(rest, group_.events);
    if (result.line_class == LineClass::kEvents) take_events(piece, before);
    if (result.line_class == LineClass::kNotice) take_notice(piece, rest);
    const bool cut = result.line_class == LineClass::kRejected;
    if (cut && close == Close::kEnded) close = Close::kCut;
  }
  stream.lines.reset();
  Stored& told = add(piece, Stored::Kind::kClosed);
  told.close = close;
  told.words = piece.why;
}

void StreamStore::read_line(const Piece& piece, const StreamLines::Line& line) {
  if (broken_) return;
  const std::size_t before = group_.events.size();
  decode::LineResult result{.why = fmt::format("a line of {} bytes", line.too_long)};
  if (line.too_long == 0) result = decoder_.decode(line.text, group_.events);
  switch (result.line_class) {
    case LineClass::kEvents:
      take_events(piece, before);
      break;
    case LineClass::kBlank:
      if (line.last) (void)add(piece, Stored::Kind::kKeepAlive);
      break;
    case LineClass::kNotice:
      take_notice(piece, line.text);
      break;
    case LineClass::kRejected:
      Stored& told = add(piece, Stored::Kind::kRejected);
      if (++told.count == 1) told.words = redact_(result.why);
      break;
  }
  // A little that came may hold much: it was compressed.
  if (group_.events.size() >= kGroupEventsMax || group_.stored.size() >= kGroupStoredMax) flush();
}

void StreamStore::take_notice(const Piece& piece, std::string_view line) {
  StreamNotice notice = read_notice(line, redact_);
  Stored& told = add(piece, Stored::Kind::kNotice);
  told.advice = notice.advice;
  told.words = std::move(notice.words);
}

void StreamStore::take_events(const Piece& piece, std::size_t before) {
  Stored& told = add(piece, Stored::Kind::kEvents);
  for (std::size_t i = before; i < group_.events.size(); ++i) {
    Event& event = group_.events[i];
    event.source = names_[piece.stream].source;
    if (event.received_at == 0) event.received_at = piece.arrived.wall;
    if (event.at <= piece.arrived.wall + kAheadMs) told.at = std::max(told.at, event.at);
    if (event.at > piece.arrived.wall + kFutureMs) ++told.future;
    ++told.count;
  }
}

// What follows its like of the same piece is told together with it.
Stored& StreamStore::add(const Piece& piece, Stored::Kind kind) {
  const bool joins = kind == Stored::Kind::kEvents || kind == Stored::Kind::kRejected;
  if (joins && !group_.stored.empty()) {
    Stored& last = group_.stored.back();
    if (last.kind == kind && last.stream == piece.stream && last.connection == piece.connection &&
        last.arrived == piece.arrived) {
      return last;
    }
  }
  return group_.stored.emplace_back(Stored{.kind = kind,
                                           .stream = piece.stream,
                                           .connection = piece.connection,
                                           .arrived = piece.arrived});
}

void StreamStore::flush() {
  if (broken_) return;
  if (auto done = append(); !done) {
    broken_ = std::move(done).error();
    return;
  }
  group_.events.clear();
  if (!group_.stored.empty()) publish(std::exchange(group_.stored, {}));
}

// Another writer may hold the lock for as long as it takes: what came is kept, and the streams
// wait.
Result<void> StreamStore::append() {
  const std::vector<Event>& events = group_.events;
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
  if (unsealed_ >= kEventsBetweenSeals) {
    unsealed_ = 0;
    sealer_.ask();
  }
  auto failure = sealer_.failure();
  if (failure) return std::unexpected(*std::move(failure));
  return {};
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
