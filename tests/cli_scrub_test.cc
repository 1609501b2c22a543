// recant scrub, through the real program.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/cli_runner.h"

namespace {

const std::string kEvents =
    R"({"data":{"delete":{"tweet":{"id":"5","author_id":"7"},"event_at":"2022-12-23T12:34:56.789Z"}}})"
    "\n"
    R"({"data":{"user_protect":{"user":{"id":"9"},"event_at":"2022-12-23T12:34:56.789Z"}}})"
    "\n"
    R"({"data":{"scrub_geo":{"user":{"id":"8"},"up_to_tweet_id":"100","event_at":"2022-12-23T12:34:56.789Z"}}})"
    "\n";

const std::string kRows = "id,author_id\n5,7\n6,9\n7,8\n";

/// A store of the events, and a place for files.
class Scrub {
 public:
  Scrub() { REQUIRE(recant({"ingest", "-"}, kEvents).exit == 0); }
  /// What scrub makes of `text`.
  std::string output_of(const std::string& text, std::vector<std::string> more = {}) const {
    std::vector<std::string> words = {"scrub", recant.file("in", text), "--output",
                                      recant.path("out")};
    words.insert(words.end(), more.begin(), more.end());
    const Outcome done = recant(words);
    INFO(done.err);
    CHECK(done.exit == 0);
    return content_of(recant.path("out"));
  }

  CliRunner recant;
};

std::string shell_line(const std::string& command, const CliRunner& recant) {
  REQUIRE(std::system((command + " > '" + recant.path("shell") + "'").c_str()) == 0);
  return content_of(recant.path("shell"));
}

}  // namespace

TEST_CASE("scrub leaves out, holds, and says what it did", "[cli][scrub]") {
  const Scrub scrub;
  const CliRunner& recant = scrub.recant;
  const std::string rows = recant.file("rows.csv", kRows);
  const Outcome done = recant({"scrub", rows, "--output", recant.path("out.csv"), "--held",
                               recant.path("held.csv"), "--summary", recant.path("summary")});
  CHECK(done.exit == 0);
  CHECK(done.out.empty());
  CHECK(content_of(recant.path("out.csv")) == "id,author_id\n7,8\n");
  CHECK(content_of(recant.path("held.csv")) == "id,author_id\n6,9\n");
  CHECK(done.err.find("delete 1 (33.3 %), suppress 1 (33.3 %), strip_geo 1") != std::string::npos);
  CHECK(done.err.find("1 row that stay whole") != std::string::npos);
  const auto summary = nlohmann::ordered_json::parse(content_of(recant.path("summary")));
  CHECK(summary["items"] == 3);
  CHECK(summary["by_action"]["suppress"] == 1);

  const Outcome without = recant({"scrub", rows, "--output", recant.path("out2.csv")});
  CHECK(without.err.find("1 suppressed item left out") != std::string::npos);
  CHECK(content_of(recant.path("out2.csv")) == "id,author_id\n7,8\n");
  const Outcome raised = recant({"scrub", rows, "--output", recant.path("out3.csv"), "--held",
                                 recant.path("held3.csv"), "--delete-on", "user_protect"});
  CHECK(raised.exit == 0);
  CHECK(content_of(recant.path("held3.csv")).empty());
}

TEST_CASE("a dry run says the same and writes nothing", "[cli][scrub]") {
  const Scrub scrub;
  const CliRunner& recant = scrub.recant;
  const std::string rows = recant.file("rows.csv", kRows);
  const Outcome done = recant({"scrub", rows, "--dry-run", "--output", recant.path("out"), "--held",
                               recant.path("held"), "--receipt", recant.path("receipt")});
  CHECK(done.exit == 0);
  CHECK(done.err.find("delete 1") != std::string::npos);
  CHECK(done.err.find("dry run: nothing was written") != std::string::npos);
  for (const char* name : {"out", "held", "receipt"}) {
    CHECK_FALSE(std::filesystem::exists(recant.path(name)));
  }
  CHECK(recant({"scrub", rows, "--dry-run"}).exit == 0);
  CHECK(recant({"scrub", rows}).exit == 2);
}

