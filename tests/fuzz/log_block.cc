// Payloads of log blocks, behind checksums that hold. What decodes is well formed, in order and in
// the header's range, and is the same when it is encoded and decoded again.
#include "store/log/block_decoder.h"
#include "tests/fuzz/fuzz.h"

namespace recant::fuzz {
namespace {

constexpr std::size_t kRawBytesMax = std::size_t{1} << 20;

std::vector<std::byte> compress(Data raw) {
  std::vector<std::byte> frame(ZSTD_compressBound(raw.size()));
  ZSTD_CCtx* context = ZSTD_createCCtx();
  require(context != nullptr, "no memory");
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  const std::size_t size =
      ZSTD_compress2(context, frame.data(), frame.size(), raw.data(), raw.size());
  ZSTD_freeCCtx(context);
  require(ZSTD_isError(size) == 0, "zstd");
  frame.resize(size);
  return frame;
}

log::BlockHeader take_header(Taker& in) {
  log::BlockHeader header;
  header.flags = in.byte() & log::kBlockHasGaps;
  header.first = 1 + in.number(2);
  header.count = static_cast<std::uint32_t>(1 + in.number(2));
  header.last = header.first + header.count - 1;
  if (header.flags != 0) header.last += in.number(2);
  header.at_min = static_cast<Time>(in.number(6));
  header.at_max = static_cast<Time>(in.number(6));
  return header;
}

void check_round_trip(const log::BlockHeader& header, std::span<const SequenceNumber> sequences,
                      const std::vector<Event>& events) {
  log::BlockEncoder encoder(log::kBlockEventsCap);
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (encoder.full()) return;
    encoder.add(sequences[i], events[i], events[i].received_at);
  }
  std::vector<std::byte> bytes;
  must(encoder.finish(header.store, header.first, header.last, 0, bytes));
  const log::Header again = log::parse_header(bytes);
  require(again.kind == log::HeaderKind::kBlock, "no block");
  log::BlockDecoder decoder;
  std::vector<SequenceNumber> sequences_again;
  std::vector<Event> events_again;
  const auto malformed = decoder.decode(
      again.block, std::span(bytes).subspan(log::kBlockHeaderBytes), sequences_again, events_again);
  require(!malformed, "encoded again: " + malformed.value_or(""));
  require(events == events_again, "other events");
  require(std::ranges::equal(sequences, sequences_again), "other sequences");
}

}  // namespace

void log_block(Data data) {
  Taker in(data);
  log::BlockHeader header = take_header(in);
  const Data raw = in.take(kRawBytesMax);
  const std::vector<std::byte> frame = compress(raw);
  header.raw_bytes = static_cast<std::uint32_t>(raw.size());
  header.compressed_bytes = static_cast<std::uint32_t>(frame.size());
  log::BlockDecoder decoder;
  std::vector<SequenceNumber> sequences;
  std::vector<Event> events;
  if (decoder.decode(header, frame, sequences, events)) return;
  require(events.size() == header.count && sequences.size() == header.count, "count");
  SequenceNumber before = header.first - 1;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const auto why = why_malformed(events[i]);
    require(!why, "malformed: " + why.value_or(""));
    require(sequences[i] > before && sequences[i] <= header.last, "sequence");
    require(events[i].at >= header.at_min && events[i].at <= header.at_max, "time");
    before = sequences[i];
  }
  check_round_trip(header, sequences, events);
}

}  // namespace recant::fuzz
