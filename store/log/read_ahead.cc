#include "store/log/read_ahead.h"

#include <system_error>
#include <utility>

namespace recant::log {

ReadAhead::ReadAhead(LogReader reader, unsigned threads) : reader_(std::move(reader)) {
  if (threads <= 1) return;
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error&) {  // no thread to be had: the caller's is enough
  }
}

ReadAhead::~ReadAhead() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

// What is thrown on this thread, for want of memory, is the caller's to know: nobody else could
// catch it, and the process would end.
void ReadAhead::run() noexcept {
  try {
    read_on();
  } catch (...) {
    const std::lock_guard lock(mutex_);
    thrown_ = std::current_exception();
    changed_.notify_all();
  }
}

void ReadAhead::read_on() {
  while (true) {
    Ready next;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopped_ || ready_.size() < kBlocksMax; });
      if (stopped_) return;
      if (!spare_.empty()) {
        next.block = std::move(spare_.back());
        spare_.pop_back();
      }
    }
    Result<bool> more = reader_.next(next.block);
    next.durable = reader_.durable_sequence();
    const std::lock_guard lock(mutex_);
    if (more && *more) {
      ready_.push_back(std::move(next));
      changed_.notify_all();
      continue;
    }
    end_ = std::move(more);
    changed_.notify_all();
    return;
  }
}

Result<bool> ReadAhead::next(LogBlock& out) {
  if (!thread_.joinable()) {
    Result<bool> more = reader_.next(out);
    durable_ = reader_.durable_sequence();
    return more;
  }
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !ready_.empty() || end_ || thrown_; });
  if (ready_.empty() && thrown_) std::rethrow_exception(thrown_);
  if (ready_.empty()) return *end_;
  std::swap(out, ready_.front().block);
  durable_ = ready_.front().durable;
  spare_.push_back(std::move(ready_.front().block));
  ready_.pop_front();
  lock.unlock();
  changed_.notify_all();
  return true;
}

}  // namespace recant::log
