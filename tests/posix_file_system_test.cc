// The real file system: modes, links, FIFOs, locks, errors that can be acted on.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "store/io/file_system.h"

namespace recant::test {
namespace {

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "recant-io-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::string path(const std::string& name) const { return path_ + "/" + name; }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

mode_t mode_of(const std::string& path) {
  struct stat status{};
  REQUIRE(::lstat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

TEST_CASE("what is appended is read back, and reading stops at the end", "[io]") {
  const TemporaryDirectory directory;
  io::FileSystem& files = io::real_file_system();
  auto file = files.create(directory.path("a"));
  REQUIRE(file.has_value());
  REQUIRE((*file)->append(bytes_of("hello ")).has_value());
  REQUIRE((*file)->append(bytes_of("world")).has_value());
  REQUIRE((*file)->sync_data().has_value());
  REQUIRE(*(*file)->size() == 11);
  auto again = files.open_append(directory.path("a"));
  REQUIRE((*again)->append(bytes_of("!")).has_value());
  std::array<char, 20> text{};
  const auto count =
      (*files.open_read(directory.path("a")))->read_at(6, std::as_writable_bytes(std::span(text)));
  REQUIRE(*count == 6);
  REQUIRE(std::string(text.data(), *count) == "world!");
  REQUIRE(!files.create(directory.path("a")));
}

TEST_CASE("files are 0600 and directories 0700 whatever the umask", "[io]") {
  const TemporaryDirectory directory;
  io::FileSystem& files = io::real_file_system();
  for (const mode_t mask : {mode_t{0}, mode_t{077}, mode_t{0777}}) {
    const mode_t before = ::umask(mask);
    const std::string name = std::to_string(mask);
    const bool made = files.make_directory(directory.path("d" + name)).has_value() &&
                      files.create(directory.path("f" + name)).has_value() &&
                      files.open_lock(directory.path("l" + name)).has_value();
    ::umask(before);
    REQUIRE(made);
    REQUIRE(mode_of(directory.path("d" + name)) == 0700);
    REQUIRE(mode_of(directory.path("f" + name)) == 0600);
    REQUIRE(mode_of(directory.path("l" + name)) == 0600);
  }
}

TEST_CASE("links, FIFOs and directories are refused, and nothing hangs", "[io]") {
  const TemporaryDirectory directory;
  io::FileSystem& files = io::real_file_system();
  REQUIRE(files.create(directory.path("file")).has_value());
  REQUIRE(::symlink("file", directory.path("link").c_str()) == 0);
  REQUIRE(::mkfifo(directory.path("fifo").c_str(), 0600) == 0);
  REQUIRE(files.make_directory(directory.path("directory")).has_value());
  for (const std::string name : {"link", "fifo", "directory", "missing"}) {
    const auto read = files.open_read(directory.path(name));
    REQUIRE(!read);
    REQUIRE(read.error().code == ErrorCode::kIo);
    REQUIRE(read.error().what.find(directory.path(name)) != std::string::npos);
    REQUIRE(!files.open_append(directory.path(name)));
    if (name != "missing") REQUIRE(!files.open_lock(directory.path(name)));
    const auto info = files.info(directory.path(name));
    REQUIRE(info.has_value());
    REQUIRE(info->has_value() == (name != "missing"));
    if (*info) REQUIRE(!(*info)->regular);
  }
  REQUIRE(files.make_directory(directory.path("directory")).has_value());
  REQUIRE(!files.make_directory(directory.path("file")));
  REQUIRE(!files.make_directory(directory.path("link")));
}

TEST_CASE("names are listed in order, renamed over and removed", "[io]") {
  const TemporaryDirectory directory;
  io::FileSystem& files = io::real_file_system();
  for (const std::string name : {"c", "a", "b"}) {
    REQUIRE(files.create(directory.path(name)).has_value());
  }
  const auto before = files.info(directory.path("a"));
  REQUIRE(files.rename(directory.path("a"), directory.path("c")).has_value());
  REQUIRE(files.info(directory.path("c")).value()->inode == (*before)->inode);
  REQUIRE(*files.list(directory.path()) == std::vector<std::string>{"b", "c"});
  REQUIRE(files.remove(directory.path("b")).has_value());
  REQUIRE(!files.remove(directory.path("b")));
  REQUIRE(*files.list(directory.path()) == std::vector<std::string>{"c"});
  REQUIRE(files.sync_directory(directory.path()).has_value());
  REQUIRE(!files.sync_directory(directory.path("nowhere")));
  REQUIRE(!*files.on_network(directory.path()));
}

TEST_CASE("a lock is held by one open file at a time and freed when that is closed", "[io]") {
  const TemporaryDirectory directory;
  io::FileSystem& files = io::real_file_system();
  auto first = files.open_lock(directory.path("lock"));
  auto second = files.open_lock(directory.path("lock"));
  REQUIRE(*(*first)->try_lock());
  REQUIRE(!*(*second)->try_lock());
  REQUIRE((*first)->overwrite(bytes_of("12345")).has_value());
  REQUIRE((*first)->overwrite(bytes_of("77")).has_value());
  REQUIRE(*(*second)->size() == 2);
  (*first)->unlock();
  REQUIRE(*(*second)->try_lock());
  second->reset();
  REQUIRE(*(*first)->try_lock());
}

TEST_CASE("an error names the path, the cause and what to do", "[io]") {
  const TemporaryDirectory directory;
  const auto file = io::real_file_system().open_read(directory.path("missing"));
  REQUIRE(!file);
  REQUIRE(file.error().what == "cannot open " + directory.path("missing") +
                                   ": No such file or directory (check the path)");
}

// While it lives no file of this process may grow past `bytes`: the kernel writes up to there, and
// refuses the rest.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int);
};

TEST_CASE("what is written only in part is an error, at every byte", "[io][limits]") {
  const TemporaryDirectory directory;
  io::FileSystem& files = io::real_file_system();
  constexpr std::size_t kBytes = 40;
  const std::string text(kBytes, 'x');
  for (std::size_t room = 0; room <= kBytes; ++room) {
    INFO(room << " bytes fit");
    const auto file = files.create(directory.path("a" + std::to_string(room)));
    const auto lock = files.open_lock(directory.path("l" + std::to_string(room)));
    Result<void> appended;
    Result<void> overwritten;
    {
      const FileSizeLimit limit(room);
      appended = (*file)->append(bytes_of(text));
      overwritten = (*lock)->overwrite(bytes_of(text));
    }
    REQUIRE(appended.has_value() == (room == kBytes));
    REQUIRE(overwritten.has_value() == (room == kBytes));
    REQUIRE(*(*file)->size() == room);
    if (!appended) REQUIRE(appended.error().code == ErrorCode::kIo);
  }
}

TEST_CASE("random bytes are filled in to the last, and differ", "[io]") {
  std::array<std::byte, 4000> first{};
  std::array<std::byte, 4000> second{};
  REQUIRE(io::real_file_system().random(first).has_value());
  REQUIRE(io::real_file_system().random(second).has_value());
  REQUIRE(first != second);
  REQUIRE(std::ranges::any_of(std::span(first).last(16),
                              [](std::byte byte) { return byte != std::byte{0}; }));
}

}  // namespace
}  // namespace recant::test
