// The HTTP client against a server: what it sends, what it refuses, and when it gives up.
#include <catch2/catch.hpp>

#include "engine/feed/back_off.h"
#include "engine/feed/url.h"
#include "tests/feed_support.h"

using namespace recant;
using namespace recant::feed;
using namespace recant::feed_test;

namespace {

bool mentions(const std::string& text, const std::string& what) {
  return text.find(what) != std::string::npos;
}

}  // namespace

TEST_CASE("only https URLs are taken, or http to loopback where that is allowed", "[feed]") {
  CHECK(parse_url("https://api.x.com", false)->origin == "https://api.x.com");
  CHECK(parse_url("https://API.x.com:443/2/x?y", false)->origin == "https://api.x.com");
  CHECK(parse_url("https://api.x.com:8443", false)->origin == "https://api.x.com:8443");
  CHECK(parse_url("http://127.0.0.1:80/x", true)->origin == "http://127.0.0.1");
  CHECK(parse_url("http://localhost:1234", true));
  CHECK(parse_url("http://[::1]:1234", true));
  for (const char* bad : {"http://api.x.com", "http://127.0.0.1.evil.example", "ftp://127.0.0.1",
                          "file:///etc/passwd", "https://u:p@api.x.com", "", "api.x.com/"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_url(bad, true));
  }
  CHECK_FALSE(parse_url("http://127.0.0.1:1234", false));
  for (const char* secret :
       {"http://h.example/p?X-Goog-Signature=canary", "http://h.example/#canary",
        "https://user:canary@h.example", "https://canary@h.example", "http://a?b:canary@h"}) {
    CAPTURE(secret);
    const auto refused = parse_url(secret, true);
    REQUIRE_FALSE(refused);
    CHECK_FALSE(mentions(refused.error().what, "canary"));
  }
}

TEST_CASE("what is put into a URL cannot change its meaning", "[feed]") {
  CHECK(url_escape("abcXYZ019-._~") == "abcXYZ019-._~");
  CHECK(url_escape("2026-11-21T00:00:00+05:30") == "2026-11-21T00%3A00%3A00%2B05%3A30");
  CHECK(url_escape("a b&c=d/e?f#g%\xff") == "a%20b%26c%3Dd%2Fe%3Ff%23g%25%FF");
}

TEST_CASE("the credential goes to its own origin alone", "[feed]") {
  World world;
  world.api_server.http().Get("/x", [](const httplib::Request&, httplib::Response&) {});
  world.storage_server.http().Get("/x", [](const httplib::Request&, httplib::Response&) {});
  world.start();
  REQUIRE(world.http->send({.url = world.api_server.url() + "/x", .authorized = true}));
  REQUIRE(world.http->send({.url = world.storage_server.url() + "/x"}));
  const auto refused =
      world.http->send({.url = world.storage_server.url() + "/x", .authorized = true});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::kInvalidArgument);
  REQUIRE(world.api_server.seen().size() == 1);
  CHECK(world.api_server.seen()[0].header("Authorization") == std::string("Bearer ") + kToken);
  CHECK(world.api_server.seen()[0].header("User-Agent").starts_with("recant/"));
  REQUIRE(world.storage_server.seen().size() == 1);
  CHECK(world.storage_server.seen()[0].header("Authorization").empty());
}

TEST_CASE("a redirect is an answer, and is not followed", "[feed]") {
  World world;
  world.start();
  for (const int status : {301, 302, 303, 307, 308}) {
    world.api_server.fail_next(
        "/x", {.status = status, .headers = {{"Location", world.storage_server.url() + "/x"}}});
    const auto reply = world.api->call({.url = "/x"}, "cannot ask");
    REQUIRE_FALSE(reply);
    CHECK(mentions(reply.error().what, "redirects are never followed"));
  }
  CHECK(world.storage_server.seen().empty());
}

TEST_CASE("certificates are verified: expired, of another host, and unknown ones are refused",
          "[feed]") {
  using platform::CertificateKind;
  const struct {
    CertificateKind kind;
    bool trusted;
    bool works;
  } cases[] = {{CertificateKind::kGood, true, true},
               {CertificateKind::kGood, false, false},
               {CertificateKind::kExpired, true, false},
               {CertificateKind::kWrongHost, true, false}};
  for (const auto& each : cases) {
    const TemporaryDirectory directory;
    const auto files = platform::make_certificate(directory.string(), each.kind);
    World world(each.trusted ? files.certificate : "", &files);
    world.api_server.http().Get("/x", [](const httplib::Request&, httplib::Response& response) {
      response.set_content("{}", "application/json");
    });
    world.start();
    const auto reply = world.api->call({.url = "/x"}, "cannot ask");
    CAPTURE(static_cast<int>(each.kind), each.trusted, reply ? "" : reply.error().what);
    CHECK(reply.has_value() == each.works);
    if (!each.works) CHECK(reply.error().code == ErrorCode::kRefused);
    CHECK(world.api_server.seen().size() == (each.works ? 1 : 0));
  }
}

