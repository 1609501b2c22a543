// A disk that loses power. It stands on another file system and remembers what was synced: bytes by
// a sync of their file, names by a sync of their directory. From what was not, it makes states that
// the disk may be in afterwards (store/FORMAT.md, "What is assumed of the disk").
#pragma once

#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "store/io/file_system.h"
#include "tests/memory_file_system.h"

namespace recant::test {

/// What is on a disk: files by their paths. A file whose directory is not there is not there.
struct DiskState {
  std::map<std::string, Bytes> files;
  std::set<std::string> directories;
};

class CrashDisk final : public io::FileSystem {
 public:
  /// What is beneath already, by these paths, is durable.
  CrashDisk(io::FileSystem& beneath, const DiskState& start);

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

  /// A state after power was lost now. Of unsynced bytes each sector of 512 may be there, be zeros
  /// or be garbage, and the file may end anywhere after what was synced; of unsynced names any may
  /// be as they were, in order or not. Renames are atomic.
  [[nodiscard]] DiskState lose_power(std::mt19937_64& random) const;
  /// The `number`th sync of a file from now on, 1, 2, ..., fails, and its bytes never reach the
  /// disk: the kernel calls their pages clean, shows them to whoever reads, and does not write them
  /// again.
  void fail_sync(std::uint64_t number) { syncs_to_failure_ = number; }
  [[nodiscard]] bool sync_failed() const { return sync_failed_; }

  /// The state if everything had been synced, as after a kill of the process alone.
  [[nodiscard]] DiskState live() const;

 private:
  friend class CrashFile;
  struct Node {
    Bytes bytes;
    std::size_t synced = 0;
    std::size_t lost_begin = 0;  // what a failed sync left behind
    std::size_t lost_end = 0;
  };
  using Names = std::map<std::string, std::shared_ptr<Node>>;
  struct Change {  // to names
    enum class Kind : std::uint8_t { kCreate, kRename, kRemove, kDirectory };
    Kind kind = Kind::kCreate;
    std::string path;
    std::string to{};
    std::shared_ptr<Node> node{};
  };
  static void apply(const Change& change, Names& names, std::set<std::string>& directories);
  [[nodiscard]] static Bytes torn(const Node& node, std::mt19937_64& random);
  [[nodiscard]] static DiskState state_of(const Names& names,
                                          const std::set<std::string>& directories,
                                          std::mt19937_64* random);
  void change(Change change);
  Result<std::unique_ptr<io::File>> wrap(Result<std::unique_ptr<io::File>> opened,
                                         const std::string& path);
  [[nodiscard]] Result<std::shared_ptr<Node>> node(const std::string& path);

  io::FileSystem& beneath_;
  Names live_;
  std::set<std::string> live_directories_;
  Names durable_;
  std::set<std::string> durable_directories_;
  std::vector<Change> pending_;
  std::uint64_t syncs_to_failure_ = 0;
  bool sync_failed_ = false;
};

/// Puts a state into an empty directory of the real file system.
void put_state(const DiskState& state, const std::string& from, const std::string& to);

}  // namespace recant::test
