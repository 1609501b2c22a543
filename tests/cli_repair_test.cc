// `recant repair` as a user meets it: the real program, a store on disk, damage, and what every
// command says afterwards.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "store/io/file_system.h"
#include "store/log/log_reader.h"
#include "tests/cli_runner.h"
#include "tests/flip_byte.h"

namespace {

namespace fs = std::filesystem;

std::string deletes(int first, int count) {
  std::string lines;
  for (int i = first; i < first + count; ++i) {
    const std::string id = std::to_string(1000 + i);
    lines += R"({"event":"tweet_delete","at":"2022-07-01T21:48:43.030Z","tweet_id":")" + id +
             R"(","author_id":"9"})" + "\n";
  }
  return lines;
}

std::vector<recant::log::BlockInfo> blocks_of(const std::string& store) {
  std::vector<recant::log::BlockInfo> blocks;
  REQUIRE(recant::log::verify_log(recant::io::real_file_system(), store, 0,
                                  [&](const auto& block) { blocks.push_back(block); }));
  return blocks;
}

std::string action_of(const CliRunner& run, const std::string& id) {
  const Outcome outcome = run({"tweet", id});
  REQUIRE(outcome.exit == 0);
  return nlohmann::json::parse(outcome.out)["verdict"]["action"];
}

TEST_CASE("a damaged store is repaired, tells of its loss, and goes on", "[repair][cli]") {
  const CliRunner run;
  for (int group = 0; group < 3; ++group) {
    REQUIRE(run({"ingest", "-"}, deletes(10 * group, 10)).exit == 0);
  }
  REQUIRE(run({"rebuild"}).exit == 0);  // a part that knows of all
  const Outcome whole = run({"repair"});
  REQUIRE(whole.exit == 0);
  REQUIRE(whole.out.empty());
  const auto blocks = blocks_of(run.store());
  REQUIRE(blocks.size() == 3);
  const std::string segment = run.store() + "/log/" + blocks[1].segment;
  flip_byte(segment, blocks[1].offset + 130, 0x20);

  const Outcome damaged = run({"verify"});
  REQUIRE(damaged.exit == 4);
  REQUIRE(damaged.out.find("recant repair") != std::string::npos);
  const Outcome refused = run({"ingest", "-"}, deletes(90, 1));
  REQUIRE(refused.exit == 4);
  REQUIRE(refused.err.find("recant repair") != std::string::npos);

  const std::string bytes = content_of(segment);
  const Outcome dry = run({"repair", "--dry-run"});
  REQUIRE(dry.exit == 1);
  const std::string where = "sequences 11 to 20, log/" + blocks[1].segment + ", offset " +
                            std::to_string(blocks[1].offset) + ", " +
                            std::to_string(blocks[1].bytes) + " bytes\n";
  REQUIRE(dry.out == "would be lost: " + where);
  REQUIRE(content_of(segment) == bytes);
  REQUIRE(!fs::exists(run.store() + "/quarantine"));

  const Outcome repaired = run({"repair"});
  INFO(repaired.err);
  REQUIRE(repaired.exit == 1);
  REQUIRE(repaired.out == "lost: " + where);
  const std::string kept =
      run.store() + "/quarantine/" + blocks[1].segment + "." + std::to_string(blocks[1].offset);
  REQUIRE(content_of(kept) == bytes.substr(blocks[1].offset, blocks[1].bytes));

  REQUIRE(run({"verify"}).exit == 0);
  REQUIRE(run({"repair"}).exit == 0);
  REQUIRE(action_of(run, "1005") == "delete");
  REQUIRE(action_of(run, "1015") == "keep");  // lost: the index says what the log says
  REQUIRE(action_of(run, "1025") == "delete");
  const auto stats = nlohmann::json::parse(run({"stats", "--json"}).out);
  REQUIRE(stats["losses"].size() == 1);
  REQUIRE(stats["losses"][0]["first"] == "11");
  REQUIRE(stats["losses"][0]["last"] == "20");
  REQUIRE(stats["losses"][0]["bytes"] == blocks[1].bytes);
  REQUIRE(stats["last_seq"] == "31");
  REQUIRE(run({"stats"}).out.find("lost: sequences 11 to 20") != std::string::npos);

  // What was lost comes again from where it came from, under new numbers.
  REQUIRE(run({"ingest", "-"}, deletes(10, 10)).exit == 0);
  REQUIRE(action_of(run, "1015") == "delete");
  REQUIRE(run({"verify"}).exit == 0);
  REQUIRE(run({"log", "cat", "--from", "32", "--to", "32"}).out.find(R"("tweet_id":"1010")") !=
          std::string::npos);
}

TEST_CASE("a log that is gone is repaired to a store that says so", "[repair][cli]") {
  const CliRunner run;
  REQUIRE(run({"ingest", "-"}, deletes(0, 5)).exit == 0);
  const std::string segment = run.store() + "/log/" + blocks_of(run.store())[0].segment;
  fs::remove(segment);
  REQUIRE(run({"digest"}).exit == 4);
  REQUIRE(run({"repair"}).exit == 1);
  REQUIRE(run({"verify"}).exit == 0);
  REQUIRE(run({"ingest", "-"}, deletes(0, 5)).exit == 0);
  REQUIRE(action_of(run, "1001") == "delete");
  const auto stats = nlohmann::json::parse(run({"stats", "--json"}).out);
  REQUIRE(stats["losses"][0]["last"] == "5");
}

TEST_CASE("repair without a store or with a locked one says so", "[repair][cli]") {
  const CliRunner run;
  REQUIRE(run({"repair"}).exit == 3);
}

}  // namespace
