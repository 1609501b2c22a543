// Wraps another file system, counts the calls made to it and makes one of them fail.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/io/file_system.h"

namespace recant::test {

/// What the faulty call does. Everything else goes through to the file system beneath.
struct Fault {
  std::uint64_t at = 0;  ///< the call that fails, 1, 2, 3, ...; 0: none
  ErrorCode code = ErrorCode::kIo;
  bool short_write = false;  ///< an append that fails writes half of its bytes first
  bool for_good = false;     ///< all later calls fail too, as after a power cut
  bool throws = false;       ///< std::bad_alloc instead of an error
};

class FaultFileSystem final : public io::FileSystem {
 public:
  explicit FaultFileSystem(io::FileSystem& beneath) : beneath_(beneath) {}

  /// From now on; counting begins anew.
  void set(Fault fault);
  /// Calls since the last set(), those on open files included.
  [[nodiscard]] std::uint64_t calls() const { return calls_; }
  /// Appends and syncs among them.
  [[nodiscard]] std::uint64_t appends() const { return appends_; }
  [[nodiscard]] std::uint64_t syncs() const { return syncs_; }
  /// The numbers of the calls that are syncs.
  [[nodiscard]] const std::vector<std::uint64_t>& sync_calls() const { return sync_calls_; }
  [[nodiscard]] bool failed() const { return failed_; }

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

 private:
  friend class FaultFile;
  /// Counts a call; an error if it is the one to fail.
  Result<void> count();

  void note_sync() {
    ++syncs_;
    sync_calls_.push_back(calls_ + 1);
  }

  io::FileSystem& beneath_;
  Fault fault_;
  std::uint64_t calls_ = 0;
  std::uint64_t appends_ = 0;
  std::uint64_t syncs_ = 0;
  std::vector<std::uint64_t> sync_calls_;
  bool failed_ = false;
};

}  // namespace recant::test
