// What the network thread hands to the storing thread: pieces of streams, bounded in bytes.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "engine/feed/stream_machine.h"

namespace recant::feed {

struct Piece {
  enum class Kind : std::uint8_t { kOpened, kBytes, kClosed, kHeard };
  Kind kind = Kind::kBytes;
  std::size_t stream = 0;
  std::uint64_t connection = 0;  ///< the stream's how manyth; older ones prove nothing any more
  Moment arrived{};
  std::string bytes{};  ///< kBytes, as they came
  Close close = Close::kEnded;
  std::string why{};  ///< kClosed
  Heard heard{};      ///< kHeard: to be written down
};

/// One thread pushes, one pops.
class StreamQueue {
 public:
  explicit StreamQueue(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// No more bytes should be pushed; push() takes them all the same.
  [[nodiscard]] bool full() const {
    const std::lock_guard guard(mutex_);
    return bytes_ >= bytes_max_;
  }
  /// There is room again, and enough of it that reading on is worth while.
  [[nodiscard]] bool has_room() const {
    const std::lock_guard guard(mutex_);
    return bytes_ < bytes_max_ / 2;
  }
  void push(Piece piece) {
    const std::lock_guard guard(mutex_);
    pieces_.push_back(std::move(piece));
    bytes_ += cost(pieces_.back());
    changed_.notify_one();
  }
  /// Lets pop_group() return nothing once everything was popped.
  void end() {
    const std::lock_guard guard(mutex_);
    ended_ = true;
    ended_at_ = std::chrono::steady_clock::now();
    changed_.notify_one();
  }
  [[nodiscard]] bool ending() const {
    const std::lock_guard guard(mutex_);
    return ended_;
  }
  /// It was ended so long ago.
  [[nodiscard]] bool ended_for(std::int64_t ms) const {
    const std::lock_guard guard(mutex_);
    return ended_ && std::chrono::steady_clock::now() - ended_at_ >= std::chrono::milliseconds(ms);
  }
  [[nodiscard]] std::uint64_t bytes() const {
    const std::lock_guard guard(mutex_);
    return bytes_;
  }
  [[nodiscard]] bool ended() const {
    const std::lock_guard guard(mutex_);
    return ended_ && pieces_.empty();
  }

  /// A group: what comes within `gather` of its first piece, or `bytes_max` of it, or everything
  /// where the queue has ended. Nothing if none came within `patience`.
  [[nodiscard]] std::vector<Piece> pop_group(std::chrono::milliseconds gather,
                                             std::size_t group_bytes_max,
                                             std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, patience, [this] { return !pieces_.empty() || ended_; });
    if (pieces_.empty()) return {};
    changed_.wait_for(lock, gather, [&] { return bytes_ >= group_bytes_max || ended_; });
    std::vector<Piece> group;
    for (std::size_t bytes = 0; !pieces_.empty() && bytes < group_bytes_max;) {
      bytes += cost(pieces_.front());
      bytes_ -= cost(pieces_.front());
      group.push_back(std::move(pieces_.front()));
      pieces_.pop_front();
    }
    return group;
  }

 private:
  [[nodiscard]] static std::size_t cost(const Piece& piece) {
    return piece.bytes.size() + sizeof(Piece);
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Piece> pieces_;
  std::size_t bytes_ = 0;
  std::size_t bytes_max_;
  bool ended_ = false;
  std::chrono::steady_clock::time_point ended_at_{};
};

}  // namespace recant::feed
