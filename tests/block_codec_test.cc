// One block's bytes: columns, limits, and payloads that pass their checksums but make no sense.
#include <zstd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "store/log/block_decoder.h"
#include "store/log/block_encoder.h"
#include "store/log/payload_codec.h"
#include "tests/log_testing.h"

namespace recant::test {
namespace {

struct Decoded {
  std::vector<SequenceNumber> sequences;
  std::vector<Event> events;
  log::Malformed malformed;
};

Bytes encode(const std::vector<Event>& events) {
  log::BlockEncoder encoder(1000);
  SequenceNumber sequence = 0;
  for (const Event& event : events) encoder.add(++sequence, event, event.received_at);
  Bytes bytes;
  REQUIRE(encoder.finish({}, 1, sequence, 0, bytes).has_value());
  return bytes;
}

Decoded decode(const log::BlockHeader& header, std::span<const std::byte> payload) {
  Decoded out;
  log::BlockDecoder decoder;
  out.malformed = decoder.decode(header, payload, out.sequences, out.events);
  return out;
}

Bytes decompress(const log::BlockHeader& header, const Bytes& block) {
  Bytes raw(header.raw_bytes);
  const std::size_t size = ZSTD_decompress(raw.data(), raw.size(), &block[log::kBlockHeaderBytes],
                                           block.size() - log::kBlockHeaderBytes);
  REQUIRE(size == raw.size());
  return raw;
}

Bytes compress(const Bytes& raw) {
  Bytes out(ZSTD_compressBound(raw.size()));
  const std::size_t size = ZSTD_compress(out.data(), out.size(), raw.data(), raw.size(), 1);
  REQUIRE(ZSTD_isError(size) == 0);
  out.resize(size);
  return out;
}

TEST_CASE("snowflake fields and zig-zag differences are undone exactly", "[log]") {
  std::mt19937_64 random(1);
  for (int i = 0; i < 10000; ++i) {
    const std::uint64_t id = random() >> (i % 64);
    REQUIRE(log::join_snowflake(log::split_snowflake(id)) == id);
    REQUIRE(log::undo_zig_zag(log::zig_zag(id)) == id);
  }
  REQUIRE(log::zig_zag(0 - std::uint64_t{1}) == 1);
  REQUIRE(log::zig_zag(1) == 2);
}

TEST_CASE("a word column of any length and any planes comes back", "[log]") {
  std::mt19937_64 random(2);
  for (std::size_t count = 0; count < 40; ++count) {
    for (int planes = 0; planes < 40; ++planes) {
      std::uint64_t mask = 0;
      for (int bit = 0; bit < 64; bit += 8) {
        if (random() % 2 == 0) mask |= std::uint64_t{0xff} << bit;
      }
      std::vector<std::uint64_t> words(count);
      const std::uint64_t base = random();
      for (auto& word : words) word = (base & ~mask) | (random() & mask);
      log::RawPayload raw;
      log::write_words(raw, words);
      log::RawCursor in(raw.bytes);
      std::vector<std::uint64_t> back;
      REQUIRE(log::read_words(in, count, back));
      REQUIRE(back == words);
      REQUIRE(in.remaining() == 0);
      if (raw.bytes.empty()) continue;
      log::RawCursor cut(std::span<const std::byte>(raw.bytes).first(raw.bytes.size() - 1));
      REQUIRE(!log::read_words(cut, count, back));
    }
  }
}

TEST_CASE("a block is full before its raw payload can pass the cap", "[log]") {
  log::BlockEncoder encoder(log::kBlockEventsCap);
  Event event = numbered(1, 1).front();
  event.kind = EventKind::kUnknown;
  event.payload.make().raw = std::string(kRawBytesMax, 'x');
  SequenceNumber sequence = 0;
  while (!encoder.full()) encoder.add(++sequence, event, kNow);
  REQUIRE(sequence > 30);
  Bytes bytes;
  REQUIRE(encoder.finish({}, 1, sequence, 0, bytes).has_value());
  const auto header = log::parse_header(bytes);
  REQUIRE(header.kind == log::HeaderKind::kBlock);
  REQUIRE(header.block.raw_bytes > 2'000'000);
  REQUIRE(header.block.raw_bytes <= 3 << 20);
  REQUIRE(encoder.empty());
}

TEST_CASE("a block holds no more than 256 classes, and its events come back", "[log]") {
  log::BlockEncoder encoder(log::kBlockEventsCap);
  std::vector<Event> events;
  while (!encoder.full()) {
    Event event = numbered(1, 1).front();
    event.source = "source-" + std::to_string(events.size());
    encoder.add(events.size() + 1, event, event.received_at);
    events.push_back(event);
  }
  REQUIRE(events.size() == log::kClassesMax);
  Bytes bytes;
  REQUIRE(encoder.finish({}, 1, events.size(), 0, bytes).has_value());
  const auto header = log::parse_header(bytes);
  const Decoded back =
      decode(header.block, std::span<const std::byte>(bytes).subspan(log::kBlockHeaderBytes));
  REQUIRE(!back.malformed);
  REQUIRE(back.events == events);
}

TEST_CASE("a payload that passes its checksums but is malformed is refused, never trusted",
          "[log]") {
  std::vector<Event> events = numbered(1, 30);
  for (Event& event : all_kinds()) {
    if (event.payload.get().raw.size() + event.payload.get().edit_tweets.size() < 100) {
      events.push_back(event);
    }
  }
  const Bytes block = encode(events);
  const log::BlockHeader header = log::parse_header(block).block;
  const Bytes raw = decompress(header, block);
  REQUIRE(decode(header, compress(raw)).events == events);

  std::size_t refused = 0;
  for (std::size_t byte = 0; byte < raw.size(); ++byte) {
    for (const unsigned flip : {0x01U, 0x80U, 0xffU}) {
      Bytes changed = raw;
      changed[byte] ^= static_cast<std::byte>(flip);
      const Decoded back = decode(header, compress(changed));
      if (back.malformed) {
        ++refused;
        continue;
      }
      // Some other log it is, but a well-formed one.
      REQUIRE(back.events.size() == events.size());
      for (const Event& event : back.events) REQUIRE(!why_malformed(event));
    }
  }
  REQUIRE(refused > 100);
  for (std::size_t size = 0; size < raw.size(); ++size) {
    const Bytes cut(raw.begin(), raw.begin() + static_cast<std::ptrdiff_t>(size));
    log::BlockHeader shorter = header;
    shorter.raw_bytes = static_cast<std::uint32_t>(size);
    REQUIRE(decode(shorter, compress(cut)).malformed);
  }
}

TEST_CASE("an event kind or why that is not known refuses the block by its number", "[log]") {
  Event event = numbered(1, 1).front();
  const Bytes block = encode({event});
  log::BlockHeader header = log::parse_header(block).block;
  Bytes raw = decompress(header, block);
  raw[2] = std::byte{24};
  REQUIRE(decode(header, compress(raw)).malformed->find("kind 24") != std::string::npos);
  raw = decompress(header, block);
  raw[4] = std::byte{6};
  REQUIRE(decode(header, compress(raw)).malformed->find("why 6") != std::string::npos);
}

TEST_CASE("a header that counts more than the cap is not believed", "[log]") {
  log::BlockHeader header;
  header.first = 1;
  header.last = header.count = log::kBlockEventsCap;
  header.raw_bytes = log::kRawBytesCap;
  header.compressed_bytes = log::kCompressedBytesCap;
  REQUIRE(log::parse_header(log::encode(header)).kind == log::HeaderKind::kBlock);
  header.raw_bytes += 1;
  REQUIRE(log::parse_header(log::encode(header)).kind == log::HeaderKind::kNone);
  header.raw_bytes -= 1;
  header.compressed_bytes += 1;
  REQUIRE(log::parse_header(log::encode(header)).kind == log::HeaderKind::kNone);
  header.compressed_bytes -= 1;
  header.last = ++header.count;
  REQUIRE(log::parse_header(log::encode(header)).kind == log::HeaderKind::kNone);
}

}  // namespace
}  // namespace recant::test
