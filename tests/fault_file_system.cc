#include "tests/fault_file_system.h"

#include <new>
#include <utility>

namespace recant::test {

class FaultFile final : public io::File {
 public:
  FaultFile(FaultFileSystem& files, std::unique_ptr<io::File> beneath)
      : files_(files), beneath_(std::move(beneath)) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) override {
    RECANT_TRY(files_.count());
    return beneath_->read_at(offset, out);
  }
  Result<void> append(std::span<const std::byte> bytes) override {
    ++files_.appends_;
    if (auto fault = files_.count(); !fault) {
      if (files_.fault_.short_write) {
        RECANT_TRY(beneath_->append(bytes.first(bytes.size() / 2)));
      }
      return fault;
    }
    return beneath_->append(bytes);
  }
  Result<void> sync_data() override {
    files_.note_sync();
    RECANT_TRY(files_.count());
    return beneath_->sync_data();
  }
  Result<std::uint64_t> size() override {
    RECANT_TRY(files_.count());
    return beneath_->size();
  }
  Result<std::uint64_t> inode() override {
    RECANT_TRY(files_.count());
    return beneath_->inode();
  }
  Result<bool> try_lock() override {
    RECANT_TRY(files_.count());
    return beneath_->try_lock();
  }
  void unlock() override { beneath_->unlock(); }
  Result<void> overwrite(std::span<const std::byte> bytes) override {
    RECANT_TRY(files_.count());
    return beneath_->overwrite(bytes);
  }

 private:
  FaultFileSystem& files_;
  std::unique_ptr<io::File> beneath_;
};

void FaultFileSystem::set(Fault fault) {
  fault_ = fault;
  calls_ = appends_ = syncs_ = 0;
  sync_calls_.clear();
  failed_ = false;
}

Result<void> FaultFileSystem::count() {
  ++calls_;
  if (calls_ == fault_.at || (failed_ && fault_.for_good)) {
    failed_ = true;
    if (fault_.throws) throw std::bad_alloc();
    return fail(fault_.code, "cannot do this: a test made it fail (nothing to do)");
  }
  return {};
}

Result<std::unique_ptr<io::File>> FaultFileSystem::open_read(const std::string& path) {
  RECANT_TRY(count());
  RECANT_ASSIGN(auto file, beneath_.open_read(path));
  return std::make_unique<FaultFile>(*this, std::move(file));
}

Result<std::unique_ptr<io::File>> FaultFileSystem::open_append(const std::string& path) {
  RECANT_TRY(count());
  RECANT_ASSIGN(auto file, beneath_.open_append(path));
  return std::make_unique<FaultFile>(*this, std::move(file));
}

Result<std::unique_ptr<io::File>> FaultFileSystem::create(const std::string& path) {
  RECANT_TRY(count());
  RECANT_ASSIGN(auto file, beneath_.create(path));
  return std::make_unique<FaultFile>(*this, std::move(file));
}

Result<std::unique_ptr<io::File>> FaultFileSystem::open_lock(const std::string& path) {
  RECANT_TRY(count());
  RECANT_ASSIGN(auto file, beneath_.open_lock(path));
  return std::make_unique<FaultFile>(*this, std::move(file));
}

Result<void> FaultFileSystem::rename(const std::string& from, const std::string& to) {
  RECANT_TRY(count());
  return beneath_.rename(from, to);
}

Result<void> FaultFileSystem::remove(const std::string& path) {
  RECANT_TRY(count());
  return beneath_.remove(path);
}

Result<void> FaultFileSystem::make_directory(const std::string& path) {
  RECANT_TRY(count());
  return beneath_.make_directory(path);
}

Result<void> FaultFileSystem::sync_directory(const std::string& path) {
  note_sync();
  RECANT_TRY(count());
  return beneath_.sync_directory(path);
}

Result<std::vector<std::string>> FaultFileSystem::list(const std::string& path) {
  RECANT_TRY(count());
  return beneath_.list(path);
}

Result<std::optional<io::FileInfo>> FaultFileSystem::info(const std::string& path) {
  RECANT_TRY(count());
  return beneath_.info(path);
}

Result<bool> FaultFileSystem::on_network(const std::string& path) {
  RECANT_TRY(count());
  return beneath_.on_network(path);
}

Result<void> FaultFileSystem::random(std::span<std::byte> out) {
  RECANT_TRY(count());
  return beneath_.random(out);
}

}  // namespace recant::test
