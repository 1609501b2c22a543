// The real program where the machine refuses: no space at any byte, no descriptors, no memory,
// directories that cannot be written, things in a store that are no files. Goal: one line, exit 0
// or 3, never a signal, never "corruption", and a store that is whole afterwards.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <functional>

#include "recant/recant.h"
#include "tests/cli_runner.h"
#include "tests/platform/raw_server.h"
#include "tests/random_events.h"
#include "tests/sanitized.h"

namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

constexpr int kNotLoaded = 127;  // the loader itself was refused
constexpr int kExitLocked = 5;

// Runs the program after `prepare`, in the child, has set what it is to meet.
Outcome run_with(const CliRunner& run, const Words& command, const std::function<void()>& prepare) {
  Words words = {RECANT_BINARY, "--store", run.store()};
  words.insert(words.end(), command.begin(), command.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const std::string talk = run.path("talk");
  const pid_t child = fork();
  if (child == 0) {
    const int err = open(talk.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    const int null = open("/dev/null", O_RDWR);
    dup2(null, 0);
    dup2(null, 1);
    dup2(err, 2);
    close(err);
    close(null);
    alarm(60);  // nothing may hang
    prepare();
    execv(arguments[0], arguments.data());
    _exit(kNotLoaded);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) < 0) std::abort();
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), {}, content_of(talk)};
}

Outcome run_limited(const CliRunner& run, const Words& command, int resource, rlim_t limit) {
  return run_with(run, command, [=] {
    const rlimit both{.rlim_cur = limit, .rlim_max = limit};
    setrlimit(static_cast<__rlimit_resource>(resource), &both);
  });
}

std::string deletions(int first, int count) {
  std::string lines;
  for (int i = first; i < first + count; ++i) {
    lines += R"({"event":"tweet_delete","at":"2022-07-01T21:48:43.030Z","tweet_id":")" +
             std::to_string(1'000'003LL * i) + R"("})" + "\n";
  }
  return lines;
}

// A store of 400 events, 200 of them sealed, and a file with 400 more.
class Prepared {
 public:
  Prepared() {
    REQUIRE(run({"ingest", run.file("a", deletions(1, 200))}).exit == 0);
    REQUIRE(run({"rebuild"}).exit == 0);
    REQUIRE(run({"ingest", run.file("a", deletions(201, 200))}).exit == 0);
    more = run.file("b", deletions(401, 400));
    fs::copy(run.store(), run.path("before"), fs::copy_options::recursive);
  }
  void restore() const {
    fs::remove_all(run.store());
    fs::copy(run.path("before"), run.store(), fs::copy_options::recursive);
  }
  // Refused or done, and the store is whole with what was acknowledged.
  void require_plain(const Outcome& outcome, const Words& command) const {
    INFO(command.front() << " ended with " << outcome.exit << ": " << outcome.err);
    REQUIRE((outcome.exit == 0 || outcome.exit == 3 || outcome.exit == kNotLoaded));
    REQUIRE(outcome.err.find("this is a bug") == std::string::npos);
    // No advice that the command does not take.
    REQUIRE((command.front() == "rebuild" || outcome.err.find("--memory") == std::string::npos));
    const Outcome verify = run({"verify"});
    INFO(verify.err);
    REQUIRE(verify.exit == 0);
    const std::string stats = run({"stats", "--json"}).out;
    INFO(stats);
    const bool all = stats.find(R"("events":800,)") != std::string::npos;
    const bool before = stats.find(R"("events":400,)") != std::string::npos;
    const bool ingested = command.front() == "ingest" && outcome.exit == 0;
    REQUIRE((ingested ? all : all || before));
  }

  CliRunner run;
  std::string more;
};

