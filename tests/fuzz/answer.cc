// Answers of the platform's API: lookups, batch jobs, errors, rate limits. Whatever they hold,
// observations name ids, waits are bounded, and what is shown is one plain line.
#include "engine/feed/api.h"
#include "engine/feed/back_off.h"
#include "engine/feed/batch_job.h"
#include "engine/feed/lookup_answer.h"
#include "tests/fuzz/fuzz.h"
#include "tests/memory_file_system.h"

namespace recant::fuzz {
namespace {

constexpr Time kNow = 1'700'000'000'000;

// Gives one answer to everything.
class OneAnswer final : public feed::HttpClient {
 public:
  explicit OneAnswer(feed::HttpResponse response) : response_(std::move(response)) {}
  Result<feed::HttpResponse> send(const feed::HttpRequest&) override { return response_; }
  [[nodiscard]] bool unsent() const override { return false; }

 private:
  feed::HttpResponse response_;
};

class NoWait final : public feed::Pace {
 public:
  void wait(std::int64_t ms) override {
    constexpr std::int64_t kLongest = 1'000'000;
    require(ms >= 0 && ms <= kLongest, "an endless wait");
    waited_ += 1;
  }
  double chance() override { return 0; }
  [[nodiscard]] std::uint64_t waited() const { return waited_; }

 private:
  std::uint64_t waited_ = 0;
};

void require_plain(const std::string& text) {
  require(text.find_first_of("\n\r\x1b") == std::string::npos, "not one plain line: " + text);
}

void read_lookups(const nlohmann::json& body) {
  const std::array<std::uint64_t, 3> asked = {1, 2, 1542991830301904896};
  std::vector<feed::Observation> all;
  const auto add = [&](const std::vector<feed::Observation>& some) {
    all.insert(all.end(), some.begin(), some.end());
  };
  add(feed::read_v2_lookup(body, feed::LookupType::kTweets, asked));
  add(feed::read_v2_lookup(body, feed::LookupType::kUsers, asked));
  add(feed::read_v1_tweets(body, asked));
  add(feed::read_v1_users(body, asked));
  if (const auto user = feed::read_v1_user(body, 2)) add({*user});
  for (const feed::Observation& one : all) require(one.id != 0, "nobody was observed");
  (void)feed::v1_error_code(body);
}

void read_jobs(const feed::HttpResponse& response) {
  OneAnswer http(response);
  test::FixedClock clock(kNow);
  NoWait pace;
  const feed::Redactor redact;
  feed::Api api({.http = http,
                 .clock = clock,
                 .pace = pace,
                 .redact = redact,
                 .base_url = "https://api.example",
                 .on_wait = {}});
  const auto look = [](const auto& job) {
    if (job) return require_plain(feed::job_json(*job));
    require_plain(job.error().what);
  };
  look(feed::get_job(api, "1"));
  look(feed::create_job(api, {.type = feed::JobType::kTweets, .name = "n"}));
  if (const auto jobs = feed::list_jobs(api, feed::JobType::kTweets, {})) {
    for (const feed::BatchJob& job : *jobs) require_plain(feed::job_json(job));
  }
}

}  // namespace

void answer(Data data) {
  Taker in(data);
  const std::uint8_t choice = in.byte();
  feed::HttpResponse response;
  constexpr std::array kStatuses = {200, 201, 204, 301, 400, 401, 403, 404, 409, 422};
  response.status = kStatuses[choice % kStatuses.size()];
  std::string_view text = in.rest_text();
  for (const char* name : {"x-rate-limit-reset", "x-rate-limit-remaining"}) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    response.headers.push_back({.name = name, .value = std::string(text.substr(0, end))});
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  response.body = text;

  constexpr std::int64_t kLongest = 901'000;
  for (unsigned attempt = 1; attempt < 40; attempt += 13) {
    const std::int64_t wait = feed::rate_limit_wait_ms(response.headers, kNow, attempt);
    require(wait > 0 && wait <= kLongest, "rate limit");
  }
  const std::int64_t exhausted = feed::exhausted_wait_ms(response.headers, kNow);
  require(exhausted >= 0 && exhausted <= kLongest, "exhausted");
  require_plain(feed::explain_body(response.body, {}));
  require_plain(feed::status_error("cannot", response, {}, true).what);
  const auto body = nlohmann::json::parse(text, nullptr, false);
  if (!body.is_discarded()) read_lookups(body);
  read_jobs(response);
}

}  // namespace recant::fuzz
