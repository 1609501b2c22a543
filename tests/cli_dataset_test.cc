// The commands that judge and describe, through the real program.
#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "recant/recant.h"
#include "tests/cli_runner.h"

namespace {

const std::string kTwoEvents =
    R"({"data":{"delete":{"tweet":{"id":"1587734789333454849","author_id":"7"},)"
    R"("event_at":"2022-12-23T12:34:56.789Z"}}})"
    "\n"
    R"({"data":{"user_protect":{"user":{"id":"9"},"event_at":"2022-12-23T12:34:56.789Z"}}})"
    "\n";

}  // namespace

TEST_CASE("check prints what is due, in order, and counts everything", "[cli]") {
  const CliRunner recant;
  REQUIRE(recant({"ingest", "-"}, kTwoEvents).exit == 0);
  const std::string items =
      recant.file("items.csv", "id,author_id\n5,9\n1587734789333454849,\n6,8\nnonsense,1\n");
  const std::string protected_line =
      R"({"id":"5","action":"suppress","reasons":[{"action":"suppress","event":"user_protect",)"
      R"("via":"author","user_id":"9","at":"2022-12-23T12:34:56.789Z"}]})";
  const std::string deleted_line =
      R"({"id":"1587734789333454849","action":"delete","reasons":[{"action":"delete",)"
      R"("event":"tweet_delete","via":"self","tweet_id":"1587734789333454849",)"
      R"("at":"2022-12-23T12:34:56.789Z"}]})";
  const Outcome due = recant({"check", items, "--summary", recant.path("summary")});
  CHECK(due.exit == 1);
  CHECK(due.out == protected_line + "\n" + deleted_line + "\n");
  CHECK(due.err.find("items.csv:5: ") != std::string::npos);
  const auto summary = nlohmann::ordered_json::parse(content_of(recant.path("summary")));
  CHECK(summary["by_action"].dump() ==
        R"({"delete":1,"suppress":1,"withhold":0,"strip_geo":0,"strip_quote":0,"refresh":0,)"
        R"("refresh_profile":0,"keep":1})");
  std::vector<std::string> keys;
  for (const auto& [key, value] : summary.items()) keys.push_back(key);
  CHECK(keys == std::vector<std::string>{"items", "skipped", "rejected", "without_author",
                                         "by_action", "as_of", "seconds", "items_per_second"});
  CHECK(summary["items"] == 3);
  CHECK(summary["rejected"] == 1);

  const std::string good = recant.file("good.csv", "id,author_id\n6,8\n");
  CHECK(recant({"check", good}).exit == 0);
  CHECK(recant({"check", good, "--exit-code"}).exit == 0);
  CHECK(recant({"check", good, "--all"}).out == R"({"id":"6","action":"keep","reasons":[]})"
                                                "\n");
  const std::string one = recant.file("one.txt", "1587734789333454849\n");
  CHECK(recant({"check", one}).exit == 0);
  CHECK(recant({"check", one, "--exit-code"}).exit == 1);
  CHECK(recant({"check", one, "--exit-code", "--as-of", "2022-01-01T00:00:00Z"}).exit == 0);
  CHECK(recant({"check", items, "--delete-on", "user_protect,user_suspend"})
            .out.starts_with(R"({"id":"5","action":"delete")"));
}

