#include "tests/platform/batch_service.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

namespace recant::platform {
namespace {

using nlohmann::json;

void problem(httplib::Response& response, int status, const std::string& title,
             const std::string& detail) {
  response.status = status;
  const json body = {{"title", title}, {"detail", detail}, {"type", "about:blank"}};
  response.set_content(body.dump(), "application/problem+json");
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace

BatchService::BatchService(Server& api, Server& storage, BatchScript script)
    : api_(api),
      storage_(storage),
      script_(std::move(script)),
      slow_uploads_(static_cast<int>(script_.slow_uploads)) {
  using httplib::Request;
  using httplib::Response;
  api.http().Post("/2/compliance/jobs", [this](const Request& request, Response& response) {
    if (authorized(request, response)) create(request, response);
  });
  api.http().Get("/2/compliance/jobs", [this](const Request& request, Response& response) {
    if (authorized(request, response)) list(request, response);
  });
  api.http().Get("/2/compliance/jobs/(\\d+)", [this](const Request& request, Response& response) {
    if (authorized(request, response)) get(request, response);
  });
  storage.http().Post("/submission/(\\d+)", [this](const Request& request, Response& response) {
    start_upload(request, response);
  });
  storage.http().Put(
      "/(submission|session)/(\\d+)",
      [this](const Request& request, Response& response, const httplib::ContentReader& read) {
        upload(request, response, read);
      });
  storage.http().Get("/delivery/(\\d+)", [this](const Request& request, Response& response) {
    download(request, response);
  });
}

BatchService::~BatchService() {
  api_.stop();
  storage_.stop();
}

std::vector<std::string> BatchService::uploaded(const std::string& job) const {
  const std::lock_guard guard(mutex_);
  return lines_of(jobs_.at(job).upload);
}

void BatchService::add_job(const std::string& id, const std::string& status) {
  const std::lock_guard guard(mutex_);
  jobs_[id] = {.id = id, .status = status};
}

std::size_t BatchService::job_count() const {
  const std::lock_guard guard(mutex_);
  return jobs_.size();
}

bool BatchService::authorized(const httplib::Request& request, httplib::Response& response) const {
  const std::string given = request.get_header_value("Authorization");
  if (given == "Bearer " + script_.token) return true;
  // A careless server: what it was told is in what it answers.
  problem(response, 401, "Unauthorized", "Unauthorized: " + given);
  return false;
}

std::string BatchService::job_json(const Job& job) const {
  json object = {{"id", job.id},
                 {"type", job.type},
                 {"status", job.status},
                 {"resumable", job.resumable},
                 {"created_at", script_.created_at},
                 {"upload_url", storage_.url() + "/submission/" + job.id +
                                    "?X-Goog-Expires=900&X-Goog-Signature=aa"},
                 {"upload_expires_at", "2026-03-01T10:15:00.000Z"},
                 {"download_url", storage_.url() + "/delivery/" + job.id +
                                      "?X-Goog-Expires=604800&X-Goog-Signature=bb"},
                 {"download_expires_at", "2026-03-08T10:00:00.000Z"}};
  if (!job.name.empty()) object["name"] = job.name;
  if (job.status == "failed") object["error"] = script_.fail_with;
  return object.dump();
}

void BatchService::create(const httplib::Request& request, httplib::Response& response) {
  const std::lock_guard guard(mutex_);
  const json body = json::parse(request.body, nullptr, false);
  if (!body.is_object() || request.get_header_value("Content-Type") != "application/json" ||
      (body.value("type", "") != "tweets" && body.value("type", "") != "users")) {
    problem(response, 400, "Invalid Request", "One or more parameters to your request was invalid");
    return;
  }
  Job job{.id = std::to_string(next_id_++),
          .type = body["type"],
          .name = body.value("name", ""),
          .resumable = body.value("resumable", false)};
  if (script_.expire) job.status = "expired";
  jobs_[job.id] = job;
  response.set_content(R"({"data":)" + job_json(job) + "}", "application/json");
}

void BatchService::get(const httplib::Request& request, httplib::Response& response) {
  const std::lock_guard guard(mutex_);
  const auto found = jobs_.find(request.matches[1]);
  if (found == jobs_.end()) {
    problem(response, 404, "Not Found Error", "Could not find job");
    return;
  }
  Job& job = found->second;
  response.set_content(R"({"data":)" + job_json(job) + "}", "application/json");
  if (job.status == "in_progress" && ++job.polls >= script_.polls_in_progress) {
    job.status = script_.fail_with.empty() ? "complete" : "failed";
  }
}

void BatchService::list(const httplib::Request& request, httplib::Response& response) {
  const std::lock_guard guard(mutex_);
  const std::string type = request.get_param_value("type");
  if (type != "tweets" && type != "users") {
    problem(response, 400, "Invalid Request", "type is required");
    return;
  }
  std::string data;
  std::size_t count = 0;
  for (const auto& [id, job] : jobs_) {
    const bool wanted =
        !request.has_param("status") || request.get_param_value("status") == job.status;
    if (job.type != type || !wanted) continue;
    data += (count++ == 0 ? "" : ",") + job_json(job);
  }
  const std::string meta = R"("meta":{"result_count":)" + std::to_string(count) + "}}";
  response.set_content(count == 0 ? "{" + meta : R"({"data":[)" + data + "]," + meta,
                       "application/json");
}

void BatchService::start_upload(const httplib::Request& request, httplib::Response& response) {
  const std::lock_guard guard(mutex_);
  const std::string id = request.matches[1];
  const bool proper = request.get_header_value("x-goog-resumable") == "start" &&
                      request.get_header_value("Content-Type") == "text/plain" &&
                      request.get_header_value("Content-Length") == "0";
  if (!proper || !jobs_.contains(id)) {
    problem(response, 400, "Bad Request", "not the start of an upload");
    return;
  }
  response.status = 201;
  response.set_header("Location", storage_.url() + "/session/" + id + "?upload_id=cc");
}

void BatchService::received(Job& job) {
  job.status = "in_progress";
  job.polls = 0;
}

void BatchService::upload(const httplib::Request& request, httplib::Response& response,
                          const httplib::ContentReader& read) {
  std::string bytes;
  const bool slow = slow_uploads_ > 0 && slow_uploads_-- > 0;
  const bool arrived = read([&](const char* data, std::size_t size) {
    bytes.append(data, size);
    if (slow) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return true;
  });
  if (!arrived) return;  // whoever sent it has gone
  const std::lock_guard guard(mutex_);
  const auto found = jobs_.find(request.matches[2]);
  const std::string range = request.get_header_value("Content-Range");
  // The signature covers the content type.
  const bool typed = request.get_header_value("Content-Type") == "text/plain";
  if (found == jobs_.end() || (!typed && !range.starts_with("bytes */"))) {
    problem(response, 403, "SignatureDoesNotMatch", "the signature does not match");
    return;
  }
  Job& job = found->second;
  if (range.starts_with("bytes */")) {
    const bool whole = job.status == "in_progress";
    response.status = whole ? 200 : 308;
    if (!whole && !job.upload.empty()) {
      response.set_header("Range", "bytes=0-" + std::to_string(job.upload.size() - 1));
    }
    return;
  }
  const std::string begins = "bytes " + std::to_string(job.upload.size()) + "-";
  if (range.empty()) job.upload.clear();
  if (!range.empty() && !range.starts_with(begins)) {
    problem(response, 400, "Bad Request", "the piece does not follow the one before");
    return;
  }
  if (request.matches[1] == "session" && script_.upload_cuts > 0) {
    --script_.upload_cuts;
    job.upload += bytes.substr(0, script_.cut_upload_after);
    response.status = 503;
    return;
  }
  job.upload += bytes;
  response.status = 200;
  received(job);
}

std::string BatchService::results(const Job& job) const {
  std::string text;
  for (const std::string& id : lines_of(job.upload)) {
    const auto line = script_.result_of ? script_.result_of(id) : std::nullopt;
    if (line) text += *line + "\n";
  }
  return text;
}

void BatchService::download(const httplib::Request& request, httplib::Response& response) {
  const std::lock_guard guard(mutex_);
  const auto found = jobs_.find(request.matches[1]);
  if (found == jobs_.end() || found->second.status != "complete") {
    problem(response, 404, "NoSuchKey", "there is no such object");
    return;
  }
  const std::string text = results(found->second);
  const bool cut = script_.download_cuts > 0;
  if (cut) --script_.download_cuts;
  if (script_.undelimited_download) {
    response.set_content_provider("text/plain", [text](std::size_t, httplib::DataSink& sink) {
      sink.write(text.data(), text.size());
      sink.done();
      return true;
    });
    response.set_header("Connection", "close");
    return;
  }
  if (text.empty()) {  // httplib's providers have no end that comes at once
    response.set_content(text, "text/plain");
    return;
  }
  response.set_content_provider(
      text.size(), "text/plain",
      [text, cut](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
        if (cut && offset > 0) return false;
        sink.write(text.data() + offset, cut ? text.size() / 2 : length);
        return true;
      });
}

}  // namespace recant::platform
