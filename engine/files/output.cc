#include "engine/files/output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <optional>
#include <utility>

#include "engine/files/compress.h"
#include "engine/files/raw_file.h"
#include "engine/files/unfinished.h"

namespace recant::files {
namespace {

// A call that a signal interrupted has done nothing: it is made again.
template <class Call>
int uninterrupted(Call call) {
  int result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

constexpr std::size_t kBufferBytes = std::size_t{1} << 20;

Compression compression_for(std::string_view path) {
  if (path.ends_with(".gz")) return Compression::kGzip;
  if (path.ends_with(".zst")) return Compression::kZstd;
  return Compression::kNone;
}

}  // namespace

// The descriptor that a name like /dev/stdout stands for. Opening such a name anew would begin at
// the first byte of the file that the shell opened, and renaming over it is impossible.
std::optional<int> named_descriptor(std::string_view path) {
  if (path == "-" || path == "/dev/stdout") return STDOUT_FILENO;
  if (path == "/dev/stderr") return STDERR_FILENO;
  for (const std::string_view prefix : {"/dev/fd/", "/proc/self/fd/"}) {
    if (!path.starts_with(prefix)) continue;
    const std::string_view digits = path.substr(prefix.size());
    int fd = -1;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), fd);
    if (error == std::errc{} && end == digits.data() + digits.size() && fd >= 0) return fd;
  }
  return {};
}

class Output::Impl {
 public:
  Impl(std::string path, unsigned mode)
      : name_(path == "-" ? "stdout" : path), path_(std::move(path)), mode_(mode) {
    buffer_.reserve(kBufferBytes);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    if (!beside_.empty()) ::unlink(beside_.c_str());
    if (owned_) ::close(fd_);
  }

  Result<void> open() {
    RECANT_TRY(open_descriptor());
    const Compression compression = compression_for(path_);
    if (compression == Compression::kNone) return {};
    compressor_ = Compressor::make(compression);
    if (compressor_) return {};
    return fail(ErrorCode::kIo,
                fmt::format("writing {}: no memory to compress it (give it more)", name_));
  }

  Result<void> write(std::string_view bytes) {
    if (failure_) return std::unexpected(*failure_);
    if (finished_) return fail(ErrorCode::kInvalidArgument, name_ + ": written to after finish()");
    while (!bytes.empty()) {
      // What is larger than the buffer need not be copied into it.
      if (buffer_.empty() && bytes.size() >= kBufferBytes) return keep_failure(pass_on(bytes));
      const std::string_view piece = bytes.substr(0, kBufferBytes - buffer_.size());
      buffer_.append(piece);
      bytes.remove_prefix(piece.size());
      if (buffer_.size() == kBufferBytes) RECANT_TRY(keep_failure(flush()));
    }
    return {};
  }

  Result<void> finish() {
    if (failure_) return std::unexpected(*failure_);
    if (finished_) return {};
    RECANT_TRY(keep_failure(flush()));
    if (compressor_) {
      RECANT_TRY(keep_failure(compressor_->end([this](std::string_view out) { return put(out); })));
    }
    finished_ = true;
    return keep_failure(publish());
  }

  std::function<void(std::string_view)> tap;

 private:
  Result<void> open_descriptor() {
    if (const auto fd = named_descriptor(path_)) {
      fd_ = *fd;
      return require_writable();
    }
    struct stat info{};
    const bool there = uninterrupted([&] { return ::stat(path_.c_str(), &info); }) == 0;
    // What can have no file of this name is refused before the work, not when it is renamed into.
    if (!there && (errno != ENOENT || path_.empty())) {
      return std::unexpected(
          errno_error("creating " + name_, errno, "check the name, the directory and permissions"));
    }
    if (there && S_ISDIR(info.st_mode)) {
      return std::unexpected(errno_error("opening " + name_, EISDIR, "name a file in it"));
    }
    if (!there) return create_beside(nullptr);
    if (S_ISREG(info.st_mode)) return create_beside(&info);
    fd_ = uninterrupted([&] { return ::open(path_.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY); });
    owned_ = fd_ >= 0;
    if (owned_) return {};
    return std::unexpected(errno_error("opening " + name_, errno, "check its permissions"));
  }

  // Told at once: results of no bytes would never find out.
  Result<void> require_writable() {
    const int flags = ::fcntl(fd_, F_GETFL);
    if (flags >= 0 && (flags & O_PATH) == 0 && (flags & O_ACCMODE) != O_RDONLY) return {};
    return fail(ErrorCode::kIo,
                fmt::format("writing {}: it is closed, or open for reading alone (say where the "
                            "results should go)",
                            name_));
  }

