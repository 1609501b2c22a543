// What the real program makes of its words: lists, empty values, help; and what it says.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/cli_runner.h"

namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

const std::string kSuspended =
    R"({"event":"user_suspend","at":"2022-07-01T21:48:43.030Z","user_id":"9"})"
    "\n";
const std::string kRows = "id,author_id\n7,9\n";

bool one_line(const std::string& err) {
  return err.starts_with("recant: ") && std::ranges::count(err, '\n') == 1;
}

void require_usage(const CliRunner& recant, const Words& words, const std::string& said) {
  const Outcome outcome = recant(words);
  CAPTURE(words, outcome.err);
  CHECK(outcome.exit == 2);
  CHECK(one_line(outcome.err));
  CHECK(outcome.err.find(said) != std::string::npos);
}

// What failed, why, and in parentheses what to do.
bool is_whole_message(const std::string& err) {
  return one_line(err) && err.ends_with(")\n") && err.find(": ", 8) != std::string::npos;
}

}  // namespace

TEST_CASE("a list is one word, and what comes behind it is not of it", "[cli][words]") {
  const CliRunner recant;
  const std::string rows = recant.file("rows.csv", kRows);
  REQUIRE(recant({"ingest", recant.file("events", kSuspended)}).exit == 0);
  const std::string deleted = R"({"id":"7","action":"delete")";
  for (const Words& list : {Words{"--delete-on", "user_suspend"}, Words{"--delete-on=user_suspend"},
                            Words{"--delete-on", "user_protect,user_suspend"},
                            Words{"--delete-on=user_suspend,user_protect"},
                            Words{"--delete-on", "user_suspend", "--delete-on", "user_protect"}}) {
    Words words = {"check"};
    words.insert(words.end(), list.begin(), list.end());
    words.push_back(rows);
    const Outcome outcome = recant(words);
    CAPTURE(words, outcome.err);
    CHECK(outcome.exit == 0);
    CHECK(outcome.out.starts_with(deleted));
  }
  CHECK(recant({"check", rows, "--delete-on", "user_protect"}).out.find("delete") ==
        std::string::npos);
  for (const std::string list :
       {"user_protect,", ",user_protect", "user_protect,,user_suspend", ","}) {
    require_usage(recant, {"check", rows, "--delete-on", list}, "is empty");
  }
  for (const std::string list : {"1,", "0", "9", "1,x", "-1", "18446744073709551617"}) {
    require_usage(recant, {"follow", "--partition", list, "v2-users"}, "--partition");
  }
  // The stream is no partition: what is missing is the token alone.
  CHECK(recant({"follow", "--partition", "1,2", "v2-users"}).exit == 6);
}

TEST_CASE("an empty name of a store is none, an empty variable names none", "[cli][words]") {
  const CliRunner recant;
  const std::string events = recant.file("events", kSuspended);
  for (const Words& words :
       {Words{"--store", "", "ingest", events}, Words{"ingest", events, "--store", ""},
        Words{"--store=", "ingest", events}, Words{"ingest", events, "--store="}}) {
    const Outcome outcome = recant.plain(words);
    CAPTURE(words, outcome.err);
    CHECK(outcome.exit == 2);
    CHECK(one_line(outcome.err));
  }
  const std::string line = "cd " + recant.path(".") + " && RECANT_STORE= " + RECANT_BINARY +
                           " ingest " + events + " 2> /dev/null";
  CHECK(std::system(line.c_str()) == 0);
  CHECK(fs::is_directory(recant.path("recant-store")));
}

TEST_CASE("numbers that make no sense are wrong usage", "[cli][words]") {
  const CliRunner recant;
  require_usage(recant, {"follow", "v2-users", "--duration", "0"}, "no time to follow");
  require_usage(recant, {"follow", "v2-users", "--duration", "0.0001"}, "no time to follow");
  require_usage(recant, {"follow", "v2-users", "--duration", "soon"}, "number of seconds");
  require_usage(recant, {"follow", "v2-users", "--token-fd", "-1"}, "below 0");
  require_usage(recant, {"follow", "firehose", "--basic-fd=-1"}, "below 0");
  require_usage(recant, {"batch", "get", "9", "--token-fd", "-1"}, "below 0");
}

