// The index on a disk that loses power while parts are sealed, merged and rebuilt. Goal: whatever
// is left, the store opens, answers as its log tells, and verify finds nothing wrong. Method: power
// is lost at each call of a scenario; the states that may be left are put into directories and
// opened as stores. (LMDB writes parts by itself: crash_disk.h takes a part for synced once it has
// a name.)
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "engine/replay/index_keeper.h"
#include "store/log/log_writer.h"
#include "tests/crash_disk.h"
#include "tests/fault_file_system.h"
#include "tests/log_testing.h"
#include "tests/store_world.h"

namespace recant::test {
namespace {

constexpr SequenceNumber kGroup = 7;

// The scenario's directory and the file systems over it.
struct Machine {
  Machine() {
    REQUIRE(std::filesystem::create_directory(store));
    disk = std::make_unique<CrashDisk>(io::real_file_system(),
                                       DiskState{.files = {}, .directories = ancestors(store)});
    faults = std::make_unique<FaultFileSystem>(*disk);
  }
  static std::set<std::string> ancestors(std::string path) {
    std::set<std::string> all;
    for (; !path.empty(); path = path.substr(0, path.rfind('/'))) all.insert(path);
    return all;
  }
  laws::TempDirectory directory;
  std::string store = directory.path("store");
  std::unique_ptr<CrashDisk> disk;
  std::unique_ptr<FaultFileSystem> faults;
};

// Appends groups, and seals, merges and rebuilds between them. Returns what was acknowledged.
SequenceNumber work_until_failure(io::FileSystem& files, const std::string& store) {
  FixedClock clock(kNow);
  replay::IndexKeeper keeper(files, clock, {.directory = store});
  SequenceNumber acknowledged = 0;
  for (int group = 0; group < 11; ++group) {
    auto writer = log::LogWriter::open(files, clock, store, {}, acknowledged);
    if (!writer || !writer->append(numbered(writer->last_sequence() + 1, kGroup)) ||
        !writer->mark()) {
      return acknowledged;
    }
    acknowledged = writer->durable_sequence();
    if (!keeper.note_durable(writer->store_id(), acknowledged)) return acknowledged;
    // The tenth part is one too many, and all are merged.
    const bool good =
        group == 10 ? keeper.rebuild({.threads = 1}).has_value() : keeper.seal(true).has_value();
    if (!good) return acknowledged;
  }
  return acknowledged;
}

void require_good(const DiskState& state, const std::string& from, SequenceNumber acknowledged) {
  const laws::TempDirectory directory;
  const std::string store_directory = directory.path("store");
  std::filesystem::create_directory(store_directory);
  put_state(state, from, store_directory);
  std::string told;
  auto store = Store::open({.directory = store_directory,
                            .create = true,
                            .on_diagnostic = [&](std::string_view text) { told += text; }});
  REQUIRE(store);
  const auto snapshot = store->snapshot();
  INFO((snapshot ? told : snapshot.error().what));
  REQUIRE(snapshot);
  // Nothing was sent that was not acknowledged, but for the last group.
  REQUIRE(snapshot->last_sequence() >= acknowledged);
  REQUIRE(snapshot->last_sequence() <= acknowledged + kGroup);
  const laws::TempDirectory plain;
  Store same = laws::write_plainly(plain.path("store"), numbered(1, snapshot->last_sequence()));
  REQUIRE(*snapshot->digest() == laws::digest(same));
  // Parts are published whole: none of them was damaged or gone. (Verify may tell of a torn tail.)
  REQUIRE(told.empty());
  const auto findings = store->verify();
  REQUIRE(findings);
  INFO((findings->empty() ? "" : findings->front().what));
  REQUIRE(findings->empty());
}

TEST_CASE("sealing, merging and rebuilding survive a power cut anywhere", "[index][crash]") {
  Machine whole;
  REQUIRE(work_until_failure(*whole.faults, whole.store) == 11 * kGroup);
  const std::uint64_t calls = whole.faults->calls();
  REQUIRE(calls > 500);
  std::mt19937_64 random(6);
  // Before each sync, where most may be lost, and here and there between.
  std::vector<std::uint64_t> cuts = whole.faults->sync_calls();
  const std::uint64_t others = laws::case_count(50);
  for (std::uint64_t i = 0; i < others; ++i) cuts.push_back(1 + i * calls / others);
  for (const std::uint64_t call : cuts) {
    Machine machine;
    INFO("call " << call << " of " << calls);
    machine.faults->set({.at = call, .short_write = true, .for_good = true});
    const SequenceNumber acknowledged = work_until_failure(*machine.faults, machine.store);
    for (int state = 0; state < 4; ++state) {
      require_good(machine.disk->lose_power(random), machine.store, acknowledged);
    }
  }
}

// Groups with a sync each. Returns the last acknowledged.
SequenceNumber write_groups(io::FileSystem& files, const std::string& store, int groups) {
  FixedClock clock(kNow);
  auto writer = log::LogWriter::open(files, clock, store, {}, 0);
  for (int group = 0; writer && group < groups; ++group) {
    if (!writer->append(numbered(writer->last_sequence() + 1, kGroup)) || !writer->sync()) break;
  }
  return writer ? writer->durable_sequence() : 0;
}

TEST_CASE("what a killed writer never synced is synced before a part holds it", "[index][crash]") {
  Machine whole;
  REQUIRE(write_groups(*whole.faults, whole.store, 3) == 3 * kGroup);
  const std::uint64_t last_sync = whole.faults->sync_calls().back();
  std::mt19937_64 random(7);
  for (const bool sealed : {true, false}) {
    Machine machine;
    machine.faults->set({.at = last_sync, .for_good = true});
    const SequenceNumber acknowledged = write_groups(*machine.faults, machine.store, 3);
    REQUIRE(acknowledged == 2 * kGroup);
    // Another process reads the third group from the page cache.
    FixedClock clock(kNow);
    replay::IndexKeeper keeper(*machine.disk, clock, {.directory = machine.store});
    REQUIRE((sealed ? keeper.seal(true).has_value() : keeper.rebuild({.threads = 1}).has_value()));
    REQUIRE(*keeper.durable_hint() == 3 * kGroup);
    for (int state = 0; state < 50; ++state) {
      require_good(machine.disk->lose_power(random), machine.store, 3 * kGroup);
    }
  }
}

}  // namespace
}  // namespace recant::test
