// Following, positions, segments that do not belong, and what only a later version writes.
#include "store/log/log_reader.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "store/log/block_encoder.h"
#include "store/log/log_format.h"
#include "tests/log_testing.h"

namespace recant::test {
namespace {

constexpr log::LogOptions kSmall{.segment_bytes_max = 1000, .block_events_max = 8};
const std::string kFirst = kLog + "/" + log::segment_name(1);

log::LogReader open_reader(io::FileSystem& files, SequenceNumber from = 1,
                           const std::optional<log::LogPosition>& position = {}) {
  auto reader = log::LogReader::open(files, kStore, from, 0, position);
  if (!reader) FAIL(reader.error().what);
  return *std::move(reader);
}

// Reads to the end for now.
std::vector<Event> drain(log::LogReader& reader) {
  std::vector<Event> events;
  log::LogBlock block;
  while (true) {
    const auto more = reader.next(block);
    if (!more) FAIL(more.error().what);
    if (!*more) return events;
    REQUIRE(block.events.size() == block.sequences.size());
    REQUIRE(block.sequences.back() == reader.last_sequence());
    events.insert(events.end(), block.events.begin(), block.events.end());
  }
}

std::string open_error(io::FileSystem& files) {
  const ReadBack back = read_all(files);
  REQUIRE(back.error);
  REQUIRE(back.error->code == ErrorCode::kCorruption);
  // The writer must see it too, and leave everything as it is.
  FixedClock clock(kNow);
  const auto writer = log::LogWriter::open(files, clock, kStore, kSmall, 0);
  REQUIRE(!writer);
  REQUIRE(writer.error().code == ErrorCode::kCorruption);
  return back.error->what;
}

TEST_CASE("a log that is not there is empty, unless something was acknowledged", "[log]") {
  MemoryFileSystem files;
  REQUIRE(files.make_directory(kStore).has_value());
  REQUIRE(!read_all(files).error);
  REQUIRE(read_all(files).events.empty());
  const ReadBack missing = read_all(files, 1);
  REQUIRE(missing.error);
  REQUIRE(missing.error->code == ErrorCode::kCorruption);
  FixedClock clock(kNow);
  REQUIRE(!log::LogWriter::open(files, clock, kStore, {}, 1));
  REQUIRE(!files.has(kFirst));
}

TEST_CASE("a reader that was opened before the log follows it through every segment", "[log]") {
  MemoryFileSystem files;
  log::LogReader reader = open_reader(files);
  REQUIRE(drain(reader).empty());
  REQUIRE(reader.store_id().empty());
  log::LogWriter writer = open_writer(files, kSmall);
  for (SequenceNumber next = 1; next < 200; next += 5) {
    REQUIRE(writer.append(numbered(next, 5)).has_value());
    REQUIRE(drain(reader).empty());
    REQUIRE(writer.sync().has_value());
    REQUIRE(drain(reader) == numbered(next, 5));
    if (next % 3 == 0) REQUIRE(writer.mark().has_value());
    REQUIRE(drain(reader).empty());
  }
  REQUIRE(reader.store_id() == writer.store_id());
  REQUIRE(log::list_segments(files, kStore)->size() > 3);
  REQUIRE(reader.durable_sequence() <= writer.durable_sequence());
  REQUIRE(writer.mark().has_value());
  REQUIRE(drain(reader).empty());
  REQUIRE(reader.durable_sequence() == 200);
}

TEST_CASE("a reader goes on past a torn tail that a writer has set aside", "[log]") {
  MemoryFileSystem files;
  write_groups(files, 3, 5, {}, false);
  Bytes& bytes = files.bytes(kFirst);
  bytes.insert(bytes.end(), bytes.begin(), bytes.begin() + 100);
  log::LogReader reader = open_reader(files);
  REQUIRE(drain(reader) == numbered(1, 15));
  REQUIRE(drain(reader).empty());
  log::LogWriter writer = open_writer(files);
  REQUIRE(writer.torn_tail());
  REQUIRE(drain(reader).empty());
  REQUIRE(writer.append(numbered(16, 5)).has_value());
  REQUIRE(writer.mark().has_value());
  REQUIRE(drain(reader) == numbered(16, 5));
}

TEST_CASE("reading from any sequence gives the events from it on", "[log]") {
  MemoryFileSystem files;
  write_groups(files, 20, 7, kSmall);
  for (SequenceNumber from = 0; from <= 145; ++from) {
    const ReadBack back = read_all(files, 140, from);
    REQUIRE(!back.error);
    const SequenceNumber first = std::max<SequenceNumber>(from, 1);
    const auto expected = first > 140 ? std::vector<Event>{} : numbered(first, 141 - first);
    REQUIRE(back.events == expected);
  }
}

TEST_CASE("a position from an earlier reader is taken up, and a wrong one does no harm", "[log]") {
  MemoryFileSystem files;
  write_groups(files, 20, 7, kSmall);
  log::LogReader earlier = open_reader(files);
  log::BlockInfo block;
  while (*earlier.next_info(block)) {
    const log::LogPosition position = earlier.position();
    REQUIRE(position.next == earlier.last_sequence() + 1);
    const SequenceNumber left = 140 - earlier.last_sequence();
    log::LogReader later = open_reader(files, position.next, position);
    REQUIRE(drain(later) == numbered(position.next, left));
    log::LogPosition wrong = position;
    wrong.offset += 1;
    log::LogReader misled = open_reader(files, position.next, wrong);
    REQUIRE(drain(misled) == numbered(position.next, left));
    wrong = position;
    wrong.next -= 1;
    log::LogReader mistaken = open_reader(files, position.next, wrong);
    REQUIRE(drain(mistaken) == numbered(position.next, left));
    wrong = position;
    wrong.segment = "../../etc/passwd";
    log::LogReader fooled = open_reader(files, position.next, wrong);
    REQUIRE(drain(fooled) == numbered(position.next, left));
  }
}

TEST_CASE("block headers tell what the blocks hold without their payload", "[log]") {
  MemoryFileSystem files;
  write_groups(files, 4, 7);
  log::LogReader infos = open_reader(files);
  log::LogReader blocks = open_reader(files);
  log::BlockInfo info;
  log::LogBlock block;
  std::uint64_t end = log::kSegmentHeaderBytes;
  while (*blocks.next(block)) {
    REQUIRE(*infos.next_info(info));
    REQUIRE(info.offset == end);
    end += info.bytes;
    REQUIRE(info.first == block.sequences.front());
    REQUIRE(info.last == block.sequences.back());
    REQUIRE(info.count == 7);
    REQUIRE(info.durable == info.first - 1);
    REQUIRE(info.at_min == block.events.front().at);
    REQUIRE(info.at_max == block.events.back().at);
  }
  REQUIRE(!*infos.next_info(info));
}

TEST_CASE("a missing, extra, foreign or misnamed segment is named", "[log]") {
  MemoryFileSystem files;
  write_groups(files, 20, 7, kSmall);
  const auto segments = *log::list_segments(files, kStore);
  REQUIRE(segments.size() >= 4);
  const std::string second = kLog + "/" + segments[1].name;
  const std::string third = kLog + "/" + segments[2].name;

  SECTION("the first is missing") {
    REQUIRE(files.remove(kFirst).has_value());
    REQUIRE(open_error(files).find(segments[1].name) != std::string::npos);
  }
  SECTION("one in the middle is missing") {
    REQUIRE(files.remove(second).has_value());
    REQUIRE(open_error(files).find(segments[2].name) != std::string::npos);
  }
  SECTION("the last is missing") {
    REQUIRE(files.remove(kLog + "/" + segments.back().name).has_value());
    REQUIRE(!read_all(files).error);  // only the manifest can know
    REQUIRE(read_all(files, 140).error->code == ErrorCode::kCorruption);
  }
  SECTION("one is there twice") {
    files.put(kLog + "/" + log::segment_name(1000000), files.bytes(second));
    REQUIRE(open_error(files).find("misnamed") != std::string::npos);
  }
  SECTION("one is of another store") {
    Bytes bytes = files.bytes(second);
    const auto header = log::encode(
        log::SegmentHeader{.store = {}, .generation = 0, .ordinal = 2, .first = segments[1].first});
    std::ranges::copy(header, bytes.begin());
    files.put(second, bytes);
    REQUIRE(open_error(files).find("another store") != std::string::npos);
  }
  SECTION("one is cut short at a block's end") {
    Bytes bytes = files.bytes(second);
    bytes.resize(bytes.size() - log::kMarkBytes);
    files.put(second, bytes);
    FixedClock clock(kNow);
    const auto writer = log::LogWriter::open(files, clock, kStore, kSmall, 0);
    REQUIRE(!writer);
    REQUIRE(writer.error().what.find(segments[1].name) != std::string::npos);
  }
  SECTION("the header of one is damaged") {
    files.bytes(third)[20] ^= std::byte{1};
    REQUIRE(open_error(files).find(segments[2].name) != std::string::npos);
  }
  SECTION("a file is no segment") {
    files.put(kLog + "/notes.txt", {});
    REQUIRE(open_error(files).find("notes.txt") != std::string::npos);
  }
}

TEST_CASE("an unfinished file is passed over by readers and removed by the next writer", "[log]") {
  MemoryFileSystem files;
  write_groups(files, 2, 5);
  const std::string unfinished = kLog + "/" + log::segment_name(11) + ".tmp";
  files.put(unfinished, {});
  REQUIRE(read_all(files, 10).events == numbered(1, 10));
  const log::LogWriter writer = open_writer(files);
  REQUIRE(!files.has(unfinished));
}

TEST_CASE("what a newer version wrote is refused, never set aside", "[log]") {
  MemoryFileSystem files;
  write_groups(files, 2, 5, {}, false);
  const auto renew = [](std::span<std::byte> frame) {
    const std::uint64_t sum = log::checksum(frame.first(frame.size() - 8));
    for (std::size_t i = 0; i < 8; ++i) {
      frame[frame.size() - 8 + i] = static_cast<std::byte>(sum >> (8 * i));
    }
  };
  Bytes& bytes = files.bytes(kFirst);
  SECTION("a segment") {
    bytes[16] = std::byte{2};
    renew(std::span(bytes).first(log::kSegmentHeaderBytes));
  }
  SECTION("a block") {
    bytes[log::kSegmentHeaderBytes + 16] = std::byte{2};
    renew(std::span(bytes).subspan(log::kSegmentHeaderBytes, log::kBlockHeaderBytes));
  }
  SECTION("a kind of frame") {
    auto mark = log::encode(log::Mark{});
    mark[15] = std::byte{'Q'};
    renew(mark);
    bytes.insert(bytes.end(), mark.begin(), mark.end());
  }
  REQUIRE(open_error(files).find("newer") != std::string::npos);
}

TEST_CASE("a block with gaps gives the sequences that are left", "[log]") {
  MemoryFileSystem files;
  const log::StoreId store{std::byte{1}};
  const auto header =
      log::encode(log::SegmentHeader{.store = store, .generation = 1, .ordinal = 1, .first = 1});
  Bytes bytes(header.begin(), header.end());
  const std::vector<SequenceNumber> first_block = {2, 3, 40, 99};
  const std::vector<SequenceNumber> second_block = {101, 110};
  log::BlockEncoder encoder(100);
  for (const SequenceNumber sequence : first_block) {
    encoder.add(sequence, numbered(sequence, 1).front(), kNow);
  }
  REQUIRE(encoder.finish(store, 1, 100, 0, bytes).has_value());
  for (const SequenceNumber sequence : second_block) {
    encoder.add(sequence, numbered(sequence, 1).front(), kNow);
  }
  REQUIRE(encoder.finish(store, 101, 110, 100, bytes).has_value());
  files.put(kFirst, bytes);
  const ReadBack back = read_all(files, 110);
  REQUIRE(!back.error);
  REQUIRE(back.sequences == std::vector<SequenceNumber>{2, 3, 40, 99, 101, 110});
  REQUIRE(read_all(files, 110, 41).sequences == std::vector<SequenceNumber>{99, 101, 110});
  REQUIRE(read_all(files, 110, 100).sequences == std::vector<SequenceNumber>{101, 110});
  log::LogWriter writer = open_writer(files, {}, 110);
  REQUIRE(writer.last_sequence() == 110);
}

TEST_CASE("a reader beside a writer sees every event once and never damage", "[log]") {
  const std::string directory = "/tmp/recant-log-follow-test-" + std::to_string(::getpid());
  io::FileSystem& files = io::real_file_system();
  REQUIRE(files.make_directory(directory).has_value());
  std::atomic<bool> done = false;
  std::atomic<bool> writer_failed = false;
  std::thread writing([&] {
    auto writer = log::LogWriter::open(files, io::real_clock(), directory,
                                       {.segment_bytes_max = 20000, .block_events_max = 50}, 0);
    for (SequenceNumber next = 1; writer && next < 6000; next += 40) {
      if (!writer->append(numbered(next, 40)) || !writer->sync() ||
          (next % 3 == 0 && !writer->mark())) {
        writer_failed = true;
      }
    }
    done = true;
  });
  std::string failure;
  std::vector<Event> events;
  auto reader = log::LogReader::open(files, directory, 1, 0);
  log::LogBlock block;
  while (failure.empty() && reader) {
    const bool last_round = done;
    const auto more = reader->next(block);
    if (!more) failure = more.error().what;
    if (more && *more) events.insert(events.end(), block.events.begin(), block.events.end());
    if (last_round && more && !*more) break;
  }
  writing.join();
  INFO(failure);
  REQUIRE(failure.empty());
  REQUIRE(!writer_failed);
  REQUIRE(events == numbered(1, 6000));
  const auto segments = log::list_segments(files, directory);
  for (const auto& segment : *segments) {
    REQUIRE(files.remove(directory + "/log/" + segment.name).has_value());
  }
  ::rmdir((directory + "/log").c_str());
  ::rmdir(directory.c_str());
}

}  // namespace
}  // namespace recant::test
