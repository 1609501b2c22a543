// The real program, killed. Goal: acknowledged is within recovered is within sent, and the store is
// whole afterwards. Method: SIGKILL at random times and, where strace may trace, at exact system
// calls, while this process keeps the journal of what was acknowledged. RECANT_TEST_CASES asks for
// more than the usual number. (A kill leaves the page cache: what a power cut leaves is
// log_fault_test.cc's and log_repair_test.cc's.)
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>

#include "store/io/file_system.h"
#include "store/log/log_reader.h"
#include "tests/cli_runner.h"
#include "tests/random_events.h"
#include "tests/sanitized.h"

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using Words = std::vector<std::string>;

// What the n-th call of one system call is, for strace; or nothing.
struct Trap {
  std::string call;
  std::uint64_t number = 0;
};

// Runs a program without a shell, its output dropped. `kill_after` < 0: it runs to its end.
Outcome run_program(Words words, std::chrono::microseconds kill_after) {
  const pid_t child = fork();
  if (child == 0) {
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const int null = open("/dev/null", O_RDWR);
    for (const int descriptor : {0, 1, 2}) dup2(null, descriptor);
    execvp(arguments[0], arguments.data());
    _exit(127);
  }
  if (kill_after.count() >= 0) {
    usleep(static_cast<useconds_t>(kill_after.count()));
    kill(child, SIGKILL);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) < 0) std::abort();
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), {}, {}};
}

Words trapped(const Trap& trap, const Words& words) {
  Words all = {"strace",
               "-f",
               "-qq",
               "-o",
               "/dev/null",
               "-E",
               recant::test::kNoLeakCheck,
               "-e",
               "trace=" + trap.call,
               "-e",
               "inject=" + trap.call + ":signal=SIGKILL:when=" + std::to_string(trap.number)};
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

bool was_killed(const Outcome& outcome) { return outcome.exit == 128 + SIGKILL; }

bool may_trace() {
  const Outcome outcome =
      run_program(trapped({"exit_group", 1}, {"true"}), std::chrono::microseconds(-1));
  if (was_killed(outcome)) return true;
  WARN("SKIPPED: strace is not there or may not trace, so nothing was killed at exact calls");
  return false;
}

// A program and its store, and how to kill it at random.
class Victim {
 public:
  [[nodiscard]] Words words(const Words& command) const {
    Words all = {RECANT_BINARY, "--store", run.store()};
    all.insert(all.end(), command.begin(), command.end());
    return all;
  }
  Outcome whole(const Words& command) {
    const auto begin = Clock::now();
    const Outcome outcome = run_program(words(command), std::chrono::microseconds(-1));
    usual_ = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin);
    return outcome;
  }
  Outcome killed(const Words& command) {
    std::uniform_int_distribution<std::int64_t> when(0, usual_.count() * 5 / 4);
    return run_program(words(command), std::chrono::microseconds(when(random_)));
  }
  Outcome trapped_at(const Trap& trap, const Words& command) {
    return run_program(trapped(trap, words(command)), std::chrono::microseconds(-1));
  }

  CliRunner run;

 private:
  std::chrono::microseconds usual_{20'000};
  std::mt19937_64 random_{std::random_device{}()};
};

// Files of tweets to delete, no two alike, and which of them were acknowledged.
class Journal {
 public:
  explicit Journal(Victim& victim) : victim_(victim) {}

  // The words of an ingest of the next file.
  Words next() {
    std::string lines;
    for (int i = 0; i < kLines; ++i) {
      lines += R"({"event":"tweet_delete","at":"2022-07-01T21:48:43.030Z","tweet_id":")" +
               std::to_string(id(files_, i)) + R"("})" + "\n";
    }
    ++files_;
    return {"ingest", victim_.run.file("events.jsonl", lines)};
  }
  void note(const Outcome& outcome) {
    REQUIRE((outcome.exit == 0 || was_killed(outcome)));
    if (outcome.exit == 0) acknowledged_.insert(files_ - 1);
    if (was_killed(outcome)) ++killed_;
  }
  // Acknowledged within recovered within sent; of a file that was not, a prefix.
  void require_kept() const {
    auto reader =
        recant::log::LogReader::open(recant::io::real_file_system(), victim_.run.store(), 1, 0);
    REQUIRE(reader);
    std::vector<int> kept(static_cast<std::size_t>(files_));
    recant::log::LogBlock block;
    while (true) {
      const auto more = reader->next(block);
      INFO((more ? "" : more.error().what));
      REQUIRE(more);
      if (!*more) break;
      for (const recant::Event& event : block.events) {
        const auto file = static_cast<std::size_t>(event.tweet / kFile - 1);
        const bool sent =
            file < kept.size() && event.tweet == id(static_cast<int>(file), kept[file]++);
        if (!sent) FAIL("tweet " << event.tweet << " was not sent, or not in this order");
      }
    }
    for (const int file : acknowledged_) REQUIRE(kept[static_cast<std::size_t>(file)] == kLines);
  }
  [[nodiscard]] std::uint64_t killed() const { return killed_; }

 private:
  static constexpr int kLines = 3000;
  static constexpr std::uint64_t kFile = 1'000'000;
  static std::uint64_t id(int file, int line) {
    return static_cast<std::uint64_t>(file + 1) * kFile + static_cast<std::uint64_t>(line);
  }

  Victim& victim_;
  int files_ = 0;
  std::uint64_t killed_ = 0;
  std::set<int> acknowledged_;
};

