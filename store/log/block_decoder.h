// One block back to events. Bytes: store/FORMAT.md, "Log". Nothing read from a disk is believed:
// every length is checked against the bytes that are there. Knows no files.
#pragma once

#include <zstd.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "recant/event.h"
#include "store/log/block_encoder.h"
#include "store/log/log_format.h"
#include "store/log/word_column.h"

namespace recant::log {

struct FreeZstdDecoder {
  void operator()(ZSTD_DCtx* context) const noexcept { ZSTD_freeDCtx(context); }
};
using ZstdDecoder = std::unique_ptr<ZSTD_DCtx, FreeZstdDecoder>;

/// What is wrong with some bytes, or nothing.
using Malformed = std::optional<std::string>;

class BlockDecoder {
 public:
  /// Decodes the payload frame `compressed`, whose checksum holds, of a block with `header`.
  /// On success both vectors have header.count entries. Throws std::bad_alloc where memory ran out,
  /// zstd's too: nothing is said about the block then.
  [[nodiscard]] Malformed decode(const BlockHeader& header, std::span<const std::byte> compressed,
                                 std::vector<SequenceNumber>& sequences,
                                 std::vector<Event>& events);

 private:
  struct Class : EventClass {
    std::string source;
  };
  struct UserIds;

  Malformed decompress(const BlockHeader& header, std::span<const std::byte> compressed);
  Malformed read_classes(RawCursor& in, std::size_t count);
  Malformed read_sequences(RawCursor& in, const BlockHeader& header,
                           std::vector<SequenceNumber>& sequences);
  Malformed read_columns(RawCursor& in, const BlockHeader& header);
  Malformed fill(RawCursor& payloads, std::vector<Event>& events);

  ZstdDecoder zstd_;
  std::vector<std::byte> raw_;
  std::vector<Class> classes_;
  std::vector<std::uint8_t> class_of_;
  std::vector<std::uint64_t> ats_;
  std::vector<std::uint64_t> receiveds_;
  std::vector<std::uint64_t> tweets_;
  std::vector<std::uint64_t> quotes_;
  std::vector<std::uint64_t> users_small_;
  std::vector<std::uint64_t> users_large_;
  std::vector<std::uint64_t> users_repeated_;
  std::vector<UserId> distinct_users_;
  std::vector<std::uint64_t> words_;  // scratch
};

}  // namespace recant::log
