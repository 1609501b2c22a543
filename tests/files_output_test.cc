// Output: beside, then in place; compressed by name; what fails leaves nothing.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "engine/files/input.h"
#include "engine/files/output.h"
#include "engine/files/unfinished.h"
#include "tests/files_support.h"

namespace recant {
namespace {

using files::Output;
using test::read_file;
using test::TempDirectory;

std::string read_decompressed(const std::string& path) {
  auto input = files::Input::open(path);
  REQUIRE(input);
  std::string all;
  std::string buffer(50'000, '\0');
  for (;;) {
    auto count = input->read({buffer.data(), buffer.size()});
    REQUIRE(count);
    if (*count == 0) return all;
    all.append(buffer, 0, *count);
  }
}

TEST_CASE("an output appears under its name with finish, and only then", "[files]") {
  const TempDirectory directory;
  const std::string path = directory.file("out", "old");
  auto output = Output::open(path);
  REQUIRE(output);
  REQUIRE(output->write("new"));
  REQUIRE(read_file(path) == "old");
  REQUIRE(directory.entries() == 2);
  REQUIRE(output->finish());
  REQUIRE(read_file(path) == "new");
  REQUIRE(directory.entries() == 1);
  REQUIRE(output->finish());
  REQUIRE_FALSE(output->write("late"));
}

TEST_CASE("an output that is not finished leaves nothing", "[files]") {
  const TempDirectory directory;
  {
    auto output = Output::open(directory.path("out"));
    REQUIRE(output->write(std::string(3'000'000, 'x')));
    REQUIRE(directory.entries() == 1);
  }
  REQUIRE(directory.entries() == 0);
}

TEST_CASE("pieces of every size arrive in order, plain and compressed", "[files]") {
  const TempDirectory directory;
  for (const std::string name : {"out", "out.gz", "out.zst"}) {
    INFO(name);
    const std::string path = directory.path(name);
    auto output = Output::open(path);
    std::string expected;
    for (const std::size_t size :
         {0UL, 1UL, 1'048'575UL, 1UL, 1'048'576UL, 3UL, 5'000'000UL, 7UL}) {
      const std::string piece(size, static_cast<char>('a' + expected.size() % 26));
      expected += piece;
      REQUIRE(output->write(piece));
    }
    REQUIRE(output->finish());
    REQUIRE(read_decompressed(path) == expected);
    REQUIRE((std::filesystem::file_size(path) < expected.size()) == (name != "out"));
  }
}

TEST_CASE("an empty compressed output is a whole stream", "[files]") {
  const TempDirectory directory;
  for (const std::string name : {"out.gz", "out.zst"}) {
    auto output = Output::open(directory.path(name));
    REQUIRE(output->finish());
    REQUIRE(std::filesystem::file_size(directory.path(name)) > 0);
    REQUIRE(read_decompressed(directory.path(name)).empty());
  }
}

TEST_CASE("the umask decides the mode of a new file", "[files]") {
  for (const mode_t mask : {0000U, 0077U, 0022U}) {
    const TempDirectory directory;
    const mode_t before = ::umask(mask);
    auto output = Output::open(directory.path("out"));
    const bool finished = output && output->finish();
    ::umask(before);
    REQUIRE(finished);
    struct stat info{};
    REQUIRE(::stat(directory.path("out").c_str(), &info) == 0);
    REQUIRE((info.st_mode & 0777) == (0666 & ~mask));
  }
}

TEST_CASE("a file that is replaced hands on its mode, and is never wider meanwhile", "[files]") {
  const TempDirectory directory;
  const std::string path = directory.file("out", "old");
  for (const mode_t mode : {0600U, 0640U, 0400U, 0644U, 0666U}) {
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    auto output = Output::open(path);
    REQUIRE(output);
    for (const auto& entry : std::filesystem::directory_iterator(directory.path("."))) {
      struct stat beside{};
      REQUIRE(::stat(entry.path().c_str(), &beside) == 0);
      REQUIRE((beside.st_mode & 0777) == mode);
    }
    REQUIRE(output->finish());
    struct stat info{};
    REQUIRE(::stat(path.c_str(), &info) == 0);
    REQUIRE((info.st_mode & 07777) == mode);
  }
}

TEST_CASE("a new file can be for its owner alone whatever the umask", "[files]") {
  const TempDirectory directory;
  const mode_t before = ::umask(0);
  auto output = Output::open(directory.path("out"), 0600);
  const bool finished = output && output->finish();
  ::umask(before);
  REQUIRE(finished);
  struct stat info{};
  REQUIRE(::stat(directory.path("out").c_str(), &info) == 0);
  REQUIRE((info.st_mode & 0777) == 0600);
}

TEST_CASE("a handler can remove what is unfinished, and nothing else", "[files]") {
  const TempDirectory directory;
  auto done = Output::open(directory.path("done"));
  REQUIRE(done->finish());
  // In a child: what the handler removed is for a process that is about to end.
  const pid_t child = ::fork();
  if (child == 0) {
    auto first = Output::open(directory.path("first"));
    auto second = Output::open(directory.path("second"));
    auto given_up = Output::open(directory.path("third"));
    given_up = std::move(second);
    const bool three = directory.entries() == 3;
    files::remove_unfinished();
    ::_exit(three && directory.entries() == 1 ? 0 : 1);
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(status == 0);
  REQUIRE(read_file(directory.path("done")).empty());
  REQUIRE(directory.entries() == 1);
}

TEST_CASE("more outputs than the table holds are written all the same", "[files]") {
  const TempDirectory directory;
  std::vector<Output> outputs;
  for (std::size_t i = 0; i < files::kUnfinishedMax + 3; ++i) {
    auto output = Output::open(directory.path(std::to_string(i)));
    REQUIRE(output);
    outputs.push_back(std::move(*output));
  }
  for (Output& output : outputs) REQUIRE(output.finish());
  REQUIRE(directory.entries() == files::kUnfinishedMax + 3);
}

TEST_CASE("an output to a descriptor that cannot be written is refused at open", "[files]") {
  const int read_only = ::open("/dev/null", O_RDONLY);
  const std::string name = "/dev/fd/" + std::to_string(read_only);
  REQUIRE(Output::open(name).error().code == ErrorCode::kIo);
  ::close(read_only);
  REQUIRE(Output::open(name).error().code == ErrorCode::kIo);
}

TEST_CASE("devices and pipes are written directly", "[files]") {
  auto null_device = Output::open("/dev/null");
  REQUIRE(null_device);
  REQUIRE(null_device->write("x"));
  REQUIRE(null_device->finish());
  struct stat info{};
  REQUIRE(::stat("/dev/null", &info) == 0);
  REQUIRE(S_ISCHR(info.st_mode));

  const TempDirectory directory;
  const std::string path = directory.path("fifo");
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
  auto output = Output::open(path);
  REQUIRE(output->write("through"));
  REQUIRE(output->finish());
  char bytes[16];
  REQUIRE(::read(reader, bytes, sizeof bytes) == 7);
  ::close(reader);
}

TEST_CASE("a descriptor's name writes where that descriptor stands", "[files]") {
  const TempDirectory directory;
  const std::string path = directory.file("out", "");
  const int fd = ::open(path.c_str(), O_WRONLY);
  REQUIRE(::write(fd, "before ", 7) == 7);
  auto output = Output::open("/dev/fd/" + std::to_string(fd));
  REQUIRE(output->write("after"));
  REQUIRE(output->finish());
  ::close(fd);
  REQUIRE(read_file(path) == "before after");
}

TEST_CASE("a symbolic link stays one", "[files]") {
  const TempDirectory directory;
  const std::string target = directory.file("target", "old");
  std::filesystem::create_symlink("target", directory.path("link"));
  auto output = Output::open(directory.path("link"));
  REQUIRE(output->write("new"));
  REQUIRE(output->finish());
  REQUIRE(std::filesystem::is_symlink(directory.path("link")));
  REQUIRE(read_file(target) == "new");
}

TEST_CASE("no space and a closed pipe are told apart, and stay", "[files]") {
  auto full = Output::open("/dev/full");
  REQUIRE(full->write("x"));
  const auto failed = full->finish();
  REQUIRE_FALSE(failed);
  REQUIRE(failed.error().code == ErrorCode::kNoSpace);
  REQUIRE(full->write("x").error().code == ErrorCode::kNoSpace);

  auto* const before = std::signal(SIGPIPE, SIG_IGN);
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  ::close(ends[0]);
  auto closed = Output::open("/dev/fd/" + std::to_string(ends[1]));
  REQUIRE(closed->write("x"));
  REQUIRE(closed->finish().error().code == ErrorCode::kIo);
  ::close(ends[1]);
  std::signal(SIGPIPE, before);
}

TEST_CASE("a directory and a missing directory are refused at open", "[files]") {
  const TempDirectory directory;
  REQUIRE(Output::open(directory.path("")).error().code == ErrorCode::kIo);
  REQUIRE(Output::open(directory.path("none/out")).error().code == ErrorCode::kIo);
}

TEST_CASE("a name that no file can have is refused at open", "[files]") {
  const TempDirectory directory;
  const std::string file = directory.file("file", "x");
  for (const std::string& name :
       {std::string(), directory.path(std::string(256, 'n')), file + "/out"}) {
    INFO(name);
    const auto output = Output::open(name);
    REQUIRE_FALSE(output);
    REQUIRE(output.error().code == ErrorCode::kIo);
    REQUIRE(directory.entries() == 1);
  }
}

TEST_CASE("a name of 255 bytes can be written", "[files]") {
  const TempDirectory directory;
  auto output = Output::open(directory.path(std::string(255, 'n')));
  REQUIRE(output);
  REQUIRE(output->finish());
  REQUIRE(directory.entries() == 1);
}

}  // namespace
}  // namespace recant
