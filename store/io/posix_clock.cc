// The clocks of the operating system, behind file_system.h.
#include "store/io/posix_clock.h"

#include <algorithm>
#include <chrono>

#include "store/io/file_system.h"

namespace recant::io {
namespace {

class PosixClock final : public Clock {
 public:
  Time now() override {
    // Not of std::chrono::system_clock, whose nanoseconds overflow in 2262 and then say 1970.
    timespec since{};
    clock_gettime(CLOCK_REALTIME, &since);
    return milliseconds_of(since);
  }
  std::int64_t steady_ms() override {
    const auto since = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
  }
};

}  // namespace

Time milliseconds_of(const timespec& since_1970) {
  // A clock that was never set may stand before 1970, which no stored time can express.
  const auto seconds = std::clamp<std::int64_t>(since_1970.tv_sec, -1, kTimeMax / 1000 + 1);
  return std::clamp<Time>(seconds * 1000 + since_1970.tv_nsec / 1'000'000, 0, kTimeMax);
}

Clock& real_clock() {
  static PosixClock clock;
  return clock;
}

}  // namespace recant::io
