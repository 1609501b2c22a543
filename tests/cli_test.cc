// The contract of the command line, through the real program: exit codes, what is written where,
// and that nothing happens when a command cannot be done.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/cli_runner.h"

namespace fs = std::filesystem;

namespace {

const std::string kDelete =
    R"({"data":{"delete":{"tweet":{"id":"1587734789333454849","author_id":"7"},)"
    R"("event_at":"2022-12-23T12:34:56.789Z"}}})";
const std::string kProtect =
    R"({"data":{"user_protect":{"user":{"id":"9"},"event_at":"2022-12-23T12:34:56.789Z"}}})";
const std::string kTwoEvents = kDelete + "\n" + kProtect + "\n";

std::string sample(const std::string& name) { return RECANT_FIXTURES "/samples/" + name; }

// One line on stderr, with the program's name before it.
bool one_error_line(const std::string& err) {
  return err.starts_with("recant: ") && std::ranges::count(err, '\n') == 1;
}

void compress(const std::string& command, const std::string& from, const std::string& to) {
  REQUIRE(std::system((command + " -c '" + from + "' > '" + to + "'").c_str()) == 0);
}

}  // namespace

TEST_CASE("every command has help with an example", "[cli]") {
  const CliRunner recant;
  const std::vector<std::vector<std::string>> commands = {
      {},          {"ingest"}, {"check"},  {"track"}, {"untrack"},    {"tweet"},      {"user"},
      {"rebuild"}, {"verify"}, {"digest"}, {"stats"}, {"log", "cat"}, {"log", "info"}};
  for (std::vector<std::string> words : commands) {
    words.emplace_back("--help");
    const Outcome outcome = recant.plain(words);
    CAPTURE(words);
    CHECK(outcome.exit == 0);
    CHECK(outcome.out.find("Example:\n  recant") != std::string::npos);
    CHECK(outcome.err.empty());
  }
  CHECK(recant.plain({"--version"}).out.starts_with("recant "));
}

TEST_CASE("wrong usage is exit 2, one line, and leaves no store behind", "[cli]") {
  const CliRunner recant;
  const std::string events = recant.file("events.jsonl", kTwoEvents);
  const std::vector<std::vector<std::string>> usages = {
      {},
      {"frobnicate"},
      {"ingest"},
      {"ingest", "--sumary", "x", events},
      {"ingest", "--default-at", "yesterday", events},
      {"ingest", "--max-line", "lots", events},
      {"ingest", "--format", "xml", events},
      {"--lock-wait", "nan", "ingest", events},
      {"--integrity", "maybe", "ingest", events},
      {"ingest", "-", "-"},
      {"check"},
      {"check", events, "--type", "cats"},
      {"check", events, "--as-of", "2022-13-01T00:00:00Z"},
      {"check", events, "--country", "Germany"},
      {"check", events, "--delete-on", "tweet_delete"},
      {"check", events, "--output-format", "xml"},
      {"track"},
      {"tweet"},
      {"tweet", "0"},
      {"tweet", "1e3"},
      {"user", "18446744073709551616"},
      {"digest", "extra"},
      {"rebuild", "--until", "3"},
      {"rebuild", "--memory", "-1"},
      {"log"},
      {"log", "dog"},
      {"log", "cat", "--from", "0"},
      {"log", "cat", "--from", "3", "--to", "2"},
  };
  for (const auto& words : usages) {
    const Outcome outcome = recant(words);
    CAPTURE(words, outcome.err);
    CHECK(outcome.exit == 2);
    CHECK(one_error_line(outcome.err));
    CHECK(outcome.out.empty());
    CHECK_FALSE(fs::exists(recant.store()));
  }
}

TEST_CASE("a mistyped command or option is told what was meant", "[cli]") {
  const CliRunner recant;
  CHECK(recant({"chekc", "x"}).err.find("did you mean check?") != std::string::npos);
  CHECK(recant({"digest", "--lock-wiat", "1"}).err.find("did you mean --lock-wait?") !=
        std::string::npos);
  CHECK(recant({"log", "cta"}).err.find("did you mean cat?") != std::string::npos);
}

