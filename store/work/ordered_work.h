// Units of work read one after another, worked on by several threads at once, and written in the
// order in which they were read.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
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

/// `wanted`, or where that is 0 as many threads as keep the machine busy: one more than cores,
/// since one waits for its turn.
[[nodiscard]] inline std::size_t ordered_work_threads(std::size_t wanted = 0) {
  if (wanted != 0) return wanted;
  const std::size_t cores = std::thread::hardware_concurrency();
  return cores < 2 ? 1 : std::min<std::size_t>(cores + 1, 16);
}

namespace ordered_work {

template <class Unit>
class Run {
 public:
  explicit Run(const OrderedSteps<Unit>& steps) : steps_(steps) {}

  void worker(std::size_t number) noexcept {
    try {
      Unit unit;  // reused: it keeps its memory
      while (step(unit, number)) {
      }
    } catch (...) {
      const std::lock_guard lock(write_mutex_);
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
  bool step(Unit& unit, std::size_t number) {
    std::uint64_t turn = 0;
    std::optional<Error> failed;
    {
      const std::lock_guard lock(read_mutex_);
      if (ended_) return false;
      const auto more = steps_.read(unit);
      if (more && !*more) {
        ended_ = true;
        return false;
      }
      turn = read_count_++;
      if (!more) {
        ended_ = true;  // nothing is read behind a failure, what came before is still written
        failed = more.error();
      }
    }
    if (!failed) {
      if (auto worked = steps_.work(unit, number); !worked) failed = std::move(worked).error();
    }
    std::unique_lock lock(write_mutex_);
    turn_came_.wait(lock, [&] { return turn == written_ || stopped_; });
    if (stopped_) return false;
    if (!failed) {
      if (auto written = steps_.write(unit); !written) failed = std::move(written).error();
    }
    ++written_;
    if (failed) {
      failure_ = std::move(failed);
      stop();
      return false;
    }
    turn_came_.notify_all();
    return true;
  }

  void stop() {
    stopped_ = true;
    turn_came_.notify_all();
  }

  const OrderedSteps<Unit>& steps_;
  std::mutex read_mutex_;
  std::uint64_t read_count_ = 0;
  bool ended_ = false;
  std::mutex write_mutex_;
  std::condition_variable turn_came_;
  std::uint64_t written_ = 0;
  bool stopped_ = false;
  std::optional<Error> failure_;
  std::exception_ptr thrown_;
};

}  // namespace ordered_work

/// Runs the steps until the input ends or one of them fails. Errors: the first in the order of
/// reading; every unit before it was written, none behind it.
template <class Unit>
[[nodiscard]] Result<void> run_ordered(std::size_t threads, const OrderedSteps<Unit>& steps) {
  ordered_work::Run<Unit> run(steps);
  {
    std::vector<std::jthread> others;
    try {
      for (std::size_t i = 1; i < threads; ++i) others.emplace_back([&run, i] { run.worker(i); });
    } catch (const std::system_error&) {  // the machine has no more: the caller's is enough
    }
    run.worker(0);
  }
  return run.result();
}

}  // namespace recant::work