TEST_CASE("check writes a file beside and renames it, and compresses by its name", "[cli]") {
  const CliRunner recant;
  REQUIRE(recant({"ingest", "-"}, kTwoEvents).exit == 0);
  const std::string ids = recant.file("ids.txt", "1587734789333454849\n");
  const std::string lines = recant({"check", ids}).out;
  CHECK(recant({"check", ids, "--output", recant.path("out.jsonl")}).out.empty());
  CHECK(content_of(recant.path("out.jsonl")) == lines);
  REQUIRE(recant({"check", ids, "--output", recant.path("out.gz")}).exit == 0);
  const std::string unpack =
      "gzip -dc '" + recant.path("out.gz") + "' > '" + recant.path("unpacked") + "'";
  REQUIRE(std::system(unpack.c_str()) == 0);
  CHECK(content_of(recant.path("unpacked")) == lines);
  CHECK(recant({"check", ids, "--output-format", "csv"})
            .out.starts_with("id,action,event,via,at,reasons\n1587734789333454849,delete,"));
  CHECK(
      recant({"check", ids, "--output-format", "batch"})
          .out.starts_with(R"({"id":"1587734789333454849","action":"delete","created_at":"2022-)"));
}

TEST_CASE("what is tracked is judged with the author it was tracked with", "[cli]") {
  const CliRunner recant;
  const std::string items = recant.file("items.csv", "id,author_id\n5,9\n");
  const std::string ids = recant.file("ids.txt", "5\n");
  CHECK(recant({"track", items}).exit == 0);
  REQUIRE(recant({"ingest", "-"}, kTwoEvents).exit == 0);
  CHECK(recant({"check", ids}).out.find("user_protect") != std::string::npos);
  const auto stats = [&recant] { return nlohmann::json::parse(recant({"stats", "--json"}).out); };
  CHECK(stats()["held"] == 1);
  const auto events = stats()["events"];
  CHECK(recant({"track", items}).exit == 0);
  CHECK(stats()["events"] == events);
  CHECK(recant({"untrack", ids}).exit == 0);
  CHECK(stats()["held"] == 0);
}

TEST_CASE("tweet and user tell state, history and verdict in one line each", "[cli]") {
  const CliRunner recant;
  const std::string held =
      R"({"event":"tweet_held","at":"2022-12-24T00:00:00.000Z","tweet_id":"5","author_id":"9"})";
  const std::string withheld =
      R"({"event":"tweet_withheld","at":"2022-12-25T00:00:00.000Z","tweet_id":"5",)"
      R"("author_id":"9","countries":["DE","FR"]})";
  const std::string edit =
      R"({"event":"tweet_edit","at":"2022-12-26T00:00:00.000Z","tweet_id":"6",)"
      R"("initial_tweet_id":"5","edit_tweet_ids":["5","6"]})";
  REQUIRE(recant({"ingest", "-"}, kTwoEvents + held + "\n" + withheld + "\n" + edit + "\n").exit ==
          0);
  const Outcome outcome = recant({"tweet", "5", "77"});
  CHECK(outcome.exit == 0);
  CHECK(std::ranges::count(outcome.out, '\n') == 2);
  const auto told = nlohmann::ordered_json::parse(outcome.out.substr(0, outcome.out.find('\n')));
  CHECK(told["id"] == "5");
  CHECK(told["state"]["author_ids"][0] == "9");
  CHECK(told["state"]["held_since"] == "2022-12-24T00:00:00.000Z");
  REQUIRE(told["history"].size() == 3);
  CHECK(told["history"][0].dump() == held);
  CHECK(told["history"][1].dump() == withheld);
  CHECK(told["history"][2].dump() == edit);
  CHECK(told["verdict"]["action"] == "suppress");
  CHECK(outcome.out.substr(outcome.out.find('\n') + 1) ==
        R"({"id":"77","state":{},"history":[],)"
        R"("verdict":{"id":"77","action":"keep","reasons":[]}})"
        "\n");
  const Outcome then = recant({"tweet", "5", "--as-of", "2022-12-24T12:00:00Z"});
  CHECK(nlohmann::json::parse(then.out)["history"].size() == 1);
  const auto user = nlohmann::ordered_json::parse(recant({"user", "9"}).out);
  CHECK(user["history"][0].dump() ==
        R"({"event":"user_protect","at":"2022-12-23T12:34:56.789Z","user_id":"9"})");
  CHECK(user["state"]["protected"][0]["on"] == true);
  CHECK(user["verdict"]["action"] == "suppress");
}

TEST_CASE("check and scrub tell how far the store is complete", "[cli]") {
  const CliRunner recant;
  const std::string ids = recant.file("ids.txt", "5\n");
  const auto heard = [](const std::string& from, const std::string& to) {
    return R"({"event":"coverage","at":")" + to +
           R"(","source":"v2-tweets","partition":"1","from":")" + from + R"(","to":")" + to +
           "\"}\n";
  };
  const std::vector<std::string> check = {"check", ids, "--require-complete"};
  const std::vector<std::string> scrub = {"scrub", ids, "--require-complete", "--output",
                                          recant.path("out")};
  REQUIRE(recant({"ingest", "-"}, kTwoEvents).exit == 0);
  CHECK(recant(check).exit == 0);
  REQUIRE(
      recant({"ingest", "-"}, heard("2024-01-01T00:00:00.000Z", "2024-01-01T01:00:00.000Z")).exit ==
      0);
  CHECK(recant(check).exit == 0);
  CHECK(recant(check).err.find("compliant through 2024-01-01T01:00:00.000Z, no gap; of v2-tweets "
                               "only 1 of 4 partitions were ever heard") != std::string::npos);
  REQUIRE(
      recant({"ingest", "-"}, heard("2024-01-01T02:00:00.000Z", "2024-01-01T03:00:00.000Z")).exit ==
      0);
  for (const auto& words : {check, scrub}) {
    const Outcome outcome = recant(words);
    CHECK(outcome.exit == 1);
    CHECK(outcome.err.find("compliant through 2024-01-01T03:00:00.000Z, but for 1 gap") !=
          std::string::npos);
  }
  CHECK(recant({"check", ids}).exit == 0);
}