TEST_CASE("a receipt names the bytes that were read and written", "[cli][scrub]") {
  const Scrub scrub;
  const CliRunner& recant = scrub.recant;
  const std::string rows = recant.file("rows.csv", kRows);
  const std::string packed = recant.path("rows.csv.gz");
  REQUIRE(std::system(("gzip -c '" + rows + "' > '" + packed + "'").c_str()) == 0);
  const Outcome done = recant({"scrub", packed, rows, "--output", recant.path("out.zst"), "--held",
                               recant.path("held.gz"), "--receipt", recant.path("receipt"),
                               "--country", "de", "--delete-on", "user_suspend"});
  REQUIRE(done.exit == 0);
  CHECK(shell_line("zstd -dc '" + recant.path("out.zst") + "'", recant) ==
        "id,author_id\n7,8\n7,8\n");
  CHECK(shell_line("gzip -dc '" + recant.path("held.gz") + "'", recant) ==
        "id,author_id\n6,9\n6,9\n");
  const auto receipt = nlohmann::ordered_json::parse(content_of(recant.path("receipt")));
  const auto matches = [&recant](const nlohmann::ordered_json& file, const std::string& path) {
    CHECK(file["name"] == path);
    CHECK(file["bytes"] == std::filesystem::file_size(path));
    CHECK(file["sha256"] == shell_line("sha256sum '" + path + "'", recant).substr(0, 64));
  };
  matches(receipt["inputs"][0], packed);
  matches(receipt["inputs"][1], rows);
  matches(receipt["output"], recant.path("out.zst"));
  matches(receipt["held"], recant.path("held.gz"));
  CHECK(receipt["by_action"]["delete"] == 2);
  CHECK(receipt["last_seq"] == "3");
  CHECK(receipt["digest"].get<std::string>() + "\n" == recant({"digest"}).out);
  CHECK(receipt["policy"].dump() == R"({"country":"DE","delete_on":["user_suspend"]})");
  CHECK(recant({"--version"}).out == "recant " + receipt["version"].get<std::string>() + "\n");
}

TEST_CASE("a receipt covers input that cannot be read to its end", "[cli][scrub]") {
  const Scrub scrub;
  const CliRunner& recant = scrub.recant;
  const std::string packed = recant.path("rows.csv.gz");
  REQUIRE(std::system(
              ("{ printf 'id\\n7\\n' | gzip -c; head -c 1000000 /dev/zero; } > '" + packed + "'")
                  .c_str()) == 0);
  const Outcome done = recant(
      {"scrub", packed, "--output", recant.path("out"), "--receipt", recant.path("receipt")});
  CHECK(done.exit == 1);
  CHECK(content_of(recant.path("out")) == "id\n7\n");
  const auto receipt = nlohmann::ordered_json::parse(content_of(recant.path("receipt")));
  CHECK(receipt["inputs"][0]["sha256"] ==
        shell_line("sha256sum '" + packed + "'", recant).substr(0, 64));
}

TEST_CASE("lines of JSON before damage are scrubbed, and the damage is told", "[cli][scrub]") {
  const Scrub scrub;
  const CliRunner& recant = scrub.recant;
  const std::string stays = R"({"id":"6","text":"","user":{"id_str":"7"}})";
  const std::string lines = R"({"id":"5","text":"","user":{"id_str":"7"}})"
                            "\n" +
                            stays + "\n";
  const std::string plain = recant.file("lines", lines);
  const std::string packed = recant.path("lines.gz");
  REQUIRE(std::system(("{ gzip -c '" + plain + "'; head -c 1000 /dev/zero; } > '" + packed + "'")
                          .c_str()) == 0);
  const Outcome done = recant({"scrub", packed, "--output", recant.path("out")});
  CHECK(done.exit == 1);
  CHECK(content_of(recant.path("out")) == stays + "\n");
  CHECK(done.err.find("1 line rejected") != std::string::npos);
}

