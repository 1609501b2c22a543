// Bytes that rot. Goal: no wrong answer from a damaged store, nothing dies by signal, and verify
// finds it. Method: flip a bit in bytes all over a log, a part and a manifest, and cut the part;
// ask for the verdicts that the whole store gives. RECANT_TEST_CASES asks for more places than
// usual: as many as there are bytes (or bits of the log), for all of them.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "store/log/log_format.h"
#include "tests/files_support.h"
#include "tests/log_testing.h"
#include "tests/store_world.h"

namespace recant::test {
namespace {

namespace fs = std::filesystem;

// Places 0 to size - 1, about as many as there are cases.
std::vector<std::size_t> places(std::size_t size, std::uint64_t usual) {
  const std::uint64_t cases = std::min<std::uint64_t>(laws::case_count(usual), size);
  std::vector<std::size_t> all;
  for (std::uint64_t i = 0; i < cases; ++i) {
    all.push_back(static_cast<std::size_t>(i * size / cases));
  }
  return all;
}

void write_file(const std::string& path, std::string_view bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  REQUIRE(out.good());
}

// Deletions of tweets that nothing makes shorter.
std::vector<Event> deletions(std::size_t count) {
  std::mt19937_64 random(8);
  std::vector<Event> events(count);
  for (Event& event : events) {
    event.kind = EventKind::kTweetDelete;
    event.at = kNow - static_cast<Time>(random() % 1'000'000'000);
    event.received_at = kNow;
    event.tweet = 1 + random() / 2;
    event.author = 1 + random() / 2;
  }
  return events;
}

// A store with one sealed part and no tail, and what it says of every tweet in it.
class Sample {
 public:
  Sample() {
    auto store = open(false);
    const auto events = deletions(600);
    for (const Event& event : events) items_.push_back({.id = event.tweet});
    REQUIRE(store->append(events));
    REQUIRE(store->seal(true));
    for (const auto& entry : fs::directory_iterator(directory_.path("store/index"))) {
      const std::string name = entry.path().filename();
      if (name.ends_with(".mdb")) part_ = entry.path();
    }
    manifest_ = directory_.path("store/index/MANIFEST");
    whole_ = *verdicts();
    REQUIRE(std::ranges::count(whole_, Action::kDelete, &Verdict::action) == 600);
  }
  [[nodiscard]] const std::string& part() const { return part_; }
  [[nodiscard]] const std::string& manifest() const { return manifest_; }

  // What the store says, without repairing anything.
  [[nodiscard]] Result<std::vector<Verdict>> verdicts(Integrity integrity = Integrity::kBoot) {
    auto store = open(true, integrity);
    if (!store) return std::unexpected(store.error());
    RECANT_ASSIGN(const Snapshot snapshot, store->snapshot());
    std::vector<Verdict> out(items_.size());
    RECANT_TRY(snapshot.check(items_, kNow, {}, out));
    return out;
  }
  void require_never_wrong() {
    told_ = 0;
    const auto now = verdicts();
    if (!now) {
      REQUIRE(now.error().code == ErrorCode::kCorruption);
      return;
    }
    REQUIRE(told_ > 0);
    REQUIRE(now->size() == whole_.size());
    for (std::size_t i = 0; i < whole_.size(); ++i) {
      if ((*now)[i].action != whole_[i].action) FAIL("another verdict on " << items_[i].id);
    }
  }
  void require_found() {
    auto store = open(true);
    REQUIRE(store);
    const auto findings = store->verify();
    REQUIRE(findings);
    REQUIRE(std::ranges::any_of(*findings, &VerifyFinding::damage));
  }

 private:
  Result<Store> open(bool read_only, Integrity integrity = Integrity::kBoot) {
    return Store::open({.directory = directory_.path("store"),
                        .create = !read_only,
                        .read_only = read_only,
                        .integrity = integrity,
                        .on_diagnostic = [this](std::string_view) { ++told_; }});
  }

  laws::TempDirectory directory_;
  std::vector<Item> items_;
  std::vector<Verdict> whole_;
  std::string part_;
  std::string manifest_;
  int told_ = 0;
};

TEST_CASE("a part with any flipped bit is found, and never answers", "[index][rot]") {
  Sample sample;
  const std::string whole = read_file(sample.part());
  std::size_t number = 0;
  for (const std::size_t at : places(whole.size(), 500)) {
    INFO("byte " << at);
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
    write_file(sample.part(), flipped);
    sample.require_never_wrong();
    if (number++ % 10 == 0) sample.require_found();
  }
}

TEST_CASE("a part that is cut anywhere is found, and never answers", "[index][rot]") {
  constexpr std::size_t kSectorBytes = 512;
  Sample sample;
  const std::string whole = read_file(sample.part());
  for (const std::size_t sector : places(whole.size() / kSectorBytes, 50)) {
    INFO("cut to " << sector << " sectors");
    write_file(sample.part(), std::string_view(whole).substr(0, sector * kSectorBytes));
    sample.require_never_wrong();
    sample.require_found();
  }
}

// Where the first chunk of a table stands: behind the header of an overflow page of LMDB.
std::size_t first_chunk(std::string_view part) {
  constexpr std::size_t kPageBytes = 4096;
  constexpr std::size_t kPageHeaderBytes = 16;
  constexpr std::size_t kFlagsOffset = 10;
  constexpr char kOverflow = 0x04;
  for (std::size_t page = 2 * kPageBytes; page < part.size(); page += kPageBytes) {
    const std::string_view data = part.substr(page + kPageHeaderBytes);
    if (part[page + kFlagsOffset] == kOverflow && !data.starts_with("RECANT-R")) {
      return page + kPageHeaderBytes;
    }
  }
  FAIL("no chunk");
  return 0;
}

TEST_CASE("a row that cannot be read is an error, never keep, also where nothing was checked",
          "[index][rot]") {
  Sample sample;
  std::string bytes = read_file(sample.part());
  bytes[first_chunk(bytes)] = static_cast<char>(0xff);  // no group has such a head
  write_file(sample.part(), bytes);
  const auto verdicts = sample.verdicts(Integrity::kOff);
  REQUIRE(!verdicts);
  REQUIRE(verdicts.error().code == ErrorCode::kCorruption);
}

TEST_CASE("a manifest with any flipped bit is refused", "[index][rot]") {
  Sample sample;
  const std::string whole = read_file(sample.manifest());
  for (std::size_t at = 0; at < whole.size(); ++at) {
    INFO("byte " << at);
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
    write_file(sample.manifest(), flipped);
    const auto verdicts = sample.verdicts();
    REQUIRE(!verdicts);
  }
}

TEST_CASE("a log with any flipped bit never gives an event that was not written", "[log][rot]") {
  MemoryFileSystem files;
  const auto events = deletions(4800);
  log::LogWriter writer = open_writer(files);
  for (std::size_t at = 0; at < events.size(); at += 120) {
    REQUIRE(writer.append(std::span(events).subspan(at, 120)));
    REQUIRE(writer.sync());
  }
  REQUIRE(writer.mark());
  const std::string path = kLog + "/" + log::segment_name(1);
  const Bytes whole = files.bytes(path);
  REQUIRE(whole.size() > std::size_t{64} << 10);
  for (const std::size_t bit : places((std::size_t{64} << 10) * 8, 1000)) {
    INFO("bit " << bit);
    files.bytes(path)[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    const ReadBack read = read_all(files, events.size());
    files.bytes(path)[bit / 8] = whole[bit / 8];
    // Everything was acknowledged: what cannot be read is damage, and what comes before it is
    // right.
    REQUIRE(read.error);
    REQUIRE(read.error->code == ErrorCode::kCorruption);
    REQUIRE(read.events.size() < events.size());
    if (!std::equal(read.events.begin(), read.events.end(), events.begin())) {
      FAIL("an event that was not written");
    }
  }
}

}  // namespace
}  // namespace recant::test
