// Outputs of the real program: never over an input, over one another or into the store; nothing
// left behind by a signal; refused before the work where they cannot be.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <map>
#include <thread>

#include "tests/cli_background.h"
#include "tests/cli_runner.h"

namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

const std::string kEvent =
    R"({"event":"tweet_delete","at":"2022-07-01T21:48:43.030Z","tweet_id":"7"})"
    "\n";
const std::string kIds = "7\n8\n";

// Every regular file under a directory, but the streams of the runner, with its bytes.
std::map<std::string, std::string> contents(const std::string& directory) {
  std::map<std::string, std::string> all;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    const std::string name = entry.path().filename().string();
    const bool stream = name == "stdin" || name == "stdout" || name == "stderr";
    if (entry.is_regular_file() && !stream) all[entry.path()] = content_of(entry.path());
  }
  return all;
}

struct World {
  World() {
    REQUIRE(recant({"ingest", recant.file("event", kEvent)}).exit == 0);
    REQUIRE(recant({"track", ids}).exit == 0);
    fs::create_symlink(ids, recant.path("link"));
    fs::create_hard_link(ids, recant.path("hard"));
    fs::create_directory(recant.path("sub"));
    fs::create_directory_symlink(recant.store(), recant.path("way"));
  }
  // Refused as wrong usage in one line, and every file is as it was.
  void require_refused(const Words& words) const {
    const auto before = contents(recant.path("."));
    const Outcome outcome = recant(words);
    CAPTURE(words, outcome.err);
    CHECK(outcome.exit == 2);
    CHECK(outcome.out.empty());
    CHECK(std::ranges::count(outcome.err, '\n') == 1);
    CHECK(contents(recant.path(".")) == before);
  }
  [[nodiscard]] std::string path(const std::string& name) const { return recant.path(name); }

  CliRunner recant;
  const std::string ids = recant.file("ids", kIds);
};

// A command with its outputs, each "OPTION", to be followed by a name.
struct Command {
  Words words;
  Words options;
  bool inputs = true;
};

std::vector<Command> commands_of(const World& world) {
  const std::string summary = world.recant.file("summary", "{}\n");
  return {
      {{"check", world.ids}, {"--output", "--summary"}},
      {{"scrub", world.ids}, {"--output", "--held", "--receipt", "--summary"}},
      {{"ingest", world.ids}, {"--rejects", "--summary"}},
      {{"merge-summaries", summary, world.ids}, {"--output"}},
      {{"batch", "run", world.ids, "--type", "tweets"}, {"--summary"}},
      {{"batch", "download", "9", "--token-file", world.ids}, {"--output"}},
      {{"follow", "v2-users", "--token-file", world.ids}, {"--metrics-file"}},
      {{"changes"}, {"--output"}, false},
  };
}

Words with(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

// For scrub, which cannot do without it.
Words usual_output(const Command& command, const std::string& option, const World& world) {
  if (command.words.front() != "scrub" || option == "--output") return {};
  return {"--output", world.path("usual")};
}

}  // namespace

TEST_CASE("no output is an input, however it is spelt", "[cli][outputs]") {
  const World world;
  for (const Command& command : commands_of(world)) {
    if (!command.inputs) continue;
    for (const std::string& option : command.options) {
      for (const std::string& name :
           {world.ids, world.path("./sub/../ids"), world.path("link"), world.path("hard")}) {
        const Words words = with(command.words, usual_output(command, option, world));
        world.require_refused(with(words, {option, name}));
      }
    }
  }
}

