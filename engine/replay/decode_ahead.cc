#include "engine/replay/decode_ahead.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <system_error>
#include <utility>

#include "recant/recant.h"

namespace recant::replay {
namespace {

constexpr unsigned kThreadsMax = 4;  // one that encodes keeps no more than these busy
constexpr std::size_t kEventsKept = std::size_t{32} << 10;
constexpr Time kFutureMs = 86'400'000;

unsigned thread_count(unsigned wanted) {
  if (wanted != 0) return wanted;
  return std::clamp(std::thread::hardware_concurrency(), 1U, kThreadsMax);
}

// Keeps the memory of usual blocks, not that of a line with a hundred thousand events.
void clear(DecodedBlock& block) {
  if (block.events.capacity() > kEventsKept) block.events = {};
  block.events.clear();
  block.rejected.clear();
  block.line_count = block.notices = block.blank = block.future = 0;
  block.by_kind.fill(0);
}

}  // namespace

DecodeAhead::DecodeAhead(files::Input input, DecodeAheadOptions options)
    : options_(std::move(options)),
      blocks_(std::move(input), options_.line_bytes_max, options_.block_bytes) {
  const unsigned threads = thread_count(options_.threads);
  for (unsigned i = 0; i < 2 * threads; ++i) {
    places_.push_back(std::make_unique<Place>(options_.decode));
  }
  threads_.reserve(threads);
  try {
    for (unsigned i = 1; i < threads; ++i) threads_.emplace_back([this] { work(); });
  } catch (const std::system_error&) {  // no thread to be had: the caller's is enough
  } catch (const std::bad_alloc&) {     // nor memory for one; those that run must be joined
  }
}

DecodeAhead::~DecodeAhead() {
  {
    const std::lock_guard guard(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void DecodeAhead::work() {
  Lock lock(mutex_);
  while (!ended_ || decoding_ < begun_) {
    if (stopped_) return;
    // A read of a pipe may wait for as long as it likes, and a thread that waits cannot be joined.
    if (!step(lock, blocks_.input().seekable())) changed_.wait(lock);
  }
}

Result<DecodedBlock*> DecodeAhead::next() {
  Lock lock(mutex_);
  if (std::exchange(given_, false)) {
    place(freed_++).ready = false;
    changed_.notify_all();
  }
  while (freed_ == begun_ || !place(freed_).ready) {
    if (freed_ == begun_ && ended_) return nullptr;
    if (!step(lock, true)) changed_.wait(lock);
  }
  given_ = true;
  Place& ready = place(freed_);
  if (ready.thrown) std::rethrow_exception(ready.thrown);
  if (ready.error) return std::unexpected(*ready.error);
  return &ready.block;
}

// Decodes a block that was read, else reads one; false where there is nothing to do now.
bool DecodeAhead::step(Lock& lock, bool may_read) {
  if (decoding_ < begun_) {
    Place& mine = place(decoding_++);
    lock.unlock();
    if (!mine.error && !mine.thrown) decode(mine);
    lock.lock();
    mine.ready = true;
    changed_.notify_all();
    return true;
  }
  if (!may_read || reading_ || ended_ || begun_ - freed_ == places_.size()) return false;
  Place& mine = place(begun_);
  reading_ = true;
  lock.unlock();
  const bool more = read(mine);
  lock.lock();
  reading_ = false;
  ended_ = !more;
  if (more || mine.error || mine.thrown) ++begun_;
  changed_.notify_all();
  return true;
}

// False at the end, or where `place` has an error then.
bool DecodeAhead::read(Place& place) {
  place.error.reset();
  place.thrown = nullptr;
  try {
    auto more = blocks_.next(place.block.lines);
    if (more) return *more;
    place.error = std::move(more).error();
  } catch (...) {  // memory: it must not end the process from a thread that nobody asked
    place.thrown = std::current_exception();
  }
  return false;
}

void DecodeAhead::decode(Place& place) const {
  DecodedBlock& block = place.block;
  try {
    clear(block);
    files::Line line;
    while (block.lines.next(line)) {
      ++block.line_count;
      if (line.too_long) {
        block.rejected.push_back(
            {.line = line.number,
             .why = fmt::format("a line of {} bytes, over the cap of {} (--max-line)", line.bytes,
                                options_.line_bytes_max),
             .text = line.text});
        continue;
      }
      auto result = place.decoder.decode(line.text, block.events);
      if (result.line_class == decode::LineClass::kNotice) ++block.notices;
      if (result.line_class == decode::LineClass::kBlank) ++block.blank;
      if (result.line_class != decode::LineClass::kRejected) continue;
      block.rejected.push_back(
          {.line = line.number, .why = std::move(result.why), .text = line.text});
    }
    const Time future = now() + kFutureMs;
    for (Event& event : block.events) {
      if (event.source.empty()) event.source = options_.source;
      ++block.by_kind.at(static_cast<std::size_t>(event.kind));
      if (event.at > future) ++block.future;
    }
  } catch (...) {
    place.thrown = std::current_exception();
  }
}

}  // namespace recant::replay
