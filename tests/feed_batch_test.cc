// Batch jobs against the fake platform: the wire, the faults, and what ends in the log.
#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "engine/feed/batch_run.h"
#include "engine/feed/batch_transfer.h"
#include "engine/feed/compliant_ids.h"
#include "tests/cli_runner.h"
#include "tests/feed_support.h"
#include "tests/platform/batch_service.h"

using namespace recant;
using namespace recant::feed;
using namespace recant::feed_test;

namespace {

constexpr Time kCreatedAt = 1'772'359'200'000;  // the platform's "2026-03-01T10:00:00.000Z"

struct BatchWorld : World {
  explicit BatchWorld(platform::BatchScript script = {})
      : service(api_server, storage_server, with_token(std::move(script))) {
    start();
    store.emplace(*Store::open({.directory = directory / "store", .create = true}));
  }
  static platform::BatchScript with_token(platform::BatchScript script) {
    script.token = kToken;
    return script;
  }
  Result<BatchRunSummary> run(std::vector<std::uint64_t> ids, BatchRunOptions options = {}) {
    if (!ids.empty()) {
      options.next_id = [ids = std::move(ids),
                         at = std::size_t{0}]() mutable -> Result<std::optional<std::uint64_t>> {
        if (at == ids.size()) return std::optional<std::uint64_t>();
        return std::optional(ids[at++]);
      };
    }
    options.say = [this](std::string_view text) { said.emplace_back(text); };
    return run_batch(*store, *api, options);
  }
  Action action(std::uint64_t id, ItemType type = ItemType::kTweet) {
    const Item item{.type = type, .id = id};
    Verdict verdict;
    REQUIRE(store->snapshot()->check({&item, 1}, now(), {}, {&verdict, 1}));
    return verdict.action;
  }
  [[nodiscard]] bool left_nothing() const {
    return std::filesystem::is_empty(directory / "store/batch");
  }

  TemporaryDirectory directory;
  platform::BatchService service;
  std::optional<Store> store;
  std::vector<std::string> said;
};

std::string result(const std::string& id, const std::string& rest) {
  return R"({"id":")" + id + R"(","action":"delete","created_at":"2019-03-01T10:00:00.000Z",)" +
         rest + "}";
}

// The results of one platform: ids without an entry need no action.
auto results(std::map<std::string, std::string> known) {
  return [known = std::move(known)](const std::string& id) -> std::optional<std::string> {
    const auto found = known.find(id);
    return found == known.end() ? std::nullopt : std::optional(result(id, found->second));
  };
}

Event unavailable(TweetId tweet, Time at) {
  return {.kind = EventKind::kTweetUnavailable, .why = Why::kProtected, .at = at, .tweet = tweet};
}

}  // namespace