TEST_CASE("no output is in the store, nor the store itself", "[cli][outputs]") {
  const World world;
  const std::string segment = fs::directory_iterator(world.path("store/log"))->path();
  fs::create_symlink(segment, world.path("segment"));
  for (const Command& command : commands_of(world)) {
    for (const std::string& option : command.options) {
      for (const std::string& name :
           {segment, world.path("store/new"), world.path("store/log/new"), world.path("way/new"),
            world.path("way/log/new"), world.path("segment"), world.path("sub/../store/new"),
            world.recant.store()}) {
        const Words words = with(command.words, usual_output(command, option, world));
        world.require_refused(with(words, {option, name}));
      }
    }
  }
  for (const std::string& name :
       {world.recant.store(), world.path("store/log"), world.path("store/index"),
        world.path("store/new"), world.path("way/quarantine/new"), world.path("way")}) {
    world.require_refused({"rebuild", "--into", name});
    world.require_refused({"snapshot", name});
  }
  CHECK(world.recant({"rebuild", "--into", world.path("elsewhere")}).exit == 0);
  CHECK(world.recant({"snapshot", world.path("store-of-march")}).exit == 0);
  CHECK(world.recant({"verify"}).exit == 0);
}

TEST_CASE("a file does not take the place of a store that is not there yet", "[cli][outputs]") {
  const CliRunner recant;
  const std::string event = recant.file("event", kEvent);
  CHECK(recant({"ingest", event, "--summary", recant.path("./store")}).exit == 2);
  CHECK_FALSE(fs::exists(recant.store()));
}

TEST_CASE("two outputs are two files, also where neither is there yet", "[cli][outputs]") {
  const World world;
  fs::create_directory_symlink(world.path("sub"), world.path("to-sub"));
  const std::vector<std::pair<std::string, std::string>> pairs = {
      {"o", "o"}, {"o", "./o"}, {"sub/o", "to-sub/o"}, {"hard", "link"}};
  for (const auto& [one, other] : pairs) {
    const std::string event = world.path("event");
    world.require_refused(
        {"check", event, "--output", world.path(one), "--summary", world.path(other)});
    world.require_refused(
        {"ingest", event, "--rejects", world.path(one), "--summary", world.path(other)});
    world.require_refused(
        {"scrub", event, "--output", world.path(one), "--held", world.path(other)});
  }
  // Through stdout and by its name it would be two files as well, one of them lost.
  const std::string out = world.path("out");
  CHECK(world.recant({"check", world.ids, "--summary", out}, "", out).exit == 2);
  CHECK(world.recant({"check", out}, "", out).exit == 2);
}

TEST_CASE("devices, pipes and stdout may be named as often as one likes", "[cli][outputs]") {
  const World world;
  CHECK(
      world.recant({"check", world.ids, "--output", "/dev/null", "--summary", "/dev/null"}).exit ==
      0);
  CHECK(world.recant({"scrub", world.ids, "--output", "/dev/null", "--held", "/dev/null"}).exit ==
        0);
  CHECK(world.recant({"check", "/dev/null", "--output", "/dev/null"}).exit == 0);
  CHECK(world.recant({"ingest", world.path("event"), "--summary", "/dev/stderr"}).exit == 0);
  for (const std::string name : {"-", "/dev/stdout"}) {
    const Outcome both = world.recant({"check", world.ids, "--output", "-", "--summary", name});
    CHECK(both.exit == 0);
    CHECK(both.out.find("by_action") != std::string::npos);
    CHECK(both.out.starts_with(R"({"id":"7","action":"delete")"));
  }
  CHECK(world.recant({"scrub", world.ids, "--output", "-", "--held", "-"}).exit == 2);
}

TEST_CASE("an output that cannot be is refused before the work", "[cli][outputs]") {
  const World world;
  for (const Command& command : commands_of(world)) {
    for (const std::string& option : command.options) {
      world.require_refused(with(command.words, {option, ""}));
      world.require_refused(with(command.words, {option + "="}));
    }
  }
  world.require_refused({"rebuild", "--into", ""});
  world.require_refused({"snapshot", ""});
  const std::string event = world.path("event");
  for (const std::string& name : {world.path("none/out"), world.path(std::string(256, 'n')),
                                  world.path("ids/out"), world.path("sub")}) {
    const auto before = contents(world.path("."));
    for (const Words& words :
         {Words{"ingest", event, "--summary", name}, Words{"check", world.ids, "--output", name},
          Words{"follow", "v2-users", "--metrics-file", name},
          Words{"scrub", world.ids, "--output", world.path("kept"), "--receipt", name}}) {
      const Outcome outcome = world.recant(words);
      CAPTURE(words, outcome.err);
      CHECK(outcome.exit == 3);
      CHECK(std::ranges::count(outcome.err, '\n') == 1);
      CHECK(contents(world.path(".")) == before);
    }
  }
}

