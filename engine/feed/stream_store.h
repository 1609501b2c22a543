// The storing thread: pieces of streams become events in the log, a group at a time; what is
// durable is told to the network thread, and only that counts as heard. (reliability.md, A1, A2)
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "engine/decode/decode.h"
#include "engine/feed/secret.h"
#include "engine/feed/stream_lines.h"
#include "engine/feed/stream_notice.h"
#include "engine/feed/stream_queue.h"
#include "recant/recant.h"

namespace recant::feed {

/// What a piece held, once it is durable.
struct Stored {
  enum class Kind : std::uint8_t {
    kEvents,     ///< `at`: the newest time among them that is not far ahead of the clock
    kKeepAlive,  ///< an empty line with nothing behind it
    kNotice,
    kRejected,  ///< a line that is no event; `words` say why
    kBroken,    ///< the connection can no longer be read
    kClosed,
    kTrouble,  ///< of the store; it is tried again
  };
  Kind kind = Kind::kEvents;
  std::size_t stream = 0;
  std::uint64_t connection = 0;
  Moment arrived{};
  Time at = 0;
  std::uint64_t count = 0;  ///< kEvents
  NoticeAdvice advice = NoticeAdvice::kNone;
  Close close = Close::kEnded;
  std::string words{};
};

/// Names of a stream in the log.
struct StreamName {
  std::string source{};
  std::string partition{};
};

class StreamStore {
 public:
  /// All of them outlive it. `on_stored` is called from the storing thread after each group.
  StreamStore(Store& store, StreamQueue& queue, std::vector<StreamName> names,
              const Redactor& redact, std::function<void()> on_stored);
  StreamStore(const StreamStore&) = delete;
  StreamStore& operator=(const StreamStore&) = delete;
  ~StreamStore();

  /// What became durable since the last call, in order.
  [[nodiscard]] std::vector<Stored> take();
  /// Why nothing is stored any more, if so: the log failed.
  [[nodiscard]] std::optional<Error> failure() const;
  /// Everything that was pushed is durable, or storing failed; the queue was ended before.
  void join();

 private:
  struct Stream {
    std::uint64_t connection = 0;
    std::optional<StreamLines> lines{};
    bool broken = false;
  };

  void run();
  void take_up(const Piece& piece, std::vector<Event>& events, std::vector<Stored>& stored);
  void read_bytes(const Piece& piece, std::vector<Event>& events, std::vector<Stored>& stored);
  [[nodiscard]] Event heard_event(const Piece& piece) const;
  [[nodiscard]] Result<void> append(const std::vector<Event>& events);
  [[nodiscard]] Result<void> rest();
  void publish(std::vector<Stored> stored);

  Store& store_;
  StreamQueue& queue_;
  std::vector<StreamName> names_;
  const Redactor& redact_;
  std::function<void()> on_stored_;
  decode::EventDecoder decoder_{decode::DecodeOptions{}};
  std::vector<Stream> streams_;
  std::uint64_t unsealed_ = 0;
  bool unmarked_ = false;
  mutable std::mutex mutex_;
  std::vector<Stored> stored_;
  std::optional<Error> failure_;
  std::thread thread_;
};

}  // namespace recant::feed
