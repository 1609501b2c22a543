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
#include "engine/feed/sealer.h"
#include "engine/feed/secret.h"
#include "engine/feed/stream_lines.h"
#include "engine/feed/stream_notice.h"
#include "engine/feed/stream_queue.h"
#include "engine/feed/stream_status.h"
#include "recant/recant.h"

namespace recant::feed {

/// What a piece held, once it is durable.
struct Stored {
  enum class Kind : std::uint8_t {
    kEvents,     ///< `at`: the newest time among them that is not far ahead of the clock
    kKeepAlive,  ///< an empty line with nothing behind it
    kNotice,
    kRejected,  ///< lines that are no event; `words` say why the first is none
    kBroken,    ///< the connection can no longer be read
    kClosed,
    kTrouble,  ///< of the store; it is tried again
  };
  Kind kind = Kind::kEvents;
  std::size_t stream = 0;
  std::uint64_t connection = 0;
  Moment arrived{};
  Time at = 0;
  std::uint64_t count = 0;   ///< kEvents, kRejected
  std::uint64_t future = 0;  ///< kEvents: those over 24 hours ahead of the clock
  NoticeAdvice advice = NoticeAdvice::kNone;
  Close close = Close::kEnded;
  std::string words{};
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
  /// What `recant status` is to tell; written when there is time.
  void note(std::vector<StreamStatus> statuses);
  /// Why nothing is stored any more, if so: the log failed.
  [[nodiscard]] std::optional<Error> failure() const;
  /// Everything that was pushed is durable, or storing failed, or the queue was ended `kEndMs` ago:
  /// whoever asked for the end will not wait for ever. What is left over proves nothing, and is
  /// asked for again. Returns its bytes.
  std::uint64_t join();

  static constexpr std::int64_t kEndMs = 3000;

 private:
  struct Stream {
    std::optional<StreamLines> lines{};
    bool broken = false;
  };

  /// What the storing thread has in hand: it becomes durable, and then told, together.
  struct Group {
    std::vector<Event> events{};
    std::vector<Stored> stored{};
  };

  void run() noexcept;
  [[nodiscard]] Result<void> store_all();
  [[nodiscard]] Result<void> store_group(const std::vector<Piece>& pieces);
  void take_up(const Piece& piece);
  void read_bytes(const Piece& piece);
  void read_rest(const Piece& piece);
  void read_line(const Piece& piece, const StreamLines::Line& line);
  void take_events(const Piece& piece, std::size_t before);
  void take_notice(const Piece& piece, std::string_view line);
  Stored& add(const Piece& piece, Stored::Kind kind);
  void flush();
  [[nodiscard]] Result<void> append();
  [[nodiscard]] Result<void> rest();
  void write_statuses();
  void publish(std::vector<Stored> stored);

  Store& store_;
  StreamQueue& queue_;
  std::vector<StreamName> names_;
  const Redactor& redact_;
  std::function<void()> on_stored_;
  decode::EventDecoder decoder_{decode::DecodeOptions{}};
  StreamStatusFiles status_files_;
  Sealer sealer_;
  std::vector<Stream> streams_;
  Group group_{};
  std::optional<Error> broken_{};  ///< storing failed: nothing may be told as durable any more
  std::uint64_t unsealed_ = 0;
  bool unmarked_ = false;
  mutable std::mutex mutex_;
  std::vector<Stored> stored_;
  std::vector<StreamStatus> statuses_;
  std::optional<Error> failure_;
  std::thread thread_;
};

}  // namespace recant::feed
