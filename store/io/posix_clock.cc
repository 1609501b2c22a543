// The clocks of the operating system, behind file_system.h.
#include <algorithm>
#include <chrono>

#include "store/io/file_system.h"

namespace recant::io {
namespace {

class PosixClock final : public Clock {
 public:
  Time now() override {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    // A clock that was never set may stand before 1970, which no stored time can express.
    return std::clamp<Time>(std::chrono::duration_cast<std::chrono::milliseconds>(since).count(), 0,
                            kTimeMax);
  }
  std::int64_t steady_ms() override {
    const auto since = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
  }
};

}  // namespace

Clock& real_clock() {
  static PosixClock clock;
  return clock;
}

}  // namespace recant::io
