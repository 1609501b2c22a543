// Batch compliance jobs: create, get, list, upload, download. Source: the platform's reference,
// section 3.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/feed/api.h"
#include "recant/event.h"

namespace recant::feed {

/// What a job's ids are.
enum class JobType : std::uint8_t { kTweets, kUsers };
[[nodiscard]] std::string_view job_type_name(JobType type);

enum class JobStatus : std::uint8_t {
  kCreated,
  kInProgress,
  kComplete,
  kFailed,
  kExpired,  ///< nothing was uploaded in time
  kUnknown,
};
[[nodiscard]] std::string_view job_status_name(JobStatus status);

struct BatchJob {
  std::string id{};
  JobType type = JobType::kTweets;
  JobStatus status = JobStatus::kUnknown;
  std::string name{};
  bool resumable = false;
  Time created_at = 0;
  std::string upload_url{};  ///< signed: whoever has it may upload. Never shown.
  std::optional<Time> upload_expires_at{};
  std::string download_url{};  ///< signed, too
  std::optional<Time> download_expires_at{};
  std::optional<Time> estimated_completion{};
  std::string error{};  ///< the platform's words, where it failed; redacted
};

/// The job without its signed URLs: `{"id":…,"type":…,"name":…,"status":…,"resumable":…,
/// "created_at":…,"upload_expires_at":…,"download_expires_at":…,"error":…}`.
[[nodiscard]] std::string job_json(const BatchJob& job);

struct NewJob {
  JobType type = JobType::kTweets;
  std::string name{};  ///< at most 64 characters
  bool resumable = false;
};

/// Errors of all: those of Api::call; kNetwork where an answer makes no sense.
[[nodiscard]] Result<BatchJob> create_job(Api& api, const NewJob& wanted);
[[nodiscard]] Result<BatchJob> get_job(Api& api, const std::string& id);
/// `status` nothing: all of them. kExpired and kUnknown are no filters: kInvalidArgument.
[[nodiscard]] Result<std::vector<BatchJob>> list_jobs(Api& api, JobType type,
                                                      std::optional<JobStatus> status);

/// kIo, saying what to do, where the job can no longer be used for what `verb` names.
[[nodiscard]] Result<void> check_usable(const BatchJob& job, std::string_view verb);

}  // namespace recant::feed
