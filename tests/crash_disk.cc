#include "tests/crash_disk.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>

#include "store/io/path.h"

namespace recant::test {
namespace {

constexpr std::size_t kSectorBytes = 512;

std::size_t below(std::mt19937_64& random, std::size_t bound) {
  return bound == 0 ? 0 : random() % bound;
}

}  // namespace

class CrashFile final : public io::File {
 public:
  CrashFile(CrashDisk& disk, std::shared_ptr<CrashDisk::Node> node,
            std::unique_ptr<io::File> beneath)
      : disk_(disk), node_(std::move(node)), beneath_(std::move(beneath)) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) override {
    return beneath_->read_at(offset, out);
  }
  Result<void> append(std::span<const std::byte> bytes) override {
    node_->bytes.insert(node_->bytes.end(), bytes.begin(), bytes.end());
    return beneath_->append(bytes);
  }
  Result<void> sync_data() override {
    if (disk_.syncs_to_failure_ > 0 && --disk_.syncs_to_failure_ == 0) {
      disk_.sync_failed_ = true;
      node_->lost_begin = std::exchange(node_->synced, node_->bytes.size());
      node_->lost_end = node_->synced;
      return fail(ErrorCode::kIo, "cannot sync: a test made it fail (nothing to do)");
    }
    node_->synced = node_->bytes.size();
    return beneath_->sync_data();
  }
  Result<std::uint64_t> size() override { return beneath_->size(); }
  Result<std::uint64_t> inode() override { return beneath_->inode(); }
  Result<bool> try_lock() override { return beneath_->try_lock(); }
  void unlock() override { beneath_->unlock(); }
  Result<void> overwrite(std::span<const std::byte> bytes) override {
    node_->bytes.assign(bytes.begin(), bytes.end());
    node_->synced = 0;
    return beneath_->overwrite(bytes);
  }

 private:
  CrashDisk& disk_;
  std::shared_ptr<CrashDisk::Node> node_;
  std::unique_ptr<io::File> beneath_;
};

CrashDisk::CrashDisk(io::FileSystem& beneath, const DiskState& start)
    : beneath_(beneath), live_directories_(start.directories) {
  for (const auto& [path, bytes] : start.files) {
    live_[path] = std::make_shared<Node>(Node{.bytes = bytes, .synced = bytes.size()});
  }
  durable_ = live_;
  durable_directories_ = live_directories_;
}

void CrashDisk::apply(const Change& change, Names& names, std::set<std::string>& directories) {
  switch (change.kind) {
    case Change::Kind::kCreate:
      names[change.path] = change.node;
      return;
    case Change::Kind::kRename:
      names[change.to] = change.node;
      if (const auto old = names.find(change.path);
          old != names.end() && old->second == change.node) {
        names.erase(old);
      }
      return;
    case Change::Kind::kRemove:
      if (const auto old = names.find(change.path);
          old != names.end() && old->second == change.node) {
        names.erase(old);
      }
      return;
    case Change::Kind::kDirectory:
      directories.insert(change.path);
      return;
  }
}

void CrashDisk::change(Change change) {
  apply(change, live_, live_directories_);
  pending_.push_back(std::move(change));
}

// A file that came without us (LMDB writes its own) is known from now on, with the bytes that it
// has: LMDB syncs a part before it is named.
Result<std::shared_ptr<CrashDisk::Node>> CrashDisk::node(const std::string& path) {
  if (const auto known = live_.find(path); known != live_.end()) return known->second;
  RECANT_ASSIGN(const auto file, beneath_.open_read(path));
  RECANT_ASSIGN(const std::uint64_t size, file->size());
  auto node = std::make_shared<Node>();
  node->bytes.resize(size);
  RECANT_ASSIGN(node->synced, file->read_at(0, node->bytes));
  change({.kind = Change::Kind::kCreate, .path = path, .node = node});
  return node;
}

Result<std::unique_ptr<io::File>> CrashDisk::wrap(Result<std::unique_ptr<io::File>> opened,
                                                  const std::string& path) {
  if (!opened) return opened;
  RECANT_ASSIGN(auto known, node(path));
  return std::make_unique<CrashFile>(*this, std::move(known), *std::move(opened));
}

Result<std::unique_ptr<io::File>> CrashDisk::open_read(const std::string& path) {
  return wrap(beneath_.open_read(path), path);
}
Result<std::unique_ptr<io::File>> CrashDisk::open_append(const std::string& path) {
  return wrap(beneath_.open_append(path), path);
}
Result<std::unique_ptr<io::File>> CrashDisk::create(const std::string& path) {
  auto created = beneath_.create(path);
  if (created) {
    change({.kind = Change::Kind::kCreate, .path = path, .node = std::make_shared<Node>()});
  }
  return wrap(std::move(created), path);
}
Result<std::unique_ptr<io::File>> CrashDisk::open_lock(const std::string& path) {
  return wrap(beneath_.open_lock(path), path);
}