TEST_CASE("an answer without end is cut: headers, and a body over its cap", "[feed]") {
  World world;
  platform::Fault headers{.status = 200};
  for (int i = 0; i < 2000; ++i) headers.headers.push_back({"X-H" + std::to_string(i), "v"});
  world.start();
  world.api_server.fail_next("/headers", headers);
  const auto many = world.http->send({.url = world.api_server.url() + "/headers"});
  REQUIRE_FALSE(many);
  CHECK(mentions(many.error().what, "headers have no end"));
  world.api_server.fail_next("/body", {.status = 200, .body = std::string(5000, ' ')});
  const auto long_body =
      world.http->send({.url = world.api_server.url() + "/body", .body_bytes_max = 4999});
  REQUIRE_FALSE(long_body);
  CHECK(mentions(long_body.error().what, "more than 4999 bytes"));
}

TEST_CASE("silence ends a request, whatever its size", "[feed]") {
  World world;
  world.api_server.http().Get("/silent", [](const httplib::Request&, httplib::Response& response) {
    response.set_chunked_content_provider("text/plain", [](std::size_t, httplib::DataSink& sink) {
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
      return sink.is_writable();
    });
  });
  world.start();
  const auto reply = world.http->send(
      {.url = world.api_server.url() + "/silent", .timeout_ms = 0, .idle_ms = 500});
  REQUIRE_FALSE(reply);
  CHECK(reply.error().code == ErrorCode::kNetwork);
  CHECK(mentions(reply.error().what, "silent"));
}

