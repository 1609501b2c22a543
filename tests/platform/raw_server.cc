#include "tests/platform/raw_server.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace recant::platform {
namespace {

constexpr int kPollMs = 50;

bool readable(int descriptor) {
  pollfd wanted{.fd = descriptor, .events = POLLIN, .revents = 0};
  return ::poll(&wanted, 1, kPollMs) == 1;
}

}  // namespace

void RawServer::Peer::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t put = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
}

void RawServer::Peer::await_close() const {
  char byte = 0;
  while (!ending_) {
    if (readable(descriptor_) && ::recv(descriptor_, &byte, 1, 0) <= 0) return;
  }
}

RawServer::RawServer(Script script) : script_(std::move(script)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, any, size) != 0 || ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, any, &size) != 0) {
    std::abort();
  }
  port_ = ntohs(address.sin_port);
  accepting_ = std::thread([this] { accept_all(); });
}

RawServer::~RawServer() {
  ending_ = true;
  accepting_.join();
  for (std::thread& each : serving_) each.join();
  ::close(listener_);
}

std::vector<std::string> RawServer::requests() const {
  const std::lock_guard guard(mutex_);
  return requests_;
}

void RawServer::accept_all() {
  while (!ending_) {
    if (!readable(listener_)) continue;
    const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (descriptor >= 0) serving_.emplace_back([this, descriptor] { serve(descriptor); });
  }
}

void RawServer::serve(int descriptor) {
  std::string request;
  char buffer[4096];
  while (!ending_ && request.find("\r\n\r\n") == std::string::npos) {
    if (!readable(descriptor)) continue;
    const ssize_t got = ::recv(descriptor, buffer, sizeof buffer, 0);
    if (got <= 0) break;
    request.append(buffer, static_cast<std::size_t>(got));
  }
  {
    const std::lock_guard guard(mutex_);
    requests_.push_back(request);
  }
  script_(request, Peer(descriptor, ending_));
  ::close(descriptor);
}

}  // namespace recant::platform
