#include "store/log/block_encoder.h"

#include <fmt/format.h>
#include <zstd_errors.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <limits>
#include <new>

#include "store/log/little_endian.h"
#include "store/log/payload_codec.h"

namespace recant::log {
namespace {

// What an event takes at most beside its payload: class, two times, four ids, sequence.
constexpr std::size_t kEventBytesMax = 1 + 8 + 8 + 4 * 8 + 8;
static_assert(kBlockEventsCap * kEventBytesMax <= kRawBytesCap);
// Two events of one add() could bring a class each; one of them always fits.
constexpr std::size_t kClassesTarget = kClassesMax - 1;
constexpr std::uint32_t kNoUser = std::numeric_limits<std::uint32_t>::max();
constexpr unsigned kPlaceBits = 17;
constexpr std::uint32_t kPlaceMask = (1U << kPlaceBits) - 1;
static_assert(kBlockEventsCap + 1 < kPlaceMask);
constexpr UserId kSmallIdMax = std::numeric_limits<std::uint32_t>::max();
// A shorter column is not worth a zstd block of its own.
constexpr std::size_t kCutBytesMin = 1024;
constexpr int kZstdLevel = 1;
constexpr std::size_t kZstdBlockHeaderBytes = 3;  // RFC 8878, 3.1.1.2

std::uint64_t hash(std::uint64_t value) { return value * 0x9E3779B97F4A7C15U; }

// The differences between neighbours, the first word being left to the caller.
void differences(const std::vector<std::uint64_t>& values, std::vector<std::uint64_t>& out) {
  out.resize(values.size() - 1);
  for (std::size_t i = 1; i < values.size(); ++i) out[i - 1] = zig_zag(values[i] - values[i - 1]);
}

void write_times(const std::vector<std::uint64_t>& times, std::vector<std::uint64_t>& scratch,
                 RawPayload& out) {
  store_le(out.extend(sizeof(std::uint64_t)), times[0]);
  differences(times, scratch);
  write_words(out, scratch);
}

void write_ids(const std::vector<std::uint64_t>& ids, std::vector<std::uint64_t>& scratch,
               RawPayload& out) {
  scratch.resize(ids.size());
  std::ranges::transform(ids, scratch.begin(), split_snowflake);
  write_words(out, scratch);
}

void write_bytes(std::span<const std::byte> bytes, RawPayload& out) {
  if (!bytes.empty()) std::memcpy(out.extend(bytes.size()), bytes.data(), bytes.size());
  out.cut();
}

// Memory that ran out is told as any other that did: std::bad_alloc.
std::unexpected<Error> compression_failed(std::size_t code) {
  if (ZSTD_getErrorCode(code) == ZSTD_error_memory_allocation) throw std::bad_alloc();
  return fail(ErrorCode::kIo, fmt::format("cannot compress a block of the log: {} (this is a bug "
                                          "of recant)",
                                          ZSTD_getErrorName(code)));
}

}  // namespace

std::uint8_t EventClass::flags() const {
  return static_cast<std::uint8_t>((tweet ? 1U : 0U) | (quote ? 2U : 0U) | (payload ? 4U : 0U) |
                                   static_cast<unsigned>(author) << 3 |
                                   static_cast<unsigned>(user) << 5);
}

void EventClass::set_flags(std::uint8_t flags) {
  tweet = (flags & 1) != 0;
  quote = (flags & 2) != 0;
  payload = (flags & 4) != 0;
  author = static_cast<Form>(flags >> 3 & 3);
  user = static_cast<Form>(flags >> 5 & 3);
}

BlockEncoder::BlockEncoder(std::uint32_t events_max)
    : events_max_(std::clamp<std::size_t>(events_max, 1, kBlockEventsCap)) {
  // Hardly more than half of it is ever used: at most one id more than full() allows.
  user_slots_.assign(std::bit_ceil(std::max<std::size_t>(2 * events_max_, 8)), kNoUser);
}

bool BlockEncoder::full() const {
  return count() >= events_max_ || distinct_users_.size() >= events_max_ ||
         class_count_ > kClassesTarget ||
         payload_bytes_ + count() * kEventBytesMax >= kRawBytesTarget - kPayloadBytesMax;
}

std::size_t BlockEncoder::user_slot(std::uint64_t mixed) const {
  return mixed >> 24 & (user_slots_.size() - 1);
}

void BlockEncoder::expect(const Event& event) const {
  const UserId user = event.author != 0 ? event.author : event.user;
  __builtin_prefetch(&user_slots_[user_slot(hash(user))]);
}

void BlockEncoder::add(SequenceNumber sequence, const Event& event, Time received_at) {
  assert(!full());
  assert(sequences_.empty() || sequence > sequences_.back());
  EventClass kind;
  kind.kind = static_cast<std::uint8_t>(event.kind);
  kind.why = static_cast<std::uint8_t>(event.why);
  if (event.tweet != 0) {
    kind.tweet = true;
    tweets_.push_back(event.tweet);
  }
  if (event.quote_tweet != 0) {
    kind.quote = true;
    quotes_.push_back(event.quote_tweet);
  }
  if (event.author != 0) kind.author = add_user(event.author);
  if (event.user != 0) kind.user = add_user(event.user);
  if (event.payload.present() && event.payload.get() != Payload{}) {
    kind.payload = true;
    write_payload(event.payload.get(), payloads_);
    payload_bytes_ = payloads_.size();
  }
  if (classes_.empty()) at_min_ = at_max_ = event.at;
  at_min_ = std::min(at_min_, event.at);
  at_max_ = std::max(at_max_, event.at);
  ats_.push_back(static_cast<std::uint64_t>(event.at));
  receiveds_.push_back(static_cast<std::uint64_t>(received_at));
  sequences_.push_back(sequence);
  classes_.push_back(class_index(kind, event.source));
}

EventClass::Form BlockEncoder::add_user(UserId id) {
  const std::size_t mask = user_slots_.size() - 1;
  const std::uint64_t mixed = hash(id);
  const auto tag = static_cast<std::uint32_t>(mixed >> 49) << kPlaceBits;
  std::size_t slot = user_slot(mixed);
  while (user_slots_[slot] != kNoUser) {
    // The tag spares most looks at ids that turn out to be others.
    const std::uint32_t place = user_slots_[slot] & kPlaceMask;
    if ((user_slots_[slot] & ~kPlaceMask) == tag && distinct_users_[place] == id) {
      users_repeated_.push_back(place);
      return EventClass::kRepeated;
    }
    slot = (slot + 1) & mask;
  }
  user_slots_[slot] = tag | static_cast<std::uint32_t>(distinct_users_.size());
  user_slots_used_.push_back(static_cast<std::uint32_t>(slot));
  distinct_users_.push_back(id);
  if (id <= kSmallIdMax) {
    users_small_.push_back(id);
    return EventClass::kSmall;
  }
  users_large_.push_back(id);
  return EventClass::kLarge;
}

std::uint32_t BlockEncoder::source_index(const std::string& source) {
  if (last_source_ < sources_.size() && sources_[last_source_] == source) {
    return static_cast<std::uint32_t>(last_source_);
  }
  const auto found = std::ranges::find(sources_, source);
  last_source_ = static_cast<std::size_t>(found - sources_.begin());
  if (found == sources_.end()) sources_.push_back(source);
  return static_cast<std::uint32_t>(last_source_);
}

std::uint8_t BlockEncoder::class_index(const EventClass& kind, const std::string& source) {
  // Kinds begin at 1, so no key is 0.
  const std::uint32_t key = source_index(source) << 16 | static_cast<std::uint32_t>(kind.kind) |
                            static_cast<std::uint32_t>(kind.flags()) << 5 |
                            static_cast<std::uint32_t>(kind.why) << 12;
  const std::size_t mask = class_slots_.size() - 1;
  std::size_t slot = hash(key) >> 32 & mask;
  while (class_slots_[slot].key != 0) {
    if (class_slots_[slot].key == key) return class_slots_[slot].index;
    slot = (slot + 1) & mask;
  }
  const auto index = static_cast<std::uint8_t>(class_count_++);
  class_slots_[slot] = {.key = key, .index = index};
  for (const std::size_t byte :
       {std::size_t{kind.kind}, std::size_t{kind.flags()}, std::size_t{kind.why}, source.size()}) {
    class_table_.push_back(static_cast<std::byte>(byte));
  }
  const auto* const text = reinterpret_cast<const std::byte*>(source.data());
  class_table_.insert(class_table_.end(), text, text + source.size());
  return index;
}

void BlockEncoder::write_raw(bool gaps, SequenceNumber first) {
  raw_.clear();
  store_le(raw_.extend(sizeof(std::uint16_t)), static_cast<std::uint16_t>(class_count_));
  write_bytes(class_table_, raw_);
  if (class_count_ > 1) write_bytes(std::as_bytes(std::span(classes_)), raw_);
  if (gaps) {
    words_.resize(sequences_.size());
    SequenceNumber expected = first;
    for (std::size_t i = 0; i < sequences_.size(); ++i) {
      words_[i] = sequences_[i] - expected;
      expected = sequences_[i] + 1;
    }
    write_words(raw_, words_);
  }
  write_times(ats_, words_, raw_);
  write_times(receiveds_, words_, raw_);
  write_ids(tweets_, words_, raw_);
  write_ids(quotes_, words_, raw_);
  write_words(raw_, users_small_);
  write_ids(users_large_, words_, raw_);
  write_words(raw_, users_repeated_);
  write_bytes(payloads_, raw_);
}

Result<std::span<const std::byte>> BlockEncoder::compress() {
  if (!zstd_) {
    zstd_.reset(ZSTD_createCCtx());
    if (!zstd_) throw std::bad_alloc();
    ZSTD_CCtx_setParameter(zstd_.get(), ZSTD_c_compressionLevel, kZstdLevel);
    ZSTD_CCtx_setParameter(zstd_.get(), ZSTD_c_checksumFlag, 1);
  }
  ZSTD_CCtx_reset(zstd_.get(), ZSTD_reset_session_only);
  ZSTD_CCtx_setPledgedSrcSize(zstd_.get(), raw_.bytes.size());
  // It only grows: clearing megabytes for each block would cost as much as compressing it.
  const std::size_t bound =
      ZSTD_compressBound(raw_.bytes.size()) + kZstdBlockHeaderBytes * raw_.cuts.size();
  if (compressed_.size() < bound) compressed_.resize(bound);

  ZSTD_outBuffer output{compressed_.data(), compressed_.size(), 0};
  std::size_t from = 0;
  // Each column becomes zstd blocks of its own, and so has its own Huffman table.
  for (const std::size_t cut : raw_.cuts) {
    if (cut - from < kCutBytesMin) continue;
    ZSTD_inBuffer input{raw_.bytes.data() + from, cut - from, 0};
    const std::size_t left = ZSTD_compressStream2(zstd_.get(), &output, &input, ZSTD_e_flush);
    if (left != 0) return compression_failed(left);
    from = cut;
  }
  ZSTD_inBuffer input{raw_.bytes.data() + from, raw_.bytes.size() - from, 0};
  const std::size_t left = ZSTD_compressStream2(zstd_.get(), &output, &input, ZSTD_e_end);
  if (left != 0) return compression_failed(left);
  return std::span<const std::byte>(compressed_).first(output.pos);
}

Result<void> BlockEncoder::finish(const StoreId& store, SequenceNumber first, SequenceNumber last,
                                  SequenceNumber durable, std::vector<std::byte>& out) {
  assert(!empty() && first <= sequences_.front() && sequences_.back() <= last && durable < first);
  const bool gaps = last - first != count() - 1;
  write_raw(gaps, first);
  RECANT_ASSIGN(const auto payload, compress());
  const auto header =
      encode(BlockHeader{.store = store,
                         .flags = gaps ? kBlockHasGaps : 0,
                         .first = first,
                         .last = last,
                         .count = count(),
                         .raw_bytes = static_cast<std::uint32_t>(raw_.bytes.size()),
                         .compressed_bytes = static_cast<std::uint32_t>(payload.size()),
                         .payload_checksum = checksum(payload),
                         .durable = durable,
                         .at_min = at_min_,
                         .at_max = at_max_});
  out.insert(out.end(), header.begin(), header.end());
  out.insert(out.end(), payload.begin(), payload.end());
  forget();
  return {};
}

void BlockEncoder::forget() {
  for (const std::uint32_t slot : user_slots_used_) user_slots_[slot] = kNoUser;
  for (auto* const column : {&sequences_, &ats_, &receiveds_, &tweets_, &quotes_, &users_small_,
                             &users_large_, &users_repeated_, &distinct_users_}) {
    column->clear();
  }
  user_slots_used_.clear();
  classes_.clear();
  payloads_.clear();
  payload_bytes_ = 0;
  class_table_.clear();
  class_slots_.fill({});
  class_count_ = 0;
  sources_.clear();
  last_source_ = 0;
}

}  // namespace recant::log
