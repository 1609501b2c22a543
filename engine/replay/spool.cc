#include "engine/replay/spool.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace recant::replay {
namespace {

constexpr std::size_t kBufferBytes = 1 << 20;

std::unexpected<Error> failed(const std::string& directory, int error) {
  const bool full = error == ENOSPC || error == EDQUOT;
  return fail(full ? ErrorCode::kNoSpace : ErrorCode::kIo,
              fmt::format("{}: cannot keep a temporary copy of the input: {} ({})", directory,
                          std::strerror(error),
                          full ? "make room, or ingest a file" : "check the directory"));
}

}  // namespace

Result<Spool> Spool::create(const std::string& directory) {
  int descriptor = open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
    std::string name = directory + "/spool.XXXXXX";
    descriptor = mkostemp(name.data(), O_CLOEXEC);
    if (descriptor >= 0) unlink(name.c_str());
  }
  if (descriptor < 0) return failed(directory, errno);
  return Spool(descriptor, directory);
}

Spool::Spool(Spool&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      directory_(std::move(other.directory_)),
      buffer_(std::move(other.buffer_)) {}

Spool& Spool::operator=(Spool&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(directory_, other.directory_);
  std::swap(buffer_, other.buffer_);
  return *this;
}

Spool::~Spool() {
  if (descriptor_ >= 0) close(descriptor_);
}

Result<void> Spool::add(std::string_view bytes) {
  buffer_ += bytes;
  if (buffer_.size() < kBufferBytes) return {};
  return flush();
}

Result<void> Spool::flush() {
  for (std::string_view rest = buffer_; !rest.empty();) {
    const ssize_t written = write(descriptor_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed(directory_, errno);
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  buffer_.clear();
  return {};
}

Result<files::Input> Spool::read() {
  RECANT_TRY(flush());
  // A new open of the same file, with an offset of its own.
  return files::Input::open(fmt::format("/proc/self/fd/{}", descriptor_));
}

}  // namespace recant::replay
