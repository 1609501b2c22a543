#include "engine/feed/stream_sockets.h"

#include <algorithm>
#include <map>
#include <utility>

#include "engine/feed/curl_handle.h"
#include "engine/feed/stream_lines.h"
#include "store/io/file_system.h"

namespace recant::feed {
namespace {

using CurlMulti = std::unique_ptr<CURLM, FreeWith<curl_multi_cleanup>>;

constexpr std::size_t kErrorBodyMax = 4096;
// A refusal's body may have no end; its status says enough.
constexpr std::int64_t kErrorBodyMs = 2'000;

// We asked for gzip, and may be refused in it.
std::string plain_words(const std::string& body) {
  std::string words;
  StreamLines lines;
  (void)lines.add(body, [&words](const StreamLines::Line& line) { words += line.text; });
  words += lines.rest();
  return words.substr(0, kErrorBodyMax);
}

// Where the end of the body is not told, a cut looks like one.
bool is_delimited(CURL* easy, const Headers& headers) {
  long version = 0;
  curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
  return version >= CURL_HTTP_VERSION_2_0 || find_header(headers, "content-length").has_value() ||
         find_header(headers, "transfer-encoding").has_value();
}

class CurlSockets;

struct Connection {
  std::size_t slot = 0;
  CurlSockets* owner = nullptr;
  CurlTransfer transfer{};
  HeaderCollector collector{};
  std::string error_body{};
  int status = 0;
  bool told = false;             ///< on_response was called
  std::int64_t refused_ms = -1;  ///< when the headers of a refusal had come
};

class CurlSockets final : public StreamSockets {
 public:
  explicit CurlSockets(CurlMulti multi) : multi_(std::move(multi)) {}
  ~CurlSockets() override {
    while (!connections_.empty()) CurlSockets::close(connections_.begin()->first);
  }

  Result<void> open(std::size_t slot, const HttpSettings& settings,
                    const HttpRequest& request) override {
    RECANT_ASSIGN(auto transfer, make_transfer(settings, request));
    auto connection = std::make_unique<Connection>();
    connection->slot = slot;
    connection->owner = this;
    connection->transfer = std::move(transfer);
    CURL* easy = connection->transfer.easy.get();
    // One connection a stream: what is paused must not hold up another.
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    // Whoever hangs up while a name is looked up does not wait for the answer.
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &CurlSockets::on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, connection.get());
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &CurlSockets::on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, connection.get());
    curl_easy_setopt(easy, CURLOPT_PRIVATE, connection.get());
    if (curl_multi_add_handle(multi_.get(), easy) != CURLM_OK) {
      return fail(ErrorCode::kIo, "cannot open a stream: libcurl takes no more connections");
    }
    connections_[slot] = std::move(connection);
    return {};
  }

  void close(std::size_t slot) override {
    const auto found = connections_.find(slot);
    if (found == connections_.end()) return;
    curl_multi_remove_handle(multi_.get(), found->second->transfer.easy.get());
    connections_.erase(found);
  }

  void resume(std::size_t slot) override {
    const auto found = connections_.find(slot);
    if (found != connections_.end()) {
      curl_easy_pause(found->second->transfer.easy.get(), CURLPAUSE_CONT);
    }
  }

  void poll(std::int64_t timeout_ms, StreamHandler& handler) override {
    handler_ = &handler;
    perform();
    const auto wait = static_cast<int>(std::clamp<std::int64_t>(timeout_ms, 0, 1000));
    curl_multi_poll(multi_.get(), nullptr, 0, wait, nullptr);
    perform();
    end_refusals();
  }

  void wake() override { curl_multi_wakeup(multi_.get()); }

 private:
  static std::size_t on_header(char* data, std::size_t size, std::size_t count,
                               void* user) noexcept {
    auto& connection = *static_cast<Connection*>(user);
    const std::string_view line(data, size * count);
    return connection.owner->thrown_.catching([&] { return header_came(connection, line); });
  }
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) noexcept {
    auto& connection = *static_cast<Connection*>(user);
    const std::string_view bytes(data, size * count);
    return connection.owner->thrown_.catching([&] { return body_came(connection, bytes); });
  }

  static std::size_t header_came(Connection& connection, std::string_view line) {
    if (!connection.collector.add(line)) return 0;
    const bool end = line == "\r\n" || line == "\n";
    if (end) connection.owner->headers_came(connection);
    return line.size();
  }

  static std::size_t body_came(Connection& connection, std::string_view bytes) {
    if (connection.status != 200) {
      connection.error_body += bytes.substr(0, kErrorBodyMax - connection.error_body.size());
      return connection.error_body.size() < kErrorBodyMax ? bytes.size() : 0;
    }
    const bool taken = connection.owner->handler_->on_bytes(connection.slot, bytes);
    return taken ? bytes.size() : CURL_WRITEFUNC_PAUSE;
  }

  void headers_came(Connection& connection) {
    long status = 0;
    curl_easy_getinfo(connection.transfer.easy.get(), CURLINFO_RESPONSE_CODE, &status);
    if (connection.told) return;  // these are trailers
    connection.status = static_cast<int>(status);
    if (connection.status >= 300) connection.refused_ms = io::real_clock().steady_ms();
    if (connection.status != 200) return;
    connection.told = true;
    handler_->on_response(connection.slot, 200, connection.collector.headers(), {});
  }

  void perform() {
    int running = 0;
    curl_multi_perform(multi_.get(), &running);
    thrown_.rethrow();
    tell_ends();
  }

  void tell_ends() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const CURLcode code = message->data.result;
      Connection* connection = nullptr;
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &connection);
      tell_end(*connection, code);
    }
  }

  void end_refusals() {
    const std::int64_t now = io::real_clock().steady_ms();
    for (auto each = connections_.begin(); each != connections_.end();) {
      Connection& connection = *(each++)->second;  // telling takes it out
      const bool refused = connection.refused_ms >= 0;
      if (refused && now - connection.refused_ms >= kErrorBodyMs) tell_end(connection, CURLE_OK);
    }
  }

  void tell_end(Connection& ended, CURLcode code) {
    const std::size_t slot = ended.slot;
    curl_multi_remove_handle(multi_.get(), ended.transfer.easy.get());
    const auto connection = std::move(connections_[slot]);
    connections_.erase(slot);
    if (connection->status >= 300 && !connection->told) {
      return handler_->on_response(slot, connection->status, connection->collector.headers(),
                                   plain_words(connection->error_body));
    }
    const std::string why = connection->collector.too_many() ? "its headers have no end" : "";
    const Error error = transfer_error(code, connection->transfer, why);
    Close close = Close::kCut;
    const bool proper = code == CURLE_OK && connection->status == 200;
    const Headers& headers = connection->collector.headers();
    if (proper && is_delimited(connection->transfer.easy.get(), headers)) close = Close::kEnded;
    if (failed_before_sending(code)) close = Close::kNotReached;
    if (is_tls_refusal(code)) close = Close::kTlsRefused;
    handler_->on_closed(slot, close, proper ? "the server ended the stream" : error.what);
  }

  CurlMulti multi_;
  std::map<std::size_t, std::unique_ptr<Connection>> connections_;
  StreamHandler* handler_ = nullptr;
  ThrownInCallback thrown_;
};

}  // namespace

std::unique_ptr<StreamSockets> StreamSockets::make() {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  CurlMulti multi(curl_multi_init());
  return multi ? std::make_unique<CurlSockets>(std::move(multi)) : nullptr;
}

}  // namespace recant::feed
