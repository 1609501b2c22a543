// What the real program asks of the kernel: everything that it wrote into the store is synced
// before it exits, nothing is renamed into place before its bytes are durable, and names are
// synced, too. (That this is enough is log_crash_test.cc's and index_crash_test.cc's.) Method:
// strace, where it may trace.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <regex>
#include <set>
#include <sstream>

#include "tests/cli_runner.h"
#include "tests/sanitized.h"

namespace {

// What strace -y tells of one run, and what it leaves unsynced.
class Trace {
 public:
  explicit Trace(std::string store) : store_(std::move(store)) {}

  void add(const std::string& line) {
    static const std::regex kOnFile(
        R"re((write|pwrite64|fdatasync|fsync)\(\d+<([^>]*)>.* = (-?\d+))re");
    static const std::regex kRename(R"re(rename\w*\(.*"([^"]*)",.*"([^"]*)".* = 0)re");
    std::smatch match;
    if (std::regex_search(line, match, kRename)) return renamed(match[1], match[2]);
    if (!std::regex_search(line, match, kOnFile) || !is_ours(match[2])) return;
    const std::string& path = match[2];
    if (match[1] == "write" || match[1] == "pwrite64") {
      dirty_.insert(path);
    } else if (match[3] == "0") {
      dirty_.erase(path);
      ++syncs_;
    }
  }
  [[nodiscard]] const std::set<std::string>& dirty() const { return dirty_; }
  [[nodiscard]] const std::set<std::string>& renamed_dirty() const { return renamed_dirty_; }
  [[nodiscard]] int syncs() const { return syncs_; }
  [[nodiscard]] int renames() const { return renames_; }

 private:
  // The lock says who holds it, and what was verified may be forgotten.
  [[nodiscard]] bool is_ours(const std::string& path) const {
    return path.starts_with(store_ + "/") && !path.ends_with("/lock") &&
           path.find("VERIFIED") == std::string::npos;
  }
  void renamed(const std::string& from, const std::string& to) {
    if (!is_ours(to)) return;
    ++renames_;
    if (dirty_.erase(from) > 0) renamed_dirty_.insert(to);
    dirty_.insert(to.substr(0, to.rfind('/')));
  }

  std::string store_;
  std::set<std::string> dirty_;
  std::set<std::string> renamed_dirty_;
  int syncs_ = 0;
  int renames_ = 0;
};

Trace trace(const CliRunner& run, const std::string& words) {
  const std::string file = run.path("trace");
  const std::string command =
      "strace -f -y -qq -E " + std::string(recant::test::kNoLeakCheck) + " -o '" + file +
      "' -e trace=write,pwrite64,fdatasync,fsync,rename,renameat,renameat2 '" + RECANT_BINARY +
      "' --store '" + run.store() + "' " + words + " > /dev/null 2>&1";
  Trace traced(run.store());
  if (std::system(command.c_str()) != 0) return traced;
  std::istringstream lines(content_of(file));
  for (std::string line; std::getline(lines, line);) traced.add(line);
  return traced;
}

void require_synced(const Trace& traced) {
  INFO((traced.dirty().empty() ? "" : *traced.dirty().begin()));
  REQUIRE(traced.dirty().empty());
  REQUIRE(traced.renamed_dirty().empty());
}

TEST_CASE("everything that ingest and rebuild write is synced, and renamed only then", "[sync]") {
  if (std::system("strace -qq -o /dev/null true > /dev/null 2>&1") != 0) {
    WARN("SKIPPED: strace is not there or may not trace");
    return;
  }
  const CliRunner run;
  const std::string events = run.file(
      "events", R"({"event":"tweet_delete","at":"2022-07-01T21:48:43.030Z","tweet_id":"7"})"
                "\n");
  const Trace ingest = trace(run, "ingest '" + events + "'");
  REQUIRE(ingest.syncs() >= 6);
  REQUIRE(ingest.renames() >= 2);
  require_synced(ingest);
  const Trace rebuild = trace(run, "rebuild");
  REQUIRE(rebuild.renames() >= 2);
  require_synced(rebuild);
}

}  // namespace
