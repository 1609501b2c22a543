#include "engine/feed/url.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <memory>

namespace recant::feed {
namespace {

struct FreeUrl {
  void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
};

std::string part(CURLU* url, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, which, &text, flags) != CURLUE_OK) return {};
  std::string copy = text;
  curl_free(text);
  std::ranges::transform(copy, copy.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return copy;
}

bool is_loopback(const std::string& host) {
  if (host == "localhost" || host == "[::1]") return true;
  in_addr address{};
  return inet_pton(AF_INET, host.c_str(), &address) == 1 && (ntohl(address.s_addr) >> 24) == 127;
}

// What of a URL may be shown: neither a signed one's query, nor a user and password.
std::string shown(const std::string& text) {
  const std::string before = text.substr(0, text.find_first_of("?#"));
  return before.find('@') == std::string::npos ? before : "the URL with an @";
}

}  // namespace

Result<Url> parse_url(const std::string& text, bool allow_http) {
  const std::unique_ptr<CURLU, FreeUrl> url(curl_url());
  if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(),
                           CURLU_NON_SUPPORT_SCHEME | CURLU_DISALLOW_USER) != CURLUE_OK) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("{}: not a URL like https://host (without user and password)", shown(text)));
  }
  const std::string scheme = part(url.get(), CURLUPART_SCHEME);
  Url parsed;
  parsed.host = part(url.get(), CURLUPART_HOST);
  parsed.loopback = is_loopback(parsed.host);
  parsed.https = scheme == "https";
  if (!parsed.https && !(scheme == "http" && allow_http && parsed.loopback)) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: not https (--allow-http allows http, to loopback addresses only)",
                            shown(text)));
  }
  const std::string port = part(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  const bool usual = port == (parsed.https ? "443" : "80");
  parsed.origin = scheme + "://" + parsed.host + (usual ? "" : ":" + port);
  return parsed;
}

std::string url_escape(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = std::isalnum(byte) != 0 || c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      escaped += c;
    } else {
      escaped += fmt::format("%{:02X}", byte);
    }
  }
  return escaped;
}

}  // namespace recant::feed
