// The options and connections of every command that talks to the platform.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "engine/feed/api.h"

namespace recant::cli {

inline constexpr const char* kUserAgent = "recant/" RECANT_VERSION;

struct NetworkOptions {
  std::string api_url = "https://api.x.com";
  std::string token_file{};
  std::optional<int> token_descriptor{};
  std::string ca_file{};
  bool allow_http = false;
};

/// The files with secrets and certificates, as inputs.
[[nodiscard]] std::vector<std::string> files_of(const NetworkOptions& options);

/// Adds --api-url, --token-file, --token-fd, --ca-file and --allow-http.
void add_network(CLI::App* command, NetworkOptions& options);

/// An Api and all that it needs. Open the inputs first: afterwards the process leaves no core file,
/// and, unless it is root's, can no longer open /dev/stdin by its name.
class ApiConnection {
 public:
  /// Errors: kInvalidArgument (the URL), kRefused (no token, or one that others may read).
  [[nodiscard]] static Result<std::unique_ptr<ApiConnection>> open(Context& context,
                                                                   const NetworkOptions& options);
  [[nodiscard]] feed::Api& api() { return *api_; }

 private:
  ApiConnection() = default;
  feed::Redactor redact_;
  std::unique_ptr<feed::HttpClient> http_;
  std::unique_ptr<feed::Pace> pace_;
  std::optional<feed::Api> api_;
};

}  // namespace recant::cli
