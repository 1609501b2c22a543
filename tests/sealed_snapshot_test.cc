// Sealed snapshots: the same answers as the store that they were made from, and no answer at all
// where anything of them is damaged.
#include "engine/replay/sealed_snapshot.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "engine/feed/coverage.h"
#include "recant/recant.h"
#include "tests/cli_runner.h"
#include "tests/flip_byte.h"
#include "tests/store_world.h"

using namespace recant;
using laws::must;
namespace fs = std::filesystem;

namespace {

constexpr Time kHour = 3'600'000;

Event deleted(TweetId tweet, Time at) {
  return {.kind = EventKind::kTweetDelete, .at = at, .tweet = tweet};
}

// A store of one line, and a snapshot of it, by the program.
struct SnapshotByProgram {
  CliRunner recant{};
  std::string snapshot = recant.path("snap");
  SnapshotByProgram() {
    const std::string events = recant.file(
        "events.jsonl",
        R"({"event":"tweet_delete","at":"2022-07-01T00:00:00Z","tweet_id":"154"})"
        "\n"
        R"({"event":"coverage","at":"2022-07-02T00:00:00Z","source":"v2-users","partition":"1",)"
        R"("from":"2022-07-01T00:00:00Z","to":"2022-07-02T00:00:00Z"})"
        "\n");
    const auto ingested = recant({"ingest", events});
    INFO(ingested.err);
    REQUIRE(ingested.exit == 0);
    REQUIRE(recant({"snapshot", snapshot}).exit == 0);
  }
  Outcome on(std::vector<std::string> words, std::string_view input = "") const {
    words.insert(words.begin(), {"--store", snapshot});
    return recant.plain(words, "", input);
  }
};

}  // namespace

TEST_CASE("a sealed snapshot of a random store answers as the store does", "[sealed]") {
  laws::check_law(60, 300, [](std::span<const Event> events, laws::RandomWorld& plan) {
    const laws::TempDirectory directory;
    laws::write_randomly(directory.path("store"), events, plan);
    Store live = laws::open_store(directory.path("store"), plan);
    const SealedSnapshot made = must(live.write_snapshot(directory.path("snap")));
    Store opened = must(Store::open({.directory = directory.path("snap")}));
    const Snapshot snapshot = must(opened.snapshot());
    std::string wrong = laws::state_differences(snapshot, laws::Oracle(events), plan);
    wrong += laws::verdict_differences(snapshot, laws::Oracle(events), plan, 40);
    if (must(snapshot.digest()) != laws::digest(live)) wrong += "the digest differs\n";
    if (made.last_sequence != events.size()) wrong += "the last sequence differs\n";
    for (const VerifyFinding& finding : must(opened.verify())) wrong += finding.what + "\n";
    return wrong;
  });
}

TEST_CASE("the default as-of of a snapshot is the store's, whatever the clock", "[sealed]") {
  const laws::TempDirectory directory;
  Store store = must(Store::open({.directory = directory.path("store"), .create = true}));
  const Time base = now();
  std::vector<Event> events;
  for (const Time hours : {-30, -1, 2, 5, 23, 26, 90, 400}) {
    events.push_back(deleted(static_cast<TweetId>(1000 + hours), base + hours * kHour));
  }
  must(store.append(events));
  (void)must(store.write_snapshot(directory.path("snap")));
  Store sealed = must(Store::open({.directory = directory.path("snap")}));
  const Snapshot live = must(store.snapshot());
  const Snapshot snapshot = must(sealed.snapshot());
  for (int hours = -20; hours < 500; ++hours) {
    const Time then = base + hours * kHour + 17;
    CHECK(must(snapshot.default_as_of(then)) == must(live.default_as_of(then)));
  }
}

TEST_CASE("a snapshot tells coverage and losses, and refuses what needs a log", "[sealed]") {
  const laws::TempDirectory directory;
  Store store = must(Store::open({.directory = directory.path("store"), .create = true}));
  Event heard{.kind = EventKind::kCoverage, .at = 2000, .source = "v2-users"};
  heard.payload.make() = {.partition = "1", .from = 1000, .to = 2000};
  Event lost{.kind = EventKind::kLoss, .at = 3000};
  lost.payload.make() = {.first = 4, .last = 5, .bytes = 9};
  must(store.append(std::vector<Event>{heard, lost, deleted(1, 5)}));
  (void)must(store.write_snapshot(directory.path("snap")));
  Store sealed = must(Store::open({.directory = directory.path("snap"), .create = true}));
  const Snapshot snapshot = must(sealed.snapshot());
  const feed::Coverage coverage = must(feed::coverage(snapshot));
  CHECK(coverage.compliant_through() == 2000);
  CHECK(coverage.losses == must(must(store.snapshot()).losses()));
  CHECK_FALSE(coverage.losses.empty());
  const Event event = deleted(2, 5);
  CHECK(sealed.append({&event, 1}).error().code == ErrorCode::kInvalidArgument);
  CHECK(sealed.rebuild({}).error().code == ErrorCode::kInvalidArgument);
  CHECK(sealed.seal().error().code == ErrorCode::kInvalidArgument);
  CHECK(sealed.repair().error().code == ErrorCode::kInvalidArgument);
  CHECK_FALSE(snapshot.changes({}, [](const Item&, const Verdict&) { return true; }));
  CHECK_FALSE(sealed.write_snapshot(directory.path("again")));
  CHECK_FALSE(store.write_snapshot(directory.path("snap")));
  CHECK_FALSE(fs::exists(directory.path("snap") + "/log"));
}