TEST_CASE("help is what --help says", "[cli][words]") {
  const CliRunner recant;
  for (const Words& words : {Words{}, Words{"check"}, Words{"log"}, Words{"log", "cat"},
                             Words{"snapshot", "verify"}, Words{"help"}}) {
    Words help = {"help"};
    help.insert(help.end(), words.begin(), words.end());
    Words option = words;
    option.emplace_back("--help");
    const Outcome outcome = recant.plain(help);
    CAPTURE(help, outcome.err);
    CHECK(outcome.exit == 0);
    CHECK(outcome.out == recant.plain(option).out);
    CHECK(outcome.out.find("Example:\n  recant") != std::string::npos);
  }
  require_usage(recant, {"help", "chekc"}, "did you mean check?");
  require_usage(recant, {"help", "log", "xyzzy"}, "none of that name");
  require_usage(recant, {"snap"}, "did you mean snapshot?");
  require_usage(recant, {"digest", "--lock"}, "did you mean --lock-wait?");
}

TEST_CASE("every message says what failed, why and what to do", "[cli][words]") {
  const CliRunner recant;
  const std::string file = recant.file("file", "7\n");
  const std::string no_store = recant.file("store", "no directory\n");
  for (const Words& words :
       {Words{"check", file}, Words{"ingest", file}, Words{"digest"}, Words{"verify"},
        Words{"track", file}, Words{"snapshot", recant.path("new")}}) {
    const Outcome outcome = recant(words);
    CAPTURE(words, outcome.err);
    CHECK(outcome.exit == 3);
    CHECK(is_whole_message(outcome.err));
    CHECK(outcome.err.find("no directory") != std::string::npos);
  }
  fs::remove(no_store);
  const std::string token = recant.file("token", "t\n");
  fs::permissions(token, fs::perms::owner_read);
  for (const Words& words :
       {Words{"lookup"}, Words{"batch", "run"}, Words{"follow", "v2-users", "--backfill", "6"},
        Words{"follow", "v2-users", "--replay", "x..y"},
        Words{"batch", "get", "x", "--token-file", token}}) {
    const Outcome outcome = recant(words);
    CAPTURE(words, outcome.err);
    CHECK(outcome.exit == 2);
    CHECK(is_whole_message(outcome.err));
  }
}

TEST_CASE("a line over --max-line is told in the same words, and the rejects hold its begin",
          "[cli][words]") {
  const CliRunner recant;
  const std::string line(10'000, 'x');
  const std::string file = recant.file("lines", line + "\n" + kSuspended);
  const std::string rejects = recant.path("rejects");
  const Outcome ingested = recant({"ingest", file, "--max-line", "5000", "--rejects", rejects});
  CHECK(ingested.exit == 1);
  CHECK(content_of(rejects) == line.substr(0, 4096) + "\n");
  const std::string why = "a line of 10000 bytes, over the cap of 5000 (--max-line)";
  CHECK(ingested.err.find(why) != std::string::npos);
  CHECK(recant({"check", file, "--max-line", "5000"}).err.find(why) != std::string::npos);
  CHECK(recant.plain({"ingest", "--help"}).out.find("4 KiB") != std::string::npos);
}

TEST_CASE("a compressed file that is cut before its content is one rejected input",
          "[cli][words]") {
  const CliRunner recant;
  REQUIRE(recant({"ingest", recant.file("events", kSuspended)}).exit == 0);
  const std::string whole = "BZh91AY&SY\x01\x02";
  for (std::size_t size = 3; size < whole.size(); ++size) {
    const Outcome outcome = recant({"check", recant.file("cut.bz2", whole.substr(0, size))});
    CAPTURE(size, outcome.err);
    CHECK(outcome.exit == 1);
    CHECK(outcome.err.find("1 line rejected") != std::string::npos);
    CHECK(recant({"ingest", recant.path("cut.bz2")}).exit == 1);
  }
}

TEST_CASE("nothing but results and rejections is said where stderr is no terminal",
          "[cli][words]") {
  const CliRunner recant;
  const std::string events = recant.file("events", kSuspended);
  // A pipe that takes over ten seconds to end, which is when the first line would be said.
  const auto slow_ingest = [&](const std::string& mode) {
    return "{ sleep 11; cat " + events + "; } | " RECANT_BINARY " --store " + recant.path(mode) +
           "-store --progress " + mode + " ingest - 2> " + recant.path(mode) + " & ";
  };
  CHECK(std::system((slow_ingest("auto") + slow_ingest("always") + "wait").c_str()) == 0);
  const std::string quiet = content_of(recant.path("auto"));
  CHECK(std::ranges::count(quiet, '\n') == 1);
  CHECK(quiet.find("1 accepted") != std::string::npos);
  CHECK(std::ranges::count(content_of(recant.path("always")), '\n') == 2);
}
