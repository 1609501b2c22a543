// Where secrets come from, and that they stay out of what is written.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>

#include "engine/feed/secret.h"
#include "tests/temporary_directory.h"

using namespace recant;
using namespace recant::feed;

namespace {

std::string secret_file(const TemporaryDirectory& directory, const std::string& text, mode_t mode) {
  const std::string path = directory / "token";
  std::ofstream(path) << text;
  chmod(path.c_str(), mode);
  return path;
}

}  // namespace

TEST_CASE("a secret file is read without the white space around it", "[feed]") {
  const TemporaryDirectory directory;
  for (const mode_t mode : {0600U, 0400U}) {
    const auto secret =
        load_secret({.name = "token", .file = secret_file(directory, "  abc%2Fdef\r\n", mode)});
    REQUIRE(secret);
    CHECK((*secret)->reveal() == "abc%2Fdef");
    unlink((directory / "token").c_str());
  }
}

TEST_CASE("a secret file that others may read is refused, and what is in it is not told",
          "[feed]") {
  const TemporaryDirectory directory;
  for (const mode_t mode : {0644U, 0640U, 0604U, 0660U, 0601U}) {
    const auto secret =
        load_secret({.name = "token", .file = secret_file(directory, "canary", mode)});
    REQUIRE_FALSE(secret);
    CHECK(secret.error().code == ErrorCode::kRefused);
    CHECK(secret.error().what.find("canary") == std::string::npos);
    CHECK(secret.error().what.find("chmod 600") != std::string::npos);
  }
}

TEST_CASE("what is no secret is refused: nothing, several lines, control bytes, too much",
          "[feed]") {
  const TemporaryDirectory directory;
  for (const std::string& text : {std::string(" \n"), std::string("canary\r\nX-Evil: 1"),
                                  std::string("canary\x01"), std::string(20'000, 'c')}) {
    const auto secret = load_secret({.name = "token", .file = secret_file(directory, text, 0600)});
    REQUIRE_FALSE(secret);
    CHECK(secret.error().code == ErrorCode::kRefused);
    CHECK(secret.error().what.find("canary") == std::string::npos);
  }
  const auto missing = load_secret({.name = "token", .file = directory / "missing"});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == ErrorCode::kIo);
}

TEST_CASE("a secret of the environment is blanked there", "[feed]") {
  setenv("RECANT_TEST_SECRET", "canary-env", 1);
  const char* kept = getenv("RECANT_TEST_SECRET");
  const auto secret = load_secret({.name = "token", .variable = "RECANT_TEST_SECRET"});
  REQUIRE(secret);
  CHECK((*secret)->reveal() == "canary-env");
  CHECK(std::string(kept).find("canary") == std::string::npos);
  CHECK(getenv("RECANT_TEST_SECRET") == nullptr);
  const auto none = load_secret({.name = "token", .variable = "RECANT_TEST_SECRET"});
  REQUIRE(none);
  CHECK_FALSE(none->has_value());
}

TEST_CASE("a secret is read from a descriptor to its end", "[feed]") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  REQUIRE(write(ends[1], "user:pass\n", 10) == 10);
  close(ends[1]);
  const auto secret = load_secret({.name = "password", .descriptor = ends[0]});
  close(ends[0]);
  REQUIRE(secret);
  CHECK((*secret)->reveal() == "user:pass");
}

TEST_CASE("a redactor takes out a secret, its base64 form, and a password alone", "[feed]") {
  Redactor redact;
  redact.add(Secret("me@example.com:hunter22"));
  CHECK(redact("Basic bWVAZXhhbXBsZS5jb206aHVudGVyMjI= failed") == "Basic [redacted] failed");
  CHECK(redact("me@example.com:hunter22 or hunter22") == "[redacted] or [redacted]");
  CHECK(redact("nothing of it") == "nothing of it");
}
