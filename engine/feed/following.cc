#include "engine/feed/following.h"

#include <utility>

#include "engine/feed/api.h"

namespace recant::feed {

using State = StreamMachine::State;

void Following::on_response(std::size_t slot, int status, const Headers& headers,
                            std::string_view body) {
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
  if (each.machine->clock_differs()) {
    note_trouble(slot,
                 "the clock here and the date of the answer differ by over a minute: `status` goes "
                 "by the clock here (set it, if it is wrong)");
  }
  tell_first_heard(slot);
}

bool Following::on_bytes(std::size_t slot, std::string_view bytes) {
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

void Following::on_closed(std::size_t slot, Close close, const std::string& why) {
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

void Following::make_recovery(const Coverage& known) {
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

void Following::recovered(std::size_t stream, Heard gap) {
  push(stream, {.kind = Piece::Kind::kHeard, .heard = gap});
  reports_.closed(stream, gap);
}

bool Following::on_recovered_bytes(std::size_t slot, std::string_view bytes) {
  if (!recovery_->is_open(stream_of(slot))) return true;  // about to be hung up
  recovery_->received(stream_of(slot), now());
  if (queue_.full()) {
    paused_recoveries_.push_back(slot);
    return false;
  }
  push(slot, {.kind = Piece::Kind::kBytes, .bytes = std::string(bytes)});
  return true;
}

void Following::push(std::size_t slot, Piece piece) {
  piece.stream = slot;
  piece.connection =
      is_recovery(slot) ? recovery_->connection(stream_of(slot)) : slots_[slot].connection;
  piece.arrived = now();
  queue_.push(std::move(piece));
}

void Following::take_stored() {
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

void Following::tell_machine(const Stored& stored) {
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
      tell_heard(stored.stream);  // of what came before
      return machine.doubt(stored.arrived);
    case Stored::Kind::kTrouble:
      return;
  }
}

void Following::tell_heard(std::size_t i) {
  if (const auto heard = slots_[i].machine->take_heard(now())) {
    push(i, {.kind = Piece::Kind::kHeard, .heard = *heard});
  }
}

// At once, so that whoever goes on after a kill knows from where.
void Following::tell_first_heard(std::size_t i) {
  if (slots_[i].told || !slots_[i].machine->caught_up()) return;
  slots_[i].told = true;
  tell_heard(i);
}

void Following::note_trouble(std::size_t i, const std::string& trouble) {
  reports_.trouble(i, trouble, now(), slots_[i].machine->state() != State::kStopped);
}

}  // namespace recant::feed
