// A following of the fake platform's streams, in this process and over real sockets.
#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/decode/decode.h"
#include "engine/feed/follow.h"
#include "tests/feed_support.h"
#include "tests/platform/stream_service.h"

namespace recant::feed_test {

using namespace recant::feed;

/// A clock that runs as the real one does, and waits that are short.
struct Surroundings {
  explicit Surroundings(const std::string& directory)
      : store(*Store::open({.directory = directory, .create = true, .lock_wait_ms = 1000})) {}
  Store store;
  std::unique_ptr<Pace> pace = make_pace();
  Redactor redact;
  FollowParts parts() {
    return {.store = store, .clock = io::real_clock(), .pace = *pace, .redact = redact};
  }
};

struct StreamWorld {
  explicit StreamWorld(platform::StreamScript script) : service(server, std::move(script)) {
    server.start();
    v2.credential = {
        .scheme = Credential::Scheme::kBearer, .secret = Secret("token"), .origin = server.url()};
    v2.allow_http = true;
    firehose.credential = {.scheme = Credential::Scheme::kBasic,
                           .secret = Secret("user:password"),
                           .origin = server.url()};
    firehose.allow_http = true;
  }
  void add(const std::string& source, const std::string& path, unsigned partitions) {
    for (unsigned i = 1; i <= partitions; ++i) {
      const bool is_firehose = source == "firehose";
      options.streams.push_back(
          {.name = {source, std::to_string(i)},
           .url = server.url() + path + "?partition=" + std::to_string(i),
           .backfill_parameter = is_firehose ? "backfillMinutes" : "backfill_minutes",
           .settings = is_firehose ? &firehose : &v2,
           .budget = &budget});
    }
  }
  void add_all() {
    add("v2-tweets", "/2/tweets/compliance/stream", 4);
    add("v2-users", "/2/users/compliance/stream", 4);
    add("firehose", platform::StreamService::kFirehosePath, 8);
  }
  /// The digest of everything that the streams will ever send.
  std::string sent_digest() const {
    const TemporaryDirectory directory;
    Store store = *Store::open({.directory = directory / "store", .create = true});
    for (const FollowedStream& stream : options.streams) {
      REQUIRE(store.append(sent_events(stream.name)));
    }
    return *store.snapshot()->digest();
  }
  /// What one stream will ever send.
  std::vector<Event> sent_events(const StreamName& name) const {
    decode::EventDecoder decoder{decode::DecodeOptions{}};
    std::vector<Event> events;
    for (std::string line :
         service.lines(name.source, static_cast<unsigned>(std::stoi(name.partition)))) {
      const std::size_t size = line.size();
      line.append(decode::kLinePadding, ' ');
      (void)decoder.decode(std::string_view(line).substr(0, size), events);
    }
    return events;
  }

  platform::Server server;
  platform::StreamService service;
  HttpSettings v2;
  HttpSettings firehose;
  ConnectBudget budget{10'000, 1000};
  FollowOptions options;
};

}  // namespace recant::feed_test
