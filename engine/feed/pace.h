// Waiting and chance: the seam by which tests let hours pass in no time.
#pragma once

#include <cstdint>
#include <memory>

namespace recant::feed {

class Pace {
 public:
  Pace() = default;
  Pace(const Pace&) = delete;
  Pace& operator=(const Pace&) = delete;
  virtual ~Pace() = default;
  virtual void wait(std::int64_t ms) = 0;
  /// At least 0, less than 1.
  [[nodiscard]] virtual double chance() = 0;
};

/// The real one.
[[nodiscard]] std::unique_ptr<Pace> make_pace();

}  // namespace recant::feed
