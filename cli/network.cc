#include "cli/network.h"

#include "cli/options.h"
#include "engine/feed/url.h"

namespace recant::cli {
namespace {

// "https://host/" and "https://host" are the same place.
std::string without_last_slash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

}  // namespace

std::vector<std::string> files_of(const NetworkOptions& options) {
  return {options.token_file, options.ca_file};
}

void add_network(CLI::App* command, NetworkOptions& options) {
  command
      ->add_option("--api-url", options.api_url,
                   "where the platform's API is (default https://api.x.com)")
      ->option_text("URL");
  command
      ->add_option("--token-file", options.token_file,
                   "a file with the bearer token, mode 0600 or tighter (else $RECANT_TOKEN)")
      ->option_text("FILE");
  command
      ->add_option("--token-fd", options.token_descriptor,
                   "read the bearer token from descriptor N")
      ->check(refuse_negative)
      ->option_text("N");
  command
      ->add_option("--ca-file", options.ca_file,
                   "certificates to trust instead of the system's, PEM")
      ->option_text("FILE");
  command->add_flag("--allow-http", options.allow_http,
                    "allow http to loopback addresses (for trying things out)");
}

Result<std::unique_ptr<ApiConnection>> ApiConnection::open(Context& context,
                                                           const NetworkOptions& options) {
  const std::string base_url = without_last_slash(options.api_url);
  RECANT_ASSIGN(const feed::Url url, feed::parse_url(base_url, options.allow_http));
  RECANT_ASSIGN(auto token, feed::load_secret({.name = "token",
                                               .file = options.token_file,
                                               .descriptor = options.token_descriptor,
                                               .variable = "RECANT_TOKEN"}));
  if (!token) {
    return fail(ErrorCode::kRefused,
                "no token: the platform wants to know who asks (give --token-file, or set "
                "RECANT_TOKEN)");
  }
  feed::forbid_core_files();
  std::unique_ptr<ApiConnection> connection(new ApiConnection);
  connection->redact_.add(*token);
  connection->pace_ = feed::make_pace();
  feed::HttpSettings settings;
  settings.credential.scheme = feed::Credential::Scheme::kBearer;
  settings.credential.secret = *std::move(token);
  settings.credential.origin = url.origin;
  settings.user_agent = kUserAgent;
  settings.ca_file = options.ca_file;
  settings.allow_http = options.allow_http;
  RECANT_ASSIGN(connection->http_, feed::make_http_client(std::move(settings)));
  connection->api_.emplace(
      feed::ApiParts{.http = *connection->http_,
                     .clock = io::real_clock(),
                     .pace = *connection->pace_,
                     .redact = connection->redact_,
                     .base_url = base_url,
                     .on_wait = [&context](std::string_view text) { context.talk.say(text); }});
  return connection;
}

}  // namespace recant::cli
