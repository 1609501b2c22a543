#include "tests/platform/stream_service.h"

#include <zlib.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <memory>
#include <thread>

namespace recant::platform {
namespace {

using namespace std::chrono;

std::string time_text(std::int64_t ms) {
  const std::time_t seconds = ms / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[40];
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text + size, sizeof text - size, ".%03dZ", static_cast<int>(ms % 1000));
  return text;
}

std::string line_of(const std::string& source, std::uint64_t id, std::int64_t at) {
  const std::string text = std::to_string(id);
  const std::string when = R"("event_at":")" + time_text(at) + "\"";
  if (source == "v2-tweets") {
    return R"({"data":{"delete":{"tweet":{"id":")" + text + R"(","author_id":"7"},)" + when + "}}}";
  }
  if (source == "v2-users") {
    return R"({"data":{"user_protect":{"user":{"id":")" + text + R"("},)" + when + "}}}";
  }
  if (source == "v2-likes") {
    return R"({"data":{"delete":{"favorite":{"id":")" + text + R"(","user_id":"9"},)" + when +
           "}}}";
  }
  return R"({"delete":{"status":{"id":)" + text + R"(,"id_str":")" + text +
         R"(","user_id":7,"user_id_str":"7"},"timestamp_ms":")" + std::to_string(at) + R"("}})";
}

std::string basic_header(const std::string& user_and_password) {
  const std::size_t colon = user_and_password.find(':');
  return httplib::make_basic_authentication_header(user_and_password.substr(0, colon),
                                                   user_and_password.substr(colon + 1))
      .second;
}

/// One endless gzip member, flushed after each piece.
class Gzip {
 public:
  Gzip() { deflateInit2(&stream_, 1, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY); }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;
  ~Gzip() { deflateEnd(&stream_); }
  std::string flush(const std::string& plain) {
    std::string out(plain.size() + 64, '\0');
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
    stream_.avail_in = static_cast<uInt>(plain.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    deflate(&stream_, Z_SYNC_FLUSH);
    out.resize(out.size() - stream_.avail_out);
    return out;
  }

 private:
  z_stream stream_{};
};

}  // namespace

/// What one connection still has to send.
class StreamService::Sending {
 public:
  Sending(StreamService& service, std::string source, unsigned partition, std::size_t first,
          bool gzip, std::size_t cut_after)
      : service_(service),
        source_(std::move(source)),
        partition_(partition),
        next_(first),
        cut_after_(cut_after) {
    if (gzip) gzip_ = std::make_unique<Gzip>();
  }

  bool send(httplib::DataSink& sink) {
    if (service_.server_.stopping()) return false;
    const auto due = static_cast<std::size_t>(
        std::max<std::int64_t>(service_.age_ms() / service_.script_.line_every_ms, 0));
    std::string plain;
    const std::size_t end = std::min<std::size_t>(due, service_.script_.lines);
    for (std::size_t count = 0; next_ < end && count < 50; ++count) {
      const std::string line = service_.line(source_, partition_, next_++) + "\r\n";
      plain += line;
      if (next_ % 7 == 0) plain += line;  // duplicates happen
    }
    if (plain.empty()) {
      std::this_thread::sleep_for(milliseconds(5));
      if (steady_clock::now() - last_ < milliseconds(service_.script_.keep_alive_ms)) return true;
      plain = "\r\n";
    }
    last_ = steady_clock::now();
    std::string bytes = gzip_ ? gzip_->flush(plain) : plain;
    // In the middle of a line, of a character or of a gzip block: wherever it happens to be.
    const bool cut = cut_after_ != 0 && sent_ + bytes.size() >= cut_after_ && !service_.calm_;
    if (cut) bytes.resize(cut_after_ - sent_);
    sent_ += bytes.size();
    if (!bytes.empty() && !sink.write(bytes.data(), bytes.size())) return false;
    return !cut;
  }

 private:
  StreamService& service_;
  std::string source_;
  unsigned partition_;
  std::size_t next_;
  std::size_t cut_after_;
  std::size_t sent_ = 0;
  std::unique_ptr<Gzip> gzip_;
  steady_clock::time_point last_ = steady_clock::now();
};

