#include "engine/replay/store_lock.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <thread>

namespace recant::replay {
namespace {

std::string holder(io::File& file) {
  std::array<char, 32> text{};
  const auto size = file.read_at(0, std::as_writable_bytes(std::span(text)));
  if (!size || *size == 0) return "another process";
  std::string pid(text.data(), *size);
  while (!pid.empty() && (pid.back() < '0' || pid.back() > '9')) pid.pop_back();
  return "process " + pid;
}

// The path still names the file that was opened there.
Result<bool> is_named(io::FileSystem& files, const std::string& path, io::File& file) {
  RECANT_ASSIGN(const auto named, files.info(path));
  RECANT_ASSIGN(const std::uint64_t inode, file.inode());
  return named && named->inode == inode;
}

}  // namespace

Result<StoreLock> StoreLock::acquire(io::FileSystem& files, io::Clock& clock,
                                     const std::string& store_directory, std::int64_t wait_ms) {
  constexpr std::chrono::milliseconds kPause{5};
  const std::string path = io::join_path(store_directory, "lock");
  const std::int64_t deadline = clock.steady_ms() + wait_ms;
  while (true) {
    // Opened each time: the file that was waited for may have been removed.
    RECANT_ASSIGN(auto file, files.open_lock(path));
    RECANT_ASSIGN(const bool locked, file->try_lock());
    if (locked) {
      RECANT_ASSIGN(const bool named, is_named(files, path, *file));
      if (named) {
        const std::string pid = fmt::format("{}\n", getpid());
        // Only for the message below: a lock whose holder cannot be named is still a lock.
        (void)file->overwrite(std::as_bytes(std::span(pid)));
        return StoreLock(files, path, std::move(file));
      }
      file->unlock();  // removed since it was opened: whoever comes next locks another one
    }
    if (clock.steady_ms() >= deadline) {
      return fail(
          ErrorCode::kLocked,
          fmt::format("cannot write to {}: {} has held its lock for longer than {} ms (wait "
                      "for it to end, or raise --lock-wait)",
                      store_directory, holder(*file), wait_ms));
    }
    std::this_thread::sleep_for(kPause);
  }
}

Result<void> StoreLock::check() const {
  RECANT_ASSIGN(const bool named, is_named(*files_, path_, *file_));
  if (named) return {};
  return fail(
      ErrorCode::kIo,
      fmt::format("cannot go on writing: {} was removed or replaced while this process held "
                  "it, and another may write now (run the command again, and leave that "
                  "file alone)",
                  path_));
}

}  // namespace recant::replay
