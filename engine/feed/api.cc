#include "engine/feed/api.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "engine/feed/back_off.h"

namespace recant::feed {
namespace {

constexpr unsigned kAttemptsMax = 8;
constexpr unsigned kUnansweredMax = 12;  ///< over half a minute, where nobody is there
constexpr std::size_t kWordsMax = 300;

std::string text_of(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// The words of one problem: {"title","detail"} (v2) or {"message","code"} (v1.1).
std::string problem_words(const nlohmann::json& problem) {
  if (!problem.is_object()) return {};
  std::string words = text_of(problem, "title");
  const std::string detail = text_of(problem, "detail");
  const std::string message = text_of(problem, "message");
  for (const std::string& more : {detail, message}) {
    if (!more.empty()) words += (words.empty() ? "" : ": ") + more;
  }
  return words;
}

std::string first_words(std::string_view body) {
  std::string words;
  for (const char c : body.substr(0, kWordsMax)) {
    const auto byte = static_cast<unsigned char>(c);
    const bool space = byte <= 0x20 || byte == 0x7f;
    if (!space) words += c;
    if (space && !words.empty() && words.back() != ' ') words += ' ';
  }
  return words;
}

bool is_json(std::string_view body) {
  return body.find_first_not_of(" \t\r\n") == std::string_view::npos ||
         nlohmann::json::accept(body);
}

std::string_view advice(int status, bool authorized) {
  if (status >= 300 && status < 400) return " (redirects are never followed: see --api-url)";
  if (!authorized) return " (its signed address may be over: run a new one)";
  if (status == 401) return " (the credential was not accepted: see the token)";
  if (status == 403) return " (the credential may not do this: see the project's access level)";
  if (status == 404) return " (no such thing there: see the id and --api-url)";
  return "";
}

}  // namespace

std::string explain_body(std::string_view body, const Redactor& redact) {
  const auto json = nlohmann::json::parse(body, nullptr, false);
  std::string words;
  if (json.is_object()) {
    words = problem_words(json);
    const auto errors = json.find("errors");
    if (errors != json.end() && errors->is_array() && !errors->empty()) {
      const std::string first = problem_words(errors->front());
      if (!first.empty()) words = words.empty() ? first : words + ": " + first;
    }
  }
  if (words.empty()) words = std::string(body);
  // Redacted first: a secret that the cut goes through would be none for the redactor.
  words = first_words(redact(words));
  return words;
}

Error status_error(const std::string& what, const HttpResponse& response, const Redactor& redact,
                   bool authorized) {
  const int status = response.status;
  ErrorCode code = ErrorCode::kIo;
  if (authorized && (status == 401 || status == 403)) code = ErrorCode::kRefused;
  if (is_rate_limited(status) || is_worth_retrying(status)) code = ErrorCode::kNetwork;
  const std::string words = explain_body(response.body, redact);
  return {.code = code,
          .what = fmt::format("{}: HTTP {}{}{}{}", what, status, words.empty() ? "" : ": ", words,
                              advice(status, authorized))};
}

void Api::wait(std::int64_t ms, std::string_view why) {
  const auto jittered =
      ms + static_cast<std::int64_t>(static_cast<double>(ms) * parts_.pace.chance() / 4);
  if (jittered >= 1000 && parts_.on_wait) {
    parts_.on_wait(fmt::format("{}; waiting {} s", why, (jittered + 999) / 1000));
  }
  parts_.pace.wait(jittered);
}

// An address that may not be used is the user's own, or the platform's.
Error Api::told(Error error, const std::string& what, bool authorized) const {
  error.what = what + ": " + parts_.redact(error.what);
  if (error.code == ErrorCode::kInvalidArgument && !authorized) error.code = ErrorCode::kRefused;
  return error;
}

Result<HttpResponse> Api::send_patiently(const HttpRequest& request, const std::string& what,
                                         Want want, const CallOptions& options) {
  unsigned limited = 0;
  unsigned answered = 0;
  unsigned unanswered = 0;
  for (;;) {
    auto response = parts_.http.send(request);
    Error error;
    if (!response) {
      error = told(response.error(), what, request.authorized);
      if (error.code != ErrorCode::kNetwork) return std::unexpected(std::move(error));
      if (options.once && !parts_.http.unsent()) {
        error.what += " (it may have been done all the same)";
        return std::unexpected(std::move(error));
      }
      ++unanswered;
    } else if (is_rate_limited(response->status)) {
      // It passes by itself, and is obeyed as often as it is met.
      wait(rate_limit_wait_ms(response->headers, parts_.clock.now(), ++limited),
           what + ": the rate limit is reached");
      continue;
    } else {
      ++answered;
      const int status = response->status;
      const bool success = status >= 200 && status < 300;
      const bool garbled = success && want == Want::kJson && !is_json(response->body);
      if ((success || std::ranges::count(options.tolerated, status) > 0) && !garbled)
        return response;
      error = status_error(what, *response, parts_.redact, request.authorized);
      if (garbled) {
        error = {.code = ErrorCode::kNetwork,
                 .what = fmt::format("{}: HTTP {} without JSON: {}", what, status,
                                     explain_body(response->body, parts_.redact))};
      }
      // A 503 says that nothing was done; the other 5xx do not.
      const bool again = (is_worth_retrying(status) && (!options.once || status == 503)) ||
                         (garbled && !options.once);
      if (!again) return std::unexpected(std::move(error));
    }
    if (answered >= kAttemptsMax || unanswered >= kUnansweredMax) {
      error.what += fmt::format(" (gave up after {} attempts)", answered + unanswered);
      return std::unexpected(std::move(error));
    }
    wait(response ? server_error_wait_ms(response->headers, answered) : network_wait_ms(unanswered),
         error.what);
  }
}

Result<ApiReply> Api::call(HttpRequest request, const std::string& what,
                           const CallOptions& options) {
  request.url = parts_.base_url + request.url;
  request.authorized = true;
  const std::int64_t used_up_ms = not_before_ms_ - parts_.clock.steady_ms();
  if (used_up_ms > 0) wait(used_up_ms, "the rate limit's window is used up");
  RECANT_ASSIGN(auto response, send_patiently(request, what, Want::kJson, options));
  const std::int64_t exhausted_ms = exhausted_wait_ms(response.headers, parts_.clock.now());
  not_before_ms_ = exhausted_ms > 0 ? parts_.clock.steady_ms() + exhausted_ms : 0;
  return ApiReply{.status = response.status,
                  .headers = std::move(response.headers),
                  .body = nlohmann::json::parse(response.body, nullptr, false)};
}

Result<HttpResponse> Api::call_foreign(const HttpRequest& request, const std::string& what,
                                       const CallOptions& options) {
  return send_patiently(request, what, Want::kAnything, options);
}

Result<HttpResponse> Api::call_foreign_once(const HttpRequest& request, const std::string& what) {
  auto response = parts_.http.send(request);
  if (response) return response;
  return std::unexpected(told(std::move(response).error(), what, request.authorized));
}

}  // namespace recant::feed
