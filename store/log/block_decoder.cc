#include "store/log/block_decoder.h"

#include <fmt/format.h>
#include <zstd_errors.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>

#include "store/log/little_endian.h"
#include "store/log/payload_codec.h"

namespace recant::log {
namespace {

constexpr unsigned kClassFlagsKnown = 0x7f;

// A first time and the differences that follow; all must be times.
Malformed read_times(RawCursor& in, std::size_t count, std::vector<std::uint64_t>& words,
                     std::vector<std::uint64_t>& times) {
  std::uint64_t time = in.take_u64();
  if (!read_words(in, count - 1, words) || in.failed()) return "a column of times is cut short";
  times.resize(count);
  times[0] = time;
  bool good = time <= static_cast<std::uint64_t>(kTimeMax);
  for (std::size_t i = 1; i < count; ++i) {
    time += undo_zig_zag(words[i - 1]);
    good &= time <= static_cast<std::uint64_t>(kTimeMax);
    times[i] = time;
  }
  if (!good) return "a time is outside 1970 to 9999";
  return {};
}

Malformed read_ids(RawCursor& in, std::size_t count, bool split, std::vector<std::uint64_t>& ids) {
  if (!read_words(in, count, ids)) return "a column of ids is cut short";
  bool good = true;
  for (std::uint64_t& id : ids) {
    if (split) id = join_snowflake(id);
    good &= id != 0;
  }
  if (!good) return "an id is 0";
  return {};
}

// The events of a class without a payload are well formed if any one of them is: which ids are
// there, kind, why and source are the class's, and the columns are checked for times and zeros.
Malformed class_malformed(const EventClass& kind, const std::string& source) {
  if (kind.kind == 0 || kind.kind > kEventKindCount) {
    return fmt::format("event kind {} is not known (a newer recant wrote it)", kind.kind);
  }
  if (kind.why > static_cast<std::uint8_t>(Why::kSuspended)) {
    return fmt::format("why {} is not known (a newer recant wrote it)", kind.why);
  }
  if (kind.payload) return {};
  Event sample;
  sample.kind = static_cast<EventKind>(kind.kind);
  sample.why = static_cast<Why>(kind.why);
  sample.tweet = kind.tweet ? 1 : 0;
  sample.user = kind.user != EventClass::kAbsent ? 1 : 0;
  sample.source = source;
  return why_malformed(sample);
}

}  // namespace

Malformed BlockDecoder::decompress(const BlockHeader& header,
                                   std::span<const std::byte> compressed) {
  if (!zstd_) zstd_.reset(ZSTD_createDCtx());
  if (!zstd_) throw std::bad_alloc();
  // Not one frame of just this length and content: then the header and the frame disagree.
  if (ZSTD_findFrameCompressedSize(compressed.data(), compressed.size()) != compressed.size() ||
      ZSTD_getFrameContentSize(compressed.data(), compressed.size()) != header.raw_bytes) {
    return "its payload is not the zstd frame that its header describes";
  }
  raw_.resize(header.raw_bytes);
  const std::size_t size = ZSTD_decompressDCtx(zstd_.get(), raw_.data(), raw_.size(),
                                               compressed.data(), compressed.size());
  // A block that cannot be read for want of memory is not a damaged one.
  if (ZSTD_getErrorCode(size) == ZSTD_error_memory_allocation) throw std::bad_alloc();
  if (ZSTD_isError(size) != 0) {
    return fmt::format("its payload does not decompress: {}", ZSTD_getErrorName(size));
  }
  if (size != raw_.size()) return "its payload decompresses to another length";
  return {};
}

Malformed BlockDecoder::read_classes(RawCursor& in, std::size_t count) {
  const std::size_t class_count = in.take_u16();
  if (class_count == 0 || class_count > kClassesMax) return "its table of classes has no length";
  classes_.resize(class_count);
  for (Class& kind : classes_) {
    kind.kind = in.take_u8();
    const std::uint8_t flags = in.take_u8();
    kind.set_flags(flags);
    kind.why = in.take_u8();
    const std::size_t size = in.take_u8();
    const std::byte* const text = in.take(size);
    if (in.failed() || flags > kClassFlagsKnown) return "its table of classes is malformed";
    kind.source.assign(reinterpret_cast<const char*>(text), size);
    if (auto why = class_malformed(kind, kind.source)) return why;
  }
  class_of_.assign(count, 0);
  if (class_count == 1) return {};
  const std::byte* const indexes = in.take(count);
  if (indexes == nullptr) return "its column of classes is cut short";
  std::memcpy(class_of_.data(), indexes, count);
  if (std::ranges::max(class_of_) >= class_count) return "an event's class is not in the table";
  return {};
}

Malformed BlockDecoder::read_sequences(RawCursor& in, const BlockHeader& header,
                                       std::vector<SequenceNumber>& sequences) {
  sequences.resize(header.count);
  if ((header.flags & kBlockHasGaps) == 0) {
    for (std::size_t i = 0; i < sequences.size(); ++i) sequences[i] = header.first + i;
    return {};
  }
  if (!read_words(in, header.count, words_)) return "its column of sequences is cut short";
  SequenceNumber expected = header.first;
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    // Compared before it is added, so that nothing can wrap around.
    if (expected > header.last || words_[i] > header.last - expected) {
      return "a sequence is outside the block's range";
    }
    sequences[i] = expected + words_[i];
    expected = sequences[i] + 1;
  }
  return {};
}