TEST_CASE("without a store every command but ingest and track is exit 3", "[cli]") {
  const CliRunner recant;
  const std::string ids = recant.file("ids.txt", "1\n");
  const std::vector<std::vector<std::string>> commands = {
      {"check", ids}, {"untrack", ids}, {"tweet", "1"}, {"user", "1"},  {"rebuild"},
      {"verify"},     {"digest"},       {"stats"},      {"log", "cat"}, {"log", "info"}};
  for (const auto& words : commands) {
    const Outcome outcome = recant(words);
    CAPTURE(words, outcome.err);
    CHECK(outcome.exit == 3);
    CHECK(one_error_line(outcome.err));
    CHECK_FALSE(fs::exists(recant.store()));
  }
}

TEST_CASE("a missing file is exit 3 and nothing has happened, not even to the other files",
          "[cli]") {
  const CliRunner recant;
  const std::string events = recant.file("events.jsonl", kTwoEvents);
  const std::vector<std::vector<std::string>> commands = {
      {"ingest", events, recant.path("missing")},
      {"ingest", events, "--rejects", recant.path("missing/rejects")},
      {"ingest", events, "--summary", recant.path("missing/summary")},
      {"ingest", recant.path("")},
      {"track", recant.path("missing")},
      {"check", recant.path("missing")}};
  for (const auto& words : commands) {
    const Outcome outcome = recant(words);
    CAPTURE(words, outcome.err);
    CHECK(outcome.exit == 3);
    CHECK(one_error_line(outcome.err));
    CHECK_FALSE(fs::exists(recant.store()));
  }
}

TEST_CASE("the store is --store, before or after the command, else RECANT_STORE", "[cli]") {
  const CliRunner recant;
  const std::string events = recant.file("events.jsonl", kTwoEvents);
  CHECK(recant.plain({"ingest", events, "--store", recant.path("a")}).exit == 0);
  CHECK(recant.plain({"ingest", events}, recant.path("b")).exit == 0);
  CHECK(recant.plain({"--store", recant.path("c"), "ingest", events}, recant.path("b")).exit == 0);
  const std::string digest = recant.plain({"digest", "--store", recant.path("a")}).out;
  CHECK(digest.size() == 33);
  CHECK(recant.plain({"digest"}, recant.path("b")).out == digest);
  CHECK(recant.plain({"digest"}, recant.path("c")).out == digest);
  CHECK(recant.plain({"log", "cat", "--store", recant.path("c")}).exit == 0);
  CHECK(fs::status(recant.path("a")).permissions() == fs::perms::owner_all);
}

TEST_CASE("ingest counts every line, and what it accepted answers at once", "[cli]") {
  const CliRunner recant;
  const std::string lines =
      kDelete + "\n\nnot json\n" + kProtect + "\n" + R"({"warning":{"code":"FALLING_BEHIND"}})" +
      "\r\n" + R"({"data":{"user_dance":{"user":{"id":"9"}}}})" + "\n" +
      R"({"data":{"drop":{"tweet":{"id":"5"},)" + R"("event_at":"2990-01-01T00:00:00Z"}}})";
  const Outcome outcome = recant({"ingest", recant.file("events.jsonl", lines), "--summary", "-"});
  CHECK(outcome.exit == 1);
  const auto summary = nlohmann::json::parse(outcome.out);
  CHECK(summary["lines"] == 7);
  CHECK(summary["accepted"] == 4);
  CHECK(summary["rejected"] == 1);
  CHECK(summary["unknown"] == 1);
  CHECK(summary["notices"] == 1);
  CHECK(summary["blank"] == 1);
  CHECK(summary["future"] == 1);
  CHECK(summary["first_seq"] == "1");
  CHECK(summary["last_seq"] == "4");
  CHECK(outcome.err.find("events.jsonl:3: ") != std::string::npos);
  CHECK(outcome.err.find("24 hours ahead") != std::string::npos);
  const auto stats = nlohmann::json::parse(recant({"stats", "--json"}).out);
  CHECK(stats["events"] == 4);
  CHECK(stats["by_kind"]["user_protect"] == 1);
}