void require_whole(Victim& victim) {
  const Outcome outcome = victim.run({"verify"});
  INFO(outcome.out << outcome.err);
  REQUIRE(outcome.exit == 0);
}

// A store with a damaged block in the middle, to be repaired again and again.
class Patient {
 public:
  explicit Patient(Victim& victim) : victim_(victim), journal_(victim) {
    for (int i = 0; i < 3; ++i) journal_.note(victim_.whole(journal_.next()));
    REQUIRE(victim_.run({"rebuild"}).exit == 0);
    std::vector<recant::log::BlockInfo> blocks;
    REQUIRE(recant::log::verify_log(recant::io::real_file_system(), victim_.run.store(), 0,
                                    [&](const auto& block) { blocks.push_back(block); }));
    const std::string path = victim_.run.store() + "/log/" + blocks.at(1).segment;
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(blocks[1].offset + 200));
    file.write("damaged", 7);
    file.close();
    fs::copy(victim_.run.store(), victim_.run.path("ill"), fs::copy_options::recursive);
  }
  void fall_ill() {
    fs::remove_all(victim_.run.store());
    fs::copy(victim_.run.path("ill"), victim_.run.store(), fs::copy_options::recursive);
  }
  // Whatever the kill left, one more repair ends with the same events and one record of the loss.
  void require_cured() {
    const Outcome again = victim_.run({"repair"});
    INFO(again.out << again.err);
    REQUIRE((again.exit == 0 || again.exit == 1));
    require_whole(victim_);
    const std::string stats = victim_.run({"stats", "--json"}).out;
    INFO(stats);
    REQUIRE(stats.find(R"("events":6001,)") != std::string::npos);
    REQUIRE(stats.find(R"("losses":[{"first":"3001","last":"6000",)") != std::string::npos);
    REQUIRE(stats.find(R"("loss":1)") != std::string::npos);
  }

 private:
  Victim& victim_;
  Journal journal_;
};

const std::vector<std::string> kCalls = {"write", "fdatasync", "fsync", "rename", "mkdir"};

// Kills `command` at the 1st, 2nd, ... of each system call that writes, until it ends unharmed.
void trap_each(Victim& victim, int limit, const std::function<Words()>& command,
               const std::function<void(const Outcome&)>& check) {
  int kills = 0;
  for (const std::string& call : kCalls) {
    for (int number = 1; number <= limit; ++number) {
      INFO(call << " number " << number);
      const Outcome outcome =
          victim.trapped_at({call, static_cast<std::uint64_t>(number)}, command());
      check(outcome);
      if (!was_killed(outcome)) break;
      ++kills;
    }
  }
  REQUIRE(kills >= 10);
}

TEST_CASE("an ingest that is killed at random loses nothing that was acknowledged", "[kill]") {
  constexpr std::uint64_t kStoreCases = 40;  // a store that is read after each must stay small
  const std::uint64_t cases = recant::laws::case_count(180);
  std::uint64_t killed = 0;
  for (std::uint64_t done = 0; done < cases; done += kStoreCases) {
    Victim victim;
    Journal journal(victim);
    journal.note(victim.whole(journal.next()));
    for (std::uint64_t i = 0; i < std::min(kStoreCases, cases - done); ++i) {
      journal.note(victim.killed(journal.next()));
      journal.require_kept();
    }
    require_whole(victim);
    killed += journal.killed();
  }
  REQUIRE(killed > cases / 4);
}

TEST_CASE("an ingest that is killed at any system call loses nothing acknowledged", "[kill]") {
  if (!may_trace()) return;
  Victim victim;
  Journal journal(victim);
  const auto check = [&](const Outcome& outcome) {
    journal.note(outcome);
    journal.require_kept();
  };
  trap_each(victim, 20, [&] { return journal.next(); }, check);
  require_whole(victim);
}

TEST_CASE("a rebuild that is killed leaves the index as it was, or the new one", "[kill]") {
  Victim victim;
  Journal journal(victim);
  for (int i = 0; i < 4; ++i) journal.note(victim.whole(journal.next()));
  const std::string digest = victim.run({"digest"}).out;
  const auto check = [&](const Outcome& outcome) {
    REQUIRE((outcome.exit == 0 || was_killed(outcome)));
    REQUIRE(victim.run({"digest"}).out == digest);
  };
  const std::uint64_t cases = recant::laws::case_count(40);
  REQUIRE(victim.whole({"rebuild"}).exit == 0);
  for (std::uint64_t i = 0; i < cases; ++i) check(victim.killed({"rebuild"}));
  require_whole(victim);
  if (may_trace()) trap_each(victim, 20, [] { return Words{"rebuild"}; }, check);
  require_whole(victim);
}

TEST_CASE("a repair that is killed is finished by the next one", "[kill]") {
  Victim victim;
  Patient patient(victim);
  const std::uint64_t cases = recant::laws::case_count(20);
  REQUIRE(victim.whole({"repair"}).exit == 1);
  for (std::uint64_t i = 0; i < cases; ++i) {
    patient.fall_ill();
    const Outcome outcome = victim.killed({"repair"});
    REQUIRE((outcome.exit == 1 || was_killed(outcome)));
    patient.require_cured();
  }
  if (!may_trace()) return;
  const auto command = [&] {
    patient.fall_ill();
    return Words{"repair"};
  };
  trap_each(victim, 12, command, [&](const Outcome& outcome) {
    REQUIRE((outcome.exit == 1 || was_killed(outcome)));
    patient.require_cured();
  });
}

}  // namespace
