// Repair of the log. Goal: whatever is damaged, every event of every good block stays under its
// sequence number, each lost range is told once, damaged bytes are kept, and the log is whole
// again; a crash anywhere loses none of that. Method: damage a log of several segments in memory,
// and compare with what its untouched blocks held.
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "store/log/log_format.h"
#include "store/log/repair.h"
#include "tests/fault_file_system.h"
#include "tests/log_testing.h"

namespace recant::test {
namespace {

constexpr log::LogOptions kSmall{.segment_bytes_max = 700, .block_events_max = 6};
constexpr SequenceNumber kLast = 60;

struct World {
  MemoryFileSystem files;
  std::map<std::string, Bytes> start;
  std::vector<log::BlockInfo> blocks;
  std::vector<log::SegmentInfo> segments;

  World() {
    write_groups(files, 10, 6, kSmall);
    start = files.snapshot();
    const auto damages = log::verify_log(
        files, kStore, 0, [&](const log::BlockInfo& block) { blocks.push_back(block); });
    REQUIRE((damages && damages->empty()));
    segments = *log::list_segments(files, kStore);
    REQUIRE(segments.size() >= 3);
    REQUIRE(blocks.size() >= 10);
  }
  [[nodiscard]] std::string path(std::size_t segment) const {
    return kLog + "/" + segments[segment].name;
  }
};

Result<log::RepairReport> repair(io::FileSystem& files, SequenceNumber durable = 0,
                                 bool dry_run = false) {
  FixedClock clock(kNow);
  return log::repair_log(
      files, clock, kStore,
      {.hint = {.store = {}, .durable = durable}, .dry_run = dry_run, .on_loss = {}});
}

// Readers and writers both take the log.
bool is_whole(MemoryFileSystem& files, SequenceNumber durable) {
  FixedClock clock(kNow);
  if (read_all(files, durable).error) return false;
  const auto before = files.snapshot();
  const bool opens = log::LogWriter::open(files, clock, kStore, {}, durable).has_value();
  files.restore(before);
  return opens;
}

// What is left of events 1 to kLast, and the ranges that loss records tell of.
struct Left {
  std::set<SequenceNumber> sequences;
  std::vector<log::SequenceRange> told;
};

Left read_left(io::FileSystem& files, SequenceNumber durable) {
  const ReadBack back = read_all(files, durable);
  INFO((back.error ? back.error->what : ""));
  REQUIRE(!back.error);
  const auto all = numbered(1, kLast);
  Left left;
  for (std::size_t i = 0; i < back.events.size(); ++i) {
    const Event& event = back.events[i];
    if (back.sequences[i] <= kLast) {
      REQUIRE(event == all[back.sequences[i] - 1]);
      REQUIRE(left.sequences.insert(back.sequences[i]).second);
    } else {
      REQUIRE(event.kind == EventKind::kLoss);
      REQUIRE(event.at == kNow);
      left.told.push_back({event.payload.get().first, event.payload.get().last});
    }
  }
  return left;
}

std::set<SequenceNumber> numbers(const std::vector<log::SequenceRange>& ranges) {
  std::set<SequenceNumber> all;
  for (const auto& range : ranges) {
    for (SequenceNumber i = range.first; i <= range.last; ++i) REQUIRE(all.insert(i).second);
  }
  return all;
}

// The repaired log: `lost` gone and told of, the rest there, and all goes on as ever.
void require_repaired(MemoryFileSystem& files, const std::set<SequenceNumber>& lost,
                      SequenceNumber durable = 0) {
  const Left left = read_left(files, durable);
  REQUIRE(numbers(left.told) == lost);
  for (SequenceNumber i = 1; i <= kLast; ++i) {
    REQUIRE(left.sequences.contains(i) != lost.contains(i));
  }
  const auto damages = log::verify_log(files, kStore, durable, {});
  REQUIRE(damages.has_value());
  REQUIRE(damages->empty());
  const auto before = files.snapshot();
  const auto again = repair(files, durable);
  REQUIRE(again.has_value());
  REQUIRE(!again->damaged);
  REQUIRE(files.snapshot() == before);
  log::LogWriter writer = open_writer(files, kSmall, durable);
  REQUIRE(!writer.torn_tail());
  const SequenceNumber next = writer.last_sequence() + 1;
  REQUIRE(next == kLast + 1 + left.told.size());
  REQUIRE(writer.append(numbered(next, 4)).has_value());
  REQUIRE(writer.mark().has_value());
  const ReadBack after = read_all(files, next + 3);
  REQUIRE(!after.error);
  REQUIRE(after.sequences.back() == next + 3);
}

std::set<SequenceNumber> events_of(const log::BlockInfo& block) {
  return numbers({{block.first, block.last}});
}

Bytes cut_out(const Bytes& bytes, const log::BlockInfo& block) {
  const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(block.offset);
  return {begin, begin + static_cast<std::ptrdiff_t>(block.bytes)};
}

TEST_CASE("repair of any flipped byte loses the block it is in and nothing else", "[repair]") {
  World world;
  std::uint64_t repaired = 0;
  for (std::size_t s = 0; s < world.segments.size(); ++s) {
    const std::size_t size = world.start.at(world.path(s)).size();
    for (std::size_t byte = 0; byte < size; ++byte) {
      INFO("segment " << s << ", byte " << byte);
      world.files.restore(world.start);
      world.files.bytes(world.path(s))[byte] ^= std::byte{0x04};
      std::set<SequenceNumber> lost;
      for (const auto& block : world.blocks) {
        const bool inside = block.segment == world.segments[s].name && byte >= block.offset &&
                            byte < block.offset + block.bytes;
        if (inside) lost = events_of(block);
      }
      const bool damaged = !is_whole(world.files, 0);
      const auto before = world.files.snapshot();
      const auto dry = repair(world.files, 0, true);
      REQUIRE(dry.has_value());
      REQUIRE(dry->damaged == damaged);
      REQUIRE(world.files.snapshot() == before);
      const auto report = repair(world.files);
      REQUIRE(report.has_value());
      REQUIRE(report->damaged == damaged);
      if (!damaged) {
        REQUIRE(world.files.snapshot() == before);
        continue;
      }
      ++repaired;
      REQUIRE(report->lost.size() == (lost.empty() ? 0 : 1));
      if (!lost.empty()) {
        REQUIRE(report->lost[0].first == *lost.begin());
        REQUIRE(report->lost[0].last == *lost.rbegin());
        REQUIRE(report->lost[0].segment == world.segments[s].name);
        REQUIRE(report->lost[0].offset <= byte);
        REQUIRE(report->lost[0].offset + report->lost[0].bytes > byte);
      }
      // The byte is kept, under its segment's name and offset.
      const std::string segment = "store/quarantine/" + world.segments[s].name + ".";
      REQUIRE(std::ranges::any_of(report->kept, [&](const std::string& path) {
        if (!path.starts_with(segment)) return false;
        const std::uint64_t offset = std::stoull(path.substr(segment.size()));
        const Bytes& kept = world.files.bytes(path);
        return byte >= offset && byte - offset < kept.size() &&
               kept[byte - offset] == before.at(world.path(s))[byte];
      }));
      require_repaired(world.files, lost);
    }
  }
  REQUIRE(repaired > 1000);
}

TEST_CASE("repair goes on without segments that are missing", "[repair]") {
  World world;
  const std::size_t count = world.segments.size();
  for (std::size_t first = 0; first < count; ++first) {
    for (std::size_t last = first; last < count; ++last) {
      INFO("segments " << first << " to " << last << " of " << count);
      world.files.restore(world.start);
      for (std::size_t s = first; s <= last; ++s) REQUIRE(world.files.remove(world.path(s)));
      const SequenceNumber end = last + 1 == count ? kLast : world.segments[last + 1].first - 1;
      const auto report = repair(world.files, kLast);
      REQUIRE(report.has_value());
      REQUIRE(report->lost.size() == 1);
      REQUIRE(report->lost[0].bytes == 0);
      require_repaired(world.files, numbers({{world.segments[first].first, end}}), kLast);
    }
  }
}

TEST_CASE("repair puts a foreign segment aside", "[repair]") {
  World world;
  MemoryFileSystem other;
  log::StoreId ignored{};
  REQUIRE(other.random(ignored).has_value());
  write_groups(other, 10, 6, kSmall);
  const auto s = GENERATE(as<std::size_t>{}, 0, 1, 2);
  const Bytes foreign = other.bytes(world.path(s));
  world.files.put(world.path(s), foreign);
  const SequenceNumber end =
      s + 1 == world.segments.size() ? kLast : world.segments[s + 1].first - 1;
  const auto report = repair(world.files, kLast);
  REQUIRE(report.has_value());
  REQUIRE(report->kept.size() == 1);
  REQUIRE(world.files.bytes(report->kept[0]) == foreign);
  require_repaired(world.files, numbers({{world.segments[s].first, end}}), kLast);
}

TEST_CASE("repair takes blocks in wrong places to where they belong", "[repair]") {
  World world;
  const std::string path = world.path(0);
  const Bytes whole = world.start.at(path);
  const auto at = [](std::uint64_t offset) { return static_cast<std::ptrdiff_t>(offset); };
  REQUIRE(world.blocks[2].segment == world.segments[0].name);
  const Bytes first = cut_out(whole, world.blocks[0]);
  const Bytes second = cut_out(whole, world.blocks[1]);
  Bytes bytes = whole;
  std::set<SequenceNumber> lost;
  SECTION("duplicated") {
    bytes.insert(bytes.begin() + at(world.blocks[2].offset), first.begin(), first.end());
  }
  SECTION("swapped") {
    std::ranges::copy(first,
                      std::ranges::copy(second, bytes.begin() + at(world.blocks[0].offset)).out);
  }
  SECTION("zeroed") {
    std::fill_n(bytes.begin() + at(world.blocks[1].offset), second.size(), std::byte{0});
    lost = events_of(world.blocks[1]);
  }
  SECTION("removed") {
    bytes.erase(bytes.begin() + at(world.blocks[1].offset),
                bytes.begin() + at(world.blocks[1].offset + world.blocks[1].bytes));
    lost = events_of(world.blocks[1]);
  }
  SECTION("a whole segment under another name") {
    world.files.put(kLog + "/" + log::segment_name(1000), world.files.bytes(world.path(1)));
    REQUIRE(world.files.remove(world.path(1)));
  }
  world.files.put(path, bytes);
  REQUIRE(!is_whole(world.files, kLast));
  const auto report = repair(world.files, kLast);
  REQUIRE(report.has_value());
  REQUIRE(report->damaged);
  REQUIRE(report->lost.size() == (lost.empty() ? 0 : 1));
  require_repaired(world.files, lost, kLast);
}

TEST_CASE("repair calls a truncated acknowledged tail lost, and leaves a torn one alone",
          "[repair]") {
  World world;
  const std::string path = world.path(world.segments.size() - 1);
  const Bytes whole = world.start.at(path);
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    INFO("cut at " << cut);
    world.files.restore(world.start);
    world.files.put(path, Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(cut)));
    const auto before = world.files.snapshot();
    const auto torn = repair(world.files);
    REQUIRE(torn.has_value());
    REQUIRE(!torn->damaged);
    REQUIRE(world.files.snapshot() == before);
    SequenceNumber last = world.segments.back().first - 1;
    for (const auto& block : world.blocks) {
      if (block.segment == world.segments.back().name && block.offset + block.bytes <= cut) {
        last = block.last;
      }
    }
    if (last == kLast) continue;
    const auto report = repair(world.files, kLast);
    REQUIRE(report.has_value());
    REQUIRE(report->damaged);
    require_repaired(world.files, numbers({{last + 1, kLast}}), kLast);
  }
}

