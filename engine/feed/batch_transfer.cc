#include "engine/feed/batch_transfer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <utility>

#include "engine/feed/back_off.h"
#include "engine/files/raw_file.h"
#include "engine/files/unfinished.h"
#include "recant/time.h"
#include "store/io/file_system.h"

namespace recant::feed {
namespace {

constexpr unsigned kResumesMax = 20;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int get() const { return number_; }

 private:
  int number_;
};

/// The ids' file, read from any offset.
struct IdFile {
  int descriptor = -1;
  std::string path{};
  std::uint64_t bytes = 0;
  const TransferProgress& on_progress;

  [[nodiscard]] Result<std::size_t> read(std::uint64_t offset, std::span<char> out) const {
    const ssize_t got = ::pread(descriptor, out.data(), out.size(), static_cast<off_t>(offset));
    if (got < 0) {
      return std::unexpected(files::errno_error("cannot read " + path, errno, "see to the disk"));
    }
    if (on_progress) on_progress(offset + static_cast<std::uint64_t>(got), bytes);
    return static_cast<std::size_t>(got);
  }
};

/// A PUT of the file from `first` on.
HttpRequest put_request(const IdFile& file, const std::string& url, std::uint64_t first) {
  HttpRequest request{.method = Method::kPut,
                      .url = url,
                      .headers = {{"Content-Type", "text/plain"}},
                      .upload_bytes = file.bytes - first,
                      .timeout_ms = 0};
  auto offset = std::make_shared<std::uint64_t>(first);
  request.begin = [offset, first]() -> Result<void> {
    *offset = first;
    return {};
  };
  request.upload = [offset, &file](std::span<char> out) -> Result<std::size_t> {
    RECANT_ASSIGN(const std::size_t got, file.read(*offset, out));
    *offset += got;
    return got;
  };
  return request;
}

bool is_done(int status) { return status == 200 || status == 201; }

// The bytes that a 308 says it has: "Range: bytes=0-N". None without the header.
std::uint64_t bytes_received(const HttpResponse& response) {
  const auto range = find_header(response.headers, "range");
  constexpr std::string_view kPrefix = "bytes=0-";
  if (!range || !range->starts_with(kPrefix)) return 0;
  const std::string_view last = range->substr(kPrefix.size());
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(last.data(), last.data() + last.size(), value);
  return error == std::errc() && end == last.data() + last.size() ? value + 1 : 0;
}

/// An upload in pieces, each going on where the server says that the one before ended.
class ResumableUpload {
 public:
  ResumableUpload(Api& api, const IdFile& file, std::string what)
      : api_(api), file_(file), what_(std::move(what)) {}

  Result<void> run(const std::string& upload_url) {
    RECANT_ASSIGN(const std::string session, start(upload_url));
    std::uint64_t first = 0;
    for (unsigned resumes = 0;; ++resumes) {
      if (first < file_.bytes) {
        RECANT_ASSIGN(const bool done, send_from(session, first, resumes == kResumesMax));
        if (done) return {};
      }
      // Whether it got further or not, whoever was cut does not come back at once.
      if (resumes > 0) api_.parts().pace.wait(network_wait_ms(resumes));
      RECANT_ASSIGN(const auto asked, ask(session));
      if (is_done(asked.status)) return {};
      first = bytes_received(asked);
      if (first > file_.bytes || (first == file_.bytes && resumes >= kResumesMax)) {
        return fail(ErrorCode::kNetwork,
                    what_ + ": the server claims more bytes than there are, or does not end");
      }
    }
  }

 private:
  Result<std::string> start(const std::string& upload_url) {
    const HttpRequest request{
        .method = Method::kPost,
        .url = upload_url,
        .headers = {{"Content-Type", "text/plain"}, {"x-goog-resumable", "start"}}};
    RECANT_ASSIGN(const auto response, api_.call_foreign(request, what_));
    const auto location = find_header(response.headers, "location");
    if (!location) {
      return fail(ErrorCode::kNetwork, what_ + ": the server began no resumable upload");
    }
    return std::string(*location);
  }

  // Whether all of it arrived. What was cut, and may be gone on with, is no error unless `last`.
  Result<bool> send_from(const std::string& session, std::uint64_t first, bool last) {
    HttpRequest request = put_request(file_, session, first);
    if (first > 0) {
      request.headers.push_back(
          {"Content-Range", fmt::format("bytes {}-{}/{}", first, file_.bytes - 1, file_.bytes)});
    }
    auto sent = api_.call_foreign_once(request, what_);
    if (!sent) {
      if (sent.error().code == ErrorCode::kNetwork && !last) return false;
      return std::unexpected(std::move(sent).error());
    }
    if (is_done(sent->status)) return true;
    const bool cut = sent->status == 308 || is_worth_retrying(sent->status);
    if (cut && !last) return false;
    return std::unexpected(status_error(what_, *sent, api_.parts().redact, false));
  }

