#include "engine/feed/batch_run.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/feed/batch_transfer.h"
#include "engine/feed/compliant_ids.h"
#include "engine/feed/lifting.h"
#include "engine/files/output.h"
#include "recant/time.h"
#include "store/io/file_system.h"

namespace recant::feed {
namespace {

constexpr std::int64_t kPollMaxMs = 60'000;
constexpr std::size_t kGroupEvents = 8 * 1024;
constexpr std::string_view kSource = "batch";
constexpr unsigned kIdsMode = 0600;  // which posts somebody holds is nobody else's business

/// The files of one job, or of one that has no id yet.
class Workplace {
 public:
  static Result<Workplace> make(const std::string& store_directory, const std::string& name) {
    const std::string all = io::join_path(store_directory, "batch");
    Workplace place(all, name);
    RECANT_TRY(io::real_file_system().make_directory(all));
    RECANT_TRY(io::real_file_system().make_directory(place.directory_));
    return place;
  }

  [[nodiscard]] std::string ids() const { return io::join_path(directory_, "ids.txt"); }
  [[nodiscard]] std::string results() const { return io::join_path(directory_, "results.jsonl"); }

  Result<void> rename_to(const std::string& name) {
    const std::string renamed = io::join_path(all_, name);
    RECANT_TRY(io::real_file_system().rename(directory_, renamed));
    directory_ = renamed;
    return {};
  }
  static Result<bool> has(const std::string& path) {
    RECANT_ASSIGN(const auto info, io::real_file_system().info(path));
    return info.has_value();
  }
  void remove() const {
    ::unlink(ids().c_str());
    ::unlink(results().c_str());
    ::unlink((results() + ".part").c_str());
    ::rmdir(directory_.c_str());
  }

 private:
  Workplace(std::string all, const std::string& name)
      : all_(std::move(all)), directory_(io::join_path(all_, name)) {}
  std::string all_;
  std::string directory_;
};

class Run {
 public:
  Run(Store& store, Api& api, const BatchRunOptions& options)
      : store_(store), api_(api), options_(options) {}

  Result<BatchRunSummary> run() {
    const bool resumed = !options_.resume.empty();
    RECANT_ASSIGN(auto place, resumed ? take_up() : begin());
    if (!place) return std::move(summary_);  // there was no id
    auto done = finish(*place);
    if (done) {
      place->remove();
      return std::move(summary_);
    }
    Error error = std::move(done).error();
    if (summary_.job.status != JobStatus::kFailed && summary_.job.status != JobStatus::kExpired) {
      error.what += fmt::format("; go on with `recant batch run --resume {}`", summary_.job.id);
    }
    return std::unexpected(std::move(error));
  }

 private:
  void say(const std::string& text) const {
    if (options_.say) options_.say(text);
  }
  void progress(const std::string& text) const {
    if (options_.progress) options_.progress(text);
  }

  Result<std::optional<Workplace>> begin() {
    RECANT_ASSIGN(auto place, Workplace::make(store_.directory(), fmt::format("new-{}", getpid())));
    RECANT_TRY(extract(place));
    if (summary_.ids == 0) {
      place.remove();
      return std::optional<Workplace>();
    }
    auto job = create_job(api_, options_.job);
    if (!job) {
      place.remove();
      return std::unexpected(std::move(job).error());
    }
    summary_.job = *std::move(job);
    RECANT_TRY(place.rename_to(summary_.job.id));
    say(fmt::format("job {} created for {} {}", summary_.job.id, summary_.ids,
                    job_type_name(options_.job.type)));
    return std::optional<Workplace>(std::move(place));
  }

  Result<std::optional<Workplace>> take_up() {
    RECANT_ASSIGN(summary_.job, get_job(api_, options_.resume));
    RECANT_TRY(check_usable(summary_.job, "go on with"));
    RECANT_ASSIGN(auto place, Workplace::make(store_.directory(), summary_.job.id));
    RECANT_ASSIGN(const bool kept, Workplace::has(place.ids()));
    // Once it was uploaded, another reading of a dataset might not be what was uploaded.
    if (!kept && summary_.job.status == JobStatus::kCreated) {
      if (!options_.next_id) {
        place.remove();
        return fail(ErrorCode::kInvalidArgument,
                    fmt::format("job {} has no ids yet, and none were kept here (name the dataset "
                                "again, beside --resume)",
                                summary_.job.id));
      }
      RECANT_TRY(extract(place));
    }
    return std::optional<Workplace>(std::move(place));
  }

