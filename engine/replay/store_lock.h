// The store's lock: one writer at a time, among processes and threads (reliability.md, A10).
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <string>

#include "recant/error.h"
#include "store/io/file_system.h"

namespace recant::replay {

/// Held until destroyed; the kernel releases it when the process dies. A process that was forked
/// meanwhile shares the descriptor: what it destroys does not release the lock.
class StoreLock {
 public:
  /// Waits up to `wait_ms`. Errors: kLocked, naming the holder's process; kIo.
  [[nodiscard]] static Result<StoreLock> acquire(io::FileSystem& files, io::Clock& clock,
                                                 const std::string& store_directory,
                                                 std::int64_t wait_ms);
  StoreLock(StoreLock&&) noexcept = default;
  StoreLock& operator=(StoreLock&&) noexcept = default;
  StoreLock(const StoreLock&) = delete;
  StoreLock& operator=(const StoreLock&) = delete;
  ~StoreLock() {
    if (file_ && ::getpid() == owner_) file_->unlock();
  }

 private:
  explicit StoreLock(std::unique_ptr<io::File> file) : file_(std::move(file)) {}
  std::unique_ptr<io::File> file_;
  pid_t owner_ = ::getpid();
};

}  // namespace recant::replay