TEST_CASE("a signal leaves no temporary file behind, and is what ended the program",
          "[cli][outputs]") {
  const World world;
  REQUIRE(::mkfifo(world.path("fifo").c_str(), 0600) == 0);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    const int feed = ::open(world.path("fifo").c_str(), O_RDWR);
    REQUIRE(::write(feed, "1\n", 2) == 2);
    const std::string out = world.path("sub/out");
    Running check(world.recant, {"check", world.path("fifo"), "--all", "--output", out, "--summary",
                                 world.path("sub/counts")});
    const auto written = [&] {
      return std::distance(fs::directory_iterator(world.path("sub")), {});
    };
    for (int tries = 0; written() < 2 && tries < 600; ++tries) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    REQUIRE(written() == 2);
    CHECK(check.end(signal) == 128 + signal);
    CHECK(written() == 0);
    ::close(feed);
  }
}

TEST_CASE("a signal that was ignored stays ignored", "[cli][outputs]") {
  const World world;
  REQUIRE(::mkfifo(world.path("fifo").c_str(), 0600) == 0);
  const int feed = ::open(world.path("fifo").c_str(), O_RDWR);
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGHUP, SIG_IGN);
    const std::string out = world.path("sub/out");
    ::execl(RECANT_BINARY, RECANT_BINARY, "--store", world.recant.store().c_str(), "check",
            world.path("fifo").c_str(), "--output", out.c_str(), nullptr);
    ::_exit(127);
  }
  REQUIRE(::write(feed, "1\n", 2) == 2);
  const auto begun = [&] { return !fs::is_empty(world.path("sub")); };
  for (int tries = 0; !begun() && tries < 600; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  CHECK(::kill(child, SIGHUP) == 0);
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  CHECK(::waitpid(child, nullptr, WNOHANG) == 0);
  CHECK(begun());
  ::kill(child, SIGTERM);
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(WTERMSIG(status) == SIGTERM);
  CHECK_FALSE(begun());
  ::close(feed);
}

TEST_CASE("a file that is replaced keeps its mode", "[cli][outputs]") {
  const World world;
  const std::string out = world.recant.file("out", "old");
  REQUIRE(::chmod(out.c_str(), 0600) == 0);
  REQUIRE(world.recant({"check", world.ids, "--output", out}).exit == 0);
  CHECK(content_of(out).find("delete") != std::string::npos);
  CHECK(fs::status(out).permissions() == fs::perms(0600));
}

TEST_CASE("a closed stdin or stdout is exit 3, and no empty one", "[cli][outputs]") {
  const World world;
  const auto run = [&](const std::string& words) {
    const std::string line = std::string(RECANT_BINARY) + " --store " + world.recant.store() + " " +
                             words + " 2> " + world.path("said");
    const int status = std::system(line.c_str());
    return Outcome{WEXITSTATUS(status), "", content_of(world.path("said"))};
  };
  const std::string ids = world.ids;
  for (const std::string& words :
       {std::string("check - <&-"), std::string("ingest - <&-"), std::string("track - <&-"),
        std::string("check /dev/stdin <&-"), "check " + world.recant.file("none", "") + " >&-",
        "check " + ids + " >&-", std::string("digest >&-"), std::string("log cat >&-"),
        std::string("changes >&-"), std::string("--help >&-")}) {
    const Outcome outcome = run(words);
    CAPTURE(words, outcome.err);
    CHECK(outcome.exit == 3);
    CHECK(std::ranges::count(outcome.err, '\n') == 1);
  }
  CHECK(run("check " + ids + " <&- > /dev/null").exit == 0);
  CHECK(run("ingest " + world.path("event") + " <&- >&-").exit == 0);
  CHECK(run("check " + ids + " --output " + world.path("out") + " <&- >&-").exit == 0);
}