StreamService::StreamService(Server& server, StreamScript script)
    : server_(server),
      script_(std::move(script)),
      begin_wall_ms_(duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count() -
                     script_.begin_minutes_ago * 60'000),
      begin_(steady_clock::now()),
      random_(script_.seed) {
  const auto add = [this](const char* path, const char* source) {
    server_.http().Get(path, [this, source](const auto& request, auto& response) {
      answer(source, request, response);
    });
  };
  add("/2/tweets/compliance/stream", "v2-tweets");
  add("/2/users/compliance/stream", "v2-users");
  add("/2/likes/compliance/stream", "v2-likes");
  add(kFirehosePath, "firehose");
}

std::int64_t StreamService::age_ms() const {
  return duration_cast<milliseconds>(steady_clock::now() - begin_).count();
}

std::vector<std::string> StreamService::lines(const std::string& source, unsigned partition) const {
  std::vector<std::string> all;
  for (unsigned i = 0; i < script_.lines; ++i) all.push_back(line(source, partition, i));
  return all;
}

std::string StreamService::line(const std::string& source, unsigned partition,
                                std::size_t index) const {
  std::uint64_t id = 1'500'000'000'000'000'000 + partition * 1'000'000ULL + index;
  for (const char c : source) id += static_cast<unsigned char>(c) * 1'000'000'000ULL;
  return line_of(source, id,
                 begin_wall_ms_ + static_cast<std::int64_t>(index) * script_.line_every_ms);
}

int StreamService::refusal(const std::string& source, const httplib::Request& request) {
  const bool firehose = source == "firehose";
  const std::string wanted = firehose ? basic_header(script_.basic) : "Bearer " + script_.token;
  if (request.get_header_value("Authorization") != wanted) return 401;
  const unsigned partitions = source == "v2-likes" ? 0 : (firehose ? 8U : 4U);
  const std::string partition = request.get_param_value("partition");
  if (partitions > 0 && (partition.size() != 1 || partition[0] < '1' ||
                         partition[0] > static_cast<char>('0' + partitions))) {
    return 400;
  }
  if (firehose && request.get_header_value("Accept-Encoding").find("gzip") == std::string::npos) {
    return 406;
  }
  const char* backfill = firehose ? "backfillMinutes" : "backfill_minutes";
  if (request.has_param(backfill) && !script_.takes_backfill) return 400;
  if (request.has_param("start_time") && !script_.takes_range) return 400;
  const std::lock_guard guard(mutex_);
  if (script_.refusals_in == 0 || calm_ || random_() % script_.refusals_in != 0) return 0;
  return 503;
}

void StreamService::answer(const std::string& source, const httplib::Request& request,
                           httplib::Response& response) {
  ++connections_;
  if (const int status = refusal(source, request); status != 0) {
    response.status = status;
    response.set_content(R"({"title":"refused","detail":"no","type":"about:blank"})",
                         "application/json");
    return;
  }
  const unsigned partition =
      request.has_param("partition")
          ? static_cast<unsigned>(request.get_param_value("partition")[0] - '0')
          : 1;
  if (request.has_param("start_time")) return answer_range(source, partition, request, response);
  std::int64_t again_ms = 0;
  for (const char* backfill : {"backfill_minutes", "backfillMinutes"}) {
    if (request.has_param(backfill))
      again_ms = std::stoll(request.get_param_value(backfill)) * 60'000;
  }
  const auto first = static_cast<std::size_t>(std::max<std::int64_t>(age_ms() - again_ms, 0) /
                                              script_.line_every_ms);
  std::size_t cut_after = 0;
  {
    const std::lock_guard guard(mutex_);
    const bool cut = script_.cuts_in != 0 && random_() % script_.cuts_in == 0;
    if (cut) cut_after = 1 + random_() % 3000;
  }
  const bool gzip = script_.gives_gzip &&
                    request.get_header_value("Accept-Encoding").find("gzip") != std::string::npos;
  auto sending = std::make_shared<Sending>(*this, source, partition, first, gzip, cut_after);
  if (gzip) response.set_header("Content-Encoding", "gzip");
  // Not "application/json": that httplib would compress by itself, and keep back what is in it.
  response.set_chunked_content_provider(
      "application/json; charset=utf-8",
      [sending](std::size_t, httplib::DataSink& sink) { return sending->send(sink); });
}

// The lines of a range once more, and then a proper end.
void StreamService::answer_range(const std::string& source, unsigned partition,
                                 const httplib::Request& request, httplib::Response& response) {
  const std::string start = request.get_param_value("start_time");
  const std::string end = request.get_param_value("end_time");
  std::string body;
  const auto all = lines(source, partition);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string at =
        time_text(begin_wall_ms_ + static_cast<std::int64_t>(i) * script_.line_every_ms);
    if (at >= start && at < end) body += all[i] + "\r\n";
  }
  response.set_content(body, "application/json; charset=utf-8");
}

}  // namespace recant::platform
