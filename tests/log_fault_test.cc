// A call to the file system fails. Goal: whatever was acknowledged is still there afterwards, and
// nothing that was never sent appears. Method: fail the 1st, 2nd, 3rd, ... call of one scenario
// that recovers, appends, syncs, marks and rotates, until the scenario runs to its end unharmed.
#include <catch2/catch.hpp>
#include <new>

#include "store/log/log_writer.h"
#include "store/log/read_ahead.h"
#include "tests/fault_file_system.h"
#include "tests/log_testing.h"

namespace recant::test {
namespace {

constexpr log::LogOptions kSmall{.segment_bytes_max = 1200, .block_events_max = 8};
constexpr SequenceNumber kBefore = 24;  // events in the log that the scenario begins with

struct Outcome {
  SequenceNumber acknowledged = 0;
  SequenceNumber sent = 0;
  std::optional<Error> error;
};

// Memory that runs out before there is a writer is thrown.
Result<log::LogWriter> open_or_error(io::FileSystem& files, io::Clock& clock) {
  try {
    return log::LogWriter::open(files, clock, kStore, kSmall, kBefore);
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::kNoMemory, "out of memory");
  }
}

// Opens the log and appends in groups until something fails; then everything must fail.
Outcome write_until_failure(io::FileSystem& files) {
  Outcome outcome{.acknowledged = kBefore, .sent = kBefore, .error = {}};
  FixedClock clock(kNow);
  auto writer = open_or_error(files, clock);
  if (!writer) {
    outcome.error = writer.error();
    return outcome;
  }
  const auto keep = [&](const Result<void>& result) {
    outcome.sent = writer->last_sequence();
    outcome.acknowledged = std::max(outcome.acknowledged, writer->durable_sequence());
    if (!result) outcome.error = result.error();
    return result.has_value();
  };
  for (int group = 0; group < 4; ++group) {
    const auto events = numbered(writer->last_sequence() + 1, 12);
    const bool good = keep(writer->append(events)) && keep(writer->sync()) &&
                      (group % 2 == 0 || keep(writer->mark()));
    if (good) continue;
    const SequenceNumber durable = writer->durable_sequence();
    REQUIRE(!writer->sync());
    REQUIRE(!writer->append(events));
    REQUIRE(!writer->mark());
    REQUIRE(writer->durable_sequence() == durable);
    return outcome;
  }
  return outcome;
}

// A log with a segment that is sealed, marked events, and a torn tail.
std::map<std::string, Bytes> torn_log() {
  MemoryFileSystem files;
  write_groups(files, kBefore / 8, 8, {.segment_bytes_max = 300, .block_events_max = 8});
  const auto segments = log::list_segments(files, kStore);
  Bytes& last = files.bytes(kLog + "/" + segments->back().name);
  last.insert(last.end(), last.begin() + 64, last.begin() + 150);
  return files.snapshot();
}

void require_nothing_lost(io::FileSystem& files, const Outcome& outcome) {
  const ReadBack before = read_all(files, outcome.acknowledged);
  INFO((before.error ? before.error->what : ""));
  REQUIRE(!before.error);
  FixedClock clock(kNow);
  auto writer = log::LogWriter::open(files, clock, kStore, kSmall, outcome.acknowledged);
  INFO((writer ? "" : writer.error().what));
  REQUIRE(writer.has_value());
  REQUIRE(writer->last_sequence() >= outcome.acknowledged);
  REQUIRE(writer->last_sequence() <= outcome.sent);
  REQUIRE(writer->append(numbered(writer->last_sequence() + 1, 3)).has_value());
  REQUIRE(writer->mark().has_value());
  const ReadBack after = read_all(files, writer->last_sequence());
  REQUIRE(!after.error);
  REQUIRE(after.events == numbered(1, writer->last_sequence()));
}

// Returns how many failed calls were told of. The others met a finished segment that was being made
// dense, which a log does without.
std::uint64_t fail_each_call(const std::map<std::string, Bytes>& start, Fault fault, bool crash) {
  std::uint64_t told = 0;
  for (fault.at = 1;; ++fault.at) {
    INFO("call " << fault.at);
    MemoryFileSystem memory;
    memory.restore(start);
    FaultFileSystem files(memory);
    files.set(fault);
    const Outcome outcome = write_until_failure(files);
    if (!files.failed()) {
      REQUIRE(!outcome.error);
      REQUIRE(outcome.acknowledged == kBefore + 48);
      return told;
    }
    if (outcome.error) {
      REQUIRE(outcome.error->code == fault.code);
      ++told;
    } else {
      REQUIRE(outcome.acknowledged == kBefore + 48);
    }
    if (crash) memory.crash();
    require_nothing_lost(memory, outcome);
  }
}

TEST_CASE("after memory ran out in any one call everything acknowledged is still there", "[log]") {
  const auto start = torn_log();
  REQUIRE(fail_each_call(start, {.code = ErrorCode::kNoMemory, .throws = true}, false) > 60);
  REQUIRE(fail_each_call(start, {.code = ErrorCode::kNoMemory, .throws = true}, true) > 60);
}

TEST_CASE("memory that runs out while blocks are read ahead is the caller's to know", "[log]") {
  const auto start = torn_log();
  for (std::uint64_t at = 1;; ++at) {
    INFO("call " << at);
    MemoryFileSystem memory;
    memory.restore(start);
    FaultFileSystem files(memory);
    auto opened = log::LogReader::open(files, kStore, 1, kBefore);
    REQUIRE(opened);
    files.set({.at = at, .throws = true});
    log::ReadAhead reader(*std::move(opened), 2);
    std::size_t events = 0;
    bool thrown = false;
    try {
      log::LogBlock block;
      while (*reader.next(block)) events += block.events.size();
    } catch (const std::bad_alloc&) {
      thrown = true;
    }
    REQUIRE(thrown == files.failed());
    if (!thrown) {
      REQUIRE(events == kBefore);
      REQUIRE(at > 10);
      return;
    }
  }
}

TEST_CASE("after any one failed call everything acknowledged is still there", "[log]") {
  const auto start = torn_log();
  REQUIRE(fail_each_call(start, {.code = ErrorCode::kIo}, false) > 60);
  fail_each_call(start, {.code = ErrorCode::kNoSpace, .short_write = true}, false);
}

TEST_CASE("after a power cut at any call everything acknowledged is still there", "[log]") {
  const auto start = torn_log();
  fail_each_call(start, {.short_write = true, .for_good = true}, false);
  fail_each_call(start, {.short_write = true, .for_good = true}, true);
}

TEST_CASE("a full disk is told apart from a broken one", "[log]") {
  MemoryFileSystem memory;
  FaultFileSystem files(memory);
  log::LogWriter writer = open_writer(files);
  REQUIRE(writer.append(numbered(1, 5)).has_value());
  files.set({.at = 1, .code = ErrorCode::kNoSpace, .short_write = true});
  const auto failed = writer.sync();
  REQUIRE(!failed);
  REQUIRE(failed.error().code == ErrorCode::kNoSpace);
  // Space may be there again, but the file's tail is unknown now.
  const auto later = writer.sync();
  REQUIRE(!later);
  REQUIRE(later.error().what == failed.error().what);
}

TEST_CASE("recovery that fails at any call keeps the torn tail and the good part", "[log]") {
  const auto start = torn_log();
  for (std::uint64_t call = 1;; ++call) {
    MemoryFileSystem memory;
    memory.restore(start);
    FaultFileSystem files(memory);
    files.set({.at = call, .short_write = true, .for_good = true});
    FixedClock clock(kNow);
    const bool failed = !log::LogWriter::open(files, clock, kStore, kSmall, kBefore);
    if (failed) memory.crash();
    const log::LogWriter writer = open_writer(memory, kSmall, kBefore);
    REQUIRE(read_all(memory, kBefore).events == numbered(1, kBefore));
    // The torn bytes are in quarantine, once for each attempt that came that far.
    std::size_t kept = 0;
    for (const auto& [path, bytes] : memory.snapshot()) {
      if (!path.starts_with("store/quarantine/") || path.ends_with(".tmp")) continue;
      REQUIRE(bytes.size() == 86);
      ++kept;
    }
    REQUIRE(kept >= 1);
    if (!failed) break;
  }
}

}  // namespace
}  // namespace recant::test
