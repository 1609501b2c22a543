// Event lines, read and decoded on several threads and given in the input's order.
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "engine/decode/decode.h"
#include "engine/files/line_blocks.h"
#include "recant/error.h"
#include "recant/event.h"

namespace recant::replay {

/// What the lines of one block hold, in order.
struct DecodedBlock {
  struct Rejected {
    std::uint64_t line = 0;
    std::string why;
    std::string_view text;  ///< into `lines`
  };

  files::LineBlock lines;
  std::vector<Event> events;  ///< each with a source
  std::vector<Rejected> rejected;
  std::uint64_t line_count = 0;
  std::uint64_t notices = 0;
  std::uint64_t blank = 0;
  std::uint64_t future = 0;  ///< events more than 24 hours ahead of the clock
  std::array<std::uint64_t, kEventKindCount + 1> by_kind{};
};

struct DecodeAheadOptions {
  decode::DecodeOptions decode{};
  std::uint64_t line_bytes_max = 0;
  std::string source{};  ///< for events whose line names none
  unsigned threads = 0;  ///< the caller's among them; 0: one a core, up to 4
  std::size_t block_bytes = std::size_t{256} << 10;
};

/// Its threads take one block after another; the caller's does too where the next block is not
/// ready, so that one thread is enough and the work is even among several. Memory is bounded by
/// two blocks a thread.
class DecodeAhead {
 public:
  DecodeAhead(files::Input input, DecodeAheadOptions options);
  DecodeAhead(const DecodeAhead&) = delete;
  DecodeAhead& operator=(const DecodeAhead&) = delete;
  ~DecodeAhead();

  /// The next block, valid until the next call; null at the end. Errors: those of
  /// files::LineReader::next, after every block before; the next call returns null.
  [[nodiscard]] Result<DecodedBlock*> next();
  [[nodiscard]] const files::Input& input() const { return blocks_.input(); }

 private:
  // A place for one block on its way, its memory kept. Whoever reads or decodes owns it.
  struct Place {
    explicit Place(const decode::DecodeOptions& options) : decoder(options) {}

    DecodedBlock block;
    decode::EventDecoder decoder;
    std::optional<Error> error;  // instead of a block
    std::exception_ptr thrown;   // likewise
    bool ready = false;
  };
  using Lock = std::unique_lock<std::mutex>;

  void work();
  [[nodiscard]] bool step(Lock& lock, bool may_read);
  [[nodiscard]] bool read(Place& place);
  void decode(Place& place) const;
  [[nodiscard]] Place& place(std::uint64_t ordinal) { return *places_[ordinal % places_.size()]; }

  DecodeAheadOptions options_;
  files::LineBlocks blocks_;  // of whoever set reading_
  std::vector<std::unique_ptr<Place>> places_;
  std::mutex mutex_;  // guards what follows, and `ready` of every place
  std::condition_variable changed_;
  std::uint64_t begun_ = 0;     // blocks that were read, in order; or failed to be
  std::uint64_t decoding_ = 0;  // of those, the ones that somebody decodes or has decoded
  std::uint64_t freed_ = 0;     // of those, the ones whose place is free again
  bool given_ = false;          // the caller has the block after those
  bool reading_ = false;
  bool ended_ = false;  // there is nothing more to read
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace recant::replay
