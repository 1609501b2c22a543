#include "cli/distinct_files.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <compare>
#include <filesystem>
#include <map>

namespace recant::cli {
namespace {

// What a name stands for. Empty: something that may be named twice.
std::string identity(const std::string& name, int standard_stream) {
  struct stat info{};
  const bool stream = name == "-";
  const int found = stream ? ::fstat(standard_stream, &info) : ::stat(name.c_str(), &info);
  if (found == 0 && S_ISREG(info.st_mode)) return fmt::format("{}:{}", info.st_dev, info.st_ino);
  if (stream) return "-";
  if (found == 0) return {};
  std::error_code ignored;
  return std::filesystem::weakly_canonical(name, ignored).string();
}

}  // namespace

Result<void> require_distinct(const std::vector<std::string>& inputs,
                              const std::vector<std::pair<std::string, std::string>>& outputs) {
  std::map<std::string, std::string> read;
  for (const std::string& input : inputs) {
    const std::string file = identity(input, STDIN_FILENO);
    if (!file.empty() && file != "-") read.emplace(file, input);
  }
  std::map<std::string, std::string> written;
  for (const auto& [option, name] : outputs) {
    if (name.empty()) continue;
    const std::string file = identity(name, STDOUT_FILENO);
    if (file.empty()) continue;
    if (const auto input = read.find(file); input != read.end()) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("{} {}: it is the input {} (name another file)", option, name,
                              input->second));
    }
    const auto [other, fresh] = written.emplace(file, option);
    if (fresh) continue;
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("{} {}: {} is the same file (name another one)", option, name, other->second));
  }
  return {};
}

}  // namespace recant::cli