TEST_CASE("a batch run uploads the ids, waits, and takes in what became of them", "[feed]") {
  BatchWorld world({.result_of = results({{"11", R"("reason":"deleted")"},
                                          {"12", R"("redacted_at":"2020-07-29T17:02:47.000Z",)"
                                                 R"("reason":"protected")"}}),
                    .polls_in_progress = 3});
  const auto summary = world.run({10, 11, 12, 11});
  REQUIRE(summary);
  CHECK(summary->ids == 4);
  CHECK(summary->ingest.accepted == 3);
  CHECK(summary->observed);
  CHECK(summary->lifted == 0);
  CHECK(world.service.uploaded(summary->job.id) ==
        std::vector<std::string>{"10", "11", "12", "11"});
  CHECK(world.action(10) == Action::kKeep);
  CHECK(world.action(11) == Action::kDelete);
  CHECK(world.action(12) == Action::kSuppress);
  const auto deleted = world.store->snapshot()->tweet(11);
  CHECK(deleted->deleted_at == kCreatedAt);  // no redacted_at: the job's creation
  CHECK(world.store->snapshot()->tweet(12)->visibility.at(0).at == 1'596'042'167'000);
  CHECK(world.left_nothing());
  CHECK(world.time.waits == std::vector<std::int64_t>{5'000, 7'500, 11'250});
}

TEST_CASE("every request of a batch run is as the platform documents it", "[feed]") {
  BatchWorld world;
  REQUIRE(world.run({10, 11}, {.job = {.type = JobType::kUsers, .name = "nightly"}}));
  const auto created = world.api_server.seen("POST", "/2/compliance/jobs");
  REQUIRE(created.size() == 1);
  CHECK(created[0].header("Content-Type") == "application/json");
  CHECK(
      created[0].header("Content-Length") ==
      std::to_string(std::string(R"({"name":"nightly","resumable":false,"type":"users"})").size()));
  const auto uploads = world.storage_server.seen("PUT", "/submission/");
  REQUIRE(uploads.size() == 1);
  CHECK(uploads[0].target.ends_with("?X-Goog-Expires=900&X-Goog-Signature=aa"));
  CHECK(uploads[0].header("Content-Type") == "text/plain");
  CHECK(uploads[0].header("Content-Length") == "6");
  for (const auto& request : world.storage_server.seen()) {
    CHECK(request.header("Authorization").empty());
    CHECK(request.target.find(kToken) == std::string::npos);
  }
  for (const auto& request : world.api_server.seen()) {
    CHECK(request.header("Authorization") == std::string("Bearer ") + kToken);
  }
}

TEST_CASE("an id without a result is available again, where that lifts something", "[feed]") {
  BatchWorld world({.result_of = results({{"13", R"("reason":"protected")"}})});
  const std::vector<Event> before = {
      unavailable(11, kCreatedAt - 1000),
      unavailable(12, kCreatedAt + 1000),  // heard of after the job was made
      unavailable(13, kCreatedAt - 1000),
      unavailable(14, kCreatedAt - 1000),  // not asked about
      {.kind = EventKind::kTweetDrop, .at = kCreatedAt - 1000, .tweet = 15},
      {.kind = EventKind::kTweetDrop, .at = kCreatedAt - 2000, .tweet = 16},
      unavailable(16, kCreatedAt - 1000),  // the drop behind it was never undone
      {.kind = EventKind::kTweetDelete, .at = kCreatedAt - 1000, .tweet = 17}};
  REQUIRE(world.store->append(before));
  const auto summary = world.run({10, 11, 12, 13, 15, 16, 17});
  REQUIRE(summary);
  CHECK(summary->lifted == 1);
  CHECK(world.action(10) == Action::kKeep);
  CHECK(world.action(11) == Action::kKeep);
  for (const TweetId tweet : {12U, 13U, 14U, 15U, 16U})
    CHECK(world.action(tweet) == Action::kSuppress);
  CHECK(world.action(17) == Action::kDelete);
  const auto lifted = world.store->snapshot()->tweet(11)->visibility.back();
  CHECK(lifted.at == kCreatedAt);
  CHECK(lifted.visibility == Visibility::kAvailable);
  CHECK(world.run({10, 11})->lifted == 0);  // a nightly run does not grow the log
}

TEST_CASE("a user without a result is not deleted, protected or suspended", "[feed]") {
  BatchWorld world;
  const std::vector<Event> before = {
      {.kind = EventKind::kUserDelete, .at = kCreatedAt - 1000, .user = 21},
      {.kind = EventKind::kUserSuspend, .at = kCreatedAt - 1000, .user = 21},
      {.kind = EventKind::kUserProtect, .at = kCreatedAt + 1, .user = 22}};
  REQUIRE(world.store->append(before));
  const auto summary = world.run({20, 21, 22}, {.job = {.type = JobType::kUsers}});
  REQUIRE(summary);
  CHECK(summary->lifted == 2);
  CHECK(world.action(21, ItemType::kUser) == Action::kKeep);
  CHECK(world.action(22, ItemType::kUser) == Action::kSuppress);
}

TEST_CASE("nothing is taken for compliant where a result may be missing", "[feed]") {
  const auto lifts = [](platform::BatchScript script) {
    BatchWorld world(std::move(script));
    const Event before = unavailable(11, kCreatedAt - 1000);
    REQUIRE(world.store->append({&before, 1}));
    const auto summary = world.run({10, 11});
    REQUIRE(summary);
    CHECK(summary->observed == (summary->lifted > 0));
    return summary->lifted;
  };
  CHECK(lifts({}) == 1);
  CHECK(lifts({.undelimited_download = true}) == 0);
  CHECK(lifts({.result_of = [](const std::string& id) -> std::optional<std::string> {
          return id == "10" ? std::optional<std::string>("{\"id\":\"1\"") : std::nullopt;
        }}) == 0);
  CHECK(lifts({.result_of = [](const std::string& id) -> std::optional<std::string> {
          return id == "10" ? std::optional<std::string>(R"({"action":"hide","reason":"new"})")
                            : std::nullopt;
        }}) == 0);
}

TEST_CASE("a download that was cut begins anew", "[feed]") {
  BatchWorld world({.result_of = results({{"11", R"("reason":"deleted")"}}), .download_cuts = 2});
  const auto summary = world.run({10, 11});
  REQUIRE(summary);
  CHECK(summary->ingest.accepted == 1);
  CHECK(summary->observed);
  CHECK(world.storage_server.seen("GET", "/delivery/").size() == 3);
}

TEST_CASE("a resumable upload goes on where it was cut", "[feed]") {
  BatchWorld world({.cut_upload_after = 5, .upload_cuts = 3});
  std::vector<std::uint64_t> ids;
  for (std::uint64_t id = 1000; id < 1010; ++id) ids.push_back(id);
  const auto summary = world.run(ids, {.job = {.resumable = true}});
  REQUIRE(summary);
  const auto uploaded = world.service.uploaded(summary->job.id);
  REQUIRE(uploaded.size() == 10);
  CHECK(uploaded.front() == "1000");
  CHECK(uploaded.back() == "1009");
  const auto starts = world.storage_server.seen("POST", "/submission/");
  REQUIRE(starts.size() == 1);
  CHECK(starts[0].header("x-goog-resumable") == "start");
  CHECK(starts[0].header("Content-Length") == "0");
  const auto puts = world.storage_server.seen("PUT", "/session/");
  REQUIRE(puts.size() == 7);  // four pieces, three questions between them
  CHECK(puts[1].header("Content-Range") == "bytes */50");
  CHECK(puts[2].header("Content-Range") == "bytes 5-49/50");
  CHECK(puts[6].header("Content-Range") == "bytes 15-49/50");
}

TEST_CASE("a range that makes no sense sends a resumable upload from its begin", "[feed]") {
  for (const char* range : {"", "bytes=3-4", "bytes=0-", "bytes=0--1", "bytes=0-4x", "0-4",
                            "bytes=0-99999999999999999999", "bytes=0-18446744073709551615"}) {
    CAPTURE(range);
    BatchWorld world;
    world.storage_server.fail_next("/session/", {.status = 408});
    world.storage_server.fail_next("/session/", {.status = 308, .headers = {{"Range", range}}});
    const auto summary = world.run({10, 11}, {.job = {.resumable = true}});
    REQUIRE(summary);
    CHECK(world.service.uploaded(summary->job.id) == std::vector<std::string>{"10", "11"});
    CHECK(world.storage_server.seen("PUT", "/session/").size() == 3);
  }
}

TEST_CASE("a range past the end of an upload is refused", "[feed]") {
  BatchWorld world;
  world.storage_server.fail_next("/session/", {.status = 503});
  world.storage_server.fail_next("/session/", {.status = 308, .headers = {{"Range", "bytes=0-6"}}});
  const auto summary = world.run({10, 11}, {.job = {.resumable = true}});  // six bytes
  REQUIRE_FALSE(summary);
  CHECK(summary.error().code == ErrorCode::kNetwork);
  CHECK(summary.error().what.find("more bytes than there are") != std::string::npos);
}

TEST_CASE("failed and expired jobs are named with what to do", "[feed]") {
  BatchWorld failing({.fail_with = "Input file has a line that is not an id."});
  const auto failed = failing.run({10});
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == ErrorCode::kIo);
  CHECK(failed.error().what.find("a line that is not an id") != std::string::npos);
  CHECK(failed.error().what.find("--resume") == std::string::npos);
  BatchWorld expiring({.expire = true});
  const auto expired = expiring.run({10});
  REQUIRE_FALSE(expired);
  CHECK(expired.error().what.find("15 minutes") != std::string::npos);
}

TEST_CASE("an upload that is answered by anything but 200 or 201 is none", "[feed]") {
  BatchWorld world;
  for (const int status : {204, 302, 400, 403, 404}) {
    world.storage_server.fail_next("/submission/", {.status = status});
    const auto summary = world.run({10});
    CAPTURE(status);
    REQUIRE_FALSE(summary);
    CHECK(summary.error().code == ErrorCode::kIo);
    CHECK(summary.error().what.find("--resume") != std::string::npos);
  }
}

TEST_CASE("a signed address without TLS is not used, and that is no wrong usage", "[feed]") {
  BatchWorld world;
  world.storage_server.fail_next(
      "/submission/", {.status = 201, .headers = {{"Location", "http://example.com/session"}}});
  const auto summary = world.run({10}, {.job = {.resumable = true}});
  REQUIRE_FALSE(summary);
  CHECK(summary.error().code == ErrorCode::kRefused);
  CHECK(summary.error().what.find("not https") != std::string::npos);
}

TEST_CASE("a run goes on after an interruption, with the ids that were kept", "[feed]") {
  BatchWorld world({.result_of = results({{"11", R"("reason":"deleted")"}})});
  const Event before = unavailable(12, kCreatedAt - 1000);
  REQUIRE(world.store->append({&before, 1}));
  // Interrupted between creation and upload, and again between upload and completion.
  world.storage_server.fail_next("/submission/", {.status = 403});
  REQUIRE_FALSE(world.run({10, 11, 12}));
  world.api_server.fail_next("/2/compliance/jobs/", {.status = 200, .body = "{}"});
  const std::string job = "1425543269983784962";
  const std::string kept = world.directory / ("store/batch/" + job + "/ids.txt");
  CHECK(std::filesystem::status(kept).permissions() == std::filesystem::perms(0600));
  CHECK_FALSE(world.run({}, {.resume = job}));  // the answer made no sense
  const auto summary = world.run({}, {.resume = job});
  REQUIRE(summary);
  CHECK(summary->ingest.accepted == 1);
  CHECK(summary->lifted == 1);
  CHECK(world.service.job_count() == 1);
  CHECK(world.left_nothing());
}

TEST_CASE("a run goes on with a job of elsewhere, and then takes nothing for compliant", "[feed]") {
  BatchWorld world;
  world.service.add_job("77", "in_progress");
  const Event before = unavailable(12, kCreatedAt - 1000);
  REQUIRE(world.store->append({&before, 1}));
  const auto summary = world.run({12}, {.resume = "77"});
  REQUIRE(summary);
  CHECK_FALSE(summary->observed);
  CHECK(world.action(12) == Action::kSuppress);
  world.service.add_job("78", "created");
  const auto without_ids = world.run({}, {.resume = "78"});
  REQUIRE_FALSE(without_ids);
  CHECK(without_ids.error().code == ErrorCode::kInvalidArgument);
}

TEST_CASE("the steps list, get, upload and download do what the run does", "[feed]") {
  BatchWorld world({.result_of = results({{"5", R"("reason":"deleted")"}})});
  CHECK(list_jobs(*world.api, JobType::kTweets, {})->empty());
  const auto job = create_job(*world.api, {.name = "by hand"});
  REQUIRE(job);
  CHECK(job->status == JobStatus::kCreated);
  CHECK(job_json(*job).find("Signature") == std::string::npos);
  const CliRunner files;
  CHECK_FALSE(download_results(*world.api, *job, files.path("results"), {}));
  CHECK_FALSE(upload_ids(*world.api, *job, files.file("empty", ""), {}));
  REQUIRE(upload_ids(*world.api, *job, files.file("ids", "4\n5\n"), {}));
  CHECK(list_jobs(*world.api, JobType::kTweets, JobStatus::kInProgress)->size() == 1);
  CHECK(list_jobs(*world.api, JobType::kUsers, {})->empty());
  CHECK_FALSE(list_jobs(*world.api, JobType::kUsers, JobStatus::kExpired));
  CHECK(get_job(*world.api, job->id)->status == JobStatus::kInProgress);
  const auto complete = get_job(*world.api, job->id);
  CHECK_FALSE(upload_ids(*world.api, *complete, files.path("ids"), {}));  // it has its ids
  REQUIRE(download_results(*world.api, *complete, files.path("results"), {}));
  CHECK(content_of(files.path("results")) == result("5", R"("reason":"deleted")") + "\n");
  for (const char* id : {"", "x", "1/../2", "123456789012345678901"}) {
    CHECK(get_job(*world.api, id).error().code == ErrorCode::kInvalidArgument);
  }
  CHECK(get_job(*world.api, "99").error().code == ErrorCode::kIo);
}

TEST_CASE("compliant ids are the same however few ids fit in memory", "[feed]") {
  const CliRunner files;
  std::string ids;
  std::string named;
  std::map<std::uint64_t, int> wanted;
  for (std::uint64_t i = 1; i <= 500; ++i) {
    const std::uint64_t id = i * 7'777'777;
    ids += std::to_string(id) + "\n";
    if (i % 3 == 0) named += result(std::to_string(id), R"("reason":"deleted")") + "\n";
    if (i % 3 != 0) ++wanted[id];
  }
  const std::string ids_path = files.file("ids", ids);
  const std::string results_path = files.file("results", named);
  for (const std::size_t ids_max : {1U, 7U, 100U, 1000U}) {
    std::map<std::uint64_t, int> found;
    const auto all = for_each_compliant_id(
        ids_path, results_path,
        [&found](std::uint64_t id) -> Result<void> {
          ++found[id];
          return {};
        },
        ids_max);
    REQUIRE(all);
    CHECK(*all);
    CHECK(found == wanted);
  }
}