  // How much of it arrived: 308 with a range, or done.
  Result<HttpResponse> ask(const std::string& session) {
    const HttpRequest request{
        .method = Method::kPut,
        .url = session,
        .headers = {{"Content-Type", "text/plain"},
                    {"Content-Range", fmt::format("bytes */{}", file_.bytes)}}};
    return api_.call_foreign(request, what_, {.tolerated = {308}});
  }

  Api& api_;
  const IdFile& file_;
  std::string what_;
};

Result<void> check_uploadable(const BatchJob& job, const std::string& what) {
  RECANT_TRY(check_usable(job, "upload to"));
  if (job.status != JobStatus::kCreated) {
    return fail(ErrorCode::kIo, fmt::format("{}: it has its ids already, and is {}", what,
                                            job_status_name(job.status)));
  }
  if (job.upload_url.empty()) {
    return fail(ErrorCode::kNetwork, what + ": the platform gives no place to upload to");
  }
  return {};
}

Error write_error(const std::string& path) {
  return files::errno_error("cannot write " + path, errno, "make room, then go on with --resume");
}

Result<void> write_all(int descriptor, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(descriptor, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return std::unexpected(write_error(path));
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

Result<void> check_downloadable(const BatchJob& job, const std::string& what) {
  RECANT_TRY(check_usable(job, "download"));
  if (job.status != JobStatus::kComplete) {
    return fail(ErrorCode::kIo, fmt::format("{}: it is {}, not complete (wait for it)", what,
                                            job_status_name(job.status)));
  }
  return {};
}

}  // namespace

Result<void> upload_ids(Api& api, const BatchJob& job, const std::string& path,
                        const TransferProgress& on_progress) {
  const std::string what = fmt::format("cannot upload to job {}", job.id);
  RECANT_TRY(check_uploadable(job, what));
  const Descriptor opened(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status{};
  if (opened.get() < 0 || ::fstat(opened.get(), &status) != 0) {
    return std::unexpected(files::errno_error("cannot open " + path, errno, "name a file of ids"));
  }
  if (!S_ISREG(status.st_mode)) {
    return fail(ErrorCode::kInvalidArgument, path + ": not a regular file (its size must be told)");
  }
  const IdFile file{.descriptor = opened.get(),
                    .path = path,
                    .bytes = static_cast<std::uint64_t>(status.st_size),
                    .on_progress = on_progress};
  if (file.bytes == 0) {
    return fail(ErrorCode::kInvalidArgument, path + ": there are no ids in it");
  }
  if (job.resumable) return ResumableUpload(api, file, what).run(job.upload_url);
  const HttpRequest request = put_request(file, job.upload_url, 0);
  RECANT_ASSIGN(const auto response, api.call_foreign(request, what));
  // Only these say that the bytes were taken; a proxy's 204 does not.
  if (!is_done(response.status)) {
    return std::unexpected(status_error(what, response, api.parts().redact, false));
  }
  return {};
}

Result<Download> download_results(Api& api, const BatchJob& job, const std::string& path,
                                  const TransferProgress& on_progress) {
  const std::string what = fmt::format("cannot download job {}", job.id);
  RECANT_TRY(check_downloadable(job, what));
  const std::string beside = path + ".part";
  const files::Unfinished unfinished(beside);
  const Descriptor file(
      ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.get() < 0) return std::unexpected(write_error(beside));
  Download download;
  HttpRequest request{.url = job.download_url, .timeout_ms = 0};
  request.begin = [&]() -> Result<void> {
    download.bytes = 0;
    if (::ftruncate(file.get(), 0) != 0 || ::lseek(file.get(), 0, SEEK_SET) != 0) {
      return std::unexpected(write_error(beside));
    }
    return {};
  };
  request.sink = [&](std::string_view bytes) -> Result<void> {
    RECANT_TRY(write_all(file.get(), bytes, beside));
    download.bytes += bytes.size();
    if (on_progress) on_progress(download.bytes, 0);
    return {};
  };
  RECANT_ASSIGN(const auto response, api.call_foreign(request, what));
  if (response.status != 200) {
    return std::unexpected(status_error(what, response, api.parts().redact, false));
  }
  download.whole = response.delimited;
  if (::fsync(file.get()) != 0) return std::unexpected(write_error(beside));
  RECANT_TRY(io::real_file_system().rename(beside, path));
  return download;
}

}  // namespace recant::feed