TEST_CASE("scrub never writes over its input, nor two files into one", "[cli][scrub]") {
  const Scrub scrub;
  const CliRunner& recant = scrub.recant;
  const std::string rows = recant.file("rows.csv", kRows);
  std::filesystem::create_symlink(rows, recant.path("link"));
  std::filesystem::create_hard_link(rows, recant.path("hard"));
  const std::string other = recant.path("other");
  CHECK(recant({"scrub", rows, "--output", rows}).exit == 2);
  CHECK(recant({"scrub", rows, "--output", recant.path("link")}).exit == 2);
  CHECK(recant({"scrub", rows, "--output", recant.path("hard")}).exit == 2);
  CHECK(recant({"scrub", rows, "--output", other, "--held", rows}).exit == 2);
  CHECK(recant({"scrub", rows, "--output", other, "--held", other}).exit == 2);
  CHECK(recant({"scrub", rows, "--output", other, "--receipt", recant.path("./other")}).exit == 2);
  CHECK(recant({"scrub", rows, "--output", "-", "--held", "-"}).exit == 2);
  CHECK(content_of(rows) == kRows);
  CHECK_FALSE(std::filesystem::exists(other));
  CHECK(recant({"scrub", rows, "--output", "-"}).out == "id,author_id\n7,8\n");
  CHECK(recant({"scrub", rows, "--output", "/dev/null", "--held", "/dev/null"}).exit == 0);
}

TEST_CASE("several inputs become one dataset", "[cli][scrub]") {
  const Scrub scrub;
  const CliRunner& recant = scrub.recant;
  const auto both = [&](const std::string& a, const std::string& b) {
    return recant({"scrub", recant.file("a", a), recant.file("b", b), "--output",
                   recant.path("out"), "--held", recant.path("held")});
  };
  CHECK(both("id,author_id\n7,8", "\xEF\xBB\xBFid,author_id\r\n6,9\n10,1\n").exit == 0);
  CHECK(content_of(recant.path("out")) == "id,author_id\n7,8\n10,1\n");
  CHECK(content_of(recant.path("held")) == "id,author_id\n6,9\n");
  CHECK(both("\xEF\xBB\xBF"
             "7",
             "\n")
            .exit == 0);
  CHECK(content_of(recant.path("out")) ==
        "\xEF\xBB\xBF"
        "7\n\n");
  CHECK(both("7", "").exit == 0);
  CHECK(content_of(recant.path("out")) == "7");
  std::filesystem::remove(recant.path("out"));
  CHECK(both("id,author_id\n7,8\n", "author_id,id\n7,8\n").exit == 2);
  CHECK(both("id\n7\n", R"({"id":"7","text":""})").exit == 2);
  CHECK_FALSE(std::filesystem::exists(recant.path("out")));
}

TEST_CASE("scrub leaves out what nothing could judge, and keeps notices", "[cli][scrub]") {
  const Scrub scrub;
  const CliRunner& recant = scrub.recant;
  const std::string notices = "{\"info\":{\"message\":\"x\"}}\n\n{\"errors\":[]}\r\n";
  const std::string in =
      recant.file("in", notices + "{\"id\":\"7\",\"text\":\"\",\n{\"id\":\"1e3\",\"text\":\"\"}\n");
  const Outcome done = recant({"scrub", in, "--output", recant.path("out")});
  CHECK(done.exit == 1);
  CHECK(content_of(recant.path("out")) == notices);
  CHECK(done.err.find("in:4: ") != std::string::npos);
  CHECK(done.err.find("left out") != std::string::npos);
}

TEST_CASE("every byte that is not due stays", "[cli][scrub]") {
  const Scrub scrub;
  const std::string user = R"("user":{"id_str":"8"})";
  // Number forms, escapes, spaces and key order; geo first, last, between, twice, and escaped.
  CHECK(scrub.output_of("{ \"geo\" : {\"a\":[1,{}]} ,\"id_str\":\"10\", \"n\":1.50E+07 , " + user +
                        " ,\"\\u0067eo\":null, \"t\":\"\\u00e9\\/\",\"place\":[ ] } \r\n") ==
        "{ \"id_str\":\"10\", \"n\":1.50E+07 , " + user + " ,\"t\":\"\\u00e9\\/\" } \r\n");
  CHECK(scrub.output_of(R"({"geo":1,"id_str":"101",)" + user + "}") ==
        R"({"geo":1,"id_str":"101",)" + user + "}");
  // A part of the same tweet, and keys of that name that are nothing of the tweet's own.
  CHECK(scrub.output_of(R"({"id_str":"10","extended_tweet":{"geo":{},"x":1},"coordinates":{},)" +
                        user + R"(,"entities":{"geo":1,"place":2},"location":"L"})") ==
        R"({"id_str":"10","extended_tweet":{"x":1},)" + user +
            R"(,"entities":{"geo":1,"place":2},"location":"L"})");
  // The location of an activity's author stays.
  CHECK(scrub.output_of(R"({"id":"tag:a,2005:10","verb":"post","location":{},"actor":)"
                        R"({"id":"id:x.com:8","location":{"x":1}},"geo":{}})") ==
        R"({"id":"tag:a,2005:10","verb":"post","actor":{"id":"id:x.com:8","location":{"x":1}}})");
}

