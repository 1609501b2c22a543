// Appending, syncing, marking and rotating, and what is read back of it.
#include "store/log/log_writer.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>

#include "store/log/log_format.h"
#include "tests/fault_file_system.h"
#include "tests/log_testing.h"

namespace recant::test {
namespace {

constexpr log::LogOptions kSmall{.segment_bytes_max = 2000, .block_events_max = 8};

TEST_CASE("events of every kind, payload and extreme come back as they were appended", "[log]") {
  MemoryFileSystem files;
  const std::vector<Event> events = all_kinds();
  for (const Event& event : events) REQUIRE(!why_malformed(event));
  log::LogWriter writer = open_writer(files);
  REQUIRE(writer.append(events).has_value());
  REQUIRE(writer.mark().has_value());
  const ReadBack back = read_all(files, events.size());
  REQUIRE(!back.error);
  REQUIRE(back.events.size() == events.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    INFO(event_kind_name(events[i].kind) << " at " << i);
    REQUIRE(back.events[i] == events[i]);
    REQUIRE(back.sequences[i] == i + 1);
  }
}

TEST_CASE("an event without a time of receipt gets the clock's", "[log]") {
  MemoryFileSystem files;
  Event event = numbered(1, 1).front();
  event.received_at = 0;
  log::LogWriter writer = open_writer(files);
  REQUIRE(writer.append(std::span(&event, 1)).has_value());
  REQUIRE(writer.sync().has_value());
  REQUIRE(read_all(files).events.at(0).received_at == kNow);
}

TEST_CASE("a malformed event refuses the whole call and leaves the writer usable", "[log]") {
  MemoryFileSystem files;
  log::LogWriter writer = open_writer(files);
  std::vector<Event> events = numbered(1, 3);
  events[2].kind = EventKind::kTweetDelete;
  events[2].tweet = 0;
  const auto refused = writer.append(events);
  REQUIRE(!refused);
  REQUIRE(refused.error().code == ErrorCode::kInvalidArgument);
  REQUIRE(writer.last_sequence() == 0);
  events[2].tweet = 5;
  events[2].at = -1;
  REQUIRE(!writer.append(events));
  events[2].at = 0;
  REQUIRE(writer.append(events).has_value());
  Event huge = numbered(1, 1).front();
  huge.payload.make().raw = std::string(1 << 20, 'x');
  REQUIRE(!writer.append(std::span(&huge, 1)));
  REQUIRE(writer.sync().has_value());
  REQUIRE(read_all(files).events == events);
}

TEST_CASE("sequences are durable after a sync and not before", "[log]") {
  MemoryFileSystem files;
  log::LogWriter writer = open_writer(files);
  REQUIRE(writer.append(numbered(1, 10)).has_value());
  REQUIRE(writer.last_sequence() == 10);
  REQUIRE(writer.durable_sequence() == 0);
  REQUIRE(read_all(files).events.empty());
  REQUIRE(writer.sync().has_value());
  REQUIRE(writer.durable_sequence() == 10);
  REQUIRE(read_all(files).events == numbered(1, 10));
}

TEST_CASE("each sync of new events, and each mark, is one call to the disk", "[log]") {
  MemoryFileSystem memory;
  FaultFileSystem files(memory);
  log::LogWriter writer = open_writer(files);
  files.set({});
  REQUIRE(writer.append(numbered(1, 10)).has_value());
  REQUIRE(files.calls() == 0);
  REQUIRE(writer.sync().has_value());
  REQUIRE(files.syncs() == 1);
  REQUIRE(writer.sync().has_value());
  REQUIRE(files.syncs() == 1);
  REQUIRE(writer.mark().has_value());
  REQUIRE(files.syncs() == 2);
  REQUIRE(files.appends() == 2);
  REQUIRE(writer.mark().has_value());
  REQUIRE(files.calls() == 4);
}

TEST_CASE("a mark that is there already is not written again by the next writer", "[log]") {
  MemoryFileSystem files;
  write_groups(files, 2, 3);
  const auto before = files.snapshot();
  log::LogWriter writer = open_writer(files, {}, 6);
  REQUIRE(writer.last_sequence() == 6);
  REQUIRE(writer.mark().has_value());
  REQUIRE(files.snapshot() == before);
}

TEST_CASE("a segment past its size is sealed with a mark and followed by another", "[log]") {
  MemoryFileSystem files;
  write_groups(files, 20, 8, kSmall);
  const auto segments = log::list_segments(files, kStore);
  REQUIRE(segments.has_value());
  REQUIRE(segments->size() >= 3);
  for (std::size_t i = 0; i + 1 < segments->size(); ++i) {
    const Bytes& bytes = files.bytes(kLog + "/" + (*segments)[i].name);
    REQUIRE(bytes.size() > kSmall.segment_bytes_max);
    const auto header = log::parse_header(std::span(bytes).last(log::kMarkBytes));
    REQUIRE(header.kind == log::HeaderKind::kMark);
    REQUIRE(header.mark.sequence == (*segments)[i + 1].first - 1);
  }
  const ReadBack back = read_all(files, 160);
  REQUIRE(!back.error);
  REQUIRE(back.events == numbered(1, 160));
}

TEST_CASE("writers one after another continue one sequence", "[log]") {
  MemoryFileSystem files;
  std::string store_id;
  for (std::uint64_t round = 0; round < 30; ++round) {
    log::LogWriter writer = open_writer(files, kSmall, round * 5);
    if (round > 0) REQUIRE(writer.store_id() == store_id);
    store_id = writer.store_id();
    REQUIRE(store_id.size() == 32);
    REQUIRE(writer.last_sequence() == round * 5);
    REQUIRE(writer.durable_sequence() == round * 5);
    REQUIRE(writer.append(numbered(round * 5 + 1, 5)).has_value());
    // Every other writer ends without a mark, as a killed one does.
    REQUIRE((round % 2 == 0 ? writer.mark() : writer.sync()).has_value());
  }
  REQUIRE(read_all(files, 150).events == numbered(1, 150));
}

TEST_CASE("two writers that take turns and refresh continue one sequence", "[log]") {
  MemoryFileSystem memory;
  FaultFileSystem files(memory);
  log::LogWriter first = open_writer(files, kSmall);
  log::LogWriter second = open_writer(files, kSmall);
  for (SequenceNumber next = 1; next < 200; next += 10) {
    for (log::LogWriter* const writer : {&first, &second}) {
      const SequenceNumber from = next + (writer == &first ? 0 : 5);
      REQUIRE(writer->refresh(0).has_value());
      REQUIRE(writer->last_sequence() == from - 1);
      REQUIRE(writer->append(numbered(from, 5)).has_value());
      REQUIRE(!writer->refresh(0));
      REQUIRE(writer->sync().has_value());
      files.set({});
      REQUIRE(writer->refresh(0).has_value());
      REQUIRE(files.calls() == 2);
    }
  }
  REQUIRE(read_all(files, 200).events == numbered(1, 200));
}

TEST_CASE("zstd tests and decompresses every segment", "[log]") {
  if (std::system("command -v zstd >/dev/null") != 0) {
    WARN("no zstd program here");
    return;
  }
  const std::string directory = std::filesystem::temp_directory_path() / "recant-log-zstd-test";
  std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory);
  MemoryFileSystem files;
  write_groups(files, 20, 8, kSmall);
  for (const auto& [path, bytes] : files.snapshot()) {
    const std::string copy = directory + "/segment.zst";
    const auto file = [&] {
      std::filesystem::remove(copy);
      return io::real_file_system().create(copy);
    }();
    REQUIRE(file.has_value());
    REQUIRE((*file)->append(bytes).has_value());
    REQUIRE(std::system(("zstd -t -q " + copy).c_str()) == 0);
    REQUIRE(std::system(("zstd -dc -q " + copy + " >/dev/null").c_str()) == 0);
  }
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace recant::test
