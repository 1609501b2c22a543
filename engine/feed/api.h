// Calls of the platform's API: patient where patience helps, plain about what refused.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "engine/feed/http.h"
#include "engine/feed/pace.h"
#include "store/io/file_system.h"

namespace recant::feed {

/// What every client needs of its surroundings; all of it outlives the client.
struct ApiParts {
  HttpClient& http;
  io::Clock& clock;
  Pace& pace;
  const Redactor& redact;
  std::string base_url{};  ///< without a slash at its end
  /// Told of each wait over a second, one line. May be empty.
  std::function<void(std::string_view)> on_wait{};
};

struct ApiReply {
  int status = 0;
  Headers headers{};
  nlohmann::json body{};  ///< discarded() where it is not JSON
};

struct CallOptions {
  bool once = false;  ///< must not be done twice: repeated only where it cannot have been done
  std::vector<int> tolerated{};  ///< statuses that are answers too
};

class Api {
 public:
  explicit Api(ApiParts parts) : parts_(std::move(parts)) {}

  /// Sends `request` (its url is a path of the API), not before the window that the last answer
  /// called used up is over, until it is answered by anything but a rate
  /// limit, a 5xx, a cut or a 200 that is not JSON; gives up after 8 such answers or 12 attempts
  /// that got none, and never over rate limits alone. `what` begins the errors: "cannot create a
  /// job".
  /// Errors: kRefused (401, 403, TLS), kNetwork (gave up), kIo (another 4xx, or a redirect).
  [[nodiscard]] Result<ApiReply> call(HttpRequest request, const std::string& what,
                                      const CallOptions& options = {});
  /// As call(), for any URL without the credential; the body is as it came. kRefused too where the
  /// URL is none that may be used: it came from the platform.
  [[nodiscard]] Result<HttpResponse> call_foreign(const HttpRequest& request,
                                                  const std::string& what,
                                                  const CallOptions& options = {});

  /// The same, one attempt: any status is a value.
  [[nodiscard]] Result<HttpResponse> call_foreign_once(const HttpRequest& request,
                                                       const std::string& what);

  [[nodiscard]] const ApiParts& parts() const { return parts_; }

 private:
  enum class Want : std::uint8_t { kJson, kAnything };
  [[nodiscard]] Result<HttpResponse> send_patiently(const HttpRequest& request,
                                                    const std::string& what, Want want,
                                                    const CallOptions& options);
  [[nodiscard]] Error told(Error error, const std::string& what, bool authorized) const;
  void wait(std::int64_t ms, std::string_view why);

  ApiParts parts_;
  std::int64_t not_before_ms_ = 0;  ///< the rate limit's window is used up until then [steady ms]
};

/// An answer's own words about what went wrong, in one line that may be shown: the v2 problem's
/// title and detail, v1.1's message and code, or the first words of anything else.
[[nodiscard]] std::string explain_body(std::string_view body, const Redactor& redact);

/// Why an answer's status is an error, with its words: kRefused for 401 and 403 where a credential
/// was sent (`authorized`), kNetwork for what a later attempt may find better, else kIo.
[[nodiscard]] Error status_error(const std::string& what, const HttpResponse& response,
                                 const Redactor& redact, bool authorized);

}  // namespace recant::feed
