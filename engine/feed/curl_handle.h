// One libcurl transfer, set up as every feed needs it: TLS verified, no redirects, capped headers,
// the credential to its own origin only.
#pragma once

#include <curl/curl.h>

#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "engine/feed/http.h"

namespace recant::feed {

template <auto Free>
struct FreeWith {
  template <class T>
  void operator()(T* handle) const noexcept {
    Free(handle);
  }
};
using CurlEasy = std::unique_ptr<CURL, FreeWith<curl_easy_cleanup>>;
using CurlList = std::unique_ptr<curl_slist, FreeWith<curl_slist_free_all>>;

/// Collects a response's headers from libcurl, within the caps.
class HeaderCollector {
 public:
  /// One line as libcurl gives it; false where there are too many or they are too long.
  [[nodiscard]] bool add(std::string_view line);
  [[nodiscard]] const Headers& headers() const { return headers_; }
  [[nodiscard]] Headers take() { return std::move(headers_); }
  [[nodiscard]] bool too_many() const { return too_many_; }

  static constexpr std::size_t kBytesMax = std::size_t{64} << 10;
  static constexpr std::size_t kCountMax = 200;

 private:
  Headers headers_;
  std::size_t bytes_ = 0;
  std::size_t lines_ = 0;
  bool too_many_ = false;
};

/// A transfer and what libcurl keeps pointers into.
struct CurlTransfer {
  CurlEasy easy{};
  CurlList headers{};
  std::string host{};  ///< for diagnostics
  std::unique_ptr<char[]> error_text{};
};

/// What a callback of libcurl's threw: it must not pass through C, and is thrown again behind it.
class ThrownInCallback {
 public:
  /// `callback()`; 0, which ends the transfer, where it threw.
  template <class Callback>
  auto catching(Callback callback) noexcept -> decltype(callback()) {
    try {
      return callback();
    } catch (...) {
      thrown_ = std::current_exception();
      return 0;
    }
  }
  void rethrow() {
    if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
  }

 private:
  std::exception_ptr thrown_;
};

/// Sets up `request` without its body and callbacks. Errors: kInvalidArgument (the URL is not
/// allowed, or not the credential's), kIo (no memory).
[[nodiscard]] Result<CurlTransfer> make_transfer(const HttpSettings& settings,
                                                 const HttpRequest& request);

/// What a failed transfer means. `error_text` is libcurl's own, redacted by the caller.
[[nodiscard]] Error transfer_error(CURLcode code, const CurlTransfer& transfer,
                                   const std::string& why = {});
/// `code` tells that nothing of the request was sent: DNS, TCP or TLS failed.
[[nodiscard]] bool failed_before_sending(CURLcode code);
/// TLS refused: certificates that do not verify. Trying again does not help.
[[nodiscard]] bool is_tls_refusal(CURLcode code);

}  // namespace recant::feed
