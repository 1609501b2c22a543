// The worked example of store/FORMAT.md. Goal: the page and the code say the same. Method: take the
// hex dump out of the page, read it as a log, and write the same log again.
#include "store/log/log_format.h"

#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/log_testing.h"

namespace recant::test {
namespace {

// The three events that the page describes.
std::vector<Event> example() {
  std::vector<Event> events(3);
  events[0].kind = EventKind::kTweetDelete;
  events[0].at = 1'656'712'123'030;
  events[0].tweet = 1'542'991'830'301'904'896;
  events[0].author = 12;
  events[0].source = "v2-tweets";
  events[1] = events[0];
  events[1].at += 250;
  events[1].tweet = 1'542'991'830'301'904'897;
  events[2].kind = EventKind::kUserWithheld;
  events[2].at = events[0].at + 100;
  events[2].user = 783'214;
  events[2].source = "v2-users";
  events[2].payload.make().countries = {country('D', 'E'), country('F', 'R')};
  return events;
}

constexpr Time kReceived = 1'656'712'124'000;

// The store id of the page: bytes 0xa0, 0xa1, ..., 0xaf.
class ExampleFiles final : public io::FileSystem {
 public:
  Result<std::unique_ptr<io::File>> open_read(const std::string& path) override {
    return memory.open_read(path);
  }
  Result<std::unique_ptr<io::File>> open_append(const std::string& path) override {
    return memory.open_append(path);
  }
  Result<std::unique_ptr<io::File>> create(const std::string& path) override {
    return memory.create(path);
  }
  Result<std::unique_ptr<io::File>> open_lock(const std::string& path) override {
    return memory.open_lock(path);
  }
  Result<void> rename(const std::string& from, const std::string& to) override {
    return memory.rename(from, to);
  }
  Result<void> remove(const std::string& path) override { return memory.remove(path); }
  Result<void> make_directory(const std::string& path) override {
    return memory.make_directory(path);
  }
  Result<void> sync_directory(const std::string& path) override {
    return memory.sync_directory(path);
  }
  Result<std::vector<std::string>> list(const std::string& path) override {
    return memory.list(path);
  }
  Result<std::optional<io::FileInfo>> info(const std::string& path) override {
    return memory.info(path);
  }
  Result<bool> on_network(const std::string& path) override { return memory.on_network(path); }
  Result<void> random(std::span<std::byte> out) override {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::byte>(0xa0 + i);
    return {};
  }

  MemoryFileSystem memory;
};

// The bytes of the page's only block that begins with `fence`: an offset, then hex pairs, a line.
Bytes hex_of_page(const std::string& fence) {
  std::ifstream page(std::string(RECANT_SOURCE_DIR) + "/store/FORMAT.md");
  Bytes bytes;
  bool inside = false;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("```")) {
      inside = line == fence;
      continue;
    }
    if (!inside) continue;
    std::istringstream words(line);
    std::string offset;
    words >> offset;
    REQUIRE(std::stoul(offset, nullptr, 16) == bytes.size());
    for (std::string pair; words >> pair && pair.size() == 2;) {
      bytes.push_back(static_cast<std::byte>(std::stoul(pair, nullptr, 16)));
    }
  }
  return bytes;
}

std::string dump(const Bytes& bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i % 16 == 0) text += fmt::format("{}{:04x} ", i == 0 ? "" : "\n", i);
    text += fmt::format(" {:02x}", static_cast<unsigned>(bytes[i]));
  }
  return text;
}

TEST_CASE("the example segment of FORMAT.md holds the three events it describes", "[log]") {
  MemoryFileSystem files;
  files.put(kLog + "/" + log::segment_name(1), hex_of_page("```hex"));
  const ReadBack back = read_all(files, 3);
  REQUIRE(!back.error);
  std::vector<Event> expected = example();
  for (Event& event : expected) event.received_at = kReceived;
  REQUIRE(back.events == expected);
  REQUIRE(back.sequences == std::vector<SequenceNumber>{1, 2, 3});
}

TEST_CASE("the writer makes the example segment of FORMAT.md byte for byte", "[log]") {
  ExampleFiles files;
  FixedClock clock(kReceived);
  auto writer = log::LogWriter::open(files, clock, kStore, {}, 0);
  REQUIRE(writer.has_value());
  REQUIRE(writer->append(example()).has_value());
  REQUIRE(writer->mark().has_value());
  const Bytes& bytes = files.memory.bytes(kLog + "/" + log::segment_name(1));
  INFO(dump(bytes));
  REQUIRE(bytes == hex_of_page("```hex"));
}

TEST_CASE("the raw payload in FORMAT.md is what its example segment decompresses to", "[log]") {
  const Bytes segment = hex_of_page("```hex");
  const auto block = std::span(segment).subspan(log::kSegmentHeaderBytes);
  const log::Header header = log::parse_header(block);
  REQUIRE(header.kind == log::HeaderKind::kBlock);
  Bytes raw(header.block.raw_bytes);
  REQUIRE(ZSTD_decompress(raw.data(), raw.size(), &block[log::kBlockHeaderBytes],
                          header.block.compressed_bytes) == raw.size());
  REQUIRE(raw == hex_of_page("```raw"));
}

TEST_CASE("segment names are twenty digits, and no other name is one", "[log]") {
  REQUIRE(log::segment_name(1) == "00000000000000000001.zst");
  REQUIRE(log::segment_name(~std::uint64_t{0}) == "18446744073709551615.zst");
  for (const SequenceNumber first : {SequenceNumber{1}, ~SequenceNumber{0}}) {
    REQUIRE(log::parse_segment_name(log::segment_name(first)) == first);
  }
  for (const std::string_view name :
       {"", "1.zst", "00000000000000000000.zst", "18446744073709551616.zst",
        "0000000000000000000x.zst", "00000000000000000001.zst.tmp", "00000000000000000001.tar",
        "+0000000000000000001.zst", "-0000000000000000001.zst", "../0000000000000001.zst"}) {
    INFO(name);
    REQUIRE(!log::parse_segment_name(name));
  }
}

}  // namespace
}  // namespace recant::test
