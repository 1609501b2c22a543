// One HTTP server of the fake platform: it notes every request, and answers as it was told before
// its handlers are asked.
#pragma once

#include <httplib.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/platform/certificates.h"

namespace recant::platform {

/// What came over the wire.
struct SeenRequest {
  std::string method;
  std::string target;  ///< path and query, as they came
  httplib::Headers headers;
  std::string body;  ///< of POSTs alone
  [[nodiscard]] std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
  }
};

/// An answer given instead of the handler's.
struct Fault {
  int status = 503;
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  std::string content_type = "application/json";
};

class Server {
 public:
  /// Plain HTTP, or TLS with a certificate. Any port of 127.0.0.1.
  explicit Server(const CertificateFiles* certificate = nullptr);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  /// Handlers are added before start().
  [[nodiscard]] httplib::Server& http() { return *http_; }
  void start();
  void stop();
  [[nodiscard]] std::string url() const;

  /// The next `times` requests whose target begins with `prefix` get `fault`.
  void fail_next(const std::string& prefix, Fault fault, unsigned times = 1);
  [[nodiscard]] std::vector<SeenRequest> seen() const;
  [[nodiscard]] std::vector<SeenRequest> seen(const std::string& method,
                                              const std::string& prefix) const;
  [[nodiscard]] bool stopping() const { return stopping_; }

 private:
  struct Planned {
    std::string prefix;
    Fault fault;
    unsigned times;
  };
  httplib::Server::HandlerResponse before(const httplib::Request& request,
                                          httplib::Response& response);

  bool tls_;
  std::unique_ptr<httplib::Server> http_;
  int port_ = 0;
  std::thread thread_;
  std::atomic<bool> stopping_ = false;
  mutable std::mutex mutex_;
  std::deque<Planned> planned_;
  std::vector<SeenRequest> seen_;
};

}  // namespace recant::platform
