#include "engine/feed/curl_handle.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <mutex>

#include "engine/feed/url.h"

namespace recant::feed {
namespace {

void init_curl() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

template <class Value>
bool set(CURL* easy, CURLoption option, Value value) {
  return curl_easy_setopt(easy, option, value) == CURLE_OK;
}

// libcurl itself would send these to any host: that the URL is of the credential's origin was
// checked, and redirects are off.
bool set_credential(CURL* easy, const Credential& credential) {
  const std::string& secret = credential.secret.reveal();
  if (credential.scheme == Credential::Scheme::kBearer) {
    return set(easy, CURLOPT_HTTPAUTH, CURLAUTH_BEARER) &&
           set(easy, CURLOPT_XOAUTH2_BEARER, secret.c_str());
  }
  return set(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC) && set(easy, CURLOPT_USERPWD, secret.c_str());
}

bool set_safety(CURL* easy, const HttpSettings& settings, const Url& url) {
  bool ok = set(easy, CURLOPT_FOLLOWLOCATION, 0L) && set(easy, CURLOPT_SSL_VERIFYPEER, 1L) &&
            set(easy, CURLOPT_SSL_VERIFYHOST, 2L) && set(easy, CURLOPT_NOSIGNAL, 1L) &&
            set(easy, CURLOPT_PROTOCOLS_STR, url.https ? "https" : "http") &&
            set(easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2) &&
            set(easy, CURLOPT_HTTP09_ALLOWED, 0L) &&
            set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(settings.connect_timeout_ms)) &&
            set(easy, CURLOPT_TCP_KEEPALIVE, 1L) &&
            set(easy, CURLOPT_USERAGENT, settings.user_agent.c_str());
  // A proxy of the environment would hear what is not encrypted.
  if (ok && url.loopback) ok = set(easy, CURLOPT_NOPROXY, "*");
  if (ok && !settings.ca_file.empty()) {
    ok = set(easy, CURLOPT_CAINFO, settings.ca_file.c_str()) &&
         set(easy, CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  }
  return ok;
}

bool add_headers(CurlTransfer& transfer, const HttpRequest& request) {
  // "Expect: 100-continue" costs a round trip, and some servers a second.
  std::vector<std::string> lines = {"Expect:"};
  for (const Header& header : request.headers) lines.push_back(header.name + ": " + header.value);
  for (const std::string& line : lines) {
    curl_slist* longer = curl_slist_append(transfer.headers.get(), line.c_str());
    if (longer == nullptr) return false;
    (void)transfer.headers.release();
    transfer.headers.reset(longer);
  }
  return set(transfer.easy.get(), CURLOPT_HTTPHEADER, transfer.headers.get());
}

}  // namespace

std::optional<std::string_view> find_header(const Headers& headers, std::string_view name) {
  std::optional<std::string_view> value;
  for (const Header& header : headers) {
    if (same_name(header.name, name)) value = header.value;
  }
  return value;
}

bool HeaderCollector::add(std::string_view line) {
  bytes_ += line.size();
  ++lines_;
  too_many_ = too_many_ || bytes_ > kBytesMax || lines_ > kCountMax;
  if (too_many_) return false;
  if (line.starts_with("HTTP/")) headers_.clear();  // what came before was of an interim response
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || line.starts_with("HTTP/")) return true;
  headers_.push_back(
      {std::string(trimmed(line.substr(0, colon))), std::string(trimmed(line.substr(colon + 1)))});
  return true;
}

Result<CurlTransfer> make_transfer(const HttpSettings& settings, const HttpRequest& request) {
  init_curl();
  RECANT_ASSIGN(const Url url, parse_url(request.url, settings.allow_http));
  if (request.authorized && (settings.credential.scheme == Credential::Scheme::kNone ||
                             url.origin != settings.credential.origin)) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: the credential is for {} alone, and is not sent there", url.host,
                            settings.credential.origin));
  }
  CurlTransfer transfer;
  transfer.host = url.host;
  transfer.easy.reset(curl_easy_init());
  transfer.error_text = std::make_unique<char[]>(CURL_ERROR_SIZE);
  CURL* easy = transfer.easy.get();
  const bool ok = easy != nullptr && set(easy, CURLOPT_ERRORBUFFER, transfer.error_text.get()) &&
                  set(easy, CURLOPT_URL, request.url.c_str()) && set_safety(easy, settings, url) &&
                  add_headers(transfer, request) &&
                  set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout_ms)) &&
                  (!request.authorized || set_credential(easy, settings.credential));
  if (!ok) return fail(ErrorCode::kIo, "cannot set up libcurl: out of memory, or it is too old");
  return transfer;
}

bool is_tls_refusal(CURLcode code) {
  return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE ||
         code == CURLE_SSL_ISSUER_ERROR || code == CURLE_SSL_CERTPROBLEM ||
         code == CURLE_SSL_INVALIDCERTSTATUS || code == CURLE_USE_SSL_FAILED;
}

bool failed_before_sending(CURLcode code) {
  return code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY ||
         code == CURLE_COULDNT_CONNECT || code == CURLE_SSL_CONNECT_ERROR || is_tls_refusal(code);
}

Error transfer_error(CURLcode code, const CurlTransfer& transfer, const std::string& why) {
  const std::string_view detail =
      transfer.error_text[0] != '\0' ? transfer.error_text.get() : curl_easy_strerror(code);
  if (is_tls_refusal(code)) {
    return {.code = ErrorCode::kRefused,
            .what = fmt::format("{}: TLS refused: {} (see the certificates; --ca-file names others "
                                "to trust)",
                                transfer.host, detail)};
  }
  return {.code = ErrorCode::kNetwork,
          .what = fmt::format("{}: {}", transfer.host, why.empty() ? detail : why)};
}

}  // namespace recant::feed
