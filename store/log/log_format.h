// Constants and headers of the log. The bytes, and why: store/FORMAT.md, "Log".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "recant/event.h"

namespace recant::log {

inline constexpr std::uint32_t kSkippableMagic = 0x184D2A5C;  // RFC 8878, 3.1.2
inline constexpr std::uint32_t kFormatVersion = 1;
inline constexpr std::size_t kStoreIdBytes = 16;
using StoreId = std::array<std::byte, kStoreIdBytes>;

// Whole frames, the 8 bytes of the skippable frame's own header included.
inline constexpr std::size_t kSegmentHeaderBytes = 64;
inline constexpr std::size_t kBlockHeaderBytes = 112;
inline constexpr std::size_t kMarkBytes = 56;
inline constexpr std::size_t kLostBytes = 64;
// No header of any version is longer, so that a reader need not believe a length to check one.
inline constexpr std::size_t kHeaderBytesMax = 256;

inline constexpr std::uint32_t kRawBytesCap = 4U << 20;
// Bounds the memory of a reader where all columns are elided and the raw length says nothing.
inline constexpr std::uint32_t kBlockEventsCap = 65536;
// Incompressible planes cost three bytes for each zstd block, and never more than this.
inline constexpr std::uint32_t kCompressedBytesCap = kRawBytesCap + (64U << 10);

inline constexpr std::uint32_t kBlockHasGaps = 1;  // flags, bit 0: a sequence column is there

struct SegmentHeader {
  StoreId store{};
  std::uint32_t generation = 0;
  std::uint64_t ordinal = 0;
  SequenceNumber first = 0;
};

struct BlockHeader {
  StoreId store{};
  std::uint32_t flags = 0;
  SequenceNumber first = 0;
  SequenceNumber last = 0;
  std::uint32_t count = 0;
  std::uint32_t raw_bytes = 0;
  std::uint32_t compressed_bytes = 0;
  std::uint64_t payload_checksum = 0;
  SequenceNumber durable = 0;
  Time at_min = 0;
  Time at_max = 0;
};

struct Mark {
  StoreId store{};
  SequenceNumber sequence = 0;
};

/// Stands for sequences that were lost, so that the log goes on after them. Only a repair writes
/// it.
struct Lost {
  StoreId store{};
  SequenceNumber first = 0;
  SequenceNumber last = 0;
};

[[nodiscard]] std::array<std::byte, kSegmentHeaderBytes> encode(const SegmentHeader& header);
[[nodiscard]] std::array<std::byte, kBlockHeaderBytes> encode(const BlockHeader& header);
[[nodiscard]] std::array<std::byte, kMarkBytes> encode(const Mark& mark);
[[nodiscard]] std::array<std::byte, kLostBytes> encode(const Lost& lost);

enum class HeaderKind : std::uint8_t {
  kNone,   ///< no header of ours, or its checksum does not hold
  kNewer,  ///< its checksum holds, but its version, flags or layout are not known here
  kSegment,
  kBlock,
  kMark,
  kLost,
};

/// The header at the start of some bytes. `why` says what is wrong unless it is one of the four.
struct Header {
  HeaderKind kind = HeaderKind::kNone;
  SegmentHeader segment;
  BlockHeader block;
  Mark mark;
  Lost lost;
  std::string_view why;

  [[nodiscard]] const StoreId& store() const;
};

/// Reads the header that `bytes` begin with (at most kHeaderBytesMax of them are looked at).
[[nodiscard]] Header parse_header(std::span<const std::byte> bytes);

/// XXH3, 64 bits, seed 0.
[[nodiscard]] std::uint64_t checksum(std::span<const std::byte> bytes);
/// 32 lower-case hex digits.
[[nodiscard]] std::string store_id_text(const StoreId& store);

/// `00000000000000000001.zst`
[[nodiscard]] std::string segment_name(SequenceNumber first);
/// The first sequence that a segment's name says; nothing for any other name.
[[nodiscard]] std::optional<SequenceNumber> parse_segment_name(std::string_view name);

}  // namespace recant::log
