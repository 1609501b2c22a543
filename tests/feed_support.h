// What tests of the feeds share: time that passes at once, a platform on two servers, and a client.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/feed/api.h"
#include "tests/platform/server.h"
#include "tests/temporary_directory.h"

namespace recant::feed_test {

/// A clock that only waiting moves.
class VirtualTime final : public io::Clock, public feed::Pace {
 public:
  Time now() override { return wall_ms + passed_ms; }
  std::int64_t steady_ms() override { return passed_ms; }
  void wait(std::int64_t ms) override {
    waits.push_back(ms);
    passed_ms += ms;
  }
  double chance() override { return 0; }

  Time wall_ms = 1'772'359'200'000;  // 2026-03-01T10:00:00Z
  std::int64_t passed_ms = 0;
  std::vector<std::int64_t> waits;
};

inline constexpr const char* kToken = "canary-7d1f9c33ab";

/// An API server, a storage server, and an Api that talks to them over real sockets.
class World {
 public:
  explicit World(std::string ca_file = "", const platform::CertificateFiles* certificate = nullptr)
      : api_server(certificate), storage_server(certificate), ca_file_(std::move(ca_file)) {}

  void start() {
    api_server.start();
    storage_server.start();
    connect(api_server.url());
  }
  /// Talks to `base_url` from now on; the credential is for that origin.
  void connect(const std::string& base_url) {
    feed::HttpSettings settings{.credential = {.scheme = feed::Credential::Scheme::kBearer,
                                               .secret = feed::Secret(kToken),
                                               .origin = base_url},
                                .ca_file = ca_file_,
                                .allow_http = true};
    redact.add(settings.credential.secret);
    http = *feed::make_http_client(std::move(settings));
    api.emplace(
        feed::ApiParts{.http = *http,
                       .clock = time,
                       .pace = time,
                       .redact = redact,
                       .base_url = base_url,
                       .on_wait = [this](std::string_view text) { told.emplace_back(text); }});
  }

  platform::Server api_server;
  platform::Server storage_server;
  VirtualTime time;
  feed::Redactor redact;
  std::unique_ptr<feed::HttpClient> http;
  std::optional<feed::Api> api;
  std::vector<std::string> told;

 private:
  std::string ca_file_;
};

}  // namespace recant::feed_test
