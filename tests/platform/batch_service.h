// Batch compliance jobs of the fake platform: the API on one server, the signed uploads and
// downloads on another. Source: the platform's reference, section 3.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/platform/server.h"

namespace recant::platform {

struct BatchScript {
  std::string token = "token";
  /// The result line of an id without its newline; nothing where the id needs no action.
  std::function<std::optional<std::string>(const std::string& id)> result_of{};
  unsigned polls_in_progress = 1;  ///< before a job is complete
  bool expire = false;             ///< jobs expire instead of taking an upload
  std::string fail_with{};         ///< jobs fail with this
  /// A resumable upload's PUT ends with 503 after so many bytes, so many times.
  std::size_t cut_upload_after = 0;
  unsigned upload_cuts = 0;
  unsigned slow_uploads = 0;  ///< so many uploads are read 4 KiB at a time, 20 ms apart
  /// The download ends in the middle, so many times.
  unsigned download_cuts = 0;
  bool undelimited_download = false;  ///< a body whose end is the connection's
  std::string created_at = "2026-03-01T10:00:00.000Z";
};

class BatchService {
 public:
  BatchService(Server& api, Server& storage, BatchScript script);
  BatchService(const BatchService&) = delete;
  BatchService& operator=(const BatchService&) = delete;
  /// Stops both servers: an upload whose sender was killed may still be read.
  ~BatchService();

  /// Every id uploaded to a job, in order.
  [[nodiscard]] std::vector<std::string> uploaded(const std::string& job) const;
  /// A job that exists when the platform starts.
  void add_job(const std::string& id, const std::string& status);
  [[nodiscard]] std::size_t job_count() const;

 private:
  struct Job {
    std::string id{};
    std::string type = "tweets";
    std::string name{};
    bool resumable = false;
    std::string status = "created";
    std::string upload{};
    unsigned polls = 0;
  };

  bool authorized(const httplib::Request& request, httplib::Response& response) const;
  [[nodiscard]] std::string job_json(const Job& job) const;
  void create(const httplib::Request& request, httplib::Response& response);
  void get(const httplib::Request& request, httplib::Response& response);
  void list(const httplib::Request& request, httplib::Response& response);
  void start_upload(const httplib::Request& request, httplib::Response& response);
  void upload(const httplib::Request& request, httplib::Response& response,
              const httplib::ContentReader& read);
  void download(const httplib::Request& request, httplib::Response& response);
  void received(Job& job);
  [[nodiscard]] std::string results(const Job& job) const;

  Server& api_;
  Server& storage_;
  BatchScript script_;
  std::atomic<int> slow_uploads_;
  mutable std::mutex mutex_;
  std::map<std::string, Job> jobs_;
  std::uint64_t next_id_ = 1425543269983784962;
};

}  // namespace recant::platform
