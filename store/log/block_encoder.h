// Events to one block: columns, then one zstd frame behind a checksummed header.
// Bytes: store/FORMAT.md, "Log". Knows no files.
#pragma once

#include <zstd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "recant/error.h"
#include "recant/event.h"
#include "store/log/log_format.h"
#include "store/log/word_column.h"

namespace recant::log {

struct FreeZstdEncoder {
  void operator()(ZSTD_CCtx* context) const noexcept { ZSTD_freeCCtx(context); }
};
using ZstdEncoder = std::unique_ptr<ZSTD_CCtx, FreeZstdEncoder>;

/// What all events of a class share; a block lists its classes once and gives each event one byte.
struct EventClass {
  /// How a user id is stored: not at all, in 4 bytes, in 8, or as a place among the block's ids.
  enum Form : std::uint8_t { kAbsent = 0, kSmall = 1, kLarge = 2, kRepeated = 3 };

  std::uint8_t kind = 0;
  std::uint8_t why = 0;
  bool tweet = false;
  bool quote = false;
  bool payload = false;
  Form author = kAbsent;
  Form user = kAbsent;

  /// Byte 1 of a class: tweet, quote, payload in bits 0 to 2, author in 3 and 4, user in 5 and 6.
  [[nodiscard]] std::uint8_t flags() const;
  void set_flags(std::uint8_t flags);
};

inline constexpr std::size_t kClassesMax = 256;
/// Where a writer cuts a block: far below the cap, so that one more event never passes it.
inline constexpr std::size_t kRawBytesTarget = std::size_t{3} << 20;

/// Collects events until there are enough for a block. Allocates nothing for an event without a
/// payload once it has grown to its working size.
class BlockEncoder {
 public:
  explicit BlockEncoder(std::uint32_t events_max);

  [[nodiscard]] bool empty() const { return classes_.empty(); }
  [[nodiscard]] std::uint32_t count() const { return static_cast<std::uint32_t>(classes_.size()); }
  /// True where the block should be written before another event is added.
  [[nodiscard]] bool full() const;

  /// Fetches what add() will look up for an event that comes soon: its user's slot is a cache miss.
  void expect(const Event& event) const;
  /// Adds a well-formed event. `sequence` is greater than the last one added.
  void add(SequenceNumber sequence, const Event& event, Time received_at);

  /// Appends header frame and payload frame to `out` and forgets the events. `first` and `last`
  /// are the range that the block covers: all sequences that are missing in it are gaps.
  [[nodiscard]] Result<void> finish(const StoreId& store, SequenceNumber first, SequenceNumber last,
                                    SequenceNumber durable, std::vector<std::byte>& out);

 private:
  struct ClassSlot {
    std::uint32_t key = 0;  // 0: empty
    std::uint8_t index = 0;
  };

  std::uint8_t class_index(const EventClass& kind, const std::string& source);
  std::uint32_t source_index(const std::string& source);
  EventClass::Form add_user(UserId id);
  [[nodiscard]] std::size_t user_slot(std::uint64_t mixed) const;
  void forget();
  void write_raw(bool gaps, SequenceNumber first);
  Result<std::span<const std::byte>> compress();

  std::size_t events_max_;
  std::size_t payload_bytes_ = 0;
  Time at_min_ = 0;
  Time at_max_ = 0;

  std::vector<std::byte> class_table_;
  std::size_t class_count_ = 0;
  std::array<ClassSlot, 4 * kClassesMax> class_slots_{};
  std::vector<std::string> sources_;
  std::size_t last_source_ = 0;

  std::vector<std::uint8_t> classes_;
  std::vector<std::uint64_t> sequences_;
  std::vector<std::uint64_t> ats_;
  std::vector<std::uint64_t> receiveds_;
  std::vector<std::uint64_t> tweets_;
  std::vector<std::uint64_t> quotes_;
  std::vector<std::uint64_t> users_small_;
  std::vector<std::uint64_t> users_large_;
  std::vector<std::uint64_t> users_repeated_;
  std::vector<std::byte> payloads_;

  // Which user ids the block holds already: an open-addressed table of places in distinct_users_.
  std::vector<UserId> distinct_users_;
  std::vector<std::uint32_t> user_slots_;  // 15 bits of the hash, 17 of the place
  std::vector<std::uint32_t> user_slots_used_;

  std::vector<std::uint64_t> words_;  // scratch
  RawPayload raw_;
  std::vector<std::byte> compressed_;
  ZstdEncoder zstd_;
};

}  // namespace recant::log