TEST_CASE("copies of posts go wherever they stand", "[cli][scrub]") {
  const Scrub scrub;
  const std::string user = R"("user":{"id_str":"1"})";
  // The object is another post than the id beside it says: either is reason enough.
  CHECK(scrub.output_of(
            R"({"id_str":"10","quoted_status_id_str":"5","quoted_status":{"id_str":"11"},)" + user +
            "}") == R"({"id_str":"10","quoted_status_id_str":"5",)" + user + "}");
  // What a quoted post quotes.
  CHECK(scrub.output_of(R"({"id_str":"10",)" + user +
                        R"(,"quoted_status":{"id_str":"11","quoted_status":{"id_str":"5"}}})") ==
        R"({"id_str":"10",)" + user + R"(,"quoted_status":{"id_str":"11"}})");
  // Replied to, expanded; the relation stays.
  CHECK(
      scrub.output_of(
          R"({"id":"10","text":"","referenced_tweets":[{"text":"x","type":"replied_to","id":"5","author":{}}]})") ==
      R"({"id":"10","text":"","referenced_tweets":[{"type":"replied_to","id":"5"}]})");
  // The newest post of a user, whose author is the user.
  const std::vector<std::string> users = {"--type", "users"};
  CHECK(scrub.output_of(R"({"id_str":"8","screen_name":"a","status":{"id_str":"10","geo":{}}})",
                        users) == R"({"id_str":"8","screen_name":"a","status":{"id_str":"10"}})");
  CHECK(scrub.output_of(R"({"id_str":"1","screen_name":"a","status":{"id_str":"5"}})", users) ==
        R"({"id_str":"1","screen_name":"a"})");
  // A page without data may still show posts.
  CHECK(scrub.output_of(
            R"({"includes":{"tweets":[{"id":"5"},{"id":"6","author_id":"9"},{"id":"7"}]}})") ==
        R"({"includes":{"tweets":[{"id":"7"}]}})");
  CHECK(scrub.output_of(
            R"({"tweet_id":"10","user_id":"1","tweet":{"id":"10","author_id":"8","geo":{}}})",
            {"--type", "likes"}) ==
        R"({"tweet_id":"10","user_id":"1","tweet":{"id":"10","author_id":"8"}})");
}

TEST_CASE("an array over lines stays an array, whatever is left out of it", "[cli][scrub]") {
  const Scrub scrub;
  const std::string a = R"({"id":"10","text":""})";
  const std::string gone = R"({"id":"5","text":""})";
  CHECK(scrub.output_of("[\n" + a + ",\n\n" + gone + ",\r\n" + gone + "\n]\n") ==
        "[\n" + a + "\n\n]\n");
  CHECK(scrub.output_of("[" + gone + ",\n" + a + ",\n" + gone + "]") == "[\n" + a + "\n]");
  CHECK(scrub.output_of("[" + gone + ",\n" + gone + "]\n") == "[\n]\n");
  CHECK(scrub.output_of("[ " + gone + ", " + gone + " ]\n") == "[  ]\n");
  CHECK(scrub.output_of("[\n\"10\",\n\"5\"\n]\n") == "[\n\"10\"\n]\n");
  // No array at all: what was there stays.
  CHECK(scrub.output_of(a + ",\n" + gone + ",\n" + a + "\n") == a + ",\n" + a + "\n");
}

