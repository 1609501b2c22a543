#include "tests/platform/server.h"

namespace recant::platform {

Server::Server(const CertificateFiles* certificate) : tls_(certificate != nullptr) {
  if (tls_) {
    http_ = std::make_unique<httplib::SSLServer>(certificate->certificate.c_str(),
                                                 certificate->key.c_str());
  } else {
    http_ = std::make_unique<httplib::Server>();
  }
  // A stream keeps its thread for as long as it lasts.
  http_->new_task_queue = [] { return new httplib::ThreadPool(40); };
  http_->set_keep_alive_timeout(1);
  http_->set_tcp_nodelay(true);
  http_->set_pre_routing_handler(
      [this](const httplib::Request& request, httplib::Response& response) {
        return before(request, response);
      });
  port_ = http_->bind_to_any_port("127.0.0.1");
}

Server::~Server() { stop(); }

void Server::start() {
  thread_ = std::thread([this] { http_->listen_after_bind(); });
  while (!http_->is_running()) std::this_thread::yield();
}

void Server::stop() {
  stopping_ = true;
  if (!thread_.joinable()) return;
  http_->stop();
  thread_.join();
}

std::string Server::url() const {
  return (tls_ ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port_);
}

void Server::fail_next(const std::string& prefix, Fault fault, unsigned times) {
  const std::lock_guard guard(mutex_);
  planned_.push_back({prefix, std::move(fault), times});
}

std::vector<SeenRequest> Server::seen() const {
  const std::lock_guard guard(mutex_);
  return seen_;
}

std::vector<SeenRequest> Server::seen(const std::string& method, const std::string& prefix) const {
  std::vector<SeenRequest> matching;
  for (const SeenRequest& request : seen()) {
    if (request.method == method && request.target.starts_with(prefix)) matching.push_back(request);
  }
  return matching;
}

httplib::Server::HandlerResponse Server::before(const httplib::Request& request,
                                                httplib::Response& response) {
  const std::lock_guard guard(mutex_);
  seen_.push_back({request.method, request.target, request.headers, {}});
  for (auto planned = planned_.begin(); planned != planned_.end(); ++planned) {
    if (!request.target.starts_with(planned->prefix)) continue;
    response.status = planned->fault.status;
    for (const auto& [name, value] : planned->fault.headers) response.set_header(name, value);
    response.set_content(planned->fault.body, planned->fault.content_type);
    if (--planned->times == 0) planned_.erase(planned);
    return httplib::Server::HandlerResponse::Handled;
  }
  return httplib::Server::HandlerResponse::Unhandled;
}

}  // namespace recant::platform