Result<void> CrashDisk::rename(const std::string& from, const std::string& to) {
  RECANT_ASSIGN(auto moved, node(from));
  RECANT_TRY(beneath_.rename(from, to));
  change({.kind = Change::Kind::kRename, .path = from, .to = to, .node = std::move(moved)});
  return {};
}

Result<void> CrashDisk::remove(const std::string& path) {
  RECANT_ASSIGN(auto removed, node(path));
  RECANT_TRY(beneath_.remove(path));
  change({.kind = Change::Kind::kRemove, .path = path, .node = std::move(removed)});
  return {};
}

Result<void> CrashDisk::make_directory(const std::string& path) {
  RECANT_TRY(beneath_.make_directory(path));
  if (!live_directories_.contains(path)) change({.kind = Change::Kind::kDirectory, .path = path});
  return {};
}

// Of a rename between directories the one that gets the name has to be synced.
Result<void> CrashDisk::sync_directory(const std::string& path) {
  RECANT_TRY(beneath_.sync_directory(path));
  std::vector<Change> later;
  for (Change& change : pending_) {
    const bool here = io::parent_path(change.to.empty() ? change.path : change.to) == path;
    if (here) {
      apply(change, durable_, durable_directories_);
    } else {
      later.push_back(std::move(change));
    }
  }
  pending_ = std::move(later);
  return {};
}

Result<std::vector<std::string>> CrashDisk::list(const std::string& path) {
  return beneath_.list(path);
}
Result<std::optional<io::FileInfo>> CrashDisk::info(const std::string& path) {
  return beneath_.info(path);
}
Result<bool> CrashDisk::on_network(const std::string& path) { return beneath_.on_network(path); }
Result<void> CrashDisk::random(std::span<std::byte> out) { return beneath_.random(out); }

Bytes CrashDisk::torn(const Node& node, std::mt19937_64& random) {
  Bytes bytes = node.bytes;
  switch (below(random, 4)) {
    case 0:
      break;
    case 1:
      bytes.resize(node.synced);
      break;
    default:  // the length may have reached the disk before the bytes
      bytes.resize(node.synced + below(random, bytes.size() - node.synced + 1));
  }
  for (std::size_t at = node.lost_begin; at < std::min(node.lost_end, bytes.size()); ++at) {
    bytes[at] = std::byte{0};
  }
  const bool whole = below(random, 3) == 0;
  for (std::size_t at = node.synced; at < bytes.size() && !whole;) {
    const std::size_t end = std::min(bytes.size(), (at / kSectorBytes + 1) * kSectorBytes);
    const std::size_t fate = below(random, 8);
    for (; at < end; ++at) {
      if (fate < 3) bytes[at] = std::byte{0};
      if (fate == 3) bytes[at] = static_cast<std::byte>(random());
    }
  }
  return bytes;
}

DiskState CrashDisk::state_of(const Names& names, const std::set<std::string>& directories,
                              std::mt19937_64* random) {
  DiskState state{.files = {}, .directories = {}};
  const auto is_there = [&](std::string path) {
    for (path = io::parent_path(path); path != "." && path != "/"; path = io::parent_path(path)) {
      if (!directories.contains(path)) return false;
    }
    return true;
  };
  for (const std::string& directory : directories) {
    if (is_there(directory)) state.directories.insert(directory);
  }
  for (const auto& [path, node] : names) {
    if (is_there(path)) state.files[path] = random != nullptr ? torn(*node, *random) : node->bytes;
  }
  return state;
}

DiskState CrashDisk::lose_power(std::mt19937_64& random) const {
  Names names = durable_;
  std::set<std::string> directories = durable_directories_;
  // Journals keep names in order; nothing promises it.
  const bool in_order = below(random, 2) == 0;
  const std::size_t first = below(random, pending_.size() + 1);
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    if (in_order ? i < first : below(random, 2) == 0) apply(pending_[i], names, directories);
  }
  return state_of(names, directories, &random);
}

DiskState CrashDisk::live() const { return state_of(live_, live_directories_, nullptr); }

void put_state(const DiskState& state, const std::string& from, const std::string& to) {
  namespace fs = std::filesystem;
  const auto moved = [&](const std::string& path) { return to + path.substr(from.size()); };
  for (const std::string& directory : state.directories) {
    if (directory.starts_with(from)) fs::create_directories(moved(directory));
  }
  for (const auto& [path, bytes] : state.files) {
    std::ofstream file(moved(path), std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  }
}

}  // namespace recant::test
