// A server that speaks bytes: for what no well-behaved HTTP server can be made to say.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace recant::platform {

class RawServer {
 public:
  /// What a connection's script speaks through.
  class Peer {
   public:
    Peer(int descriptor, const std::atomic<bool>& ending)
        : descriptor_(descriptor), ending_(ending) {}
    void send(std::string_view bytes) const;
    /// Until the client has hung up, or the server ends.
    void await_close() const;

   private:
    int descriptor_;
    const std::atomic<bool>& ending_;
  };
  /// Called once a connection, on a thread of its own, after the request's headers have come.
  using Script = std::function<void(const std::string& request, const Peer& peer)>;

  explicit RawServer(Script script);
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;
  ~RawServer();

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  /// The request lines and headers that came.
  [[nodiscard]] std::vector<std::string> requests() const;

 private:
  void accept_all();
  void serve(int descriptor);

  Script script_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> ending_ = false;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::vector<std::thread> serving_;
  std::thread accepting_;
};

}  // namespace recant::platform
