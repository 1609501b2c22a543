// The wall clock as one connection may believe it. What is heard is told in wall time, and that is
// set: by hand, by NTP after a boot, by a machine that slept. So it is tied to the monotonic clock
// from a connection's begin. What the platform says that time is decides nothing: proxies and
// recordings answer with dates of their own; but people are told where the two differ.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/feed/http.h"
#include "recant/event.h"

namespace recant::feed {

struct Moment {
  std::int64_t steady_ms = 0;
  Time wall = 0;
  friend bool operator==(const Moment&, const Moment&) = default;
};

class StreamClock {
 public:
  /// A connection begins; its response's headers say what time it is over there.
  void begin(Moment now, const Headers& headers);
  /// The time that may be claimed to be now, never later than the wall clock; nothing while that
  /// was set.
  [[nodiscard]] std::optional<Time> believed(Moment now) const;
  /// The answer's date differs from it by more than answers take.
  [[nodiscard]] bool is_foreign() const { return foreign_; }
  /// It was set, and stays so: only a new connection tells from when on it can be believed. Takes
  /// note of the time, and so wants to be called often.
  [[nodiscard]] bool is_over(Moment now);

 private:
  [[nodiscard]] Time step(Moment now) const;

  std::optional<Moment> begun_{};
  bool foreign_ = false;
  std::optional<std::int64_t> set_since_ms_{};
};

}  // namespace recant::feed