TEST_CASE("what was repaired can be damaged and repaired again", "[repair]") {
  World world;
  world.files.bytes(world.path(0))[world.blocks[1].offset + 20] ^= std::byte{1};
  REQUIRE(repair(world.files).has_value());
  const auto repaired = world.files.snapshot();
  for (const auto& [path, bytes] : repaired) {
    if (!path.starts_with(kLog)) continue;
    for (std::size_t byte = 0; byte < bytes.size(); byte += 3) {
      INFO(path << ", byte " << byte);
      world.files.restore(repaired);
      world.files.bytes(path)[byte] ^= std::byte{1};
      const auto report = repair(world.files, kLast + 1);
      REQUIRE(report.has_value());
      // A record that rots is itself lost, and what it told of is told again.
      std::set<SequenceNumber> missing;
      const ReadBack back = read_all(world.files, kLast + 1);
      REQUIRE(!back.error);
      std::set<SequenceNumber> told;
      std::set<SequenceNumber> there(back.sequences.begin(), back.sequences.end());
      for (const Event& event : back.events) {
        if (event.kind != EventKind::kLoss || event.at != kNow) continue;
        const Payload& loss = event.payload.get();
        for (SequenceNumber i = loss.first; i <= loss.last; ++i) told.insert(i);
      }
      for (SequenceNumber i = 1; i <= back.sequences.back(); ++i) {
        if (!there.contains(i)) missing.insert(i);
      }
      REQUIRE(std::ranges::includes(told, missing));
      REQUIRE(missing.size() <= 12);
      REQUIRE(!repair(world.files, kLast + 1)->damaged);
    }
  }
}

