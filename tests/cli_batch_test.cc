// recant batch through the real program, against the fake platform over TLS.
#include <signal.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "tests/cli_background.h"
#include "tests/cli_runner.h"
#include "tests/platform/batch_service.h"

using namespace recant::platform;

namespace {

const std::string kCanary = "canary-91f3c2d4e5";

struct TlsPlatform {
  explicit TlsPlatform(BatchScript script)
      : files(make_certificate(directory.string(), CertificateKind::kGood)),
        api(&files),
        storage(&files),
        service(api, storage, std::move(script)) {
    api.start();
    storage.start();
  }
  TemporaryDirectory directory;
  CertificateFiles files;
  Server api;
  Server storage;
  BatchService service;
};

std::string token_file(const CliRunner& recant, const std::string& token) {
  const std::string path = recant.file("token", token + "\n");
  chmod(path.c_str(), 0600);
  return path;
}

std::vector<std::string> with_network(std::vector<std::string> words, const TlsPlatform& platform,
                                      const std::string& token) {
  words.insert(words.end(), {"--api-url", platform.api.url(), "--ca-file",
                             platform.files.certificate, "--token-file", token});
  return words;
}

bool in_any_file(const std::string& directory, const std::string& text) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (entry.is_regular_file() && content_of(entry.path()).find(text) != std::string::npos) {
      return true;
    }
  }
  return false;
}

}  // namespace

TEST_CASE("batch run asks about a dataset, and check answers with it", "[feed][cli]") {
  TlsPlatform platform(
      {.token = kCanary, .result_of = [](const std::string& id) -> std::optional<std::string> {
         if (id != "1542990000000000001") return {};
         return R"({"id":"1542990000000000001","action":"delete","created_at":)"
                R"("2022-07-01T00:00:00.000Z","reason":"deleted"})";
       }});
  const CliRunner recant;
  const std::string dataset =
      recant.file("tweets.jsonl", R"({"id":"1542990000000000001","author_id":"7","text":"a"})"
                                  "\n"
                                  R"({"id":"1542990000000000002","author_id":"7","text":"b"})"
                                  "\nno tweet\n");
  const std::string token = token_file(recant, kCanary);
  const Outcome run = recant(with_network({"batch", "run", dataset, "--type", "tweets", "--poll",
                                           "0.01", "--summary", recant.path("summary")},
                                          platform, token));
  CAPTURE(run.err);
  CHECK(run.exit == 1);  // one line was no tweet
  CHECK(run.out.empty());
  CHECK(run.err.find("created for 2 tweets") != std::string::npos);
  CHECK(nlohmann::json::parse(content_of(recant.path("summary")))["accepted"] == 1);
  const Outcome check = recant({"check", dataset});
  CHECK(check.out.find(R"({"id":"1542990000000000001","action":"delete")") == 0);

  const Outcome list = recant(with_network({"batch", "list", "--type", "tweets"}, platform, token));
  CHECK(list.exit == 0);
  const auto job = nlohmann::json::parse(list.out);
  CHECK(job["status"] == "complete");
  CHECK_FALSE(job.contains("upload_url"));
  const std::string id = job["id"];
  const Outcome download = recant(with_network(
      {"batch", "download", id, "--output", recant.path("results.jsonl")}, platform, token));
  CHECK(download.exit == 0);
  CHECK(content_of(recant.path("results.jsonl")).starts_with(R"({"id":"1542990000000000001")"));
  CHECK_FALSE(in_any_file(recant.store(), kCanary));
  for (const Outcome& outcome : {run, check, list, download}) {
    CHECK((outcome.out + outcome.err).find(kCanary) == std::string::npos);
  }
}

