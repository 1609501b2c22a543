// The store's lock: one writer at a time, among processes and threads (reliability.md, A10).
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

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
  /// kIo where the path names another file than the one that is locked, or none: whoever removed it
  /// let another writer in. To be asked before anything is written, and before it is acknowledged.
  [[nodiscard]] Result<void> check() const;

  StoreLock(StoreLock&&) noexcept = default;
  StoreLock& operator=(StoreLock&&) noexcept = default;
  StoreLock(const StoreLock&) = delete;
  StoreLock& operator=(const StoreLock&) = delete;
  ~StoreLock() {
    if (file_ && ::getpid() == owner_) file_->unlock();
  }

 private:
  StoreLock(io::FileSystem& files, std::string path, std::unique_ptr<io::File> file)
      : files_(&files), path_(std::move(path)), file_(std::move(file)) {}
  io::FileSystem* files_;
  std::string path_;
  std::unique_ptr<io::File> file_;
  pid_t owner_ = ::getpid();
};

}  // namespace recant::replay
