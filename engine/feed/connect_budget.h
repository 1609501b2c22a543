// How many connections may be attempted, over all streams of one credential.
// Source: the platform's reference, section 2: 100 in 15 minutes; the firehose 10 in 60 seconds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

namespace recant::feed {

class ConnectBudget {
 public:
  ConnectBudget(std::size_t attempts_max, std::int64_t window_ms)
      : attempts_max_(attempts_max), window_ms_(window_ms) {}

  /// Takes an attempt, if one is left of the window that ends now. [steady ms]
  [[nodiscard]] bool take(std::int64_t now_ms) {
    while (!attempts_.empty() && now_ms - attempts_.front() >= window_ms_) attempts_.pop_front();
    if (attempts_.size() >= attempts_max_) return false;
    attempts_.push_back(now_ms);
    return true;
  }
  /// When the next attempt will be there, after take() refused. [steady ms]
  [[nodiscard]] std::int64_t next_ms() const { return attempts_.front() + window_ms_; }

 private:
  std::size_t attempts_max_;
  std::int64_t window_ms_;
  std::deque<std::int64_t> attempts_;
};

}  // namespace recant::feed
