// HttpClient over libcurl's easy interface.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <span>
#include <utility>

#include "engine/feed/curl_handle.h"
#include "store/io/file_system.h"

namespace recant::feed {
namespace {

/// What the callbacks of one transfer share. None of them may throw through libcurl.
struct Exchange {
  const HttpRequest& request;
  CURL* easy = nullptr;
  HeaderCollector collector{};
  std::string body{};
  std::uint64_t uploaded = 0;
  std::int64_t last_byte_ms = 0;
  std::int64_t bytes_moved = 0;
  std::optional<Error> failure{};  ///< of the caller's own sink or upload
  std::string why{};               ///< why we ended it
  ThrownInCallback thrown{};
};

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* user) noexcept {
  auto& exchange = *static_cast<Exchange*>(user);
  return exchange.thrown.catching([&]() -> std::size_t {
    if (exchange.collector.add({data, size * count})) return size * count;
    exchange.why = "its headers have no end (over 64 KiB or 200 lines)";
    return 0;
  });
}

bool is_success(CURL* easy) {
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  return status >= 200 && status < 300;
}

std::size_t take_body(Exchange& exchange, std::string_view bytes) {
  if (exchange.request.sink && is_success(exchange.easy)) {
    auto taken = exchange.request.sink(bytes);
    if (taken) return bytes.size();
    exchange.failure = std::move(taken).error();
    return 0;
  }
  if (exchange.body.size() + bytes.size() > exchange.request.body_bytes_max) {
    exchange.why =
        fmt::format("it answered with more than {} bytes", exchange.request.body_bytes_max);
    return 0;
  }
  exchange.body += bytes;
  return bytes.size();
}

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) noexcept {
  auto& exchange = *static_cast<Exchange*>(user);
  return exchange.thrown.catching([&] { return take_body(exchange, {data, size * count}); });
}

std::size_t give_upload(Exchange& exchange, std::span<char> out) {
  const std::uint64_t left = exchange.request.upload_bytes - exchange.uploaded;
  const std::size_t room = std::min<std::uint64_t>(out.size(), left);
  if (room == 0) return 0;
  auto given = exchange.request.upload(out.first(room));
  if (given && *given > 0) {
    exchange.uploaded += *given;
    return *given;
  }
  exchange.failure = given ? Error{ErrorCode::kIo, "the file to upload became shorter", 0}
                           : std::move(given).error();
  return CURL_READFUNC_ABORT;
}

std::size_t on_upload(char* out, std::size_t size, std::size_t count, void* user) noexcept {
  auto& exchange = *static_cast<Exchange*>(user);
  return exchange.thrown.catching([&] { return give_upload(exchange, {out, size * count}); });
}

// libcurl calls it at least once a second, so that silence ends a transfer whatever its size.
int on_progress(void* user, curl_off_t, curl_off_t down, curl_off_t, curl_off_t up) noexcept {
  auto& exchange = *static_cast<Exchange*>(user);
  const std::int64_t now = io::real_clock().steady_ms();
  if (down + up != exchange.bytes_moved) {
    exchange.bytes_moved = down + up;
    exchange.last_byte_ms = now;
  }
  if (now - exchange.last_byte_ms < exchange.request.idle_ms) return 0;
  return exchange.thrown.catching([&] {
    exchange.why = fmt::format("silent for {} s", exchange.request.idle_ms / 1000);
    return 1;
  });
}

template <class Value>
void set(CURL* easy, CURLoption option, Value value) {
  (void)curl_easy_setopt(easy, option, value);
}

void set_method(CURL* easy, const HttpRequest& request) {
  if (request.method == Method::kGet) return;
  if (request.upload) {
    set(easy, CURLOPT_UPLOAD, 1L);  // PUT
    set(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.upload_bytes));
  } else {
    set(easy, CURLOPT_POST, 1L);
    set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(easy, CURLOPT_POSTFIELDS, request.body.data());
  }
  set(easy, CURLOPT_CUSTOMREQUEST, request.method == Method::kPut ? "PUT" : "POST");
}

void set_callbacks(CURL* easy, Exchange& exchange) {
  set(easy, CURLOPT_HEADERFUNCTION, &on_header);
  set(easy, CURLOPT_HEADERDATA, &exchange);
  set(easy, CURLOPT_WRITEFUNCTION, &on_body);
  set(easy, CURLOPT_WRITEDATA, &exchange);
  set(easy, CURLOPT_READFUNCTION, &on_upload);
  set(easy, CURLOPT_READDATA, &exchange);
  set(easy, CURLOPT_XFERINFOFUNCTION, &on_progress);
  set(easy, CURLOPT_XFERINFODATA, &exchange);
  set(easy, CURLOPT_NOPROGRESS, 0L);
}

class CurlClient final : public HttpClient {
 public:
  explicit CurlClient(HttpSettings settings) : settings_(std::move(settings)) {
    redact_.add(settings_.credential.secret);
  }

  Result<HttpResponse> send(const HttpRequest& request) override {
    unsent_ = true;
    if (request.begin) RECANT_TRY(request.begin());
    RECANT_ASSIGN(auto transfer, make_transfer(settings_, request));
    CURL* easy = transfer.easy.get();
    Exchange exchange{.request = request, .easy = easy};
    exchange.last_byte_ms = io::real_clock().steady_ms();
    set_method(easy, request);
    set_callbacks(easy, exchange);
    // What goes to a file stays as the server has it; short answers may come compressed.
    if (!request.sink) set(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
    const CURLcode code = curl_easy_perform(easy);
    exchange.thrown.rethrow();
    unsent_ = failed_before_sending(code);
    if (exchange.failure) return std::unexpected(*std::move(exchange.failure));
    if (code != CURLE_OK) {
      Error error = transfer_error(code, transfer, exchange.why);
      error.what = redact_(error.what);
      return std::unexpected(std::move(error));
    }
    return response_of(easy, exchange);
  }

  bool unsent() const override { return unsent_; }

 private:
  static HttpResponse response_of(CURL* easy, Exchange& exchange) {
    HttpResponse response;
    long status = 0;
    long version = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
    response.status = static_cast<int>(status);
    response.headers = exchange.collector.take();
    response.body = std::move(exchange.body);
    response.delimited = version >= CURL_HTTP_VERSION_2_0 ||
                         find_header(response.headers, "content-length").has_value() ||
                         find_header(response.headers, "transfer-encoding").has_value();
    return response;
  }

  HttpSettings settings_;
  Redactor redact_;
  bool unsent_ = true;
};

}  // namespace

Result<std::unique_ptr<HttpClient>> make_http_client(HttpSettings settings) {
  return std::make_unique<CurlClient>(std::move(settings));
}

}  // namespace recant::feed
