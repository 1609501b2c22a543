// The narrow seam to files, clock and randomness. Everything recant itself does to a disk goes
// through here, so that tests can fail, cut and reorder it. (LMDB does its own system calls.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "recant/error.h"
#include "recant/event.h"

namespace recant::io {

/// An open file. One thread at a time. Closing never reports: what must be durable is synced first.
class File {
 public:
  File() = default;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  virtual ~File() = default;

  /// Reads up to out.size() bytes at `offset`; fewer only at the end of the file. Retries EINTR.
  [[nodiscard]] virtual Result<std::size_t> read_at(std::uint64_t offset,
                                                    std::span<std::byte> out) = 0;
  /// Writes all of `bytes` at the end, going on after short writes and EINTR. After an error the
  /// file's tail is unknown. Errors: kNoSpace, kIo.
  [[nodiscard]] virtual Result<void> append(std::span<const std::byte> bytes) = 0;
  /// fdatasync. Final on failure: the caller must not retry on this file (reliability.md, A8).
  [[nodiscard]] virtual Result<void> sync_data() = 0;
  [[nodiscard]] virtual Result<std::uint64_t> size() = 0;
  /// Tells whether its path still names this file (FileInfo::inode).
  [[nodiscard]] virtual Result<std::uint64_t> inode() = 0;
  /// Takes an exclusive flock without waiting; false if another open file description holds it.
  [[nodiscard]] virtual Result<bool> try_lock() = 0;
  virtual void unlock() = 0;
  /// Replaces the content (used for the holder's pid in the lock file only; never synced).
  [[nodiscard]] virtual Result<void> overwrite(std::span<const std::byte> bytes) = 0;
};

struct FileInfo {
  std::uint64_t size = 0;
  std::uint64_t inode = 0;
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;
  bool regular = false;  ///< a regular file (symlinks are not followed)
  bool directory = false;
};

/// Paths are plain strings. Every error names the path, the errno text and what to do. EINTR is
/// retried everywhere.
class FileSystem {
 public:
  FileSystem() = default;
  FileSystem(const FileSystem&) = delete;
  FileSystem& operator=(const FileSystem&) = delete;
  virtual ~FileSystem() = default;

  /// Opens an existing regular file read-only (O_NOFOLLOW, O_CLOEXEC, O_NONBLOCK while checking
  /// that it is regular: a FIFO inside a store must not hang). Errors: kIo.
  [[nodiscard]] virtual Result<std::unique_ptr<File>> open_read(const std::string& path) = 0;
  /// Opens an existing regular file for reading and appending.
  [[nodiscard]] virtual Result<std::unique_ptr<File>> open_append(const std::string& path) = 0;
  /// Creates a new file (mode 0600 whatever the umask) for reading and appending; fails if there.
  [[nodiscard]] virtual Result<std::unique_ptr<File>> create(const std::string& path) = 0;
  /// Opens or creates the lock file (0600).
  [[nodiscard]] virtual Result<std::unique_ptr<File>> open_lock(const std::string& path) = 0;
  [[nodiscard]] virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  [[nodiscard]] virtual Result<void> remove(const std::string& path) = 0;
  /// Creates a directory (mode 0700 whatever the umask); success if it is there already.
  [[nodiscard]] virtual Result<void> make_directory(const std::string& path) = 0;
  /// fsync of a directory, so that names created or renamed in it are durable.
  [[nodiscard]] virtual Result<void> sync_directory(const std::string& path) = 0;
  /// Names in a directory without "." and "..", sorted.
  [[nodiscard]] virtual Result<std::vector<std::string>> list(const std::string& path) = 0;
  /// lstat; nothing if there is no such name.
  [[nodiscard]] virtual Result<std::optional<FileInfo>> info(const std::string& path) = 0;
  /// True on a network file system (NFS, SMB, 9P ...), where a live store is refused (A6).
  [[nodiscard]] virtual Result<bool> on_network(const std::string& path) = 0;
  /// Fills `out` with random bytes of the kernel.
  [[nodiscard]] virtual Result<void> random(std::span<std::byte> out) = 0;
};

class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;
  /// Wall clock. [milliseconds since 1970]
  [[nodiscard]] virtual Time now() = 0;
  /// Monotonic clock, arbitrary origin. [milliseconds]
  [[nodiscard]] virtual std::int64_t steady_ms() = 0;
};

[[nodiscard]] FileSystem& real_file_system();
[[nodiscard]] Clock& real_clock();

/// `directory` + '/' + `name`.
[[nodiscard]] std::string join_path(const std::string& directory, const std::string& name);

}  // namespace recant::io
