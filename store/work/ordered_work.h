// Units of work read one after another, worked on by several threads at once, and written in the
// order in which they were read.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <new>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "recant/error.h"

namespace recant::work {

/// The three steps. `read` and `write` are each called by one thread at a time, in order, but side
/// by side with each other and with `work`.
template <class Unit>
struct OrderedSteps {
  std::function<Result<bool>(Unit&)> read;                      ///< false at the end
  std::function<Result<void>(Unit&, std::size_t worker)> work;  ///< `worker`: 0 to threads - 1
  std::function<Result<void>(Unit&)> write;
};

/// `wanted`, or where that is 0 one for each core, to sixteen: none sleeps while there is work.
[[nodiscard]] inline std::size_t ordered_work_threads(std::size_t wanted = 0) {
  if (wanted != 0) return wanted;
  return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 16);
}

namespace ordered_work {

// A worker whose unit is not next parks it and goes on with another: whoever brings the next one
// writes it and what is parked behind it. Nobody sleeps but for want of a free unit.
template <class Unit>
class Run {
 public:
  Run(const OrderedSteps<Unit>& steps, std::size_t threads)
      : steps_(steps), slots_(kUnitsPerThread * threads), parked_(slots_.size()) {
    for (Slot& slot : slots_) free_.push_back(&slot);
  }

  void worker(std::size_t number) noexcept {
    try {
      while (step(number)) {
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!thrown_) thrown_ = std::current_exception();
      stop();
    }
  }

  Result<void> result() {
    if (thrown_) std::rethrow_exception(thrown_);
    if (failure_) return std::unexpected(std::move(*failure_));
    return {};
  }

 private:
  static constexpr std::size_t kUnitsPerThread = 3;

  // A unit on its way; used again, it keeps its memory.
  struct Slot {
    Unit unit;
    std::uint64_t turn = 0;
    std::optional<Error> failed;
  };

  bool step(std::size_t number) {
    Slot* const slot = free_slot();
    if (slot == nullptr || !read(*slot)) return false;
    if (!slot->failed) {
      if (auto worked = steps_.work(slot->unit, number); !worked) {
        slot->failed = std::move(worked).error();
      }
    }
    return hand_over(slot);
  }

  // Null where the run was stopped.
  Slot* free_slot() {
    std::unique_lock lock(mutex_);
    freed_.wait(lock, [this] { return !free_.empty() || stopped_; });
    if (stopped_) return nullptr;
    Slot* const slot = free_.back();
    free_.pop_back();
    return slot;
  }

  // False at the end, where the slot is not needed any more.
  bool read(Slot& slot) {
    const std::lock_guard lock(read_mutex_);
    if (!ended_) {
      const auto more = steps_.read(slot.unit);
      // Nothing is read behind a failure; what came before is still written.
      ended_ = !more || !*more;
      if (!more) slot.failed = more.error();
      if (!ended_ || slot.failed) {
        slot.turn = read_count_++;
        return true;
      }
    }
    free(slot);
    return false;
  }

  // Whoever waits for a slot learns of the end by getting one.
  void free(Slot& slot) {
    const std::lock_guard lock(mutex_);
    free_.push_back(&slot);
    freed_.notify_one();
  }

  bool hand_over(Slot* slot) {
    std::unique_lock lock(mutex_);
    parked_[slot->turn % parked_.size()] = slot;
    if (writing_) return !stopped_;
    writing_ = true;
    while (!stopped_) {
      Slot* const next = std::exchange(parked_[written_ % parked_.size()], nullptr);
      if (next == nullptr) break;
      lock.unlock();
      if (!next->failed) {
        if (auto written = steps_.write(next->unit); !written) {
          next->failed = std::move(written).error();
        }
      }
      lock.lock();
      ++written_;
      if (next->failed) {
        failure_ = std::move(next->failed);
        stop();
      }
      free_.push_back(next);
      freed_.notify_one();
    }
    writing_ = false;
    return !stopped_;
  }

  void stop() {
    stopped_ = true;
    freed_.notify_all();
  }

  const OrderedSteps<Unit>& steps_;
  std::vector<Slot> slots_;
  std::mutex read_mutex_;
  std::uint64_t read_count_ = 0;
  bool ended_ = false;
  std::mutex mutex_;  // of all that follows
  std::condition_variable freed_;
  std::vector<Slot*> free_;
  std::vector<Slot*> parked_;  // by turn
  std::uint64_t written_ = 0;
  bool writing_ = false;
  bool stopped_ = false;
  std::optional<Error> failure_;
  std::exception_ptr thrown_;
};

}  // namespace ordered_work

/// Runs the steps until the input ends or one of them fails. Errors: the first in the order of
/// reading; every unit before it was written, none behind it.
template <class Unit>
[[nodiscard]] Result<void> run_ordered(std::size_t threads, const OrderedSteps<Unit>& steps) {
  ordered_work::Run<Unit> run(steps, std::max<std::size_t>(threads, 1));
  {
    std::vector<std::jthread> others;
    try {
      for (std::size_t i = 1; i < threads; ++i) others.emplace_back([&run, i] { run.worker(i); });
    } catch (const std::system_error&) {  // the machine has no more: the caller's is enough
    } catch (const std::bad_alloc&) {     // nor memory for one
    }
    run.worker(0);
  }
  return run.result();
}

}  // namespace recant::work
