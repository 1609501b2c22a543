// Segments of the log, as they come and with their checksums made to hold. A writer that opens such
// a log keeps exactly what readers see of it and can go on; where it refuses, a repair makes the
// log whole, or refuses too.
#include <cstring>

#include "store/log/log_reader.h"
#include "store/log/log_writer.h"
#include "store/log/repair.h"
#include "tests/fuzz/fuzz.h"
#include "tests/memory_file_system.h"

namespace recant::fuzz {
namespace {

using test::Bytes;
using test::FixedClock;
using test::MemoryFileSystem;

constexpr Time kNow = 1'700'000'000'000;
const std::string kStore = "store";

std::uint32_t load(const Bytes& bytes, std::size_t at) {
  std::uint32_t value = 0;
  std::memcpy(&value, &bytes[at], sizeof value);
  return value;
}

void store_checksum(Bytes& bytes, std::size_t at, std::span<const std::byte> of) {
  const std::uint64_t checksum = log::checksum(of);
  std::memcpy(&bytes[at], &checksum, sizeof checksum);
}

// Makes the checksums of everything that looks like a header hold.
void mend(Bytes& bytes) {
  constexpr std::string_view kName = "RECANT-";
  constexpr std::size_t kLengthBytesMin = 48;
  constexpr std::size_t kLengthBytesMax = 248;
  for (std::size_t at = 8; at + kLengthBytesMin < bytes.size(); ++at) {
    if (std::memcmp(&bytes[at], kName.data(), kName.size()) != 0) continue;
    const std::size_t begin = at - 8;
    const std::size_t length = load(bytes, begin + 4);
    if (length < kLengthBytesMin || length > kLengthBytesMax) continue;
    if (begin + length + 8 > bytes.size()) continue;
    if (bytes[at + kName.size()] == std::byte{'B'} && length + 8 == log::kBlockHeaderBytes) {
      const std::size_t payload = begin + log::kBlockHeaderBytes;
      const std::size_t size = load(bytes, begin + 64);
      if (size <= bytes.size() - payload) {
        store_checksum(bytes, begin + 72, std::span(bytes).subspan(payload, size));
      }
    }
    store_checksum(bytes, begin + length, std::span(bytes).subspan(begin, length));
  }
}

struct ReadBack {
  std::vector<Event> events;
  std::optional<std::string> error;
};

ReadBack read_all(io::FileSystem& files, SequenceNumber hint) {
  ReadBack all;
  auto reader = log::LogReader::open(files, kStore, 1, hint);
  if (!reader) {
    all.error = reader.error().what;
    return all;
  }
  log::LogBlock block;
  for (;;) {
    const auto more = reader->next(block);
    if (!more) all.error = more.error().what;
    if (!more || !*more) return all;
    all.events.insert(all.events.end(), block.events.begin(), block.events.end());
  }
}

// A writer goes on after what readers saw.
// (Writers do not decode blocks: what does not decode, behind checksums that hold, they leave
// alone.)
void go_on(MemoryFileSystem& files, const ReadBack& before, SequenceNumber hint, bool mended) {
  FixedClock clock(kNow);
  auto writer = log::LogWriter::open(files, clock, kStore, {}, hint);
  if (!writer || (mended && before.error)) return;
  require(!before.error, "a writer takes what a reader refuses: " + before.error.value_or(""));
  Event event;
  event.kind = EventKind::kTweetDelete;
  event.tweet = 1;
  event.received_at = 1;
  if (!writer->append({&event, 1}) || !writer->mark()) return;  // sequences may be at their end
  const ReadBack after = read_all(files, writer->durable_sequence());
  require(!after.error, "after appending: " + after.error.value_or(""));
  require(after.events.size() == before.events.size() + 1, "events came or went");
  require(std::equal(before.events.begin(), before.events.end(), after.events.begin()),
          "other events");
}

void repair(MemoryFileSystem& files, SequenceNumber hint) {
  FixedClock clock(kNow);
  const auto report =
      log::repair_log(files, clock, kStore, {.hint = {.store = {}, .durable = hint}});
  if (!report) return;
  auto writer = log::LogWriter::open(files, clock, kStore, {}, hint);
  require(writer.has_value(), writer ? "" : "after a repair: " + writer.error().what);
  const auto damage = log::verify_log(files, kStore, hint, {});
  require(damage && damage->empty(), "still damaged after a repair");
}

}  // namespace

void log_segment(Data data) {
  Taker in(data);
  const std::uint8_t choice = in.byte();
  const SequenceNumber hint = (choice & 2) != 0 ? in.number(2) : 0;
  const std::size_t first_bytes = (choice & 4) != 0 ? in.number(2) : SIZE_MAX;
  const SequenceNumber second = in.number(1);
  std::map<std::string, Bytes> start;
  const auto put = [&](SequenceNumber name, Data content) {
    const auto bytes = std::as_bytes(content);
    Bytes& file = start[kStore + "/log/" + log::segment_name(name)];
    file.assign(bytes.begin(), bytes.end());
    if ((choice & 1) != 0) mend(file);
  };
  put(1, in.take(first_bytes));
  if (first_bytes != SIZE_MAX && second > 1) put(second, in.rest());

  MemoryFileSystem files;
  files.restore(start);
  const ReadBack before = read_all(files, hint);
  (void)log::verify_log(files, kStore, hint, {});
  go_on(files, before, hint, (choice & 1) != 0);
  files.restore(start);
  repair(files, hint);
}

}  // namespace recant::fuzz
