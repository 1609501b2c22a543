#include "engine/feed/batch_job.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "engine/feed/url.h"
#include "recant/time.h"

namespace recant::feed {
namespace {

using nlohmann::json;

constexpr std::string_view kJobs = "/2/compliance/jobs";
constexpr std::size_t kNameMax = 64;

constexpr std::array<std::pair<std::string_view, JobStatus>, 6> kStatuses = {{
    {"created", JobStatus::kCreated},
    {"in_progress", JobStatus::kInProgress},
    {"complete", JobStatus::kComplete},
    {"completed", JobStatus::kComplete},  // one page of the platform spells it so
    {"failed", JobStatus::kFailed},
    {"expired", JobStatus::kExpired},
}};

JobStatus status_from(std::string_view name) {
  for (const auto& [known, status] : kStatuses) {
    if (known == name) return status;
  }
  return JobStatus::kUnknown;
}

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<Time> time_of(const json& object, const char* key) {
  return parse_rfc3339(text_of(object, key));
}

bool is_job_id(std::string_view id) {
  return !id.empty() && id.size() <= 20 &&
         id.find_first_not_of("0123456789") == std::string_view::npos;
}

Error senseless(const std::string& what) {
  return {.code = ErrorCode::kNetwork, .what = what + ": the answer holds no job (see --api-url)"};
}

Result<BatchJob> parse_job(const json& object, const std::string& what, const Redactor& redact) {
  if (!object.is_object()) return std::unexpected(senseless(what));
  BatchJob job;
  job.id = text_of(object, "id");
  const std::string type = text_of(object, "type");
  const auto created_at = time_of(object, "created_at");
  if (!is_job_id(job.id) || (type != "tweets" && type != "users") || !created_at) {
    return std::unexpected(senseless(what));
  }
  job.type = type == "tweets" ? JobType::kTweets : JobType::kUsers;
  job.status = status_from(text_of(object, "status"));
  job.name = redact(text_of(object, "name"));
  const auto resumable = object.find("resumable");
  job.resumable = resumable != object.end() && resumable->is_boolean() && resumable->get<bool>();
  job.created_at = *created_at;
  job.upload_url = text_of(object, "upload_url");
  job.upload_expires_at = time_of(object, "upload_expires_at");
  job.download_url = text_of(object, "download_url");
  job.download_expires_at = time_of(object, "download_expires_at");
  job.estimated_completion = time_of(object, "estimated_completion");
  job.error = redact(text_of(object, "error"));
  return job;
}

Result<BatchJob> job_of(const ApiReply& reply, const std::string& what, const Redactor& redact) {
  if (!reply.body.is_object() || !reply.body.contains("data")) {
    return std::unexpected(senseless(what));
  }
  return parse_job(reply.body["data"], what, redact);
}

void add_time(nlohmann::ordered_json& object, const char* key, const std::optional<Time>& at) {
  if (at) object[key] = format_time(*at);
}

}  // namespace

std::string_view job_type_name(JobType type) {
  return type == JobType::kTweets ? "tweets" : "users";
}

std::string_view job_status_name(JobStatus status) {
  for (const auto& [name, known] : kStatuses) {
    if (known == status) return name;
  }
  return "unknown";
}

std::string job_json(const BatchJob& job) {
  nlohmann::ordered_json object;
  object["id"] = job.id;
  object["type"] = job_type_name(job.type);
  if (!job.name.empty()) object["name"] = job.name;
  object["status"] = job_status_name(job.status);
  object["resumable"] = job.resumable;
  object["created_at"] = format_time(job.created_at);
  add_time(object, "upload_expires_at", job.upload_expires_at);
  add_time(object, "download_expires_at", job.download_expires_at);
  if (!job.error.empty()) object["error"] = job.error;
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<BatchJob> create_job(Api& api, const NewJob& wanted) {
  if (wanted.name.size() > kNameMax) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("cannot create a job: its name is over {} characters (shorten it)", kNameMax));
  }
  json body = {{"type", job_type_name(wanted.type)}, {"resumable", wanted.resumable}};
  if (!wanted.name.empty()) body["name"] = wanted.name;
  const std::string what = "cannot create a job";
  HttpRequest request{.method = Method::kPost,
                      .url = std::string(kJobs),
                      .headers = {{"Content-Type", "application/json"}},
                      .body = body.dump(-1, ' ', false, json::error_handler_t::replace)};
  RECANT_ASSIGN(const auto reply, api.call(std::move(request), what, {.once = true}));
  return job_of(reply, what, api.parts().redact);
}

Result<BatchJob> get_job(Api& api, const std::string& id) {
  if (!is_job_id(id)) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("cannot ask for job {}: a job's id is a number (`recant batch list` "
                            "shows them)",
                            id));
  }
  const std::string what = fmt::format("cannot ask for job {}", id);
  RECANT_ASSIGN(const auto reply, api.call({.url = fmt::format("{}/{}", kJobs, id)}, what));
  RECANT_ASSIGN(auto job, job_of(reply, what, api.parts().redact));
  if (job.id != id) return std::unexpected(senseless(what));
  return job;
}

Result<std::vector<BatchJob>> list_jobs(Api& api, JobType type, std::optional<JobStatus> status) {
  std::string path = fmt::format("{}?type={}", kJobs, job_type_name(type));
  if (status == JobStatus::kExpired || status == JobStatus::kUnknown) {
    return fail(ErrorCode::kInvalidArgument,
                "the platform lists jobs by created, in_progress, failed or complete");
  }
  if (status) path += fmt::format("&status={}", job_status_name(*status));
  const std::string what = "cannot list jobs";
  RECANT_ASSIGN(const auto reply, api.call({.url = path}, what));
  std::vector<BatchJob> jobs;
  if (!reply.body.is_object()) return std::unexpected(senseless(what));
  const auto data = reply.body.find("data");  // absent where there are none
  if (data == reply.body.end()) return jobs;
  if (!data->is_array()) return std::unexpected(senseless(what));
  for (const json& object : *data) {
    RECANT_ASSIGN(auto job, parse_job(object, what, api.parts().redact));
    jobs.push_back(std::move(job));
  }
  return jobs;
}

Result<void> check_usable(const BatchJob& job, std::string_view verb) {
  const std::string what = fmt::format("cannot {} job {}", verb, job.id);
  if (job.status == JobStatus::kFailed) {
    return fail(ErrorCode::kIo,
                fmt::format("{}: it failed: {} (see to the ids, then run a new one)", what,
                            job.error.empty() ? "the platform gives no reason" : job.error));
  }
  if (job.status == JobStatus::kExpired) {
    return fail(ErrorCode::kIo,
                fmt::format("{}: it expired, because nothing was uploaded within 15 minutes (run "
                            "a new one)",
                            what));
  }
  return {};
}

}  // namespace recant::feed
