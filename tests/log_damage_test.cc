// Cuts, flipped bits and blocks in wrong places. Goal: never a wrong event, and damage or a torn
// tail told apart by the recovery rule of reliability.md. Method: damage every byte of a small log
// in memory and compare what is read with what was written.
#include <algorithm>
#include <catch2/catch.hpp>

#include "store/log/log_format.h"
#include "store/log/log_writer.h"
#include "tests/log_testing.h"

namespace recant::test {
namespace {

const std::string kSegment = kLog + "/" + log::segment_name(1);

std::vector<log::BlockInfo> blocks_of(io::FileSystem& files) {
  std::vector<log::BlockInfo> blocks;
  const auto damages = log::verify_log(
      files, kStore, 0, [&](const log::BlockInfo& block) { blocks.push_back(block); });
  REQUIRE(damages.has_value());
  return blocks;
}

bool is_prefix(const std::vector<Event>& events) { return events == numbered(1, events.size()); }

Result<log::LogWriter> try_writer(io::FileSystem& files, SequenceNumber durable_hint) {
  static FixedClock clock(kNow);
  return log::LogWriter::open(files, clock, kStore, {}, durable_hint);
}

Bytes cut_out(const Bytes& bytes, const log::BlockInfo& block) {
  const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(block.offset);
  return {begin, begin + static_cast<std::ptrdiff_t>(block.bytes)};
}

TEST_CASE("a log cut at any byte keeps every block before the cut", "[log]") {
  MemoryFileSystem files;
  write_groups(files, 5, 6);
  const Bytes whole = files.bytes(kSegment);
  const auto blocks = blocks_of(files);
  REQUIRE(blocks.size() == 5);
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    INFO("cut at " << cut);
    SequenceNumber last = 0;
    std::uint64_t good = cut < log::kSegmentHeaderBytes ? 0 : log::kSegmentHeaderBytes;
    for (const auto& block : blocks) {
      if (block.offset + block.bytes > cut) break;
      last = block.last;
      good = block.offset + block.bytes;
    }
    const Bytes left(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(cut));
    files.restore({{kSegment, left}});

    const ReadBack unhinted = read_all(files);
    REQUIRE(!unhinted.error);
    REQUIRE(unhinted.events == numbered(1, last));
    const ReadBack hinted = read_all(files, last);
    REQUIRE(!hinted.error);
    // The cut took something that the manifest knows to be durable.
    if (last < 30) {
      const ReadBack damaged = read_all(files, last + 1);
      REQUIRE(damaged.error);
      REQUIRE(damaged.error->code == ErrorCode::kCorruption);
      REQUIRE(is_prefix(damaged.events));
      const auto refused = try_writer(files, last + 1);
      REQUIRE(!refused);
      REQUIRE(refused.error().code == ErrorCode::kCorruption);
      REQUIRE(files.bytes(kSegment) == left);
    }
    log::LogWriter writer = open_writer(files, {}, last);
    REQUIRE(writer.last_sequence() == last);
    const bool torn = cut != good || cut == 0;  // a file without a header is no segment
    REQUIRE(writer.torn_tail().has_value() == torn);
    if (torn) {
      const Bytes& kept = files.bytes(writer.torn_tail()->quarantine);
      REQUIRE(std::ranges::equal(kept, std::span(left).subspan(good)));
      REQUIRE(writer.torn_tail()->offset == good);
    }
    REQUIRE(writer.append(numbered(last + 1, 4)).has_value());
    REQUIRE(writer.mark().has_value());
    REQUIRE(read_all(files, last + 4).events == numbered(1, last + 4));
  }
}

TEST_CASE("no flipped bit of a log is ever read as an event or passed over", "[log]") {
  MemoryFileSystem files;
  write_groups(files, 17, 12);
  const auto start = files.snapshot();
  const std::size_t size = files.bytes(kSegment).size();
  const std::size_t last_mark = size - log::kMarkBytes;
  REQUIRE(size > 3500);
  for (std::size_t bit = 0; bit < 8 * size; ++bit) {
    INFO("bit " << bit % 8 << " of byte " << bit / 8);
    Bytes& bytes = files.bytes(kSegment);
    bytes[bit / 8] ^= std::byte{1} << (bit % 8);
    const ReadBack back = read_all(files);
    REQUIRE(is_prefix(back.events));
    if (bit / 8 >= last_mark) {
      // Nothing that is acknowledged is touched: the mark itself is the torn tail.
      REQUIRE(!back.error);
      REQUIRE(back.events.size() == 204);
    } else {
      REQUIRE(back.error);
      REQUIRE(back.error->code == ErrorCode::kCorruption);
      REQUIRE(back.events.size() < 204);
    }
    bytes[bit / 8] ^= std::byte{1} << (bit % 8);
  }
  REQUIRE(files.snapshot() == start);
}

TEST_CASE("a writer refuses flipped bytes in acknowledged data and modifies nothing", "[log]") {
  MemoryFileSystem files;
  write_groups(files, 4, 5);
  const auto start = files.snapshot();
  const std::size_t size = files.bytes(kSegment).size();
  for (std::size_t byte = 0; byte < size; ++byte) {
    INFO("byte " << byte);
    files.restore(start);
    files.bytes(kSegment)[byte] ^= std::byte{0x10};
    const auto damaged = files.snapshot();
    const auto writer = try_writer(files, 0);
    if (byte >= size - log::kMarkBytes) {
      REQUIRE(writer.has_value());
      REQUIRE(writer->torn_tail().has_value());
      REQUIRE(read_all(files, 20).events == numbered(1, 20));
    } else {
      REQUIRE(!writer);
      REQUIRE(writer.error().code == ErrorCode::kCorruption);
      REQUIRE(writer.error().what.find(kSegment) != std::string::npos);
      REQUIRE(files.snapshot() == damaged);
    }
  }
}

TEST_CASE("blocks that were never marked are set aside when damaged, with all after them",
          "[log]") {
  MemoryFileSystem files;
  log::LogWriter first = open_writer(files, {.block_events_max = 4});
  REQUIRE(first.append(numbered(1, 20)).has_value());  // five blocks, none synced before another
  REQUIRE(first.sync().has_value());
  const auto blocks = blocks_of(files);
  REQUIRE(blocks.size() == 5);
  files.bytes(kSegment)[blocks[2].offset + 130] ^= std::byte{1};
  const std::size_t size = files.bytes(kSegment).size();
  REQUIRE(read_all(files).events == numbered(1, 8));
  REQUIRE(read_all(files, 12).error);
  log::LogWriter writer = open_writer(files);
  REQUIRE(writer.torn_tail()->bytes == size - blocks[2].offset);
  REQUIRE(writer.last_sequence() == 8);
}

TEST_CASE("a duplicated, swapped, zeroed or foreign block is damage where it was acknowledged",
          "[log]") {
  MemoryFileSystem files;
  write_groups(files, 5, 6);
  const auto blocks = blocks_of(files);
  const Bytes whole = files.bytes(kSegment);
  const auto at = [](std::uint64_t offset) { return static_cast<std::ptrdiff_t>(offset); };
  const Bytes second = cut_out(whole, blocks[1]);
  const Bytes third = cut_out(whole, blocks[2]);
  Bytes bytes = whole;

  SECTION("duplicated") {
    bytes.insert(bytes.begin() + at(blocks[2].offset), second.begin(), second.end());
    files.put(kSegment, bytes);
    REQUIRE(read_all(files).events == numbered(1, 12));
  }
  SECTION("swapped") {
    bytes.erase(bytes.begin() + at(blocks[1].offset), bytes.begin() + at(blocks[3].offset));
    bytes.insert(bytes.begin() + at(blocks[1].offset), second.begin(), second.end());
    bytes.insert(bytes.begin() + at(blocks[1].offset), third.begin(), third.end());
    files.put(kSegment, bytes);
    REQUIRE(read_all(files).events == numbered(1, 6));
  }
  SECTION("removed") {
    bytes.erase(bytes.begin() + at(blocks[1].offset), bytes.begin() + at(blocks[2].offset));
    files.put(kSegment, bytes);
    REQUIRE(read_all(files).events == numbered(1, 6));
  }
  SECTION("zeroed") {
    std::fill(bytes.begin() + at(blocks[1].offset), bytes.begin() + at(blocks[2].offset),
              std::byte{0});
    files.put(kSegment, bytes);
    REQUIRE(read_all(files).events == numbered(1, 6));
  }
  SECTION("from another store") {
    MemoryFileSystem other;
    log::StoreId ignored{};
    REQUIRE(other.random(ignored).has_value());  // its store id is not the same
    write_groups(other, 5, 6);
    const Bytes foreign = cut_out(other.bytes(kSegment), blocks_of(other)[1]);
    bytes.erase(bytes.begin() + at(blocks[1].offset), bytes.begin() + at(blocks[2].offset));
    bytes.insert(bytes.begin() + at(blocks[1].offset), foreign.begin(), foreign.end());
    files.put(kSegment, bytes);
    const ReadBack back = read_all(files);
    REQUIRE(back.events == numbered(1, 6));
    REQUIRE(back.error->what.find("another store") != std::string::npos);
  }
  const ReadBack back = read_all(files);
  REQUIRE(back.error);
  REQUIRE(back.error->code == ErrorCode::kCorruption);
  const auto before = files.snapshot();
  REQUIRE(!try_writer(files, 0));
  REQUIRE(files.snapshot() == before);
  const auto damages = log::verify_log(files, kStore, 0, {});
  REQUIRE(damages.has_value());
  REQUIRE(!damages->empty());
  REQUIRE(!damages->front().torn_tail());
}

TEST_CASE("verify reports every damaged place and reads all the blocks between", "[log]") {
  MemoryFileSystem files;
  write_groups(files, 9, 6);
  const auto blocks = blocks_of(files);
  files.bytes(kSegment)[blocks[2].offset + 9] ^= std::byte{1};
  files.bytes(kSegment)[blocks[5].offset + 120] ^= std::byte{1};
  std::vector<SequenceNumber> firsts;
  const auto damages = log::verify_log(
      files, kStore, 54, [&](const log::BlockInfo& block) { firsts.push_back(block.first); });
  REQUIRE(damages.has_value());
  REQUIRE(damages->size() == 2);
  REQUIRE((*damages)[0].expected == 13);
  REQUIRE((*damages)[0].offset == blocks[2].offset);
  REQUIRE((*damages)[1].expected == 31);
  REQUIRE(!(*damages)[0].torn_tail());
  REQUIRE(!(*damages)[1].torn_tail());
  REQUIRE(firsts == std::vector<SequenceNumber>{1, 7, 19, 25, 37, 43, 49});
}

}  // namespace
}  // namespace recant::test
