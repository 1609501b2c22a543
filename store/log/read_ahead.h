// A log reader on a thread of its own, so that blocks are decoded while what came before them is
// worked on.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>

#include "store/log/log_reader.h"

namespace recant::log {

class ReadAhead {
 public:
  /// With `threads` of 1 everything is done by next().
  ReadAhead(LogReader reader, unsigned threads);
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;
  ~ReadAhead();

  /// As LogReader::next.
  [[nodiscard]] Result<bool> next(LogBlock& out);
  /// As of the block returned last.
  [[nodiscard]] SequenceNumber durable_sequence() const { return durable_; }

 private:
  static constexpr std::size_t kBlocksMax = 8;

  struct Ready {
    LogBlock block{};
    SequenceNumber durable = 0;
  };

  void run() noexcept;
  void read_on();

  LogReader reader_;
  SequenceNumber durable_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Ready> ready_;
  std::deque<LogBlock> spare_;  // their memory is used again
  std::optional<Result<bool>> end_;
  std::exception_ptr thrown_;  // by the thread; next() throws it again
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace recant::log
