// HTTP as the feeds need it: one request, one response. The seam that tests replace.
// Rules: reliability.md, "Network" and A12; the platform's reference, sections 2 to 4.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/feed/secret.h"
#include "recant/error.h"

namespace recant::feed {

enum class Method : std::uint8_t { kGet, kPost, kPut };

struct Header {
  std::string name{};
  std::string value{};
};
using Headers = std::vector<Header>;

/// The value of the last header of that name, in any case; nothing if there is none.
[[nodiscard]] std::optional<std::string_view> find_header(const Headers& headers,
                                                          std::string_view name);

struct HttpRequest {
  Method method = Method::kGet;
  std::string url{};
  /// Sends the client's credential. A URL outside of the credential's origin is then refused.
  bool authorized = false;
  Headers headers{};
  std::string body{};
  /// Called before each attempt, so that `upload` and `sink` begin anew.
  std::function<Result<void>()> begin{};
  /// Instead of `body`: called until `upload_bytes` were given; 0 ends the transfer as failed.
  std::function<Result<std::size_t>(std::span<char>)> upload{};
  std::uint64_t upload_bytes = 0;
  /// Takes the body of a 2xx response instead of HttpResponse::body, however long it is.
  std::function<Result<void>(std::string_view)> sink{};
  std::uint64_t body_bytes_max = std::uint64_t{16} << 20;
  std::int64_t timeout_ms = 60'000;  ///< for all of it; 0: none
  std::int64_t idle_ms = 60'000;     ///< without a byte in either direction
};

struct HttpResponse {
  int status = 0;
  Headers headers{};
  std::string body{};
  /// The end of the body was told (a length, chunks, HTTP/2), so that a cut one is an error.
  bool delimited = false;
};

/// Who we are to one server, and to no other.
struct Credential {
  enum class Scheme : std::uint8_t { kNone, kBearer, kBasic };
  Scheme scheme = Scheme::kNone;
  Secret secret{};       ///< a token, or user:password
  std::string origin{};  ///< scheme://host[:port] that may be told it
};

struct HttpSettings {
  Credential credential{};
  std::string ca_file{};    ///< instead of the system's certificates
  bool allow_http = false;  ///< to loopback addresses
  std::string user_agent = "recant/0.1";
  std::int64_t connect_timeout_ms = 10'000;
};

/// One thread at a time. Redirects are never followed; TLS is always verified.
class HttpClient {
 public:
  HttpClient() = default;
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  virtual ~HttpClient() = default;

  /// Any status is a value. Errors: kInvalidArgument (a URL that the settings do not allow),
  /// kRefused (TLS), kNetwork (anything else on the way; `unsent` tells whether nothing was sent),
  /// and those of `begin`, `sink`
  /// and `upload`.
  [[nodiscard]] virtual Result<HttpResponse> send(const HttpRequest& request) = 0;
  /// The last send() failed before the request could have reached the server.
  [[nodiscard]] virtual bool unsent() const = 0;
};

/// Over libcurl. Errors: kIo (libcurl cannot be set up).
[[nodiscard]] Result<std::unique_ptr<HttpClient>> make_http_client(HttpSettings settings);

}  // namespace recant::feed