void sweep(const Prepared& prepared, const std::vector<Words>& commands, int resource,
           const std::vector<rlim_t>& limits) {
  for (const Words& command : commands) {
    std::size_t refused = 0;
    for (const rlim_t limit : limits) {
      INFO(command.front() << " with " << limit);
      prepared.restore();
      const Outcome outcome = run_limited(prepared.run, command, resource, limit);
      prepared.require_plain(outcome, command);
      if (outcome.exit == 3) ++refused;
    }
    REQUIRE(refused > 0);
    REQUIRE(refused < limits.size());
  }
}

std::vector<rlim_t> steps(rlim_t from, rlim_t to, rlim_t by) {
  std::vector<rlim_t> all;
  for (rlim_t at = from; at <= to; at += by) all.push_back(at);
  return all;
}

TEST_CASE("files that may not grow are exit 3, and nothing acknowledged is lost", "[cli][limits]") {
  const Prepared prepared;
  const rlim_t step = std::max<rlim_t>(1, 200'000 / recant::laws::case_count(50));
  sweep(prepared, {{"ingest", prepared.more}, {"rebuild"}}, RLIMIT_FSIZE,
        steps(recant::test::kThreadSanitized ? step : 0, 200'000, step));
}

TEST_CASE("a strict ingest that cannot keep its copy of the input appends nothing",
          "[cli][limits]") {
  const Prepared prepared;
  const std::string lines = prepared.run.file("many", deletions(401, 30'000));
  const Words ingest = {"ingest", "--strict", "-"};
  const Outcome outcome = run_with(prepared.run, ingest, [&] {
    const int input = open(lines.c_str(), O_RDONLY);
    if (dup2(input, STDIN_FILENO) != STDIN_FILENO) _exit(kNotLoaded);
    const rlimit both{.rlim_cur = 1'500'000, .rlim_max = 1'500'000};
    setrlimit(RLIMIT_FSIZE, &both);
  });
  INFO(outcome.err);
  REQUIRE(outcome.exit == 3);
  REQUIRE(outcome.err.find("cannot keep a temporary copy of the input") != std::string::npos);
  const std::string stats = prepared.run({"stats", "--json"}).out;
  REQUIRE(stats.find(R"("events":400,)") != std::string::npos);
  REQUIRE(fs::exists(prepared.run.store()));
  for (const auto& entry : fs::directory_iterator(prepared.run.store())) {
    REQUIRE(entry.path().filename().string().find("spool") == std::string::npos);
  }
}

TEST_CASE("too few descriptors are exit 3, and no corruption", "[cli][limits]") {
  if (recant::test::kSanitized) {
    WARN("SKIPPED: the sanitizer itself needs descriptors, and takes their want for a finding");
    return;
  }
  const Prepared prepared;
  const std::string dataset = prepared.run.file("ids", "1000003\n");
  sweep(prepared, {{"ingest", prepared.more}, {"rebuild"}, {"verify"}, {"check", dataset}},
        RLIMIT_NOFILE, steps(3, 16, 1));
}

TEST_CASE("too little memory is exit 3, and no bug", "[cli][limits]") {
  if (recant::test::kSanitized) {
    WARN("SKIPPED: the sanitizer itself needs terabytes of address space");
    return;
  }
  const Prepared prepared;
  const rlim_t megabyte = rlim_t{1} << 20;
  const rlim_t step = std::max<rlim_t>(1, 4'000 / recant::laws::case_count(200)) * megabyte;
  sweep(prepared, {{"ingest", prepared.more}, {"rebuild"}}, RLIMIT_AS,
        steps(30 * megabyte, 600 * megabyte, step));
}

// The least memory, to a step, with which `command` ends well.
rlim_t memory_needed(const Prepared& prepared, const Words& command, rlim_t step) {
  rlim_t enough = rlim_t{1} << 30;
  for (rlim_t refused = 0; enough - refused > step;) {
    const rlim_t middle = refused + (enough - refused) / 2;
    prepared.restore();
    const bool good = run_limited(prepared.run, command, RLIMIT_AS, middle).exit == 0;
    (good ? enough : refused) = middle;
  }
  return enough;
}

TEST_CASE("memory that ends anywhere in a command is exit 3, and nothing is called damaged",
          "[cli][limits]") {
  if (recant::test::kSanitized) {
    WARN("SKIPPED: the sanitizer itself needs terabytes of address space");
    return;
  }
  const Prepared prepared;
  const rlim_t window = rlim_t{1536} << 10;
  const rlim_t step = window / recant::laws::case_count(60);
  // With less than that the libraries' own constructors end the process, before main.
  const rlim_t started = memory_needed(prepared, {"--version"}, step) + (rlim_t{256} << 10);
  for (const Words& command : {Words{"verify"}, Words{"rebuild"}, Words{"repair"}}) {
    const rlim_t enough = memory_needed(prepared, command, step);
    const rlim_t from = std::max(started, enough - window);
    for (rlim_t limit = from; limit < from + window + window / 4; limit += step) {
      INFO(command.front() << " with " << limit);
      prepared.restore();
      const Outcome outcome = run_limited(prepared.run, command, RLIMIT_AS, limit);
      INFO(outcome.exit << ": " << outcome.err);
      REQUIRE((outcome.exit == 0 || outcome.exit == 3 || outcome.exit == kNotLoaded));
    }
  }
  REQUIRE(prepared.run({"verify"}).exit == 0);
}

void become_nobody() {
  constexpr uid_t kNobody = 65534;
  if (setgid(kNobody) != 0 || setuid(kNobody) != 0) _exit(kNotLoaded);
}

TEST_CASE("a store that may only be read answers, and is not written to", "[cli][limits]") {
  if (geteuid() != 0) {
    WARN("SKIPPED: only root can become somebody else");
    return;
  }
  const Prepared prepared;
  const std::string dataset = prepared.run.file("ids", "1000003\n");
  fs::permissions(fs::path(prepared.run.store()).parent_path(), fs::perms(0755));
  for (const auto& entry : fs::recursive_directory_iterator(prepared.run.store())) {
    fs::permissions(entry.path(), entry.is_directory() ? fs::perms(0755) : fs::perms(0644));
  }
  fs::permissions(prepared.run.store(), fs::perms(0755));
  const Outcome check = run_with(prepared.run, {"check", "--exit-code", dataset}, become_nobody);
  INFO(check.err);
  if (check.exit == kNotLoaded) {
    WARN("SKIPPED: the program is where nobody may run it");
    return;
  }
  REQUIRE(check.exit == 1);  // the deletion is due
  const Words ingest = {"ingest", prepared.more};
  prepared.require_plain(run_with(prepared.run, ingest, become_nobody), ingest);
  const Outcome foreign = run_with(prepared.run, ingest, become_nobody);
  REQUIRE(foreign.exit == 3);
}

TEST_CASE("whatever the umask, a store is for its owner alone", "[cli][limits]") {
  for (const mode_t mask : {mode_t{0}, mode_t{077}}) {
    const CliRunner run;
    const std::string events = run.file("events", deletions(1, 50));
    const auto prepare = [mask] { umask(mask); };
    REQUIRE(run_with(run, {"ingest", events}, prepare).exit == 0);
    REQUIRE(run_with(run, {"rebuild"}, prepare).exit == 0);
    REQUIRE(run_with(run, {"check", events}, prepare).exit == 0);
    std::size_t seen = 0;
    const auto require_mode = [&](const fs::path& path) {
      INFO(path);
      const fs::perms expected = fs::is_directory(path) ? fs::perms(0700) : fs::perms(0600);
      REQUIRE(fs::status(path).permissions() == expected);
      ++seen;
    };
    require_mode(run.store());
    for (const auto& entry : fs::recursive_directory_iterator(run.store())) require_mode(entry);
    REQUIRE(seen >= 7);
  }
}

// Puts something else in a file's place.
void replace_by_fifo(const fs::path& path) {
  fs::remove(path);
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
}
void replace_by_link(const fs::path& path) {
  fs::rename(path, fs::path(path).replace_extension("elsewhere"));
  fs::create_symlink(fs::path(path).replace_extension("elsewhere"), path);
}

TEST_CASE("a link or a FIFO in a store is refused, and nothing waits for it", "[cli][limits]") {
  const Prepared prepared;
  const fs::path store = prepared.run.store();
  const std::string dataset = prepared.run.file("ids", "1000003\n");
  const std::vector<std::string> names = {"log/00000000000000000001.zst", "index/MANIFEST", "lock"};
  for (const auto& replace : {replace_by_fifo, replace_by_link}) {
    for (const std::string& name : names) {
      INFO(name);
      prepared.restore();
      replace(store / name);
      for (const Words& command : {Words{"check", "--exit-code", dataset},
                                   Words{"ingest", prepared.more}, Words{"verify"}}) {
        const Outcome outcome = run_with(prepared.run, command, [] {});
        INFO(command.front() << ": " << outcome.exit << ' ' << outcome.err);
        const bool reads_past = name == "lock" && command.front() != "ingest";
        REQUIRE((outcome.exit == 3 || outcome.exit == 4 || reads_past));
        REQUIRE(outcome.exit < 128);
        REQUIRE(outcome.exit != kExitLocked);
      }
    }
  }
}

TEST_CASE("a store opened before a fork serves both processes", "[store][limits]") {
  const CliRunner run;
  auto store = recant::Store::open({.directory = run.store(), .create = true});
  REQUIRE(store);
  const auto append = [&](std::uint64_t tweet) {
    const recant::Event event{.kind = recant::EventKind::kTweetDelete, .at = 1, .tweet = tweet};
    return store->append({&event, 1}).has_value();
  };
  REQUIRE(append(1));
  const pid_t child = fork();
  if (child == 0) {
    bool good = true;
    for (std::uint64_t i = 0; i < 50; ++i) good = append(1000 + i) && good;
    _exit(good ? 0 : 1);
  }
  for (std::uint64_t i = 0; i < 50; ++i) REQUIRE(append(2000 + i));
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(status == 0);
  REQUIRE(append(3));
  REQUIRE(store->snapshot()->last_sequence() == 102);
  REQUIRE(store->verify()->empty());
}

}  // namespace

TEST_CASE("a follow without memory ends with exit 3 and one line, wherever it runs out",
          "[limits][feed]") {
  if (recant::test::kSanitized) return;
  const std::string head = R"({"data":{"delete":{"favorite":{"tweet_id":"1","user_id":"2"},)"
                           R"("event_at":"2022-07-01T21:48:43.030Z","x":")";
  const std::string chunk = fmt::format("{:x}\r\n", 1 << 20) + std::string(1 << 20, 'y') + "\r\n";
  const recant::platform::RawServer server([&](const std::string&, const auto& peer) {
    peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int line = 0; line < 3; ++line) {
      peer.send(fmt::format("{:x}\r\n{}\r\n", head.size(), head));
      for (int i = 0; i < 15; ++i) peer.send(chunk);
      peer.send("6\r\n\"}}}\r\n\r\n");
    }
    peer.await_close();
  });
  const CliRunner run;
  const std::string token = run.file("token", "secret\n");
  chmod(token.c_str(), 0600);
  const Words words = {"follow",       "v2-likes", "--api-url",  server.url(), "--allow-http",
                       "--token-file", token,      "--duration", "3"};
  std::size_t refused = 0;
  for (rlim_t megabytes = 220; megabytes <= 360; megabytes += 20) {
    const Outcome outcome = run_limited(run, words, RLIMIT_AS, megabytes << 20);
    CAPTURE(megabytes, outcome.err);
    if (outcome.exit == kNotLoaded) continue;
    CHECK(outcome.exit <= 7);
    if (outcome.exit != 3) continue;
    ++refused;
    CHECK(outcome.err.find("bug") == std::string::npos);
  }
  CHECK(refused > 0);
  CHECK(run({"verify"}).exit == 0);
}
