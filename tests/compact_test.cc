// The log written anew: dense blocks after a live stream, and without needless events. What is read
// back is held against the events that went in and against the oracle.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <iterator>

#include "build_facts.h"
#include "fault_file_system.h"
#include "store/io/file_system.h"
#include "store/log/log_reader.h"
#include "store/log/log_writer.h"
#include "store/log/rewrite.h"
#include "store_world.h"

namespace recant::laws {
namespace {

namespace fs = std::filesystem;

struct LogContents {
  std::vector<SequenceNumber> sequences;
  std::vector<Event> events;
  std::size_t blocks = 0;
  std::uint64_t bytes = 0;
};

LogContents read_all(const std::string& directory) {
  LogContents contents;
  log::LogReader reader = must(log::LogReader::open(io::real_file_system(), directory, 1, 0));
  log::LogBlock block;
  while (must(reader.next(block))) {
    ++contents.blocks;
    std::ranges::copy(block.sequences, std::back_inserter(contents.sequences));
    std::ranges::copy(block.events, std::back_inserter(contents.events));
  }
  for (const auto& entry : fs::directory_iterator(directory + "/log")) {
    contents.bytes += entry.file_size();
  }
  return contents;
}

// Groups of one or two events, as a slow stream writes them.
void write_groups(const std::string& directory, std::span<const Event> events,
                  std::uint64_t segment_bytes) {
  fs::create_directories(directory);
  log::LogWriter writer =
      must(log::LogWriter::open(io::real_file_system(), io::real_clock(), directory,
                                {.segment_bytes_max = segment_bytes}, 0));
  for (std::size_t i = 0; i < events.size(); i += 2) {
    must(writer.append(events.subspan(i, std::min<std::size_t>(2, events.size() - i))));
    must(writer.sync());
  }
  must(writer.mark());
}

std::vector<Event> some_events(std::size_t count) {
  std::vector<Event> events;
  for (std::size_t i = 0; i < count; ++i) {
    Event event =
        fact(EventKind::kTweetDelete).tweet(1000 + i).author(7).at(5000 + static_cast<Time>(i));
    event.received_at = 9000;
    event.source = "test";
    events.push_back(event);
  }
  return events;
}

TEST_CASE("a finished segment of small groups is written anew in dense blocks", "[log][compact]") {
  const TempDirectory directory;
  const std::vector<Event> events = some_events(400);
  write_groups(directory.path("live"), events, 16 * 1024);
  const LogContents contents = read_all(directory.path("live"));
  REQUIRE(std::ranges::equal(contents.events, events));
  for (std::size_t i = 0; i < contents.sequences.size(); ++i) {
    REQUIRE(contents.sequences[i] == i + 1);
  }
  const auto segments = must(log::list_segments(io::real_file_system(), directory.path("live")));
  REQUIRE(segments.size() > 1);
  // Of the 200 groups only those in the last segment are blocks of their own.
  REQUIRE(contents.blocks < 100);
  for (std::size_t i = 0; i + 1 < segments.size(); ++i) CHECK(segments[i].bytes < 8 * 1024);
}

TEST_CASE("a writer goes on after a segment was written anew, and so does an old reader",
          "[log][compact]") {
  const TempDirectory directory;
  const std::vector<Event> events = some_events(60);
  fs::create_directories(directory.path("live"));
  log::LogWriter writer = must(log::LogWriter::open(io::real_file_system(), io::real_clock(),
                                                    directory.path("live"), {}, 0));
  log::LogReader reader =
      must(log::LogReader::open(io::real_file_system(), directory.path("live"), 1, 0));
  log::LogBlock block;
  std::size_t seen = 0;
  const auto follow = [&] {
    while (must(reader.next(block))) {
      for (const Event& event : block.events) REQUIRE(event == events[seen++]);
    }
  };
  for (std::size_t i = 0; i < 20; ++i) {
    must(writer.append(std::span(events).subspan(i, 1)));
    must(writer.sync());
    if (i == 9) follow();
  }
  must(writer.finish_segment());
  must(writer.finish_segment());  // there is nothing to finish: no empty segment is left behind
  follow();
  REQUIRE(seen == 20);
  must(writer.append(std::span(events).subspan(20)));
  must(writer.mark());
  follow();
  REQUIRE(seen == events.size());
  REQUIRE(must(log::list_segments(io::real_file_system(), directory.path("live"))).size() == 2);
}

TEST_CASE("no failing file call while a segment is written anew loses an event",
          "[log][compact][fault]") {
  const std::vector<Event> events = some_events(50);
  for (std::uint64_t call = 1;; ++call) {
    const TempDirectory directory;
    fs::create_directories(directory.path("s"));
    {
      log::LogWriter writer = must(log::LogWriter::open(io::real_file_system(), io::real_clock(),
                                                        directory.path("s"), {}, 0));
      must(writer.append(events));
      must(writer.finish_segment());
    }
    test::FaultFileSystem files(io::real_file_system());
    files.set({.at = call});
    const auto done = log::rewrite_segment(
        files, directory.path("s"), "00000000000000000001.zst", {},
        [](SequenceNumber sequence, const Event&) { return sequence % 2 == 0; });
    const LogContents contents = read_all(directory.path("s"));
    if (done) {
      REQUIRE(contents.events.size() == 25);
      REQUIRE(done->events_after == 25);
      if (!files.failed()) return;
    }
    REQUIRE((contents.events.size() == 50 || contents.events.size() == 25));
    REQUIRE(contents.sequences.back() == 50);
  }
}

}  // namespace

TEST_CASE("compact: the state, its digest and every verdict stay as they were", "[laws][compact]") {
  check_law(1000, 60, [](std::span<const Event> events, RandomWorld& plan) {
    const TempDirectory directory;
    std::vector<Event> repeated(events.begin(), events.end());
    for (const Event& event : events) {
      if (plan.one_in(2)) repeated.push_back(event);
    }
    plan.shuffle(repeated);
    write_randomly(directory.path("a"), repeated, plan);
    Store store = open_store(directory.path("a"), plan);
    const std::string before = digest(store);
    // With little memory the facts are looked at in several passes.
    const CompactSummary summary =
        must(store.compact({.memory_bytes_max = plan.one_in(2) ? 1024U : 1U << 20}));
    std::string wrong = unequal(before, digest(store), "digest");
    store = open_store(directory.path("a"), plan);
    wrong += unequal(before, digest(store), "digest after reopening");
    wrong += unequal(before, must(store.rebuild({})).digest, "digest after a rebuild");
    for (const VerifyFinding& finding : must(store.verify())) wrong += finding.what + "\n";
    if (summary.events_after > summary.events_before) wrong += "more events than before\n";
    return wrong + state_differences(must(store.snapshot()), Oracle(events), plan) +
           verdict_differences(must(store.snapshot()), Oracle(events), plan, 10);
  });
}

TEST_CASE("compact drops what was said before, and a second time nothing", "[compact]") {
  const TempDirectory directory;
  Store store = must(Store::open({.directory = directory.path("s"), .create = true}));
  std::vector<Event> events = some_events(500);
  const std::vector<Event> once = events;
  for (const Event& event : once) {
    events.push_back(event);
    events.back().at += 10;  // told later, and with a later time: it adds nothing
  }
  must(store.append(events));
  const std::string before = digest(store);
  const CompactSummary first = must(store.compact());
  CHECK(first.events_before == 1000);
  CHECK(first.events_after <= 501);  // the last of a segment stays
  CHECK(first.bytes_after < first.bytes_before);
  CHECK(digest(store) == before);
  const CompactSummary second = must(store.compact());
  CHECK(second.segments == 0);
  CHECK(must(store.snapshot()).last_sequence() == 1000);
  must(store.append(std::span(once).first(1)));
  CHECK(must(store.snapshot()).last_sequence() == 1001);
}

}  // namespace recant::laws
