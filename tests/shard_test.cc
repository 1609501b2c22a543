// Shards: whatever the inputs, every item is in exactly one, and what the shards write, put
// together in order, is what one run writes.
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "tests/cli_runner.h"

using nlohmann::json;

namespace {

constexpr const char* kAsOf = "2024-01-01T00:00:00Z";

// A store that knows something of ids 1 to 400: each third is deleted, each seventh dropped.
struct ShardWorld {
  CliRunner recant{};
  ShardWorld() {
    std::string events;
    for (int id = 1; id <= 400; ++id) {
      const std::string tail =
          R"(","at":"2022-07-01T00:00:00Z","tweet_id":")" + std::to_string(id) + "\"}\n";
      if (id % 3 == 0) events += R"({"event":"tweet_delete)" + tail;
      if (id % 7 == 0) events += R"({"event":"tweet_drop)" + tail;
    }
    REQUIRE(recant({"ingest", recant.file("events.jsonl", events)}).exit == 0);
  }

  std::string gzipped(const std::string& path) const {
    REQUIRE(std::system(("gzip -kf " + path).c_str()) == 0);
    return path + ".gz";
  }
};

std::string unzipped(const std::string& path) {
  REQUIRE(std::system(("gzip -dc " + path + " > " + path + ".plain").c_str()) == 0);
  return content_of(path + ".plain");
}

std::vector<std::string> words_of(const std::vector<std::string>& first,
                                  const std::vector<std::string>& inputs,
                                  const std::vector<std::string>& last) {
  std::vector<std::string> words = first;
  words.insert(words.end(), inputs.begin(), inputs.end());
  words.insert(words.end(), last.begin(), last.end());
  return words;
}

json without_times(const std::string& summary) {
  json object = json::parse(summary);
  for (const char* key : {"seconds", "items_per_second", "shards", "digest"}) object.erase(key);
  return object;
}

// Runs `words` once and in `count` shards, and compares output, held file and summary.
void compare(const ShardWorld& world, const std::vector<std::string>& words,
             const std::vector<std::string>& inputs, int count, bool held = false,
             const std::string& suffix = "") {
  const auto run = [&](const std::string& name, const std::vector<std::string>& more) {
    auto all = words_of(words, inputs,
                        {"--as-of", kAsOf, "--output", world.recant.path(name + suffix),
                         "--summary", world.recant.path(name + ".json")});
    if (held) all.insert(all.end(), {"--held", world.recant.path(name + ".held")});
    all.insert(all.end(), more.begin(), more.end());
    const Outcome outcome = world.recant(all);
    INFO(outcome.err);
    REQUIRE(outcome.exit <= 1);
  };
  run("whole", {});
  std::string output;
  std::string kept;
  std::vector<std::string> merge = {"merge-summaries"};
  for (int i = 1; i <= count; ++i) {
    const std::string name = "shard" + std::to_string(i);
    run(name, {"--shard", std::to_string(i) + "/" + std::to_string(count)});
    output += content_of(world.recant.path(name + suffix));
    kept += content_of(world.recant.path(name + ".held"));
    merge.push_back(world.recant.path(name + ".json"));
  }
  std::shuffle(merge.begin() + 1, merge.end(), std::minstd_rand(7));
  const std::string whole = world.recant.path("whole" + suffix);
  if (suffix == ".gz") {
    CHECK(unzipped(world.recant.file("all.gz", output)) == unzipped(whole));
  } else {
    CHECK(output == content_of(whole));
  }
  if (held) CHECK(kept == content_of(world.recant.path("whole.held")));
  const Outcome merged = world.recant(merge);
  INFO(merged.err);
  REQUIRE(merged.exit == 0);
  CHECK(without_times(merged.out) == without_times(content_of(world.recant.path("whole.json"))));
}

std::string ids(int from, int to) {
  std::string text;
  for (int id = from; id <= to; ++id) text += std::to_string(id) + "\n";
  return text;
}

std::string json_lines(int from, int to) {
  std::string text;
  for (int id = from; id <= to; ++id) {
    if (id % 10 == 0) text += "\n";
    if (id % 11 == 0) text += "not json\n";
    text += R"({"id":")" + std::to_string(id) + R"(","text":")" +
            std::string(static_cast<std::size_t>(id % 90), 'x') + R"(","author_id":"5"})" + "\n";
  }
  return text;
}

