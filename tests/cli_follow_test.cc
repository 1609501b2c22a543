// recant follow and status through the real program: what it prints and keeps, how it ends, and
// that its secrets are nowhere.
#include <pty.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <sstream>
#include <thread>

#include "recant/recant.h"
#include "tests/cli_background.h"
#include "tests/cli_runner.h"
#include "tests/platform/raw_server.h"
#include "tests/platform/stream_service.h"
#include "tests/sanitized.h"

using namespace recant::platform;
using nlohmann::json;

namespace {

const std::string kToken = "canary-5a7be3310f";
const std::string kBasic = "me@example.com:canary-99c1d2";

std::string secret_file(const CliRunner& recant, const std::string& name, const std::string& text) {
  const std::string path = recant.file(name, text + "\n");
  chmod(path.c_str(), 0600);
  return path;
}

struct FollowPlatform {
  explicit FollowPlatform(StreamScript script = {}) : streams(server, with_secrets(script)) {
    server.start();
  }
  static StreamScript with_secrets(StreamScript script) {
    script.token = kToken;
    script.basic = kBasic;
    return script;
  }
  std::vector<std::string> words(const CliRunner& recant,
                                 const std::vector<std::string>& more) const {
    std::vector<std::string> all = {"follow"};
    all.insert(all.end(), more.begin(), more.end());
    all.insert(all.end(), {"--api-url", server.url(), "--allow-http", "--token-file",
                           secret_file(recant, "token", kToken), "--basic-file",
                           secret_file(recant, "basic", kBasic), "--firehose-url",
                           server.url() + StreamService::kFirehosePath});
    return all;
  }
  Server server;
  StreamService streams;
};

bool holds(const std::string& path, const std::string& text) {
  return content_of(path).find(text) != std::string::npos;
}

std::uint64_t count(const CliRunner& recant, const std::string& kind) {
  std::istringstream lines(recant({"log", "cat"}).out);
  std::uint64_t found = 0;
  for (std::string line; std::getline(lines, line);) {
    if (json::parse(line)["event"] == kind) ++found;
  }
  return found;
}

// How many lines that the first partition ever sent are not known.
std::size_t missing(const CliRunner& recant, const FollowPlatform& platform) {
  std::set<std::string> known;
  std::istringstream lines(recant({"log", "cat"}).out);
  for (std::string line; std::getline(lines, line);)
    known.insert(json::parse(line).value("tweet_id", ""));
  return static_cast<std::size_t>(
      std::ranges::count_if(platform.streams.lines("v2-tweets", 1), [&known](const auto& line) {
        return !known.contains(json::parse(line)["data"]["delete"]["tweet"]["id"]);
      }));
}

// After a follow with `words`, of the first partition, that ended early.
void check_next_follow_fills_the_hole(const CliRunner& recant, const FollowPlatform& platform,
                                      std::vector<std::string> words) {
  CHECK(recant({"verify"}).exit == 0);
  words.insert(words.end(), {"--duration", "8"});
  CHECK(recant(words).exit == 0);
  CHECK(platform.server.seen().back().target.ends_with("partition=1&backfill_minutes=1"));
  CHECK(missing(recant, platform) == 0);
}

template <class Condition>
void await(Condition condition) {
  for (int i = 0; i < 200 && !condition(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  REQUIRE(condition());
}

}  // namespace

TEST_CASE("follow prints how the streams do, keeps metrics, and status tells the coverage",
          "[feed][cli]") {
  const FollowPlatform platform({.lines = 100});
  const CliRunner recant;
  const Outcome outcome = recant(platform.words(
      recant, {"v2-tweets", "v2-users", "v2-likes", "firehose", "--duration", "5", "--json",
               "--metrics-file", recant.path("metrics"), "--backfill", "5"}));
  CAPTURE(outcome.err);
  CHECK(outcome.exit == 0);
  const json last =
      json::parse(outcome.out.substr(outcome.out.rfind('\n', outcome.out.size() - 2) + 1));
  REQUIRE(last["streams"].size() == 17);
  for (const json& stream : last["streams"]) CHECK(stream["state"] == "open");
  const std::string metrics = content_of(recant.path("metrics"));
  CHECK(metrics.find("# TYPE recant_stream_open gauge\n") != std::string::npos);
  CHECK(metrics.find("recant_stream_events_total{source=\"firehose\",partition=\"8\"} ") !=
        std::string::npos);
  const json status = json::parse(recant({"status", "--json"}).out);
  CHECK(status["streams"].size() == 17);
  CHECK(status["complete"] == true);
  CHECK(status.contains("compliant_through"));
  CHECK(recant({"status", "--require-complete"}).exit == 0);
  CHECK(count(recant, "tweet_delete") >= 12 * 100);
  CHECK(count(recant, "favorite_delete") >= 100);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(recant.store())) {
    if (entry.is_regular_file()) CHECK_FALSE(holds(entry.path(), "canary"));
  }
  CHECK((outcome.out + outcome.err + metrics).find("canary") == std::string::npos);
}

TEST_CASE("status tells since when each stream is connected, and when it was last heard",
          "[feed][cli]") {
  const FollowPlatform platform({.lines = 100'000, .line_every_ms = 20});
  const CliRunner recant;
  const auto stream = [&recant](std::size_t i) {
    return json::parse(recant({"status", "--json"}).out)["streams"][i];
  };
  for (const int signal : {SIGTERM, SIGKILL}) {
    Running follow(recant, platform.words(recant, {"v2-users", "--partition", "2"}));
    await([&] {
      const Outcome outcome = recant({"status", "--json"});
      if (outcome.exit != 0) return false;
      const json streams = json::parse(outcome.out)["streams"];
      return streams.size() == 4 && streams[1].contains("connected_since") &&
             streams[1].contains("last_event");
    });
    const json there = stream(1);
    CHECK(there["partition"] == "2");
    CHECK(there["followed"] == true);
    CHECK(there["connected_since"] <= there["last_event"]);
    CHECK(recant({"status"})
              .out.find("connected since " + there["connected_since"].get<std::string>()) !=
          std::string::npos);
    (void)follow.end(signal);
    const json gone = stream(1);
    CHECK(gone["followed"] == false);
    CHECK_FALSE(gone.contains("connected_since"));
    CHECK(gone["last_event"] >= there["last_event"]);
  }
  // Three of four partitions were never heard: what they told nobody knows.
  CHECK(stream(0)["heard"] == false);
  CHECK(recant({"status", "--require-complete"}).exit == 1);
  CHECK(recant({"check", recant.file("ids", "5\n"), "--require-complete"}).exit == 1);
  CHECK(recant({"status"}).out.find("never heard") != std::string::npos);
}

TEST_CASE("a line that is no event makes follow exit 1, and so it is seen", "[feed][cli]") {
  const RawServer server([](const std::string&, const RawServer::Peer& peer) {
    peer.send("HTTP/1.1 200 OK\r\n\r\nno event\r\n");
    peer.await_close();
  });
  const CliRunner recant;
  const Outcome outcome =
      recant({"follow", "v2-likes", "--api-url", server.url(), "--allow-http", "--token-file",
              secret_file(recant, "token", kToken), "--duration", "1"});
  CHECK(outcome.err.find("a line was rejected") != std::string::npos);
  CHECK(outcome.exit == 1);
  CHECK(outcome.err.find("1 line rejected") != std::string::npos);
}

TEST_CASE("on a terminal follow shows a live table", "[feed][cli]") {
  const FollowPlatform platform({.lines = 100'000, .line_every_ms = 20});
  const CliRunner recant;
  for (const bool color : {true, false}) {
    // Between fork and exec nothing may ask for memory: a thread of the platform may hold its lock.
    std::vector<std::string> all = {"/usr/bin/env", "--unset=NO_COLOR", "TERM=xterm"};
    if (!color) all.emplace_back("NO_COLOR=1");
    all.insert(all.end(), {RECANT_BINARY, "--store", recant.store()});
    const auto words = platform.words(recant, {"v2-tweets", "v2-users", "--duration", "4"});
    all.insert(all.end(), words.begin(), words.end());
    std::vector<char*> arguments;
    for (std::string& word : all) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    winsize size{.ws_row = 10, .ws_col = 100, .ws_xpixel = 0, .ws_ypixel = 0};
    int terminal = -1;
    const pid_t child = forkpty(&terminal, nullptr, nullptr, &size);
    if (child == 0) {
      execv(arguments[0], arguments.data());
      _exit(127);
    }
    std::string shown;
    char buffer[4096];
    for (ssize_t got = 0; (got = read(terminal, buffer, sizeof buffer)) > 0;) {
      shown.append(buffer, static_cast<std::size_t>(got));
    }
    int status = 0;
    waitpid(child, &status, 0);
    close(terminal);
    CHECK(WEXITSTATUS(status) == 0);
    CAPTURE(shown);
    CHECK(shown.find("source     part  state") != std::string::npos);
    CHECK(shown.find("v2-tweets     4") != std::string::npos);
    CHECK(shown.find("... and 2 more") != std::string::npos);  // eight rows do not fit
    CHECK(shown.find("\x1b[9A\r\x1b[J") != std::string::npos);
    CHECK((shown.find("\x1b[32mopen      \x1b[0m") != std::string::npos) == color);
    CHECK((shown.find('m', shown.find("\x1b[3")) != std::string::npos) == color);
    CHECK(std::ranges::all_of(shown, [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
  }
}

TEST_CASE("a follow that dies leaves no core with its secrets in it", "[feed][cli]") {
  const FollowPlatform platform({.lines = 100'000, .line_every_ms = 5});
  const CliRunner recant;
  Running follow(recant, platform.words(recant, {"v2-tweets", "firehose"}));
  await([&] { return platform.streams.connections() >= 12; });
  const std::string process = "/proc/" + std::to_string(follow.pid());
  CHECK_FALSE(holds(process + "/cmdline", "canary"));
  CHECK_FALSE(holds(process + "/environ", "canary"));
  // Dumps core as SIGSEGV does, but no sanitizer takes it for its own.
  CHECK(follow.end(SIGABRT) == 128 + SIGABRT);
  CHECK_FALSE(follow.dumped_core());
  for (const auto& entry : std::filesystem::recursive_directory_iterator(recant.store())) {
    if (entry.is_regular_file()) CHECK_FALSE(holds(entry.path(), "canary"));
  }
  CHECK_FALSE(holds(recant.path("background"), "canary"));
}

TEST_CASE("SIGTERM ends follow cleanly though it was never connected", "[feed][cli]") {
  const CliRunner recant;
  const std::string token = secret_file(recant, "token", kToken);
  Server limited;
  limited.start();
  limited.fail_next("/2/", {.status = 429}, 100);
  for (const std::string& url : {limited.url(), std::string("http://127.0.0.1:1")}) {
    Running follow(recant,
                   {"follow", "v2-users", "--api-url", url, "--allow-http", "--token-file", token});
    await([&] { return holds(recant.path("background"), "partition 4"); });
    const auto begin = std::chrono::steady_clock::now();
    CHECK(follow.end(SIGTERM) == 0);
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
  }
}

TEST_CASE("SIGTERM ends follow within five seconds though it cannot store", "[feed][cli]") {
  const FollowPlatform platform({.lines = 100'000, .line_every_ms = 2});
  const CliRunner recant;
  Running follow(recant, platform.words(recant, {"v2-tweets"}));
  await([&] { return holds(recant.store() + "/streams/v2-tweets-1.json", "last_event"); });
  ::recant::Store other = *::recant::Store::open({.directory = recant.store()});
  std::optional<::recant::Import> held;
  await([&] {
    auto import = other.begin_import();
    if (import) held.emplace(*std::move(import));
    return held.has_value();
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  const auto begin = std::chrono::steady_clock::now();
  CHECK(follow.end(SIGTERM) == 5);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
  CHECK(holds(recant.path("background"), std::to_string(getpid())));  // who has the lock
  held.reset();
  CHECK(recant({"verify"}).exit == 0);
}

TEST_CASE("SIGTERM and SIGINT end follow within five seconds, with what came on disk",
          "[feed][cli]") {
  for (const int signal : {SIGTERM, SIGINT}) {
    const FollowPlatform platform({.lines = 100'000, .line_every_ms = 2});
    const CliRunner recant;
    Running follow(recant, platform.words(recant, {"v2-tweets"}));
    await([&] { return platform.streams.connections() >= 4; });
    std::this_thread::sleep_for(std::chrono::milliseconds(700));
    CHECK_FALSE(holds("/proc/" + std::to_string(follow.pid()) + "/cmdline", "canary"));
    const auto begin = std::chrono::steady_clock::now();
    CHECK(follow.end(signal) == 0);
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
    CHECK(count(recant, "tweet_delete") > 0);
    CHECK(count(recant, "coverage") == 4);
  }
}

TEST_CASE("after kill -9 nothing acknowledged is lost, and the next follow asks for the hole",
          "[feed][cli]") {
  const FollowPlatform platform({.lines = 1500});
  const CliRunner recant;
  const auto words = platform.words(recant, {"v2-tweets", "--partition", "1"});
  {
    Running follow(recant, words);
    await([&] { return count(recant, "tweet_delete") > 50; });
    CHECK(follow.end(SIGKILL) == 128 + SIGKILL);
  }
  const std::uint64_t before = count(recant, "tweet_delete");
  CHECK(before > 50);
  check_next_follow_fills_the_hole(recant, platform, words);
}

TEST_CASE("a sync that fails ends follow, and the next follow asks for the hole", "[feed][cli]") {
  if (std::system("strace -qq -o /dev/null true > /dev/null 2>&1") != 0) {
    WARN("SKIPPED: strace is not there or may not trace");
    return;
  }
  const FollowPlatform platform({.lines = 1500});
  const CliRunner recant;
  const auto words = platform.words(recant, {"v2-tweets", "--partition", "1"});
  std::string command = std::string("strace -f -qq -o /dev/null -E ") + recant::test::kNoLeakCheck +
                        " -e trace=fdatasync -e inject=fdatasync:error=EIO:when=9 '" +
                        RECANT_BINARY + "' --store '" + recant.store() + "'";
  for (const std::string& word : words) command += " '" + word + "'";
  const int status = std::system((command + " 2> '" + recant.path("said") + "'").c_str());
  CAPTURE(content_of(recant.path("said")));
  CHECK(WEXITSTATUS(status) == 3);
  CHECK(holds(recant.path("said"), "cannot sync"));
  CHECK(count(recant, "tweet_delete") > 0);
  check_next_follow_fills_the_hole(recant, platform, words);
}

TEST_CASE("while follow runs others read and write the store", "[feed][cli]") {
  const FollowPlatform platform({.lines = 100'000, .line_every_ms = 2});
  const CliRunner recant;
  Running follow(recant, platform.words(recant, {"v2-tweets"}));
  await([&] { return recant({"stats"}).exit == 0; });
  const std::string ids = recant.file("ids.txt", "5\n");
  for (int i = 0; i < 5; ++i) {
    CHECK(recant({"track", ids}).exit == 0);
    CHECK(recant({"ingest", "-"},
                 R"({"event":"tweet_delete","at":"2022-07-01T00:00:00Z","tweet_id":"5"})")
              .exit == 0);
    CHECK(recant({"rebuild"}).exit == 0);
    CHECK(recant({"check", ids, "--exit-code"}).exit == 1);
  }
  CHECK(follow.end(SIGTERM) == 0);
  CHECK(recant({"verify"}).exit == 0);
}

TEST_CASE("every command of the network has help with an example", "[feed][cli]") {
  const CliRunner recant;
  const std::vector<std::vector<std::string>> commands = {
      {"follow"},          {"status"},           {"lookup"},        {"batch"},
      {"batch", "run"},    {"batch", "get"},     {"batch", "list"}, {"batch", "create"},
      {"batch", "upload"}, {"batch", "download"}};
  for (std::vector<std::string> words : commands) {
    words.emplace_back("--help");
    const Outcome outcome = recant.plain(words);
    CAPTURE(words);
    CHECK(outcome.exit == 0);
    CHECK(outcome.out.find("Example:\n  recant") != std::string::npos);
  }
}

TEST_CASE("follow firehose --replay takes in a stretch, and says what is not complete",
          "[feed][cli]") {
  const CliRunner recant;
  const std::string basic = secret_file(recant, "basic", kBasic);
  Server server;
  server.start();
  const std::int64_t now = std::chrono::duration_cast<std::chrono::milliseconds>(
                               std::chrono::system_clock::now().time_since_epoch())
                               .count();
  const std::string range =
      std::to_string(now - 7'200'000) + ".." + std::to_string(now - 3'600'000);
  const auto replay = [&](const std::string& body) {
    server.fail_next("/replay", {.status = 200, .body = body, .content_type = "x/y"});
    return recant({"follow", "firehose", "--replay", range, "--replay-url",
                   server.url() + "/replay", "--allow-http", "--basic-file", basic});
  };
  const Outcome done = replay("{\"info\":{\"message\":\"Replay Request Completed\"}}\r\n");
  CAPTURE(done.err);
  CHECK(done.exit == 0);
  CHECK(server.seen().at(0).header("Authorization").starts_with("Basic "));
  CHECK(json::parse(recant({"status", "--json"}).out)["streams"].size() == 8);
  CHECK(recant({"follow", "firehose", "--replay", "today", "--replay-url", server.url(),
                "--allow-http", "--basic-file", basic})
            .exit == 2);
  CHECK(recant({"follow", "v2-users", "--replay", range}).exit == 2);
}

TEST_CASE("what follow cannot do is told at once", "[feed][cli]") {
  const FollowPlatform platform;
  const CliRunner recant;
  CHECK(recant({"follow", "v3-tweets"}).exit == 2);
  CHECK(recant({"follow"}).exit == 2);
  CHECK(recant({"follow", "firehose"}).exit == 2);  // where is it?
  CHECK(recant({"follow", "v2-users"}).exit == 6);  // no token
  CHECK(recant({"lookup"}).exit == 2);
  CHECK(recant({"lookup", "--gaps"}).exit == 3);  // no store
  CHECK(recant({"lookup", "--gaps", recant.file("ids", "1\n")}).exit == 2);
  CHECK(recant(platform.words(recant, {"v2-users", "--backfill", "6"})).exit == 2);
  CHECK(recant(platform.words(recant, {"v2-users", "--partition", "9"})).exit == 2);
  CHECK_FALSE(std::filesystem::exists(recant.store()));
  auto words = platform.words(recant, {"v2-users"});
  secret_file(recant, "token", "wrong-canary");
  const Outcome refused = recant(words);
  CHECK(refused.exit == 6);
  CHECK(refused.err.find("HTTP 401") != std::string::npos);
  CHECK(refused.err.find("canary") == std::string::npos);
  CHECK(refused.err.find("(check the credentials") != std::string::npos);
  const Outcome unreachable =
      recant({"follow", "v2-likes", "--api-url", "http://127.0.0.1:1", "--allow-http",
              "--token-file", secret_file(recant, "token", kToken), "--duration", "1"});
  CHECK(unreachable.exit == 7);
}
