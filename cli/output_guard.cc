#include "cli/output_guard.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <optional>

#include "engine/files/output.h"

namespace recant::cli {
namespace {

namespace fs = std::filesystem;

std::string key_of(const struct stat& info) {
  return fmt::format("{}:{}", info.st_dev, info.st_ino);
}

std::optional<std::string> key_of_directory(const fs::path& path) {
  struct stat info{};
  if (::stat(path.empty() ? "." : path.c_str(), &info) != 0) return {};
  return key_of(info);
}

// What a name stands for. Empty: something that may be named twice, or that nothing can open.
std::string key_of_file(const std::string& name, std::optional<int> descriptor) {
  struct stat info{};
  const int found = descriptor ? ::fstat(*descriptor, &info) : ::stat(name.c_str(), &info);
  if (found == 0) return S_ISREG(info.st_mode) || S_ISDIR(info.st_mode) ? key_of(info) : "";
  if (descriptor) return {};
  const fs::path path(name);
  const auto directory = key_of_directory(path.parent_path());
  return directory ? *directory + "/" + path.filename().string() : "";
}

std::optional<int> input_descriptor(const std::string& name) {
  return name == "-" ? std::optional(STDIN_FILENO) : std::nullopt;
}

// Whether `path`, or a directory that it is in, is `directory`.
bool lies_in(const std::string& path, const std::string& directory) {
  const auto store = key_of_directory(directory);
  // A directory that is not there holds nothing; but a file must not take its name.
  if (!store) {
    const std::string key = key_of_file(directory, {});
    return !key.empty() && key == key_of_file(path, {});
  }
  std::error_code error;
  // Links are followed as far as there is something to follow.
  fs::path at = fs::weakly_canonical(fs::absolute(path, error), error);
  if (error) return false;
  for (;; at = at.parent_path()) {
    if (key_of_directory(at) == store) return true;
    if (!at.has_relative_path()) return false;
  }
}

/// Meets one output after another.
class Guard {
 public:
  explicit Guard(const NamedFiles& files) : files_(files) {
    for (const std::string& input : files.inputs) {
      if (input.empty()) continue;
      const std::string key = key_of_file(input, input_descriptor(input));
      if (!key.empty()) inputs_.emplace(key, input);
    }
  }

  Result<void> meet(const std::string& option, const std::string& name) {
    const auto descriptor = files::named_descriptor(name);
    std::string key = key_of_file(name, descriptor);
    if (key.empty() && descriptor) key = fmt::format("stream {}", *descriptor);
    if (key.empty()) return {};
    if (const auto input = inputs_.find(key); input != inputs_.end()) {
      return refuse("{} {}: it is the input {} (name another file)", option, name, input->second);
    }
    if (!descriptor && lies_in(name, files_.store)) {
      return refuse("{} {}: it is in the store {} (name a file elsewhere)", option, name,
                    files_.store);
    }
    const auto [other, fresh] = outputs_.emplace(key, Met{option, descriptor.has_value()});
    const bool mixed = other->second.stream && descriptor && files_.streams_may_mix;
    if (fresh || mixed) return {};
    return refuse("{} {}: {} is the same file (name another one)", option, name,
                  other->second.option);
  }

 private:
  template <class... Words>
  static Result<void> refuse(fmt::format_string<Words...> text, Words&&... words) {
    return fail(ErrorCode::kInvalidArgument, fmt::format(text, std::forward<Words>(words)...));
  }

  struct Met {
    std::string option;
    bool stream = false;
  };
  const NamedFiles& files_;
  std::map<std::string, std::string> inputs_;
  std::map<std::string, Met> outputs_;
};

}  // namespace

Result<void> guard_outputs(const NamedFiles& files) {
  Guard guard(files);
  for (const auto& [option, name] : files.outputs) {
    if (!name.empty()) RECANT_TRY(guard.meet(option, name));
  }
  return {};
}

Result<void> guard_directory(const std::string& store, const std::string& option,
                             const std::string& directory) {
  if (directory.empty() || !lies_in(directory, store)) return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} {}: it is in the store {} (name a directory elsewhere)", option,
                          directory, store));
}

}  // namespace recant::cli
