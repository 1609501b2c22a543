#include "engine/replay/integrity.h"

#include <fmt/format.h>

#include <array>
#include <sstream>

#include "store/index/manifest.h"

namespace recant::replay {
namespace {

constexpr const char* kFileName = "VERIFIED";

// The kernel makes a new one at every boot; empty where there is none, and nothing is remembered.
std::string boot_id(io::FileSystem& files) {
  const auto file = files.open_read("/proc/sys/kernel/random/boot_id");
  if (!file) return {};
  std::array<char, 64> text{};
  const auto size = (*file)->read_at(0, std::as_writable_bytes(std::span(text)));
  if (!size) return {};
  std::string id(text.data(), *size);
  while (!id.empty() && id.back() == '\n') id.pop_back();
  return id;
}

}  // namespace

IntegrityMemory::IntegrityMemory(io::FileSystem& files, std::string index_directory,
                                 Integrity integrity)
    : files_(files), directory_(std::move(index_directory)), integrity_(integrity) {}

std::string IntegrityMemory::describe(const index::PartInfo& part) const {
  const auto info = files_.info(io::join_path(directory_, part.file));
  if (!info || !*info) return {};
  return fmt::format("{} {} {} {} {:016x}", (*info)->inode, (*info)->size, (*info)->modified_ns,
                     (*info)->changed_ns, part.checksum);
}

void IntegrityMemory::load() {
  loaded_ = true;
  boot_ = boot_id(files_);
  const auto text = index::read_small_file(files_, io::join_path(directory_, kFileName));
  if (!text || !*text || boot_.empty()) return;
  std::istringstream lines(**text);
  std::string line;
  if (!std::getline(lines, line) || line != "boot " + boot_) return;
  while (std::getline(lines, line)) {
    const std::size_t space = line.find(' ');
    if (space != std::string::npos) verified_[line.substr(0, space)] = line.substr(space + 1);
  }
}

bool IntegrityMemory::must_verify(const index::PartInfo& part) {
  if (integrity_ != Integrity::kBoot) return integrity_ == Integrity::kAlways;
  if (!loaded_) load();
  const auto found = verified_.find(part.file);
  return found == verified_.end() || found->second.empty() || found->second != describe(part);
}

void IntegrityMemory::remember(const index::PartInfo& part) {
  if (integrity_ != Integrity::kBoot) return;
  if (!loaded_) load();
  verified_[part.file] = describe(part);
  changed_ = true;
}

void IntegrityMemory::save() {
  if (!changed_ || boot_.empty()) return;
  changed_ = false;
  std::string text = "boot " + boot_ + "\n";
  for (const auto& [file, description] : verified_) {
    // Parts that are gone would otherwise stay in the list for ever.
    if (const auto info = files_.info(io::join_path(directory_, file)); info && *info) {
      text += fmt::format("{} {}\n", file, description);
    }
  }
  (void)index::replace_file(files_, directory_, kFileName, text);
}

}  // namespace recant::replay
