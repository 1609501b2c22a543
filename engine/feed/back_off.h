// How long to wait before the next attempt. Pure. Source: the platform's reference, sections 2.2
// and 2.3. Attempts are counted from 1; jitter is added by the caller.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/feed/http.h"
#include "recant/event.h"

namespace recant::feed {

/// TCP/IP failures: 250 ms more each time, at most 16 s.
[[nodiscard]] std::int64_t network_wait_ms(unsigned attempt);
/// HTTP errors worth another try: 5 s, doubling, at most 320 s.
[[nodiscard]] std::int64_t http_wait_ms(unsigned attempt);
/// 429 and 420: until x-rate-limit-reset and 10 s, within 10 to 901 s, whatever the clocks say;
/// without it as Retry-After says, within the same; else 60 s, doubling, at most 901 s. A reset
/// that is over is believed once: 10 s, then 60 s, doubling.
[[nodiscard]] std::int64_t rate_limit_wait_ms(const Headers& headers, Time now, unsigned attempt);
/// 5xx and 408: as http_wait_ms, and no less than Retry-After (seconds) asks for, at most 901 s.
[[nodiscard]] std::int64_t server_error_wait_ms(const Headers& headers, unsigned attempt);
/// Where the headers say that no request is left: how long until there are some; else 0.
[[nodiscard]] std::int64_t exhausted_wait_ms(const Headers& headers, Time now);

[[nodiscard]] inline bool is_rate_limited(int status) { return status == 429 || status == 420; }
/// 5xx, and 408: the server, or a proxy, waited for too long.
[[nodiscard]] inline bool is_worth_retrying(int status) {
  return (status >= 500 && status < 600) || status == 408;
}

}  // namespace recant::feed
