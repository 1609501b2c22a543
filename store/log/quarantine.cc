#include "store/log/quarantine.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <vector>

#include "store/log/segment.h"

namespace recant::log {
namespace {

constexpr std::size_t kCopyBytes = std::size_t{1} << 20;

// `path`, or `path-2`, `path-3`, ...: what is in quarantine is never replaced.
Result<std::string> free_name(io::FileSystem& files, const std::string& path) {
  std::string name = path;
  for (unsigned number = 2;; ++number) {
    RECANT_ASSIGN(const auto about, files.info(name));
    if (!about) return name;
    name = fmt::format("{}-{}", path, number);
  }
}

}  // namespace

Result<void> copy_bytes(io::File& source, const std::string& path, ByteRange range,
                        io::File& target) {
  std::vector<std::byte> bytes(std::min<std::uint64_t>(range.end - range.begin, kCopyBytes));
  while (range.begin < range.end) {
    const auto part =
        std::span(bytes).first(std::min<std::uint64_t>(range.end - range.begin, kCopyBytes));
    RECANT_ASSIGN(const std::size_t count, source.read_at(range.begin, part));
    if (count < part.size()) {
      return fail(ErrorCode::kIo, fmt::format("cannot copy {}: it became shorter meanwhile (stop "
                                              "what else writes to it)",
                                              path));
    }
    RECANT_TRY(target.append(part));
    range.begin += count;
  }
  return {};
}

Result<std::string> quarantine(io::FileSystem& files, const std::string& store_directory,
                               const std::string& segment, ByteRange range) {
  const std::string directory = io::join_path(store_directory, "quarantine");
  RECANT_TRY(files.make_directory(directory));
  RECANT_TRY(files.sync_directory(store_directory));
  RECANT_ASSIGN(
      const std::string path,
      free_name(files, io::join_path(directory, fmt::format("{}.{}", segment, range.begin))));
  const std::string temporary = path + ".tmp";
  RECANT_ASSIGN(const auto left_over, files.info(temporary));
  if (left_over) {
    RECANT_TRY(files.remove(temporary));
  }
  const std::string source_path = io::join_path(log_directory(store_directory), segment);
  RECANT_ASSIGN(const auto source, files.open_read(source_path));
  RECANT_ASSIGN(const auto target, files.create(temporary));
  RECANT_TRY(copy_bytes(*source, source_path, range, *target));
  RECANT_TRY(target->sync_data());
  RECANT_TRY(files.rename(temporary, path));
  RECANT_TRY(files.sync_directory(directory));
  return path;
}

}  // namespace recant::log
