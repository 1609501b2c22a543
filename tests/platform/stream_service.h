// Compliance streams of the fake platform: v2 tweets, users and likes, and the firehose. What is
// sent is made from a seed; so are the faults. Source: the platform's reference, section 2.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "tests/platform/server.h"

namespace recant::platform {

struct StreamScript {
  std::string token = "token";
  std::string basic = "user:password";
  std::uint64_t seed = 1;
  unsigned lines = 200;            ///< a partition, in all
  std::int64_t line_every_ms = 5;  ///< one comes out so often
  std::int64_t keep_alive_ms = 50;
  /// Of so many connections one is cut, and one refused; 0: none.
  unsigned cuts_in = 0;
  unsigned refusals_in = 0;
  bool takes_backfill = true;
  bool takes_range = true;             ///< start_time and end_time
  std::int64_t begin_minutes_ago = 0;  ///< of the lines' own times; they come out now all the same
  bool gives_gzip = true;              ///< where it is asked for
};

class StreamService {
 public:
  StreamService(Server& server, StreamScript script);
  StreamService(const StreamService&) = delete;
  StreamService& operator=(const StreamService&) = delete;
  /// Stops the server: its connections are answered from here.
  ~StreamService() { server_.stop(); }

  /// The path of the firehose, without its partition.
  static constexpr const char* kFirehosePath =
      "/stream/compliance/accounts/a/publishers/twitter/prod.json";

  /// Every line of a partition, as it goes over the wire, without its end.
  [[nodiscard]] std::vector<std::string> lines(const std::string& source, unsigned partition) const;
  /// The line at `index` of them.
  [[nodiscard]] std::string line(const std::string& source, unsigned partition,
                                 std::size_t index) const;
  /// From now on no connection is cut or refused.
  void calm() { calm_ = true; }
  [[nodiscard]] unsigned connections() const { return connections_; }

 private:
  class Sending;
  void answer(const std::string& source, const httplib::Request& request,
              httplib::Response& response);
  void answer_range(const std::string& source, unsigned partition, const httplib::Request& request,
                    httplib::Response& response);
  [[nodiscard]] int refusal(const std::string& source, const httplib::Request& request);
  [[nodiscard]] std::int64_t age_ms() const;

  Server& server_;
  StreamScript script_;
  std::int64_t begin_wall_ms_;
  std::chrono::steady_clock::time_point begin_;
  std::atomic<bool> calm_ = false;
  std::atomic<unsigned> connections_ = 0;
  std::mutex mutex_;
  std::mt19937_64 random_;
};

}  // namespace recant::platform