TEST_CASE("no byte of a snapshot can be flipped without being found", "[sealed]") {
  const laws::TempDirectory directory;
  Store store = must(Store::open({.directory = directory.path("store"), .create = true}));
  must(store.append(std::vector<Event>{deleted(1, 5), deleted(2, 6)}));
  (void)must(store.write_snapshot(directory.path("snap")));
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(directory.path("snap"))) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  REQUIRE(files.size() == 3);
  for (const fs::path& file : files) {
    const std::uint64_t step = std::max<std::uint64_t>(1, fs::file_size(file) / 200);
    for (std::uint64_t offset = 0; offset < fs::file_size(file); offset += step) {
      flip_byte(file, offset);
      auto damaged = Store::open({.directory = directory.path("snap")});
      const bool answers = damaged && damaged->snapshot();
      flip_byte(file, offset);
      INFO(file << " at " << offset);
      REQUIRE_FALSE(answers);
    }
  }
  Store good = must(Store::open({.directory = directory.path("snap")}));
  CHECK(must(good.verify()).empty());
}

TEST_CASE("a snapshot that says another digest than its state has is found by verify", "[sealed]") {
  const laws::TempDirectory directory;
  Store store = must(Store::open({.directory = directory.path("store"), .create = true}));
  must(store.append(std::vector<Event>{deleted(1, 5)}));
  (void)must(store.write_snapshot(directory.path("snap")));
  const std::string path = directory.path("snap") + "/SNAPSHOT";
  auto facts = must(replay::parse_sealed(content_of(path), path));
  CHECK(replay::format_sealed(facts) == content_of(path));
  facts.sealed.digest = std::string(32, '0');
  std::ofstream(path) << replay::format_sealed(facts);
  Store wrong = must(Store::open({.directory = directory.path("snap")}));
  const auto findings = must(wrong.verify());
  REQUIRE(findings.size() == 1);
  CHECK(findings.front().damage);
  const auto newer = replay::parse_sealed("recant-snapshot 2\nanything\n", path);
  CHECK(newer.error().code == ErrorCode::kIo);
}

TEST_CASE("reading commands take a snapshot for a store, writing ones refuse it in one line",
          "[sealed][cli]") {
  const SnapshotByProgram world;
  const std::string ids = world.recant.file("ids.txt", "154\n155\n");
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"check", ids, "--as-of", "2022-07-02T00:00:00Z"},
           {"scrub", ids, "--output", "-", "--as-of", "2022-07-02T00:00:00Z"},
           {"tweet", "154", "--as-of", "2022-07-02T00:00:00Z"},
           {"user", "7", "--as-of", "2022-07-02T00:00:00Z"},
           {"digest"},
           {"status"}}) {
    INFO(words.front());
    const Outcome sealed = world.on(words);
    const Outcome live = world.recant(words);
    CHECK(sealed.exit == 0);
    CHECK(sealed.out == live.out);
  }
  const Outcome judged = world.on({"check", ids});
  CHECK(judged.err.find("compliant through 2022-07-02") != std::string::npos);
  CHECK(judged.err.find("a snapshot of ") != std::string::npos);
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"ingest", ids},
                                             {"track", ids},
                                             {"untrack", ids},
                                             {"rebuild"},
                                             {"repair"},
                                             {"changes"},
                                             {"stats"},
                                             {"verify"},
                                             {"log", "cat"},
                                             {"log", "info"},
                                             {"snapshot", world.recant.path("other")}}) {
    INFO(words.front());
    const Outcome refused = world.on(words);
    CHECK(refused.exit == 2);
    CHECK(refused.out.empty());
    CHECK(refused.err.find("snapshot") != std::string::npos);
    CHECK(std::ranges::count(refused.err, '\n') == 1);
  }
  CHECK_FALSE(fs::exists(world.snapshot + "/log"));
  CHECK_FALSE(fs::exists(world.snapshot + "/lock"));
}

TEST_CASE("recant snapshot verify compares everything", "[sealed][cli]") {
  const SnapshotByProgram world;
  CHECK(world.recant({"snapshot", world.snapshot}).exit == 2);
  CHECK(world.recant({"snapshot", "verify", world.snapshot}).exit == 0);
  CHECK(world.recant({"snapshot", "verify", world.recant.store()}).exit == 2);
  CHECK(world.recant({"snapshot"}).exit == 2);
  for (const auto& entry : fs::directory_iterator(world.snapshot + "/index")) {
    if (entry.path().extension() == ".mdb") flip_byte(entry.path(), 4096 + 100);
  }
  const Outcome damaged = world.recant({"snapshot", "verify", world.snapshot});
  CHECK(damaged.exit == 4);
  CHECK(world.on({"check", world.recant.file("ids.txt", "154\n")}).exit == 4);
}