TEST_CASE("check and scrub warn of ids that a spreadsheet damaged", "[cli]") {
  const CliRunner recant;
  REQUIRE(recant({"ingest", "-"}, kTwoEvents).exit == 0);
  std::string text = "1.23457E+18\n3000000000000000000\n";
  for (int i = 0; i < 20; ++i) text += std::to_string(154'000 + i * 7) + "0000000000000\n";
  const std::string ids = recant.file("ids.txt", text + text.substr(text.size() - 20));
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"check", ids}, {"scrub", ids, "--output", recant.path("out")}}) {
    const Outcome outcome = recant(words);
    CHECK(outcome.exit == 1);
    const auto told = [&outcome](std::string_view what) {
      INFO(outcome.err);
      CHECK(outcome.err.find(what) != std::string::npos);
    };
    told("ids.txt: 1 id is written like 1.23E+18");
    told("of 22 ids end in 0000, far more than by chance");
    told("ids.txt: 1 id from the future");
    told("ids.txt: 1 item came before in the file");
  }
}

TEST_CASE("a clock that is far behind the last event is warned of, where it decides", "[cli]") {
  const CliRunner recant;
  const std::string ids = recant.file("ids.txt", "2\n");
  const auto append = [&recant](recant::Time ahead) {
    auto store = *recant::Store::open({.directory = recant.store(), .create = true});
    const recant::Event event{.kind = recant::EventKind::kTweetDelete,
                              .at = 1000,
                              .received_at = recant::now() + ahead,
                              .tweet = 1};
    REQUIRE(store.append({&event, 1}));
  };
  const std::string scrubbed = recant.path("scrubbed");
  const std::vector<std::vector<std::string>> commands = {
      {"check", ids}, {"scrub", ids, "--output", scrubbed}, {"changes"}};
  const auto warnings = [&](const std::vector<std::string>& command) {
    const Outcome outcome = recant(command);
    CHECK(outcome.exit == 0);
    return outcome.err.find("warning: the clock says 20") != std::string::npos &&
           outcome.err.find("--as-of") != std::string::npos;
  };
  append(23 * 3'600'000);
  for (const auto& command : commands) CHECK_FALSE(warnings(command));
  append(25 * 3'600'000);
  for (auto command : commands) {
    CHECK(warnings(command));
    command.insert(command.end(), {"--as-of", "2024-01-01T00:00:00Z"});
    CHECK_FALSE(warnings(command));
  }
}

// Either once cost the square or the cube of what it holds, for each item: with these sizes nobody
// would wait for the end.
TEST_CASE("long edit histories and long chains of edits are judged to their ends", "[cli]") {
  const CliRunner recant;
  std::string events = R"({"event":"tweet_delete","at":0,"tweet_id":"5"})"
                       "\n";
  std::string ids;
  constexpr int kVersions = 700;
  const auto add_edit = [&events](int initial, int version) {
    events += R"({"event":"tweet_edit","at":0,"tweet_id":")" + std::to_string(version) +
              R"(","initial_tweet_id":")" + std::to_string(initial) + R"(","edit_tweet_ids":[")" +
              std::to_string(version) +
              R"("]})"
              "\n";
  };
  for (int i = 0; i < kVersions; ++i) {
    add_edit(100'000 + i, i + 1 < kVersions ? 100'001 + i : 5);  // a chain
    add_edit(5, 200'000 + i);                                    // a star
    ids += std::to_string(100'000 + i) + "\n" + std::to_string(200'000 + i) + "\n";
  }
  REQUIRE(recant({"ingest", "-"}, events).exit == 0);
  const auto deleted = [&recant](const std::string& dataset) {
    const Outcome done = recant({"check", recant.file("in", dataset)});
    const std::string sought = R"("action":"delete","event":"tweet_delete","via":"self",)"
                               R"("tweet_id":"5")";
    int found = 0;
    for (auto at = done.out.find(sought); at != std::string::npos; ++found) {
      at = done.out.find(sought, at + 1);
    }
    return found;
  };
  CHECK(deleted(ids) == 2 * kVersions);
  std::string lines;
  for (int line = 0; line < 100; ++line) {
    std::string history;
    for (int i = 0; i < 999; ++i) history += '"' + std::to_string(1'000'000 + i) + "\",";
    lines += R"({"id":")" + std::to_string(line + 10) + R"(","edit_history_tweet_ids":[)" +
             history + "\"5\"]}\n";
  }
  CHECK(deleted(lines) == 100);
}
