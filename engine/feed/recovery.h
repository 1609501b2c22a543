// Closes gaps that are too long for backfill: connects once more with start_time and end_time, and
// takes the gap for heard only when the server has ended that properly and all of it is durable.
// Source: the platform's reference, section 2.4: within 24 hours, two at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "engine/feed/connect_budget.h"
#include "engine/feed/stream_machine.h"
#include "engine/feed/stream_sockets.h"
#include "engine/feed/stream_store.h"

namespace recant::feed {

/// A stream whose gaps can be recovered.
struct RecoverableStream {
  std::string label{};  ///< for an operator
  std::string url{};
  const HttpSettings* settings = nullptr;
  ConnectBudget* budget = nullptr;
};

/// What a recovery asks of whoever drives it.
class RecoveryHost {
 public:
  RecoveryHost() = default;
  RecoveryHost(const RecoveryHost&) = delete;
  RecoveryHost& operator=(const RecoveryHost&) = delete;
  virtual ~RecoveryHost() = default;
  virtual void recovered(std::size_t stream, Heard gap) = 0;
  virtual void say(const std::string& text) = 0;
};

class Recovery {
 public:
  /// Connections are opened in slots `first_slot` + stream.
  Recovery(std::map<std::size_t, RecoverableStream> streams, std::size_t first_slot,
           StreamSockets& sockets, Pace& pace, RecoveryHost& host)
      : streams_(std::move(streams)),
        first_slot_(first_slot),
        sockets_(sockets),
        pace_(pace),
        host_(host) {}

  /// Whether it will be asked for: not where the stream cannot be recovered, or the gap is over 24
  /// hours old; of a longer one the younger part is.
  bool add(std::size_t stream, Heard gap, Moment now);
  /// Begins what may begin, and ends what is dead. Not within poll().
  void step(Moment now);

  // What happens to the connection of a stream's recovery; whether its bytes may be taken.
  void responded(std::size_t stream, Moment now, int status, const Headers& headers);
  [[nodiscard]] bool is_open(std::size_t stream) const;
  void received(std::size_t stream, Moment now);
  void closed(std::size_t stream, Moment now, const std::string& why);
  /// Something of it became durable; `connection` as it was when it came.
  void stored(const Stored& stored, std::size_t stream, Moment now);

  /// The connection that the stream's recovery has, counted from 1.
  [[nodiscard]] std::uint64_t connection(std::size_t stream) const;
  [[nodiscard]] bool idle() const { return waiting_.empty() && running_.empty(); }

 private:
  struct Job {
    std::size_t stream = 0;
    Heard gap{};
    unsigned attempts = 0;
    std::int64_t not_before_ms = 0;
    bool open = false;
    bool hang_up = false;
    bool doubtful = false;  ///< something came that was not understood, or a message
    std::int64_t begun_ms = 0;
    std::int64_t last_byte_ms = 0;
  };

  void begin(Job job, Moment now);
  void again(std::size_t stream, Moment now, std::int64_t wait_ms, const std::string& why);
  void give_up(std::size_t stream, const std::string& why);
  [[nodiscard]] std::string url_of(const Job& job) const;

  std::map<std::size_t, RecoverableStream> streams_;
  std::size_t first_slot_;
  StreamSockets& sockets_;
  Pace& pace_;
  RecoveryHost& host_;
  std::deque<Job> waiting_;
  std::map<std::size_t, Job> running_;
  std::map<std::size_t, std::uint64_t> connections_;
};

}  // namespace recant::feed