// Cells with newlines in them, which look like rows.
std::string csv(int from, int to) {
  std::string text = "text,id\n";
  for (int id = from; id <= to; ++id) {
    text += id % 4 == 0 ? "\"over\n3,3\n\"\"lines,\"," : "plain,";
    text += std::to_string(id) + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("shards of id lists, JSON lines and CSV put together are one run", "[shard][cli]") {
  const ShardWorld world;
  const std::string list = world.recant.file("ids.txt", ids(1, 120));
  const std::string lines = world.recant.file("lines.jsonl", json_lines(1, 60));
  const std::string rows = world.recant.file("rows.csv", csv(1, 60));
  for (const int count : {1, 2, 3, 7}) {
    INFO(count << " shards");
    compare(world, {"check", "--all"}, {list}, count);
    compare(world, {"check"}, {lines, list}, count);
    compare(world, {"check", "--all", "--output-format", "csv"}, {rows}, count);
    compare(world, {"scrub"}, {lines}, count, true);
    compare(world, {"scrub"}, {rows}, count, true);
  }
}

TEST_CASE("more shards than lines: some are empty, none has a line twice", "[shard][cli]") {
  const ShardWorld world;
  const std::string list = world.recant.file("ids.txt", "id\n\n1\n2\n\n300\n");
  compare(world, {"check", "--all"}, {list}, 11);
  compare(world, {"scrub"}, {list}, 11);
}

TEST_CASE("several files of one dataset are cut as if they were one", "[shard][cli]") {
  const ShardWorld world;
  const std::string one = world.recant.file("one.csv", "\n\n" + csv(1, 30));
  const std::string two = world.recant.file("two.csv", csv(31, 90));
  const std::string marked = world.recant.file("marked.csv", "\xEF\xBB\xBF" + csv(1, 30));
  for (const int count : {2, 5}) {
    compare(world, {"scrub"}, {one, two}, count, true);
    compare(world, {"scrub"}, {marked, two}, count, true);
    compare(world, {"check", "--all", "--output-format", "csv"}, {one, two}, count);
  }
  const std::string other = world.recant.file("other.csv", "id\n1\n2\n3\n4\n5\n");
  for (const char* shard : {"1/2", "2/2"}) {
    const Outcome refused = world.recant({"scrub", other, two, "--output", world.recant.path("o"),
                                          "--as-of", kAsOf, "--shard", shard});
    if (std::string(shard) == "2/2") CHECK(refused.exit == 2);
  }
}

TEST_CASE("compressed files and arrays over lines go whole to one shard", "[shard][cli]") {
  const ShardWorld world;
  const std::string lines = world.gzipped(world.recant.file("a.jsonl", json_lines(1, 60)));
  const std::string more = world.gzipped(world.recant.file("b.jsonl", json_lines(61, 90)));
  const std::string list = world.recant.file("ids.txt", ids(1, 120));
  std::string text = "[\n";
  for (int id = 1; id <= 30; ++id) {
    text += R"({"id":")" + std::to_string(id) + "\"}" + (id == 30 ? "\n" : ",\n");
  }
  const std::string array = world.recant.file("array.json", text + "]\n");
  for (const int count : {2, 3, 6}) {
    compare(world, {"check"}, {lines, list, more}, count);
    compare(world, {"check", "--all"}, {lines, list, more}, count, false, ".gz");
    compare(world, {"scrub"}, {lines, more}, count, true);
    compare(world, {"scrub"}, {array}, count, true);
  }
}

TEST_CASE("shards of random text put together are one run", "[shard][cli]") {
  const ShardWorld world;
  std::minstd_rand random(20240601);
  const std::array<std::string, 9> pieces = {"\n", "\r\n", "12", ",",    "\"",
                                             "id", "7",    " ",  "300\n"};
  for (int round = 0; round < 25; ++round) {
    std::string text = round % 2 == 0 ? "id,text\n" : "";
    const auto size = random() % 60;
    for (std::size_t i = 0; i < size; ++i) text += pieces[random() % pieces.size()];
    text += "\n";
    INFO(text);
    const std::string file = world.recant.file("random", text);
    compare(world, {"check", "--all"}, {file}, 2 + static_cast<int>(random() % 4));
  }
}

TEST_CASE("a shard is refused where it could not be put together again", "[shard][cli]") {
  const ShardWorld world;
  const std::string list = world.recant.file("ids.txt", ids(1, 10));
  CHECK(world.recant({"check", list, "--shard", "1/2"}).exit == 2);
  for (const char* shard : {"0/2", "3/2", "1", "1/0", "a/b", "1/2/3", "-1/2"}) {
    INFO(shard);
    CHECK(world.recant({"check", list, "--as-of", kAsOf, "--shard", shard}).exit == 2);
  }
  CHECK(world.recant({"check", "-", "--as-of", kAsOf, "--shard", "1/2"}, "1\n").exit == 2);
  CHECK(world
            .recant({"scrub", list, "--as-of", kAsOf, "--shard", "1/2", "--output",
                     world.recant.path("o"), "--receipt", world.recant.path("r")})
            .exit == 2);
}

TEST_CASE("merge-summaries refuses what is not all of one run", "[shard][cli]") {
  const ShardWorld world;
  const std::string list = world.recant.file("ids.txt", ids(1, 50));
  const auto summary = [&](const std::string& name, const std::string& shard,
                           const std::string& as_of) {
    const std::string path = world.recant.path(name);
    REQUIRE(
        world.recant({"check", list, "--as-of", as_of, "--shard", shard, "--summary", path}).exit ==
        0);
    return path;
  };
  const std::string one = summary("1", "1/2", kAsOf);
  const std::string two = summary("2", "2/2", kAsOf);
  const std::string later = summary("3", "2/2", "2024-01-02T00:00:00Z");
  const std::string third = summary("4", "2/3", kAsOf);
  CHECK(world.recant({"merge-summaries", one, two}).exit == 0);
  const auto refused = [&](const std::vector<std::string>& files, const std::string& why) {
    const Outcome outcome = world.recant(words_of({"merge-summaries"}, files, {}));
    INFO(outcome.err);
    CHECK(outcome.exit == 2);
    CHECK(outcome.out.empty());
    CHECK(outcome.err.find(why) != std::string::npos);
  };
  refused({one}, "missing");
  refused({one, one}, "twice");
  refused({one, later}, "as_of");
  refused({one, third}, "shards");
  refused({one, list}, "no summary of a shard");
  const std::string more = world.recant.file(
      "more.jsonl", R"({"event":"tweet_delete","at":"2022-07-01T00:00:00Z","tweet_id":"5"})"
                    "\n");
  REQUIRE(world.recant({"ingest", more}).exit == 0);
  refused({one, summary("5", "2/2", kAsOf)}, "digest");
}
