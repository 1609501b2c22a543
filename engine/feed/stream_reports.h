// How the streams of one following do, and what an operator should hear of them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/feed/coverage.h"
#include "engine/feed/stream_machine.h"
#include "engine/feed/stream_store.h"

namespace recant::feed {

/// How one stream is doing.
struct StreamReport {
  StreamName name{};
  StreamMachine::State state = StreamMachine::State::kWaiting;
  std::uint64_t events = 0;  ///< stored in this run
  std::uint64_t future = 0;  ///< of those, over 24 hours ahead of the clock
  std::uint64_t rejected = 0;
  std::uint64_t notices = 0;
  std::uint64_t bytes = 0;  ///< as they came over the wire
  std::uint64_t connects = 0;
  std::uint64_t pauses = 0;               ///< times that reading stopped because storing was slower
  std::optional<Time> connected_at{};     ///< of the connection that it has, or had last
  std::optional<Time> last_event{};       ///< when one came, not its `at`
  std::optional<Time> last_keep_alive{};  ///< when one came
  std::optional<Time> heard_to{};
  std::vector<Interval> holes{};  ///< of this run, told by the stream
  std::string trouble{};          ///< the last one
};

class StreamReports {
 public:
  using Say = std::function<void(std::string_view)>;
  StreamReports(const std::vector<StreamName>& names, Say say);

  [[nodiscard]] StreamReport& operator[](std::size_t stream) { return reports_[stream].report; }
  [[nodiscard]] std::string label(std::size_t stream) const;

  void say(const std::string& text) const;
  /// What became durable.
  void stored(std::size_t stream, const Stored& stored);
  /// The same trouble is said again only after a minute: a stream that comes and goes fills no log.
  void trouble(std::size_t stream, const std::string& words, Moment now, bool said);
  void notice(std::size_t stream, const std::string& words, Moment now);
  /// Nothing was heard; `recovers`: it will be asked for again.
  void hole(std::size_t stream, Heard hole, bool recovers);
  void closed(std::size_t stream, Heard gap);
  /// The reports, but for state and heard_to.
  [[nodiscard]] std::vector<StreamReport> all() const;

 private:
  struct Kept {
    StreamReport report{};
    std::string said{};
    std::int64_t said_ms = 0;
    bool future_said = false;
  };
  void say_once(Kept& kept, const std::string& text, Moment now);
  void rejected(std::size_t stream, const Stored& stored);

  std::vector<Kept> reports_;
  Say say_;
  std::uint64_t rejections_said_ = 0;
};

}  // namespace recant::feed
