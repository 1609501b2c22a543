#include "engine/files/raw_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace recant::files {
namespace {

constexpr std::size_t kWindowBytes = std::size_t{256} << 10;

bool is_readable(int descriptor) {
  const int flags = ::fcntl(descriptor, F_GETFL);
  return flags >= 0 && (flags & O_PATH) == 0 && (flags & O_ACCMODE) != O_WRONLY;
}

}  // namespace

Error errno_error(const std::string& what, int error_number, const std::string& advice) {
  const bool full = error_number == ENOSPC || error_number == EDQUOT;
  return Error{full ? ErrorCode::kNoSpace : ErrorCode::kIo,
               fmt::format("{}: {} ({})", what, std::generic_category().message(error_number),
                           full ? "free some space and run it again" : advice)};
}

Result<RawFile> RawFile::open(const std::string& path) {
  RawFile file;
  const bool is_stdin = path == "-";
  file.name_ = is_stdin ? "stdin" : path;
  if (is_stdin) {
    file.fd_ = STDIN_FILENO;
    if (!is_readable(file.fd_)) {
      return fail(ErrorCode::kIo,
                  "opening stdin: it is closed, or open for writing alone (say where the input "
                  "comes from)");
    }
  } else {
    do {
      file.fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
    } while (file.fd_ < 0 && errno == EINTR);
    file.owned_ = file.fd_ >= 0;
  }
  struct stat info{};
  if (file.fd_ < 0 || ::fstat(file.fd_, &info) != 0) {
    return std::unexpected(
        errno_error("opening " + file.name_, errno, "check the path and its permissions"));
  }
  if (S_ISDIR(info.st_mode)) {
    return std::unexpected(errno_error("opening " + file.name_, EISDIR, "name the files in it"));
  }
  if (S_ISREG(info.st_mode)) {
    file.seekable_ = !is_stdin;
    file.bytes_total_ = static_cast<std::uint64_t>(info.st_size);
    // Only advice: a refusal changes nothing.
    (void)::posix_fadvise(file.fd_, 0, 0, POSIX_FADV_SEQUENTIAL);
  }
  file.buffer_ = std::make_unique_for_overwrite<char[]>(kWindowBytes);
  return file;
}

RawFile::RawFile(RawFile&& other) noexcept
    : name_(std::move(other.name_)),
      fd_(std::exchange(other.fd_, -1)),
      owned_(std::exchange(other.owned_, false)),
      seekable_(other.seekable_),
      bytes_total_(other.bytes_total_),
      read_bytes_(other.read_bytes_),
      tap_(std::move(other.tap_)),
      buffer_(std::move(other.buffer_)),
      begin_(std::exchange(other.begin_, 0)),
      end_(std::exchange(other.end_, 0)) {}

RawFile& RawFile::operator=(RawFile&& other) noexcept {
  if (this == &other) return *this;
  close();
  name_ = std::move(other.name_);
  fd_ = std::exchange(other.fd_, -1);
  owned_ = std::exchange(other.owned_, false);
  seekable_ = other.seekable_;
  bytes_total_ = other.bytes_total_;
  read_bytes_ = other.read_bytes_;
  tap_ = std::move(other.tap_);
  buffer_ = std::move(other.buffer_);
  begin_ = std::exchange(other.begin_, 0);
  end_ = std::exchange(other.end_, 0);
  return *this;
}

RawFile::~RawFile() { close(); }

void RawFile::close() noexcept {
  if (owned_) ::close(fd_);
  owned_ = false;
}

Result<std::size_t> RawFile::read_some(char* out, std::size_t size) {
  for (;;) {
    const ssize_t count = ::read(fd_, out, size);
    if (count >= 0) {
      read_bytes_ += static_cast<std::uint64_t>(count);
      if (tap_) tap_({out, static_cast<std::size_t>(count)});
      return static_cast<std::size_t>(count);
    }
    if (errno == EINTR) continue;
    if (errno == EAGAIN) {  // whoever gave us stdin may have made it non-blocking
      pollfd ready{.fd = fd_, .events = POLLIN, .revents = 0};
      (void)::poll(&ready, 1, -1);
      continue;
    }
    return std::unexpected(errno_error(fmt::format("reading {} at byte {}", name_, read_bytes_),
                                       errno, "check the disk, or copy the file elsewhere first"));
  }
}

Result<std::size_t> RawFile::fill() {
  if (begin_ > 0) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, size());
    end_ = size();
    begin_ = 0;
  }
  RECANT_ASSIGN(const std::size_t count, read_some(buffer_.get() + end_, kWindowBytes - end_));
  end_ += count;
  return count;
}

Result<std::size_t> RawFile::read(std::span<char> out) {
  if (size() == 0) return read_some(out.data(), out.size());
  const std::size_t count = std::min(out.size(), size());
  std::memcpy(out.data(), buffer_.get() + begin_, count);
  take(count);
  return count;
}

Result<void> RawFile::seek(std::uint64_t offset) {
  if (::lseek(fd_, static_cast<off_t>(offset), SEEK_SET) < 0) {
    return std::unexpected(errno_error(fmt::format("seeking {} to byte {}", name_, offset), errno,
                                       "check the disk, or copy the file elsewhere first"));
  }
  read_bytes_ = offset;
  begin_ = end_ = 0;
  return {};
}

void RawFile::set_tap(std::function<void(std::string_view)> tap) {
  tap_ = std::move(tap);
  if (tap_) tap_({buffer_.get() + begin_, size()});
}

Result<void> RawFile::drain() {
  while (tap_) {
    take(size());
    RECANT_ASSIGN(const std::size_t count, fill());
    if (count == 0) break;
  }
  return {};
}

}  // namespace recant::files
