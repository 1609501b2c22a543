#include "cli/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/text.h"
#include "recant/time.h"

namespace recant::cli {
namespace {

using Json = nlohmann::ordered_json;

Json kinds_json(const std::array<std::uint64_t, kEventKindCount + 1>& by_kind) {
  Json kinds = Json::object();
  for (std::size_t kind = 1; kind < by_kind.size(); ++kind) {
    if (by_kind[kind] == 0) continue;
    kinds[std::string(event_kind_name(static_cast<EventKind>(kind)))] = by_kind[kind];
  }
  return kinds;
}

double per_second(std::uint64_t count, double seconds) {
  return rounded(static_cast<double>(count) / std::max(seconds, 0.001));
}

double bytes_an_event(const replay::LogStats& log) {
  if (log.events == 0) return 0;
  return rounded(static_cast<double>(log.bytes) / static_cast<double>(log.events));
}

Json losses_json(const std::vector<Loss>& losses) {
  Json all = Json::array();
  for (const Loss& loss : losses) {
    all.push_back({{"first", std::to_string(loss.first)},
                   {"last", std::to_string(loss.last)},
                   {"bytes", loss.bytes},
                   {"at", format_time(loss.at)}});
  }
  return all;
}

}  // namespace

double rounded(double value) { return std::round(value * 1000) / 1000; }

std::string ingest_summary_json(const replay::IngestSummary& summary) {
  Json json = {{"lines", summary.lines},       {"accepted", summary.accepted},
               {"rejected", summary.rejected}, {"unknown", summary.unknown},
               {"notices", summary.notices},   {"blank", summary.blank},
               {"future", summary.future}};
  if (summary.first_seq != 0) {
    json["first_seq"] = std::to_string(summary.first_seq);
    json["last_seq"] = std::to_string(summary.last_seq);
  }
  json["by_kind"] = kinds_json(summary.by_kind);
  json["seconds"] = rounded(summary.seconds);
  return json.dump() + "\n";
}

Result<std::optional<SummaryShard>> shard_of(const DatasetArguments& datasets,
                                             const Snapshot& snapshot) {
  if (!datasets.sharded) return std::nullopt;
  RECANT_ASSIGN(std::string digest, snapshot.digest());
  return SummaryShard{.shard = datasets.shard, .digest = std::move(digest)};
}

std::string check_summary_json(const dataset::CheckSummary& summary,
                               const std::optional<SummaryShard>& shard) {
  Json actions = Json::object();
  for (std::size_t action = 0; action < kActionCount; ++action) {
    actions[std::string(action_name(static_cast<Action>(action)))] = summary.by_action[action];
  }
  Json json = {{"items", summary.items},
               {"skipped", summary.skipped},
               {"rejected", summary.rejected},
               {"without_author", summary.without_author},
               {"by_action", std::move(actions)},
               {"as_of", format_time(summary.as_of)},
               {"seconds", rounded(summary.seconds)},
               {"items_per_second", per_second(summary.items, summary.seconds)}};
  if (shard) {
    json["shard"] = std::to_string(shard->shard.index) + "/" + std::to_string(shard->shard.count);
    json["digest"] = shard->digest;
  }
  return json.dump() + "\n";
}

std::string stats_json(const StoreStats& stats) {
  const replay::LogStats& log = stats.log;
  Json json = {{"events", log.events},
               {"by_kind", kinds_json(log.by_kind)},
               {"log_bytes", log.bytes},
               {"bytes_per_event", bytes_an_event(log)},
               {"index_bytes", stats.index_bytes},
               {"segments", log.segments},
               {"parts", stats.parts},
               {"tail_events", stats.tail_events},
               {"tweets", stats.state.tweets},
               {"users", stats.state.users},
               {"retweets", stats.state.retweets},
               {"quotes", stats.state.quotes},
               {"favorites", stats.state.favorites},
               {"held", stats.state.held},
               {"conflicts", stats.state.conflicts}};
  if (log.at_min != 0) {
    json["first_at"] = format_time(log.at_min);
    json["last_at"] = format_time(log.at_max);
  }
  if (log.events != 0) {
    json["last_seq"] = std::to_string(log.last_sequence);
  }
  json["losses"] = losses_json(stats.losses);
  return json.dump() + "\n";
}

std::string stats_text(const StoreStats& stats) {
  const replay::LogStats& log = stats.log;
  std::string text;
  const auto row = [&text](std::string_view name, std::string_view value) {
    text += fmt::format("{:<26}{:>16}\n", name, value);
  };
  const auto number = [&row](std::string_view name, std::uint64_t value) {
    row(name, grouped(value));
  };
  number("events", log.events);
  for (std::size_t kind = 1; kind < log.by_kind.size(); ++kind) {
    if (log.by_kind[kind] == 0) continue;
    number(fmt::format("  {}", event_kind_name(static_cast<EventKind>(kind))), log.by_kind[kind]);
  }
  row("log", human_bytes(log.bytes));
  row("bytes an event", fmt::format("{:.1f}", bytes_an_event(log)));
  row("index", human_bytes(stats.index_bytes));
  number("segments", log.segments);
  number("parts", stats.parts);
  number("events in the tail", stats.tail_events);
  number("tweets", stats.state.tweets);
  number("users", stats.state.users);
  number("retweets", stats.state.retweets);
  number("quotes", stats.state.quotes);
  number("likes deleted", stats.state.favorites);
  number("tweets held", stats.state.held);
  number("conflicts", stats.state.conflicts);
  if (log.at_min != 0) {
    text += fmt::format("{:<18}{}\n", "first event at", format_time(log.at_min));
    text += fmt::format("{:<18}{}\n", "last event at", format_time(log.at_max));
  }
  number("last sequence", log.last_sequence);
  for (const Loss& loss : stats.losses) {
    text += fmt::format("lost: sequences {} to {}, found {}\n", loss.first, loss.last,
                        format_time(loss.at));
  }
  return text;
}

}  // namespace recant::cli