Malformed BlockDecoder::read_columns(RawCursor& in, const BlockHeader& header) {
  std::array<std::size_t, kClassesMax> events{};
  for (const std::uint8_t index : class_of_) ++events[index];
  std::size_t tweets = 0;
  std::size_t quotes = 0;
  std::array<std::size_t, 4> users{};
  for (std::size_t i = 0; i < classes_.size(); ++i) {
    tweets += classes_[i].tweet ? events[i] : 0;
    quotes += classes_[i].quote ? events[i] : 0;
    users[classes_[i].author] += events[i];
    users[classes_[i].user] += events[i];
  }
  if (auto why = read_times(in, header.count, words_, ats_)) return why;
  const auto [min, max] = std::ranges::minmax(ats_);
  if (min != static_cast<std::uint64_t>(header.at_min) ||
      max != static_cast<std::uint64_t>(header.at_max)) {
    return "its times are not those of its header";
  }
  if (auto why = read_times(in, header.count, words_, receiveds_)) return why;
  if (auto why = read_ids(in, tweets, true, tweets_)) return why;
  if (auto why = read_ids(in, quotes, true, quotes_)) return why;
  if (auto why = read_ids(in, users[EventClass::kSmall], false, users_small_)) return why;
  if (auto why = read_ids(in, users[EventClass::kLarge], true, users_large_)) return why;
  if (!read_words(in, users[EventClass::kRepeated], users_repeated_)) {
    return "a column of repeated ids is cut short";
  }
  return {};
}

// The user ids of a block in the order in which its events name them.
struct BlockDecoder::UserIds {
  const std::uint64_t* small = nullptr;
  const std::uint64_t* large = nullptr;
  const std::uint64_t* repeated = nullptr;
  std::vector<UserId>& distinct;
  bool good = true;

  UserId next(EventClass::Form form) {
    if (form == EventClass::kAbsent) return 0;
    if (form == EventClass::kRepeated) {
      const std::uint64_t place = *repeated++;
      if (place < distinct.size()) return distinct[place];
      good = false;
      return 0;
    }
    distinct.push_back(form == EventClass::kSmall ? *small++ : *large++);
    return distinct.back();
  }
};

Malformed BlockDecoder::fill(RawCursor& payloads, std::vector<Event>& events) {
  events.resize(class_of_.size());
  distinct_users_.clear();
  const std::uint64_t* tweet = tweets_.data();
  const std::uint64_t* quote = quotes_.data();
  UserIds users{users_small_.data(), users_large_.data(), users_repeated_.data(), distinct_users_};
  for (std::size_t i = 0; i < events.size(); ++i) {
    const Class& kind = classes_[class_of_[i]];
    Event& event = events[i];
    event.kind = static_cast<EventKind>(kind.kind);
    event.why = static_cast<Why>(kind.why);
    event.at = static_cast<Time>(ats_[i]);
    event.received_at = static_cast<Time>(receiveds_[i]);
    event.tweet = kind.tweet ? *tweet++ : 0;
    event.quote_tweet = kind.quote ? *quote++ : 0;
    event.author = users.next(kind.author);
    event.user = users.next(kind.user);
    event.source = kind.source;
    if (!kind.payload) {
      event.payload.clear();
      continue;
    }
    Payload& payload = event.payload.make();
    payload = {};
    if (!read_payload(payloads, payload)) return "an event's payload is malformed";
    if (auto why = why_malformed(event)) return why;
  }
  if (!users.good) return "a repeated id refers to none before it";
  return {};
}

Malformed BlockDecoder::decode(const BlockHeader& header, std::span<const std::byte> compressed,
                               std::vector<SequenceNumber>& sequences, std::vector<Event>& events) {
  if (auto why = decompress(header, compressed)) return why;
  RawCursor in(raw_);
  if (auto why = read_classes(in, header.count)) return why;
  if (auto why = read_sequences(in, header, sequences)) return why;
  if (auto why = read_columns(in, header)) return why;
  if (auto why = fill(in, events)) return why;
  if (in.failed() || in.remaining() != 0) return "its payload has bytes that belong to no column";
  return {};
}

}  // namespace recant::log