TEST_CASE("5xx, cuts and HTML are tried again at growing distances, then given up", "[feed]") {
  World world;
  world.api_server.http().Get("/x", [](const httplib::Request&, httplib::Response& response) {
    response.set_content(R"({"data":1})", "application/json");
  });
  world.start();
  world.api_server.fail_next("/x", {.status = 503}, 2);
  world.api_server.fail_next("/x", {.status = 200, .body = "<html>log in</html>"}, 1);
  const auto reply = world.api->call({.url = "/x"}, "cannot ask");
  REQUIRE(reply);
  CHECK(reply->body["data"] == 1);
  CHECK(world.time.waits == std::vector<std::int64_t>{5'000, 10'000, 20'000});
  CHECK(world.told.size() == 3);

  world.time.waits.clear();
  world.api_server.fail_next("/x", {.status = 500}, 8);
  const auto given_up = world.api->call({.url = "/x"}, "cannot ask");
  REQUIRE_FALSE(given_up);
  CHECK(given_up.error().code == ErrorCode::kNetwork);
  CHECK(world.time.waits.size() == 7);
  CHECK(world.time.waits.back() == 320'000);

  world.connect("http://127.0.0.1:1");
  const auto refused = world.api->call({.url = "/x"}, "cannot ask");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::kNetwork);
  CHECK(mentions(refused.error().what, "gave up after 12 attempts"));
  CHECK(world.time.waits.at(7) == 250);
  CHECK(world.time.waits.back() == 2'750);
}

TEST_CASE("a request that must not be done twice is repeated only where it was not done",
          "[feed]") {
  World world;
  world.api_server.http().Post("/x", [](const httplib::Request&, httplib::Response& response) {
    response.set_content("{}", "application/json");
  });
  world.start();
  const HttpRequest request{.method = Method::kPost, .url = "/x", .body = "{}"};
  world.api_server.fail_next("/x", {.status = 503}, 1);
  world.api_server.fail_next("/x", {.status = 429}, 1);
  CHECK(world.api->call(request, "cannot ask", {.once = true}));
  CHECK(world.api_server.seen().size() == 3);
  for (const int status : {500, 408}) {
    world.api_server.fail_next("/x", {.status = status}, 1);
    CHECK_FALSE(world.api->call(request, "cannot ask", {.once = true}));
  }
  CHECK(world.api_server.seen().size() == 5);
}

TEST_CASE("a 408 is a fault that passes, and waits as long as it asks for", "[feed]") {
  World world;
  world.api_server.http().Get("/x", [](const httplib::Request&, httplib::Response& response) {
    response.set_content(R"({"data":1})", "application/json");
  });
  world.start();
  world.api_server.fail_next("/x", {.status = 408}, 1);
  world.api_server.fail_next("/x", {.status = 408, .headers = {{"Retry-After", "77"}}}, 1);
  REQUIRE(world.api->call({.url = "/x"}, "cannot ask"));
  CHECK(world.time.waits == std::vector<std::int64_t>{5'000, 77'000});
}

TEST_CASE("a refusal is told at once, without the token that the answer repeats", "[feed]") {
  World world;
  world.start();
  for (const int status : {401, 403, 400, 404}) {
    world.api_server.fail_next("/x", {.status = status,
                                      .body = R"({"title":"Unauthorized","detail":"bad Bearer )" +
                                              std::string(kToken) + R"("})"});
    const auto reply = world.api->call({.url = "/x"}, "cannot ask");
    REQUIRE_FALSE(reply);
    CHECK(reply.error().code ==
          (status == 401 || status == 403 ? ErrorCode::kRefused : ErrorCode::kIo));
    CHECK(mentions(reply.error().what, "Unauthorized: bad Bearer [redacted]"));
    CHECK_FALSE(mentions(reply.error().what, kToken));
  }
  CHECK(world.time.waits.empty());
}

TEST_CASE("a rate limit is waited for, whatever its headers say", "[feed]") {
  const Time now = 1'700'000'000'000;
  const auto wait = [&](const std::string& reset, unsigned attempt) {
    return rate_limit_wait_ms({{"X-Rate-Limit-Reset", reset}}, now, attempt);
  };
  CHECK(wait("1700000100", 1) == 110'000);
  CHECK(wait("1700000000", 1) == 10'000);
  CHECK(wait("1600000000", 1) == 10'000);  // past
  CHECK(wait("1600000000", 2) == 60'000);  // and met again
  CHECK(wait("1600000000", 4) == 240'000);
  CHECK(wait("32503680000", 1) == 901'000);          // the year 3000
  CHECK(wait("9223372036854775807", 1) == 901'000);  // no overflow
  CHECK(wait("99999999999999999999999", 2) == 120'000);
  for (const char* garbage : {"", "soon", "-5", "1e9", "0x10", "17000001 00"}) {
    CHECK(wait(garbage, 1) == 60'000);
    CHECK(wait(garbage, 3) == 240'000);
    CHECK(wait(garbage, 30) == 901'000);
  }
  CHECK(rate_limit_wait_ms({}, now, 1) == 60'000);
  CHECK(exhausted_wait_ms({{"x-rate-limit-remaining", "0"}, {"x-rate-limit-reset", "1700000050"}},
                          now) == 60'000);
  CHECK(exhausted_wait_ms(
            {{"x-rate-limit-remaining", "0"}, {"x-rate-limit-reset", "9223372036854775807"}},
            now) == 901'000);
  CHECK(exhausted_wait_ms({{"x-rate-limit-remaining", "1"}, {"x-rate-limit-reset", "1700000050"}},
                          now) == 0);
  // A reset past every clock is no overflow.
  CHECK(exhausted_wait_ms(
            {{"x-rate-limit-remaining", "0"}, {"x-rate-limit-reset", "9223372036854775807"}},
            1'700'000'000'000) == 901'000);
  CHECK(exhausted_wait_ms({{"x-rate-limit-remaining", "0"}, {"x-rate-limit-reset", "1600000000"}},
                          now) == 0);
  CHECK(rate_limit_wait_ms({{"Retry-After", "120"}}, now, 5) == 120'000);
  CHECK(rate_limit_wait_ms({{"Retry-After", "0"}}, now, 1) == 10'000);
  CHECK(rate_limit_wait_ms({{"Retry-After", "Sun, 06 Nov 2094 08:49:37 GMT"}}, now, 1) == 60'000);
  CHECK(server_error_wait_ms({{"Retry-After", "30"}}, 1) == 30'000);
  CHECK(server_error_wait_ms({{"Retry-After", "30"}}, 4) == 40'000);
  CHECK(server_error_wait_ms({{"Retry-After", "9223372036854775807"}}, 1) == 901'000);
  CHECK(network_wait_ms(1) == 250);
  CHECK(network_wait_ms(1000) == 16'000);
  CHECK(http_wait_ms(1) == 5'000);
  CHECK(http_wait_ms(1000) == 320'000);
}

TEST_CASE("a rate limit never counts as giving up", "[feed]") {
  World world;
  world.api_server.http().Get("/x", [](const httplib::Request&, httplib::Response& response) {
    response.set_content("{}", "application/json");
  });
  world.start();
  world.api_server.fail_next("/x", {.status = 429, .headers = {{"x-rate-limit-reset", "junk"}}}, 9);
  CHECK(world.api->call({.url = "/x"}, "cannot ask"));
  CHECK(world.time.waits.front() == 60'000);
  CHECK(world.time.waits.back() == 901'000);
}