TEST_CASE("a crash at any call of a repair loses no event and no record of a loss", "[repair]") {
  World world;
  world.files.bytes(world.path(0))[world.blocks[1].offset + 20] ^= std::byte{1};
  std::set<SequenceNumber> lost = events_of(world.blocks[1]);
  SequenceNumber begin = world.segments[1].first;
  SECTION("with a segment missing") {
    for (SequenceNumber i = begin; i < world.segments[2].first; ++i) lost.insert(i);
    REQUIRE(world.files.remove(world.path(1)));
  }
  SECTION("with the last block cut off") {
    Bytes& last = world.files.bytes(world.path(world.segments.size() - 1));
    last.resize(world.blocks.back().offset + 50);
    lost.merge(events_of(world.blocks.back()));
  }
  SECTION("with a segment misnamed") {
    world.files.put(kLog + "/" + log::segment_name(1000), world.files.bytes(world.path(1)));
    REQUIRE(world.files.remove(world.path(1)));
  }
  const auto start = world.files.snapshot();
  for (const bool power_cut : {false, true}) {
    for (std::uint64_t call = 1;; ++call) {
      INFO("call " << call << (power_cut ? ", power cut" : ", killed"));
      world.files.restore(start);
      FaultFileSystem faulty(world.files);
      faulty.set({.at = call, .short_write = true, .for_good = true});
      (void)repair(faulty, kLast);
      const bool failed = faulty.failed();
      if (power_cut) world.files.crash();
      const bool whole = is_whole(world.files, kLast);
      if (whole) {
        REQUIRE(numbers(read_left(world.files, kLast).told) == lost);
      } else {
        const auto again = repair(world.files, kLast);
        REQUIRE(again.has_value());
        REQUIRE(again->damaged);
      }
      require_repaired(world.files, lost, kLast);
      if (!failed) break;
      REQUIRE(call < 500);
    }
  }
}

}  // namespace
}  // namespace recant::test
