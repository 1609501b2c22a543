// recant follow and status through the real program: what it prints and keeps, how it ends, and
// that its secrets are nowhere.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <thread>

#include "tests/cli_runner.h"
#include "tests/platform/stream_service.h"

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

/// The program in the background.
class Running {
 public:
  Running(const CliRunner& recant, const std::vector<std::string>& words) {
    std::vector<std::string> all = {RECANT_BINARY, "--store", recant.store()};
    all.insert(all.end(), words.begin(), words.end());
    std::vector<char*> arguments;
    for (std::string& word : all) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    child_ = fork();
    if (child_ != 0) return;
    const int err = open(recant.path("background").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(err, STDERR_FILENO);
    dup2(err, STDOUT_FILENO);
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  ~Running() {
    if (child_ > 0) kill(child_, SIGKILL), waitpid(child_, nullptr, 0);
  }
  int end(int signal) {
    kill(child_, signal);
    int status = 0;
    waitpid(child_, &status, 0);
    child_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  [[nodiscard]] pid_t pid() const { return child_; }

 private:
  pid_t child_ = 0;
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
      recant, {"v2-tweets", "v2-users", "v2-likes", "firehose", "--duration", "2.5", "--json",
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
  CHECK(recant({"verify"}).exit == 0);
  std::vector<std::string> again = words;
  again.insert(again.end(), {"--duration", "8"});
  CHECK(recant(again).exit == 0);
  CHECK(platform.server.seen().back().target.ends_with("partition=1&backfill_minutes=1"));
  // Every line that the partition ever sent is known.
  std::set<std::string> known;
  std::istringstream lines(recant({"log", "cat"}).out);
  for (std::string line; std::getline(lines, line);)
    known.insert(json::parse(line).value("tweet_id", ""));
  std::size_t missing = 0;
  for (const std::string& line : platform.streams.lines("v2-tweets", 1)) {
    const std::string id = json::parse(line)["data"]["delete"]["tweet"]["id"];
    if (!known.contains(id)) ++missing;
  }
  CHECK(missing == 0);
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
  const Outcome unreachable =
      recant({"follow", "v2-likes", "--api-url", "http://127.0.0.1:1", "--allow-http",
              "--token-file", secret_file(recant, "token", kToken), "--duration", "1"});
  CHECK(unreachable.exit == 7);
}