TEST_CASE("batch run --resume goes on after a kill in the middle of the upload", "[feed][cli]") {
  TlsPlatform platform({.token = kCanary, .slow_uploads = 1});
  const CliRunner recant;
  std::string ids;
  constexpr std::uint64_t kFirst = 1'542'990'000'000'000'000;
  constexpr std::size_t kIds = 100'000;
  for (std::size_t i = 0; i < kIds; ++i) ids += std::to_string(kFirst + i) + "\n";
  const std::string dataset = recant.file("ids.txt", ids);
  const std::string token = token_file(recant, kCanary);
  Running first(recant,
                with_network({"batch", "run", dataset, "--type", "tweets"}, platform, token));
  for (int i = 0; i < 400 && platform.storage.seen("PUT", "/submission/").empty(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(200));  // some of it was read
  CHECK(first.end(SIGKILL) == 128 + SIGKILL);
  const std::string said = content_of(recant.path("background"));
  const std::size_t at = said.find("job ") + 4;
  const std::string job = said.substr(at, said.find(' ', at) - at);
  CAPTURE(said);
  REQUIRE(platform.service.job_count() == 1);
  CHECK(platform.service.uploaded(job).empty());
  const Outcome resumed =
      recant(with_network({"batch", "run", "--resume", job, "--poll", "0.05"}, platform, token));
  CAPTURE(resumed.err);
  CHECK(resumed.exit == 0);
  CHECK(platform.service.job_count() == 1);
  const auto uploaded = platform.service.uploaded(job);
  CHECK(uploaded.size() == kIds);
  CHECK(uploaded.back() == std::to_string(kFirst + kIds - 1));
  CHECK(std::filesystem::is_empty(recant.store() + "/batch"));
  for (const SeenRequest& request : platform.storage.seen()) {
    CHECK(request.header("Authorization").empty());
  }
}

TEST_CASE("a job that expired or failed says what to do", "[feed][cli]") {
  for (const auto& [status, words] : {std::pair("expired", "run a new one"),
                                      std::pair("failed", "see to the ids, then run a new one")}) {
    TlsPlatform platform({.token = kCanary});
    platform.service.add_job("77", status);
    const CliRunner recant;
    const Outcome outcome = recant(
        with_network({"batch", "run", "--resume", "77"}, platform, token_file(recant, kCanary)));
    CHECK(outcome.exit == 3);
    CHECK(outcome.err.find(words) != std::string::npos);
  }
}

TEST_CASE("refused credentials and certificates are exit 6, and never told", "[feed][cli]") {
  TlsPlatform platform({.token = "another"});
  const CliRunner recant;
  const std::string token = token_file(recant, kCanary);
  const std::vector<std::string> get = {"batch", "get", "1"};
  const Outcome wrong = recant(with_network(get, platform, token));
  CHECK(wrong.exit == 6);
  CHECK(wrong.err.find("[redacted]") != std::string::npos);
  CHECK(wrong.err.find(kCanary) == std::string::npos);
  chmod(token.c_str(), 0644);
  const std::size_t asked = platform.api.seen().size();
  const Outcome readable = recant(with_network(get, platform, token));
  CHECK(readable.exit == 6);
  CHECK(readable.err.find("chmod 600") != std::string::npos);
  chmod(token.c_str(), 0600);
  const Outcome untrusted =
      recant({"batch", "get", "1", "--api-url", platform.api.url(), "--token-file", token});
  CHECK(untrusted.exit == 6);
  CHECK(untrusted.err.find("TLS refused") != std::string::npos);
  const Outcome none = recant({"batch", "get", "1", "--api-url", platform.api.url()});
  CHECK(none.exit == 6);
  CHECK(none.err.find("RECANT_TOKEN") != std::string::npos);
  CHECK(platform.api.seen().size() == asked);
}

TEST_CASE("what a batch command cannot do is told by its exit code", "[feed][cli]") {
  TlsPlatform platform({.token = kCanary});
  const CliRunner recant;
  const std::string token = token_file(recant, kCanary);
  CHECK(recant(with_network({"batch", "get", "99"}, platform, token)).exit == 3);
  CHECK(recant(with_network({"batch", "get", "x"}, platform, token)).exit == 2);
  CHECK(recant(with_network({"batch", "run"}, platform, token)).exit == 2);
  CHECK(recant(with_network({"batch", "create"}, platform, token)).exit == 2);
  CHECK(recant({"batch", "get", "9", "--api-url", "http://127.0.0.1:1", "--token-file", token})
            .exit == 2);
  CHECK(recant({"batch", "get", "9", "--api-url", "http://x.example", "--allow-http",
                "--token-file", token})
            .exit == 2);
  CHECK_FALSE(std::filesystem::exists(recant.store()));
}
