#include "store/log/read_ahead.h"

#include <utility>

namespace recant::log {

ReadAhead::ReadAhead(LogReader reader, unsigned threads) : reader_(std::move(reader)) {
  if (threads > 1) thread_ = std::thread([this] { run(); });
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

void ReadAhead::run() {
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
  changed_.wait(lock, [this] { return !ready_.empty() || end_; });
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