  Result<void> extract(const Workplace& place) {
    RECANT_ASSIGN(auto output, files::Output::open(place.ids(), kIdsMode));
    for (;;) {
      RECANT_ASSIGN(const auto id, options_.next_id());
      if (!id) break;
      RECANT_TRY(output.write(fmt::format("{}\n", *id)));
      if (++summary_.ids % 65'536 == 0) progress(fmt::format("{} ids", summary_.ids));
    }
    return output.finish();
  }

  Result<void> finish(const Workplace& place) {
    if (summary_.job.status == JobStatus::kCreated) RECANT_TRY(upload(place));
    RECANT_TRY(await_completion());
    RECANT_ASSIGN(const auto download,
                  download_results(api_, summary_.job, place.results(),
                                   [this](std::uint64_t done, std::uint64_t) {
                                     progress(fmt::format("{} bytes of results", done));
                                   }));
    whole_ = download.whole;
    RECANT_TRY(ingest(place));
    return observe(place);
  }

  Result<void> upload(const Workplace& place) {
    RECANT_TRY(
        upload_ids(api_, summary_.job, place.ids(), [this](std::uint64_t done, std::uint64_t all) {
          progress(fmt::format("{} of {} bytes uploaded", done, all));
        }));
    say(fmt::format("job {}: uploaded, waiting for the platform", summary_.job.id));
    return {};
  }

  Result<void> await_completion() {
    const std::int64_t begin = api_.parts().clock.steady_ms();
    for (std::int64_t pause = options_.poll_ms;; pause = std::min(pause * 3 / 2, kPollMaxMs)) {
      RECANT_ASSIGN(summary_.job, get_job(api_, summary_.job.id));
      RECANT_TRY(check_usable(summary_.job, "go on with"));
      if (summary_.job.status == JobStatus::kComplete) return {};
      progress(waiting_text((api_.parts().clock.steady_ms() - begin) / 1000));
      api_.parts().pace.wait(pause);
    }
  }

  [[nodiscard]] std::string waiting_text(std::int64_t seconds) const {
    const BatchJob& job = summary_.job;
    std::string text =
        fmt::format("job {}: {} for {} s", job.id, job_status_name(job.status), seconds);
    if (job.estimated_completion) {
      text += fmt::format(", done at about {}", format_time(*job.estimated_completion));
    }
    return text;
  }

  Result<void> ingest(const Workplace& place) {
    const bool tweets = summary_.job.type == JobType::kTweets;
    replay::IngestOptions options;
    options.decode.default_at = summary_.job.created_at;
    options.decode.batch_ids = tweets ? decode::BatchIds::kTweets : decode::BatchIds::kUsers;
    options.source = kSource;
    options.on_reject = options_.on_reject;
    RECANT_ASSIGN(auto input, files::Input::open(place.results()));
    std::vector<files::Input> inputs;
    inputs.push_back(std::move(input));
    RECANT_ASSIGN(summary_.ingest, replay::ingest(store_, std::move(inputs), options));
    return {};
  }

  // What was uploaded and is in no result needs no action: the platform saw it, as of the job's
  // creation.
  Result<void> observe(const Workplace& place) {
    RECANT_ASSIGN(const bool kept, Workplace::has(place.ids()));
    if (!kept || !whole_ || summary_.ingest.rejected > 0) return {};
    RECANT_ASSIGN(const auto snapshot, store_.snapshot());
    Lifting lifting(snapshot, summary_.job.created_at, std::string(kSource));
    std::vector<Event> events;
    const auto on_id = [&](std::uint64_t id) -> Result<void> {
      if (summary_.job.type == JobType::kTweets) {
        RECANT_TRY(lifting.tweet_seen(id, 0, events));
      } else {
        RECANT_TRY(lifting.user_seen(
            id, {.not_deleted = true, .not_protected = true, .not_suspended = true}, events));
      }
      return events.size() < kGroupEvents ? Result<void>() : append(events);
    };
    RECANT_ASSIGN(summary_.observed, for_each_compliant_id(place.ids(), place.results(), on_id));
    return append(events);
  }

  Result<void> append(std::vector<Event>& events) {
    if (events.empty()) return {};
    RECANT_TRY(store_.append(events));
    summary_.lifted += events.size();
    events.clear();
    return {};
  }

  Store& store_;
  Api& api_;
  const BatchRunOptions& options_;
  BatchRunSummary summary_;
  bool whole_ = false;
};

}  // namespace

Result<BatchRunSummary> run_batch(Store& store, Api& api, const BatchRunOptions& options) {
  return Run(store, api, options).run();
}

}  // namespace recant::feed