TEST_CASE("rejected lines are kept as they came, the first ten are shown", "[cli]") {
  const CliRunner recant;
  std::string lines;
  std::string bad;
  for (int i = 0; i < 25; ++i) {
    const std::string line = "not json \x1b[31m " + std::to_string(i);
    lines += line + "\n" + kDelete + "\n";
    bad += line + "\n";
  }
  const Outcome outcome =
      recant({"ingest", recant.file("events.jsonl", lines), "--rejects", recant.path("rejects")});
  CHECK(outcome.exit == 1);
  CHECK(content_of(recant.path("rejects")) == bad);
  CHECK(outcome.err.find("events.jsonl:19: ") != std::string::npos);
  CHECK(outcome.err.find("events.jsonl:21: ") == std::string::npos);
  CHECK(outcome.err.find("and 15 more") != std::string::npos);
  CHECK(outcome.err.find('\x1b') == std::string::npos);
}

TEST_CASE("strict appends nothing of a file with a bad line, and all of a good one", "[cli]") {
  const CliRunner recant;
  const std::string good = recant.file("good.jsonl", kTwoEvents);
  const std::string bad = recant.file("bad.jsonl", kProtect + "\nnot json\n" + kDelete + "\n");
  CHECK(recant({"ingest", "--strict", good, bad, good}).exit == 1);
  CHECK(nlohmann::json::parse(recant({"stats", "--json"}).out)["events"] == 2);

  SECTION("also where the input can be read only once") {
    const std::string script = std::string("cat '") + bad + "' | '" RECANT_BINARY "' --store '" +
                               recant.store() + "' ingest --strict - 2>/dev/null";
    CHECK(WEXITSTATUS(std::system(script.c_str())) == 1);
    CHECK(nlohmann::json::parse(recant({"stats", "--json"}).out)["events"] == 2);
    const std::string accepted = std::string("cat '") + good + "' | '" RECANT_BINARY "' --store '" +
                                 recant.store() + "' ingest --strict - 2>/dev/null";
    CHECK(WEXITSTATUS(std::system(accepted.c_str())) == 0);
    CHECK(nlohmann::json::parse(recant({"stats", "--json"}).out)["events"] == 4);
  }
}

