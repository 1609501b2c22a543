// The file system of the operating system, behind file_system.h. Every call names its path, the
// errno text and what to do; EINTR is retried wherever the call allows it.
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "store/io/file_system.h"

namespace recant::io {
namespace {

constexpr mode_t kFileMode = 0600;
constexpr mode_t kDirectoryMode = 0700;
// O_NONBLOCK only matters for what must not be here: opening a FIFO would wait for its other end.
constexpr int kOpenFlags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;

std::string_view advice(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return "free some space, then run the command again";
    case EACCES:
    case EPERM:
    case EROFS:
      return "check the owner and permissions";
    case ENOENT:
      return "check the path";
    case ELOOP:
      return "replace the symbolic link by the file itself";
    case EMFILE:
    case ENFILE:
      return "raise the limit of open files, see ulimit -n";
    case ENOMEM:
      return "free some memory, or raise its limit, see ulimit -v";
    default:
      return "check the disk and the kernel's messages";
  }
}

ErrorCode code_of(int error) {
  if (error == ENOSPC || error == EDQUOT) return ErrorCode::kNoSpace;
  return error == ENOMEM ? ErrorCode::kNoMemory : ErrorCode::kIo;
}

std::unexpected<Error> system_error(std::string_view action, const std::string& path, int error) {
  return fail(code_of(error), fmt::format("cannot {} {}: {} ({})", action, path,
                                          std::generic_category().message(error), advice(error)));
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int get() const { return number_; }

 private:
  int number_;
};

template <class Call>
auto retry_interrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

class PosixFile final : public File {
 public:
  PosixFile(Descriptor descriptor, std::string path)
      : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) override {
    std::size_t done = 0;
    while (done < out.size()) {
      const ssize_t count = retry_interrupted([&] {
        return ::pread(descriptor_.get(), out.data() + done, out.size() - done,
                       static_cast<off_t>(offset + done));
      });
      if (count < 0) return system_error("read", path_, errno);
      if (count == 0) break;
      done += static_cast<std::size_t>(count);
    }
    return done;
  }

  Result<void> append(std::span<const std::byte> bytes) override {
    while (!bytes.empty()) {
      const ssize_t count =
          retry_interrupted([&] { return ::write(descriptor_.get(), bytes.data(), bytes.size()); });
      if (count < 0) return system_error("write", path_, errno);
      // POSIX allows a write of nothing; going on would spin.
      if (count == 0) return system_error("write", path_, EIO);
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return {};
  }

  Result<void> sync_data() override {
    // An interrupted fdatasync has not failed: nothing was reported, so it may be called again.
    if (retry_interrupted([&] { return ::fdatasync(descriptor_.get()); }) != 0) {
      return system_error("sync", path_, errno);
    }
    return {};
  }

  Result<std::uint64_t> size() override {
    RECANT_ASSIGN(const struct stat status, examine());
    return static_cast<std::uint64_t>(status.st_size);
  }

  Result<std::uint64_t> inode() override {
    RECANT_ASSIGN(const struct stat status, examine());
    return status.st_ino;
  }

  Result<bool> try_lock() override {
    if (retry_interrupted([&] { return ::flock(descriptor_.get(), LOCK_EX | LOCK_NB); }) == 0) {
      return true;
    }
    if (errno == EWOULDBLOCK) return false;
    return system_error("lock", path_, errno);
  }

  void unlock() override { ::flock(descriptor_.get(), LOCK_UN); }

  Result<void> overwrite(std::span<const std::byte> bytes) override {
    if (retry_interrupted([&] { return ::ftruncate(descriptor_.get(), 0); }) != 0) {
      return system_error("write", path_, errno);
    }
    std::size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t count = retry_interrupted([&] {
        return ::pwrite(descriptor_.get(), bytes.data() + done, bytes.size() - done,
                        static_cast<off_t>(done));
      });
      if (count <= 0) return system_error("write", path_, count == 0 ? EIO : errno);
      done += static_cast<std::size_t>(count);
    }
    return {};
  }

 private:
  Result<struct stat> examine() {
    struct stat status{};
    if (retry_interrupted([&] { return ::fstat(descriptor_.get(), &status); }) != 0) {
      return system_error("examine", path_, errno);
    }
    return status;
  }

  Descriptor descriptor_;
  std::string path_;
};

std::int64_t nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

// Opens `path` and makes sure that it is a regular file: whatever else hides under a store's name
// (a FIFO, a device, a directory) is refused before a byte is read from it.
Result<std::unique_ptr<File>> open_regular(std::string_view action, const std::string& path,
                                           int flags) {
  Descriptor descriptor(
      retry_interrupted([&] { return ::open(path.c_str(), flags | kOpenFlags, kFileMode); }));
  if (descriptor.get() < 0) return system_error(action, path, errno);
  struct stat status{};
  if (retry_interrupted([&] { return ::fstat(descriptor.get(), &status); }) != 0) {
    return system_error("examine", path, errno);
  }
  if (!S_ISREG(status.st_mode)) {
    return fail(ErrorCode::kIo,
                fmt::format("cannot {} {}: it is not a regular file (move it away)", action, path));
  }
  const bool may_create = (flags & O_CREAT) != 0;
  // The umask may have taken bits away, and must not decide whether the store can be read again.
  if (may_create && (status.st_mode & 0777) != kFileMode &&
      retry_interrupted([&] { return ::fchmod(descriptor.get(), kFileMode); }) != 0) {
    return system_error("set the mode of", path, errno);
  }
  return std::make_unique<PosixFile>(std::move(descriptor), path);
}

class PosixFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> open_read(const std::string& path) override {
    return open_regular("open", path, O_RDONLY);
  }
  Result<std::unique_ptr<File>> open_append(const std::string& path) override {
    return open_regular("open", path, O_RDWR | O_APPEND);
  }
  Result<std::unique_ptr<File>> create(const std::string& path) override {
    return open_regular("create", path, O_RDWR | O_APPEND | O_CREAT | O_EXCL);
  }
  Result<std::unique_ptr<File>> open_lock(const std::string& path) override {
    return open_regular("open", path, O_RDWR | O_CREAT);
  }

  Result<void> rename(const std::string& from, const std::string& to) override {
    if (retry_interrupted([&] { return std::rename(from.c_str(), to.c_str()); }) != 0) {
      return system_error(fmt::format("rename {} to", from), to, errno);
    }
    return {};
  }

  Result<void> remove(const std::string& path) override {
    if (retry_interrupted([&] { return ::unlink(path.c_str()); }) != 0) {
      return system_error("remove", path, errno);
    }
    return {};
  }

  Result<void> make_directory(const std::string& path) override {
    if (retry_interrupted([&] { return ::mkdir(path.c_str(), kDirectoryMode); }) != 0) {
      const int error = errno;
      struct stat status{};
      if (error == EEXIST && ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) {
        return {};
      }
      return system_error("create the directory", path, error);
    }
    if (retry_interrupted([&] { return ::chmod(path.c_str(), kDirectoryMode); }) != 0) {
      return system_error("set the mode of", path, errno);
    }
    return {};
  }

  Result<void> sync_directory(const std::string& path) override {
    const Descriptor descriptor(retry_interrupted(
        [&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
    if (descriptor.get() < 0) return system_error("open the directory", path, errno);
    if (retry_interrupted([&] { return ::fsync(descriptor.get()); }) != 0) {
      return system_error("sync the directory", path, errno);
    }
    return {};
  }

  Result<std::vector<std::string>> list(const std::string& path) override {
    const auto close = [](DIR* directory) { ::closedir(directory); };
    std::unique_ptr<DIR, decltype(close)> directory(nullptr, close);
    do {
      directory.reset(::opendir(path.c_str()));
    } while (!directory && errno == EINTR);
    if (!directory) return system_error("list", path, errno);
    std::vector<std::string> names;
    while (true) {
      errno = 0;
      const dirent* entry = ::readdir(directory.get());
      if (entry == nullptr && errno == EINTR) continue;
      if (entry == nullptr) break;
      const std::string_view name = &entry->d_name[0];
      if (name != "." && name != "..") names.emplace_back(name);
    }
    if (errno != 0) return system_error("list", path, errno);
    std::ranges::sort(names);
    return names;
  }

  Result<std::optional<FileInfo>> info(const std::string& path) override {
    struct stat status{};
    if (retry_interrupted([&] { return ::lstat(path.c_str(), &status); }) != 0) {
      if (errno == ENOENT) return std::optional<FileInfo>{};
      return system_error("examine", path, errno);
    }
    return FileInfo{.size = static_cast<std::uint64_t>(status.st_size),
                    .inode = status.st_ino,
                    .modified_ns = nanoseconds(status.st_mtim),
                    .changed_ns = nanoseconds(status.st_ctim),
                    .regular = S_ISREG(status.st_mode),
                    .directory = S_ISDIR(status.st_mode)};
  }

  Result<bool> on_network(const std::string& path) override {
    struct statfs status{};
    if (retry_interrupted([&] { return ::statfs(path.c_str(), &status); }) != 0) {
      return system_error("examine the file system of", path, errno);
    }
    // NFS, SMB, SMB2, CIFS, 9P, AFS, kAFS, Coda, Ceph, OCFS2, Lustre, GFS2.
    // [source: statfs(2) and linux/magic.h]
    constexpr std::array<std::uint32_t, 12> kNetworkTypes = {
        0x6969,     0x517B,     0xFE534D42, 0xFF534D42, 0x01021997, 0x5346414F,
        0x6B414653, 0x73757245, 0x00C36400, 0x7461636F, 0x0BD00BD0, 0x01161970};
    return std::ranges::find(kNetworkTypes, static_cast<std::uint32_t>(status.f_type)) !=
           kNetworkTypes.end();
  }

  Result<void> random(std::span<std::byte> out) override {
    while (!out.empty()) {
      const ssize_t count =
          retry_interrupted([&] { return ::getrandom(out.data(), out.size(), 0); });
      if (count < 0) return system_error("read", "the kernel's random numbers", errno);
      out = out.subspan(static_cast<std::size_t>(count));
    }
    return {};
  }
};

}  // namespace

FileSystem& real_file_system() {
  static PosixFileSystem files;
  return files;
}

std::string join_path(const std::string& directory, const std::string& name) {
  return directory + '/' + name;
}

}  // namespace recant::io
