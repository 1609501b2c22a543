// recant changes, through the real program.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/cli_runner.h"

namespace {

struct Told {
  std::vector<std::string> lines;  ///< without the last
  std::string cursor;
};

Told told(const Outcome& outcome) {
  REQUIRE(outcome.exit == 0);
  Told result;
  for (std::size_t begin = 0; begin < outcome.out.size();) {
    const std::size_t end = outcome.out.find('\n', begin);
    REQUIRE(end != std::string::npos);
    result.lines.push_back(outcome.out.substr(begin, end - begin));
    begin = end + 1;
  }
  REQUIRE_FALSE(result.lines.empty());
  const std::string last = result.lines.back();
  result.lines.pop_back();
  const std::string key = R"({"cursor":")";
  REQUIRE(last.starts_with(key));
  REQUIRE(last.ends_with(R"("})"));
  result.cursor = last.substr(key.size(), last.size() - key.size() - 2);
  return result;
}

const std::string kKeep5 = R"({"id":"5","action":"keep","reasons":[]})";
const std::string kKeep6 = R"({"id":"6","action":"keep","reasons":[]})";
const std::string kSuspend =
    R"({"data":{"user_suspend":{"user":{"id":"9"},"event_at":"2022-12-23T12:34:56.789Z"}}})"
    "\n";
const std::string kSuspended5 =
    R"({"id":"5","action":"suppress","reasons":[{"action":"suppress","event":"user_suspend",)"
    R"("via":"author","user_id":"9","at":"2022-12-23T12:34:56.789Z"}]})";

}  // namespace

TEST_CASE("changes prints check lines, keep among them, and a cursor to go on from", "[cli]") {
  const CliRunner recant;
  const std::string items = recant.file("items.csv", "id,author_id\n6,8\n5,9\n");
  REQUIRE(recant({"track", items}).exit == 0);
  const Told first = told(recant({"changes"}));
  CHECK(first.lines == std::vector<std::string>{kKeep5, kKeep6});
  const Told none = told(recant({"changes", "--since", first.cursor}));
  CHECK(none.lines.empty());
  REQUIRE(recant({"ingest", "-"}, kSuspend).exit == 0);
  const Told suspended = told(recant({"changes", "--since", none.cursor}));
  CHECK(suspended.lines == std::vector<std::string>{kSuspended5});
  const Told before =
      told(recant({"changes", "--since", suspended.cursor, "--as-of", "2022-12-23T12:34:56.788Z"}));
  // Going back passes over the moment in which both were tracked too.
  CHECK(before.lines == std::vector<std::string>{kKeep5, kKeep6});
  const Told raised =
      told(recant({"changes", "--since", none.cursor, "--delete-on", "user_suspend"}));
  REQUIRE(raised.lines.size() == 2);
  CHECK(raised.lines[0].starts_with(R"({"id":"5","action":"delete")"));
}

TEST_CASE("changes stops at its limit, and writes files", "[cli]") {
  const CliRunner recant;
  REQUIRE(recant({"track", recant.file("ids.txt", "5\n6\n")}).exit == 0);
  const std::string output = recant.path("lines.jsonl");
  REQUIRE(recant({"changes", "--limit", "1", "--output", output}).exit == 0);
  const Told one = told({.exit = 0, .out = content_of(output), .err = {}});
  CHECK(one.lines == std::vector<std::string>{kKeep5});
  CHECK(told(recant({"changes", "--since", one.cursor, "--limit", "1"})).lines ==
        std::vector<std::string>{kKeep6});
}

TEST_CASE("changes refuses a cursor that is none or of another store, and an absent store",
          "[cli]") {
  const CliRunner recant;
  CHECK(recant({"changes"}).exit == 3);
  REQUIRE(recant({"track", recant.file("ids.txt", "5\n6\n")}).exit == 0);
  const Outcome bad = recant({"changes", "--since", "123abc"});
  CHECK(bad.exit == 2);
  CHECK(bad.out.empty());
  CHECK(bad.err.starts_with("recant: cannot read the cursor: "));
  CHECK(recant({"changes", "--limit", "0"}).exit == 2);
  const CliRunner other;
  REQUIRE(other({"track", other.file("ids.txt", "5\n6\n")}).exit == 0);
  CHECK(recant({"changes", "--since", told(other({"changes"})).cursor}).exit == 2);
}
