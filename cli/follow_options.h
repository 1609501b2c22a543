// What `recant follow` is told, and the streams that come of it.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/network.h"
#include "engine/feed/follow.h"

namespace recant::cli {

struct FollowWords {
  NetworkOptions network{};
  std::vector<std::string> sources{};
  std::vector<unsigned> partitions{};
  std::string firehose_url{};
  std::string basic_file{};
  std::optional<int> basic_descriptor{};
  std::int64_t duration_ms = 0;
  std::string backfill = "auto";
  std::string metrics_file{};
  std::string replay{};
  std::string replay_url{};
  bool json = false;
};

void add_follow_options(CLI::App* command, FollowWords& words);

/// What the streams point to.
struct Connections {
  feed::Redactor redact{};
  feed::HttpSettings v2{};
  feed::HttpSettings firehose{};
  // [source: x-compliance.md, section 2]
  feed::ConnectBudget v2_budget{100, 900'000};
  feed::ConnectBudget firehose_budget{10, 60'000};
};

/// Reads the credential of the firehose, or of the v2 streams. Errors: kInvalidArgument (where is
/// the firehose?), kRefused (there is none, or others may read it), kIo.
[[nodiscard]] Result<void> load_credential(const FollowWords& words, bool firehose,
                                           Connections& out);

/// The streams of every source that was named, with their credentials. Errors: as load_credential;
/// kInvalidArgument (no such partition, a senseless backfill).
[[nodiscard]] Result<std::vector<feed::FollowedStream>> make_streams(const FollowWords& words,
                                                                     Connections& connections);

}  // namespace recant::cli
