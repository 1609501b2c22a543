// A file system in memory, which a test may read and change behind the back of the code under test.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "store/io/file_system.h"

namespace recant::test {

using Bytes = std::vector<std::byte>;

struct MemoryFile {
  Bytes bytes;
  std::size_t synced = 0;  ///< how many of the bytes a sync covers
  std::uint64_t inode = 0;
  bool locked = false;
};

/// Copies share nothing: a copy is a snapshot of the disk.
class MemoryFileSystem final : public io::FileSystem {
 public:
  MemoryFileSystem() = default;

  Result<std::unique_ptr<io::File>> open_read(const std::string& path) override;
  Result<std::unique_ptr<io::File>> open_append(const std::string& path) override;
  Result<std::unique_ptr<io::File>> create(const std::string& path) override;
  Result<std::unique_ptr<io::File>> open_lock(const std::string& path) override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> remove(const std::string& path) override;
  Result<void> make_directory(const std::string& path) override;
  Result<void> sync_directory(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& path) override;
  Result<std::optional<io::FileInfo>> info(const std::string& path) override;
  Result<bool> on_network(const std::string& path) override;
  Result<void> random(std::span<std::byte> out) override;

  /// The bytes of a file that is there.
  [[nodiscard]] Bytes& bytes(const std::string& path) { return files_.at(path)->bytes; }
  /// Makes a file, or replaces one.
  void put(const std::string& path, Bytes bytes);
  [[nodiscard]] bool has(const std::string& path) const { return files_.contains(path); }
  /// Every file's bytes by its path.
  [[nodiscard]] std::map<std::string, Bytes> snapshot() const;
  void restore(const std::map<std::string, Bytes>& files);
  /// A power cut on a disk that kept nothing it was not told to: bytes without a sync, and names
  /// without a sync of their directory, are gone. No file may be open.
  void crash();

 private:
  std::map<std::string, std::shared_ptr<MemoryFile>> files_;
  std::map<std::string, std::shared_ptr<MemoryFile>> durable_names_;
  std::set<std::string> directories_;
  std::uint64_t inodes_ = 0;
  unsigned random_ = 0;
};

/// Stands where it was set.
class FixedClock final : public io::Clock {
 public:
  explicit FixedClock(Time now) : now_(now) {}
  Time now() override { return now_; }
  std::int64_t steady_ms() override { return now_; }

 private:
  Time now_;
};

}  // namespace recant::test
