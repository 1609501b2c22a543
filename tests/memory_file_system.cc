#include "tests/memory_file_system.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

namespace recant::test {
namespace {

class OpenMemoryFile final : public io::File {
 public:
  explicit OpenMemoryFile(std::shared_ptr<MemoryFile> file) : file_(std::move(file)) {}
  ~OpenMemoryFile() override { OpenMemoryFile::unlock(); }

  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) override {
    const Bytes& bytes = file_->bytes;
    if (offset >= bytes.size()) return std::size_t{0};
    const std::size_t count = std::min<std::size_t>(out.size(), bytes.size() - offset);
    if (count > 0) std::memcpy(out.data(), &bytes[offset], count);
    return count;
  }
  Result<void> append(std::span<const std::byte> bytes) override {
    file_->bytes.insert(file_->bytes.end(), bytes.begin(), bytes.end());
    return {};
  }
  Result<void> sync_data() override {
    file_->synced = file_->bytes.size();
    return {};
  }
  Result<std::uint64_t> size() override { return file_->bytes.size(); }
  Result<std::uint64_t> inode() override { return file_->inode; }
  Result<bool> try_lock() override {
    if (file_->locked && !holds_) return false;
    file_->locked = holds_ = true;
    return true;
  }
  void unlock() override {
    if (std::exchange(holds_, false)) file_->locked = false;
  }
  Result<void> overwrite(std::span<const std::byte> bytes) override {
    file_->bytes.assign(bytes.begin(), bytes.end());
    return {};
  }

 private:
  std::shared_ptr<MemoryFile> file_;
  bool holds_ = false;
};

std::unexpected<Error> refused(const std::string& path, const char* why) {
  return fail(ErrorCode::kIo, "cannot use " + path + ": " + why + " (check the test)");
}

}  // namespace

Result<std::unique_ptr<io::File>> MemoryFileSystem::open_read(const std::string& path) {
  const auto found = files_.find(path);
  if (found == files_.end()) return refused(path, "no such file");
  return std::make_unique<OpenMemoryFile>(found->second);
}

Result<std::unique_ptr<io::File>> MemoryFileSystem::open_append(const std::string& path) {
  return open_read(path);
}

Result<std::unique_ptr<io::File>> MemoryFileSystem::create(const std::string& path) {
  if (files_.contains(path)) return refused(path, "the file exists");
  put(path, {});
  return open_read(path);
}

Result<std::unique_ptr<io::File>> MemoryFileSystem::open_lock(const std::string& path) {
  if (!files_.contains(path)) put(path, {});
  return open_read(path);
}

Result<void> MemoryFileSystem::rename(const std::string& from, const std::string& to) {
  const auto found = files_.find(from);
  if (found == files_.end()) return refused(from, "no such file");
  files_[to] = found->second;
  files_.erase(found);
  return {};
}

Result<void> MemoryFileSystem::remove(const std::string& path) {
  if (files_.erase(path) == 0) return refused(path, "no such file");
  return {};
}

Result<void> MemoryFileSystem::make_directory(const std::string& path) {
  directories_.insert(path);
  return {};
}

Result<void> MemoryFileSystem::sync_directory(const std::string& path) {
  const auto within = [&](const auto& entry) {
    const std::string& name = entry.first;
    return name.starts_with(path + '/') && name.find('/', path.size() + 1) == std::string::npos;
  };
  std::erase_if(durable_names_, within);
  std::ranges::copy_if(files_, std::inserter(durable_names_, durable_names_.end()), within);
  return {};
}

Result<std::vector<std::string>> MemoryFileSystem::list(const std::string& path) {
  std::vector<std::string> names;
  const std::string prefix = path + '/';
  for (const auto& [name, file] : files_) {
    if (name.starts_with(prefix) && name.find('/', prefix.size()) == std::string::npos) {
      names.push_back(name.substr(prefix.size()));
    }
  }
  return names;
}

Result<std::optional<io::FileInfo>> MemoryFileSystem::info(const std::string& path) {
  if (const auto found = files_.find(path); found != files_.end()) {
    io::FileInfo info;
    info.size = found->second->bytes.size();
    info.inode = found->second->inode;
    info.regular = true;
    return info;
  }
  if (!directories_.contains(path)) return std::optional<io::FileInfo>{};
  io::FileInfo info;
  info.directory = true;
  return info;
}

Result<bool> MemoryFileSystem::on_network(const std::string&) { return false; }

Result<void> MemoryFileSystem::random(std::span<std::byte> out) {
  for (std::byte& byte : out) byte = static_cast<std::byte>(++random_);
  return {};
}

void MemoryFileSystem::put(const std::string& path, Bytes bytes) {
  files_[path] = std::make_shared<MemoryFile>(
      MemoryFile{.bytes = std::move(bytes), .synced = 0, .inode = ++inodes_, .locked = false});
  for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    directories_.insert(path.substr(0, slash));
  }
}

std::map<std::string, Bytes> MemoryFileSystem::snapshot() const {
  std::map<std::string, Bytes> files;
  for (const auto& [path, file] : files_) files[path] = file->bytes;
  return files;
}

void MemoryFileSystem::restore(const std::map<std::string, Bytes>& files) {
  files_.clear();
  for (const auto& [path, bytes] : files) {
    put(path, bytes);
    files_[path]->synced = bytes.size();
  }
  durable_names_ = files_;
}

void MemoryFileSystem::crash() {
  files_ = durable_names_;
  for (const auto& [path, file] : files_) file->bytes.resize(file->synced);
}

}  // namespace recant::test