TEST_CASE("a line over --max-line is rejected with its length, the rest goes on", "[cli]") {
  const CliRunner recant;
  const std::string lines = std::string(100'000, 'x') + "\n" + kDelete + "\n";
  const Outcome outcome = recant({"ingest", "--max-line", "1K", "-", "--summary", "-"}, lines);
  CHECK(outcome.exit == 1);
  CHECK(outcome.err.find("100000 bytes") != std::string::npos);
  CHECK(nlohmann::json::parse(outcome.out)["accepted"] == 1);
}

TEST_CASE("inputs may be stdin, gzip, zstd or bzip2", "[cli]") {
  const CliRunner recant;
  const std::string plain = recant.file("events.jsonl", kTwoEvents);
  compress("gzip", plain, recant.path("a.gz"));
  compress("zstd -q", plain, recant.path("b"));
  compress("bzip2", plain, recant.path("c"));
  CHECK(recant({"ingest", recant.path("a.gz"), recant.path("b"), recant.path("c"), "-"}, kTwoEvents)
            .exit == 0);
  CHECK(nlohmann::json::parse(recant({"stats", "--json"}).out)["events"] == 8);

  SECTION("of a damaged one, what came before is kept") {
    std::string cut = content_of(recant.path("b"));
    cut.resize(cut.size() - 3);
    const Outcome outcome = recant({"ingest", recant.file("cut.zst", cut)});
    CHECK(outcome.exit == 1);
    CHECK(outcome.err.find("cut.zst:") != std::string::npos);
  }
}

TEST_CASE("log cat into another store gives the same digest", "[cli]") {
  const CliRunner recant;
  REQUIRE(
      recant({"ingest", sample("v2_tweet.jsonl"), sample("v2_user.jsonl"), sample("gnip.jsonl")})
          .exit == 0);
  const Outcome lines = recant({"log", "cat"});
  CHECK(lines.exit == 0);
  const CliRunner other;
  REQUIRE(other({"ingest", "-"}, lines.out).exit == 0);
  CHECK(other({"digest"}).out == recant({"digest"}).out);
  CHECK(other({"log", "cat"}).out == lines.out);
  const Outcome two = recant({"log", "cat", "--from", "5", "--to", "6"});
  CHECK(std::ranges::count(two.out, '\n') == 2);
  CHECK(two.out.starts_with(R"({"seq":"5",)"));
}

TEST_CASE("rebuild keeps the digest, and verify finds both whole", "[cli]") {
  const CliRunner recant;
  REQUIRE(recant({"ingest", sample("gnip.jsonl")}).exit == 0);
  const std::string digest = recant({"digest"}).out;
  CHECK(recant({"rebuild"}).out == digest);
  CHECK(recant({"digest"}).out == digest);
  CHECK(recant({"verify"}).exit == 0);
  const Outcome then = recant({"rebuild", "--into", recant.path("then"), "--until", "5"});
  CHECK(then.exit == 0);
  CHECK(then.out != digest);
  CHECK(fs::exists(recant.path("then")));
}

TEST_CASE("while another writer holds the store, ingest gives up with exit 5", "[cli]") {
  const CliRunner recant;
  const std::string events = recant.file("events.jsonl", kTwoEvents);
  REQUIRE(recant({"ingest", events}).exit == 0);
  // The writer is a program that waits for its input after it took the lock.
  const std::string fifo = recant.path("fifo");
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  const std::string writer = std::string("'") + RECANT_BINARY + "' --store '" + recant.store() +
                             "' ingest '" + fifo + "' 2>/dev/null & echo $! > '" +
                             recant.path("pid") + "'";
  REQUIRE(std::system(writer.c_str()) == 0);
  const int hold = open(fifo.c_str(), O_WRONLY);
  REQUIRE(hold >= 0);
  REQUIRE(write(hold, kDelete.data(), 10) == 10);
  Outcome outcome;
  for (int i = 0; i < 100 && outcome.exit != 5; ++i) {
    outcome = recant({"ingest", "--lock-wait", "0", events});
    if (outcome.exit != 5) usleep(20'000);
  }
  CHECK(outcome.exit == 5);
  CHECK(one_error_line(outcome.err));
  CHECK(outcome.err.find(content_of(recant.path("pid")).substr(0, 3)) != std::string::npos);
  CHECK(recant({"digest"}).exit == 0);  // readers go on
  close(hold);
}

TEST_CASE("a full disk under any output is exit 3", "[cli]") {
  const CliRunner recant;
  REQUIRE(recant({"ingest", sample("gnip.jsonl")}).exit == 0);
  const std::string ids = recant.file("ids.txt", "1587734789333454849\n");
  const std::vector<std::vector<std::string>> commands = {
      {"digest"},      {"stats"},      {"stats", "--json"},     {"log", "cat"},
      {"log", "info"}, {"--version"},  {"ingest", "--help"},    {"tweet", "1"},
      {"rebuild"},     {"check", ids}, {"check", "--all", ids}, {"user", "1"}};
  for (const auto& words : commands) {
    const Outcome outcome = recant(words, "", "/dev/full");
    CAPTURE(words, outcome.err);
    CHECK(outcome.exit == 3);
    CHECK(outcome.err.find("recant: ") != std::string::npos);
  }
  CHECK(recant({"ingest", ids, "--rejects", "/dev/full"}).exit == 3);
  CHECK(recant({"ingest", ids, "--summary", "/dev/full"}).exit == 3);
}

TEST_CASE("damage is exit 4, and never an answer", "[cli]") {
  const CliRunner recant;
  REQUIRE(recant({"ingest", sample("gnip.jsonl")}).exit == 0);
  REQUIRE(recant({"ingest", sample("v2_user.jsonl")}).exit == 0);
  fs::path segment;
  for (const auto& entry : fs::directory_iterator(fs::path(recant.store()) / "log")) {
    if (entry.is_regular_file() && entry.file_size() > 100) segment = entry.path();
  }
  REQUIRE_FALSE(segment.empty());
  std::string bytes = content_of(segment.string());
  bytes[200] = static_cast<char>(bytes[200] ^ 1);
  const fs::perms permissions = fs::status(segment).permissions();
  fs::permissions(segment, fs::perms::owner_all);
  recant.file("store/log/" + segment.filename().string(), bytes);
  fs::permissions(segment, permissions);
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"verify"}, {"digest"}, {"stats"}, {"log", "cat"}, {"tweet", "1"}, {"rebuild"}}) {
    const Outcome outcome = recant(words);
    CAPTURE(words, outcome.err, outcome.out);
    CHECK(outcome.exit == 4);
    CHECK(outcome.err.find("recant: ") != std::string::npos);
    CHECK((words.front() == "verify" || outcome.out.empty()));
  }
}
