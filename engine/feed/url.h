// URLs that we may talk to.
#pragma once

#include <string>
#include <string_view>

#include "recant/error.h"

namespace recant::feed {

struct Url {
  std::string origin{};  ///< scheme://host[:port], lower case, without a default port
  std::string host{};    ///< for diagnostics: a signed URL's query is a secret
  bool loopback = false;
  bool https = false;
};

/// Errors: kInvalidArgument: not a URL; neither https nor, with `allow_http`, http to a loopback
/// address; a user or password in it. The query is never shown.
[[nodiscard]] Result<Url> parse_url(const std::string& text, bool allow_http);

/// `text` as the value of a query parameter.
[[nodiscard]] std::string url_escape(std::string_view text);

}  // namespace recant::feed
