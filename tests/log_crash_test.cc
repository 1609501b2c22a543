// The log on a disk that loses power. Goal: acknowledged is within recovered is within sent, in
// every state that the disk may be in, also where power is lost again during the recovery. Method:
// power is lost at each call of a scenario in turn, and each time some of the possible states are
// made (crash_disk.h). RECANT_TEST_CASES asks for more states.
#include <algorithm>
#include <catch2/catch.hpp>

#include "store/log/log_format.h"
#include "store/log/log_writer.h"
#include "store/log/repair.h"
#include "store/log/rewrite.h"
#include "tests/crash_disk.h"
#include "tests/fault_file_system.h"
#include "tests/log_testing.h"
#include "tests/random_events.h"

namespace recant::test {
namespace {

constexpr log::LogOptions kSmall{.segment_bytes_max = 1200, .block_events_max = 8};
constexpr Fault kPowerCut{.short_write = true, .for_good = true};

// How far a writer came.
struct Progress {
  SequenceNumber acknowledged = 0;
  SequenceNumber sent = 0;
};

// What a writer does until it ends.
struct Writing {
  log::LogOptions options = kSmall;
  int groups = 6;
  std::uint64_t group_events = 11;
};
// Segments of so many small blocks that each is written anew once it is finished.
constexpr Writing kLive{.options = {.segment_bytes_max = 3600, .block_events_max = 64},
                        .groups = 40,
                        .group_events = 2};

// Opens the log (making it, or recovering it) and appends in groups until the end or a failure.
void write_groups_until_failure(io::FileSystem& files, SequenceNumber hint, Progress& progress,
                                const Writing& writing = {}) {
  FixedClock clock(kNow);
  auto writer = log::LogWriter::open(files, clock, kStore, writing.options, hint);
  if (!writer) return;
  for (int group = 0; group < writing.groups; ++group) {
    const auto events = numbered(writer->last_sequence() + 1, writing.group_events);
    const bool good =
        writer->append(events) && writer->sync() && (group % 3 != 2 || writer->mark());
    progress.sent = std::max(progress.sent, writer->last_sequence());
    progress.acknowledged = std::max(progress.acknowledged, writer->durable_sequence());
    if (!good) return;
  }
}

// A memory with a disk on it that holds `state`.
struct Machine {
  explicit Machine(const DiskState& state) : disk(memory, state), faults(disk) {
    memory.restore(state.files);
    for (const std::string& directory : state.directories) {
      REQUIRE(memory.make_directory(directory));
    }
  }
  MemoryFileSystem memory;
  CrashDisk disk;
  FaultFileSystem faults;
};

void require_kept(const DiskState& state, const Progress& progress) {
  Machine machine(state);
  const ReadBack read = read_all(machine.memory);
  INFO((read.error ? read.error->what : ""));
  REQUIRE(!read.error);
  REQUIRE(read.events.size() >= progress.acknowledged);
  REQUIRE(read.events.size() <= progress.sent);
  REQUIRE(read.events == numbered(1, read.events.size()));
  FixedClock clock(kNow);
  auto writer = log::LogWriter::open(machine.memory, clock, kStore, kSmall, progress.acknowledged);
  INFO((writer ? "" : writer.error().what));
  REQUIRE(writer.has_value());
  REQUIRE(writer->last_sequence() == read.events.size());
  REQUIRE(writer->append(numbered(writer->last_sequence() + 1, 3)).has_value());
  REQUIRE(writer->mark().has_value());
  const ReadBack after = read_all(machine.memory, writer->last_sequence());
  REQUIRE(!after.error);
  REQUIRE(after.events == numbered(1, writer->last_sequence()));
}

// The recovery of `state` loses power, too, somewhere; and the recovery of that.
void crash_again(DiskState state, Progress progress, std::mt19937_64& random,
                 const Writing& writing) {
  for (int times = 0; times < 2; ++times) {
    Machine machine(state);
    Fault fault = kPowerCut;
    fault.at = 1 + random() % 60;
    machine.faults.set(fault);
    write_groups_until_failure(machine.faults, progress.acknowledged, progress, writing);
    state = machine.disk.lose_power(random);
    require_kept(state, progress);
  }
}

// Loses power at each call from `start` on. Returns how many states were looked at.
std::uint64_t lose_power_everywhere(const DiskState& start, const Progress& before,
                                    std::uint64_t states_a_call, std::uint64_t seed,
                                    const Writing& writing = {}) {
  std::mt19937_64 random(seed);
  std::uint64_t states = 0;
  for (std::uint64_t call = 1;; ++call) {
    INFO("seed " << seed << ", call " << call);
    Machine machine(start);
    Fault fault = kPowerCut;
    fault.at = call;
    machine.faults.set(fault);
    Progress progress = before;
    write_groups_until_failure(machine.faults, before.acknowledged, progress, writing);
    for (std::uint64_t i = 0; i < states_a_call; ++i) {
      INFO("state " << i);
      const DiskState state = machine.disk.lose_power(random);
      require_kept(state, progress);
      crash_again(state, progress, random, writing);
      states += 3;
    }
    if (!machine.faults.failed()) return states;
  }
}

const DiskState kNothing{.files = {}, .directories = {kStore}};

// Each scenario has at least 35 calls, and each of its states is followed by two more.
std::uint64_t states_a_call() { return std::max<std::uint64_t>(1, laws::case_count(2000) / 100); }

TEST_CASE("a log that is made and grows keeps what was acknowledged when power is lost",
          "[log][crash]") {
  const std::uint64_t states = lose_power_everywhere(kNothing, {}, states_a_call(), 1);
  REQUIRE(states >= 105 * states_a_call());
}

TEST_CASE("a log with a torn tail keeps what was acknowledged when power is lost again",
          "[log][crash]") {
  // Two segments, the second with a group that was never finished.
  Machine machine(kNothing);
  Progress progress;
  write_groups_until_failure(machine.disk, 0, progress);
  DiskState state = machine.disk.live();
  const auto last = std::prev(state.files.end());
  REQUIRE(last->first.starts_with(kLog));
  last->second.insert(last->second.end(), last->second.begin() + 64, last->second.begin() + 150);
  const std::uint64_t states = lose_power_everywhere(state, progress, states_a_call(), 2);
  REQUIRE(states >= 105 * states_a_call());
}

std::size_t count_blocks(io::FileSystem& files) {
  std::size_t blocks = 0;
  REQUIRE(log::verify_log(files, kStore, 0, [&](const auto&) { ++blocks; }));
  return blocks;
}

TEST_CASE("a live log whose segments are written anew keeps what was acknowledged",
          "[log][crash]") {
  Machine whole(kNothing);
  Progress progress;
  write_groups_until_failure(whole.disk, 0, progress, kLive);
  REQUIRE(progress.acknowledged == 80);
  REQUIRE(count_blocks(whole.memory) < 20);  // of 40 groups
  REQUIRE(lose_power_everywhere(kNothing, {}, std::max<std::uint64_t>(1, states_a_call() / 5), 8,
                                kLive) > 0);
}

// Does `act` on a machine that begins with `start` and loses power at each call in turn, and looks
// at what the disk may hold afterwards.
template <class Act, class Check>
void cut_each_call(const DiskState& start, std::uint64_t seed, Act act, Check check) {
  std::mt19937_64 random(seed);
  for (std::uint64_t call = 1;; ++call) {
    INFO("call " << call);
    Machine machine(start);
    Fault fault = kPowerCut;
    fault.at = call;
    machine.faults.set(fault);
    act(machine);
    for (std::uint64_t i = 0; i < states_a_call(); ++i) {
      Machine after(machine.disk.lose_power(random));
      check(after);
    }
    if (!machine.faults.failed()) return;
  }
}

// Of the first segment's events those with an even number stay, and the last.
Result<log::Rewritten> drop_half(io::FileSystem& files, SequenceNumber last) {
  return log::rewrite_segment(files, kStore, log::segment_name(1), kSmall,
                              [last](SequenceNumber sequence, const Event&) {
                                return sequence % 2 == 0 || sequence == last;
                              });
}

TEST_CASE("a compaction that loses power anywhere leaves the old segment or the new one",
          "[log][crash]") {
  Machine written(kNothing);
  Progress progress;
  write_groups_until_failure(written.disk, 0, progress);
  const auto segments = log::list_segments(written.memory, kStore);
  REQUIRE(segments->size() > 1);
  const SequenceNumber last = (*segments)[1].first - 1;
  const DiskState start = written.disk.live();
  const auto old = read_all(written.memory, progress.acknowledged).sequences;
  REQUIRE(drop_half(written.memory, last));
  const auto compact = read_all(written.memory, progress.acknowledged).sequences;
  REQUIRE(compact.size() < old.size());
  bool done = false;
  cut_each_call(
      start, 9, [&](Machine& machine) { done = drop_half(machine.faults, last).has_value(); },
      [&](Machine& after) {
        const ReadBack read = read_all(after.memory, progress.acknowledged);
        REQUIRE(!read.error);
        REQUIRE((read.sequences == compact || (read.sequences == old && !done)));
        REQUIRE(read.events.back() == numbered(read.sequences.back(), 1).front());
      });
}

TEST_CASE("a store's directory that a killed process made is durable before events are",
          "[log][crash]") {
  std::mt19937_64 random(5);
  Machine machine({.files = {}, .directories = {}});
  REQUIRE(machine.disk.make_directory(kStore));
  REQUIRE(machine.disk.make_directory(kLog));
  Progress progress;
  write_groups_until_failure(machine.disk, 0, progress);
  for (int i = 0; i < 20; ++i) require_kept(machine.disk.lose_power(random), progress);
}

// Two killed writers before the power cut: what the first one left in the page cache is not
// durable, however often it was read since.
TEST_CASE("what a killed writer never synced is synced before it is built upon", "[log][crash]") {
  std::mt19937_64 random(3);
  for (std::uint64_t call = 1; call < 80; ++call) {
    INFO("call " << call);
    Machine machine(kNothing);
    Fault fault = kPowerCut;
    fault.at = call;
    machine.faults.set(fault);
    Progress progress;
    write_groups_until_failure(machine.faults, 0, progress);
    // Killed, and started again on the same page cache.
    write_groups_until_failure(machine.disk, progress.acknowledged, progress);
    for (int i = 0; i < 3; ++i) require_kept(machine.disk.lose_power(random), progress);
  }
}

// Nothing acknowledged is gone: it is there, or a repair finds it without any loss.
bool is_kept_or_found(const DiskState& state, const Progress& progress) {
  Machine machine(state);
  if (!read_all(machine.memory, progress.acknowledged).error) {
    require_kept(state, progress);
    return true;
  }
  FixedClock clock(kNow);
  const auto report = log::repair_log(machine.memory, clock, kStore,
                                      {.hint = {.store = {}, .durable = progress.acknowledged}});
  REQUIRE(report.has_value());
  REQUIRE(report->lost.empty());
  require_kept({.files = machine.memory.snapshot(), .directories = state.directories}, progress);
  return false;
}

// The page cache still holds what a failed sync did not write, and no later sync would write it.
// Blocks are written anew; a mark is not, so that where its own sync failed the log may need a
// repair, which loses nothing.
TEST_CASE("what a failed sync left in the page cache is not built upon", "[log][crash]") {
  std::mt19937_64 random(7);
  std::uint64_t kept = 0;
  std::uint64_t failures = 0;
  for (std::uint64_t sync = 1;; ++sync) {
    INFO("sync " << sync);
    Machine machine(kNothing);
    machine.disk.fail_sync(sync);
    Progress progress;
    write_groups_until_failure(machine.disk, 0, progress);
    if (!machine.disk.sync_failed()) break;
    // Another process goes on, and reads what the first one wrote.
    write_groups_until_failure(machine.disk, progress.acknowledged, progress);
    bool good = true;
    for (int i = 0; i < 3; ++i) {
      good = is_kept_or_found(machine.disk.lose_power(random), progress) && good;
    }
    ++failures;
    if (good) ++kept;
  }
  CAPTURE(kept, failures);
  REQUIRE(failures >= 9);
  REQUIRE(kept >= failures * 2 / 3);
}

// A damaged block in the middle of a log of several segments.
DiskState damaged_log(Progress& progress) {
  Machine machine(kNothing);
  write_groups_until_failure(machine.disk, 0, progress);
  DiskState state = machine.disk.live();
  Bytes& first = state.files.at(kLog + "/" + log::segment_name(1));
  std::fill_n(first.begin() + 200, 9, std::byte{0xee});
  return state;
}

void require_repaired(Machine& machine, const Progress& progress, std::size_t events) {
  FixedClock clock(kNow);
  const auto report = log::repair_log(machine.memory, clock, kStore,
                                      {.hint = {.store = {}, .durable = progress.acknowledged}});
  INFO((report ? "" : report.error().what));
  REQUIRE(report.has_value());
  const auto damage = log::verify_log(machine.memory, kStore, progress.acknowledged, {});
  REQUIRE((damage && damage->empty()));
  const ReadBack read = read_all(machine.memory, progress.acknowledged);
  REQUIRE(!read.error);
  REQUIRE(read.events.size() == events);
  REQUIRE(std::ranges::count(read.events, EventKind::kLoss, &Event::kind) == 1);
  std::size_t kept = 0;
  for (const auto& [path, bytes] : machine.memory.snapshot()) {
    if (path.starts_with("store/quarantine/") && !path.ends_with(".tmp")) ++kept;
  }
  REQUIRE(kept >= 1);
}

TEST_CASE("a repair that loses power anywhere is finished by the next one", "[log][crash]") {
  Progress progress;
  const DiskState start = damaged_log(progress);
  Machine whole(start);
  FixedClock clock(kNow);
  REQUIRE(log::repair_log(whole.memory, clock, kStore,
                          {.hint = {.store = {}, .durable = progress.acknowledged}}));
  const std::size_t events = read_all(whole.memory, progress.acknowledged).events.size();
  cut_each_call(
      start, 4,
      [&](Machine& machine) {
        (void)log::repair_log(machine.faults, clock, kStore,
                              {.hint = {.store = {}, .durable = progress.acknowledged}});
      },
      [&](Machine& after) { require_repaired(after, progress, events); });
}

}  // namespace
}  // namespace recant::test