  // `replaced`: the file of that name, if there is one.
  Result<void> create_beside(const struct stat* replaced) {
    namespace fs = std::filesystem;
    std::error_code ignored;
    // A symbolic link stays one: the file that it points at is replaced.
    if (replaced != nullptr && fs::is_symlink(path_, ignored)) {
      const fs::path target = fs::canonical(path_, ignored);
      if (!ignored) path_ = target.string();
    }
    const fs::path path(path_);
    directory_ = path.has_parent_path() ? path.parent_path().string() : ".";
    constexpr std::size_t kNameBytesMax = 200;  // leaves room for the rest in a name of 255
    const std::string name = path.filename().string().substr(0, kNameBytesMax);
    const mode_t mode = replaced == nullptr ? mode_ : 0600;
    for (int attempt = 0; fd_ < 0; ++attempt) {
      beside_ = fmt::format("{}/.{}.{}-{}.tmp", directory_, name, ::getpid(), attempt);
      unfinished_.emplace(beside_);
      fd_ = ::open(beside_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
      if (fd_ >= 0) break;
      const int error_number = errno;
      unfinished_.reset();
      if (error_number == EEXIST || error_number == EINTR) continue;
      beside_.clear();
      return std::unexpected(errno_error("creating " + name_, error_number,
                                         "check the directory and its permissions"));
    }
    owned_ = true;
    if (replaced != nullptr) keep_mode(*replaced);
    return {};
  }

  // A file that only its owner could read must not come back readable by all. Refusals are passed
  // over: only root may give a file away, some file systems have no modes, and 0600 tells nobody.
  void keep_mode(const struct stat& replaced) const {
    (void)!::fchown(fd_, replaced.st_uid, replaced.st_gid);
    (void)!::fchmod(fd_, replaced.st_mode & 07777);
  }

  Result<void> flush() {
    auto done = pass_on(buffer_);
    buffer_.clear();
    return done;
  }

  Result<void> pass_on(std::string_view bytes) {
    if (!compressor_) return put(bytes);
    return compressor_->add(bytes, [this](std::string_view out) { return put(out); });
  }

  Result<void> put(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::write(fd_, bytes.data(), bytes.size());
      if (count >= 0) {
        if (tap) tap(bytes.substr(0, static_cast<std::size_t>(count)));
        bytes.remove_prefix(static_cast<std::size_t>(count));
      } else if (errno == EAGAIN) {  // whoever gave us stdout may have made it non-blocking
        pollfd ready{.fd = fd_, .events = POLLOUT, .revents = 0};
        (void)::poll(&ready, 1, -1);
      } else if (errno != EINTR) {
        return std::unexpected(errno_error("writing " + name_, errno, "check where it goes"));
      }
    }
    return {};
  }

  // Data before name, name before directory: after a crash the name has the old file or all of it.
  Result<void> publish() {
    if (beside_.empty()) return {};
    if (uninterrupted([&] { return ::fsync(fd_); }) != 0) {
      return std::unexpected(errno_error("syncing " + name_, errno, "check the disk"));
    }
    if (uninterrupted([&] { return ::rename(beside_.c_str(), path_.c_str()); }) != 0) {
      return std::unexpected(errno_error("renaming into " + name_, errno, "check the directory"));
    }
    beside_.clear();
    unfinished_.reset();
    const int directory = uninterrupted(
        [&] { return ::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
    // A directory that may be written but not read cannot be synced by anyone.
    if (directory < 0 && errno == EACCES) return {};
    const bool synced = directory >= 0 &&
                        (uninterrupted([&] { return ::fsync(directory); }) == 0 || errno == EINVAL);
    const int error_number = errno;
    if (directory >= 0) ::close(directory);
    if (synced) return {};
    return std::unexpected(
        errno_error("syncing the directory of " + name_, error_number, "check the disk"));
  }

  Result<void> keep_failure(Result<void> result) {
    if (!result) failure_ = result.error();
    return result;
  }

  std::string name_;
  std::string path_;
  std::string directory_;
  unsigned mode_;
  std::string beside_;  // the temporary name, while there is one
  std::optional<Unfinished> unfinished_;
  int fd_ = -1;
  bool owned_ = false;
  bool finished_ = false;
  std::string buffer_;
  std::unique_ptr<Compressor> compressor_;
  std::optional<Error> failure_;
};

Result<Output> Output::open(const std::string& path, unsigned mode) {
  auto impl = std::make_unique<Impl>(path, mode);
  RECANT_TRY(impl->open());
  return Output(std::move(impl));
}

Output::Output(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Output::Output(Output&&) noexcept = default;
Output& Output::operator=(Output&&) noexcept = default;
Output::~Output() = default;

Result<void> Output::write(std::string_view bytes) { return impl_->write(bytes); }
void Output::set_tap(std::function<void(std::string_view)> tap) { impl_->tap = std::move(tap); }
Result<void> Output::finish() { return impl_->finish(); }

}  // namespace recant::files