TEST_CASE("an embedded retweet goes with its original", "[cli][scrub]") {
  const Scrub scrub;
  const std::string words = R"("text":"RT @x: words",)";
  const std::string shown = R"({"id_str":"10",)" + words + R"("retweeted_status":)";
  const std::vector<std::string> users = {"--type", "users"};
  const auto status_of = [](const std::string& status) {
    return R"({"id_str":"1","screen_name":"a","status":)" + status + "}";
  };
  const std::string bare = R"({"id_str":"1","screen_name":"a"})";
  CHECK(scrub.output_of(status_of(shown + R"({"id_str":"5","user":{"id":7}}})"), users) == bare);
  // For the original's author, too.
  CHECK(scrub.output_of(status_of(shown + R"({"id_str":"11","user":{"id":9}}})"), users) == bare);
  const std::string kept = status_of(shown + R"({"id_str":"11","user":{"id":1}}})");
  CHECK(scrub.output_of(kept, users) == kept);
  // An original that is a later version of one that is deleted.
  CHECK(scrub.output_of(status_of(shown + R"({"id_str":"11","edit_history_tweet_ids":["5"]}})"),
                        users) == bare);
  const std::string user = R"({"id_str":"20","user":{"id_str":"1"})";
  CHECK(scrub.output_of(user + R"(,"in_reply_to_user":{"id_str":"2","status":)" + shown +
                        R"({"id_str":"5"}}}})") == user + R"(,"in_reply_to_user":{"id_str":"2"}})");
  CHECK(scrub.output_of(user + R"(,"quoted_status":)" + shown + R"({"id_str":"5"}}})") ==
        user + "}");
  CHECK(scrub.output_of(
            R"({"id":"20","text":"","referenced_tweets":[{"type":"quoted","id":"10","text":"x",)"
            R"("referenced_tweets":[{"type":"retweeted","id":"5"}]}]})") ==
        R"({"id":"20","text":"","referenced_tweets":[{"type":"quoted","id":"10"}]})");
  // It may repeat the geo of its original.
  CHECK(scrub.output_of(user + R"(,"quoted_status":{"id_str":"10","geo":{},"place":null,)" +
                        R"("retweeted_status":{"id_str":"12","user":{"id":8},"geo":{}}}})") ==
        user + R"(,"quoted_status":{"id_str":"10","place":null,)" +
            R"("retweeted_status":{"id_str":"12","user":{"id":8}}}})");
}

TEST_CASE("a line of very many edit histories is scrubbed", "[cli][scrub]") {
  const Scrub scrub;
  std::string line = R"({"id":"20","author_id":"1","text":"","referenced_tweets":[)";
  std::string expected = line;
  // Pairs that make one long chain, of which the last version is deleted, and pairs alone.
  for (int i = 0; i < 10'000; ++i) {
    const bool in_chain = i < 5'000;
    const int first = in_chain ? 1'000 + i : 100'000 + 2 * i;
    const std::string id = std::to_string(first);
    const std::string last = i == 4'999 ? "5" : std::to_string(first + 1);
    const std::string begin = (i > 0 ? "," : "") + (R"({"type":"replied_to","id":")" + id + '"');
    const std::string body = R"(,"edit_history_tweet_ids":[")" + id + R"(",")" + last + R"("])";
    line += begin + body + "}";
    expected += begin + (in_chain ? "}" : body + "}");
  }
  CHECK(scrub.output_of(line + "]}") == expected + "]}");
}

// The law's row for quotes asks about the quoted tweet and its author, and about nothing behind it.
TEST_CASE("a quote that only the state calls a retweet stays as check says", "[cli][scrub]") {
  const CliRunner recant;
  const std::string events = R"({"event":"tweet_held","at":1,"tweet_id":"20","retweeted_id":"30"})"
                             "\n"
                             R"({"event":"tweet_delete","at":1,"tweet_id":"30"})"
                             "\n"
                             R"({"event":"tweet_scrub_geo","at":1,"tweet_id":"30"})"
                             "\n";
  REQUIRE(recant({"ingest", "-"}, events).exit == 0);
  const std::string lines =
      R"({"id_str":"10","user":{"id":1},"quoted_status_id_str":"20","quoted_status":{"id_str":"20","user":{"id":2},"text":"t","geo":{}}})"
      "\n"
      R"({"id":"10","author_id":"1","referenced_tweets":[{"type":"quoted","id":"20","text":"t","geo":{}}]})"
      "\n";
  CHECK(recant({"check", "-"}, lines).out.empty());
  CHECK(recant({"scrub", "-", "--output", "-"}, lines).out == lines);
}
