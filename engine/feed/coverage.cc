#include "engine/feed/coverage.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "recant/time.h"

namespace recant::feed {

std::vector<Interval> StreamCoverage::gaps() const {
  std::vector<Interval> between;
  for (std::size_t i = 1; i < heard.size(); ++i) {
    between.push_back({.from = heard[i - 1].to, .to = heard[i].from});
  }
  return between;
}

std::optional<Time> Coverage::compliant_through() const {
  std::optional<Time> through;
  for (const StreamCoverage& stream : streams) {
    const Time to = stream.heard.back().to;
    through = through ? std::min(*through, to) : to;
  }
  return through;
}

std::size_t Coverage::gap_count() const {
  std::size_t count = 0;
  for (const StreamCoverage& stream : streams) count += stream.heard.size() - 1;
  return count;
}

Event coverage_event(const StreamName& stream, Heard heard) {
  Event event{.kind = EventKind::kCoverage, .at = heard.to, .source = stream.source};
  Payload& payload = event.payload.make();
  payload.partition = stream.partition;
  payload.from = heard.from;
  payload.to = heard.to;
  return event;
}

namespace {

struct Partitioned {
  std::string_view source;
  unsigned partitions;
};
// [source: x-compliance.md, section 2]
constexpr std::array<Partitioned, 4> kPartitioned = {
    {{"v2-tweets", 4}, {"v2-users", 4}, {"v2-likes", 1}, {"firehose", 8}}};

std::vector<StreamName> unheard_streams(const Coverage& coverage,
                                        const std::vector<StreamStatus>& followed,
                                        std::set<StreamName> wanted) {
  for (const StreamStatus& each : followed) wanted.insert(each.name);
  // Who follows a part of a source hears a part of what happens.
  for (const auto& [source, partitions] : kPartitioned) {
    const bool any = std::ranges::any_of(
        followed, [&source](const StreamStatus& each) { return each.name.source == source; });
    for (unsigned i = 1; any && i <= partitions; ++i) {
      wanted.insert({std::string(source), std::to_string(i)});
    }
  }
  for (const StreamCoverage& each : coverage.streams) wanted.erase({each.source, each.partition});
  return {wanted.begin(), wanted.end()};
}

// Whoever followed a part of a source elsewhere may have meant to: it is told, and is no gap.
std::string parts_of_sources(const Coverage& coverage) {
  std::string text;
  for (const auto& [source, partitions] : kPartitioned) {
    const auto is_its = [&source](const auto& each) { return each.source == source; };
    const auto heard = std::ranges::count_if(coverage.streams, is_its);
    const bool told = std::ranges::any_of(coverage.unheard, is_its);
    if (told || heard == 0 || heard >= static_cast<std::ptrdiff_t>(partitions)) continue;
    text +=
        fmt::format("; of {} only {} of {} partitions were ever heard", source, heard, partitions);
  }
  return text;
}

// "v2-users partition 3, firehose partition 8", or how many where they are many.
std::string unheard_words(const std::vector<StreamName>& unheard) {
  constexpr std::size_t kNamed = 4;
  if (unheard.size() > kNamed) return fmt::format("{} partitions", unheard.size());
  std::string words;
  for (const StreamName& name : unheard) {
    words +=
        fmt::format("{}{} partition {}", words.empty() ? "" : ", ", name.source, name.partition);
  }
  return words;
}

}  // namespace

Result<Coverage> coverage(const Snapshot& snapshot, const std::vector<StreamStatus>& followed,
                          Time now) {
  Coverage all;
  std::set<StreamName> wanted;
  RECANT_ASSIGN(const auto heard, snapshot.heard());
  for (const HeardStream& stream : heard) {
    StreamCoverage each{.source = stream.source, .partition = stream.partition};
    for (const auto& [from, to] : stream.intervals) {
      if (from <= now) each.heard.push_back({from, std::min(to, now)});
    }
    if (each.heard.empty()) {
      wanted.insert({each.source, each.partition});
    } else {
      all.streams.push_back(std::move(each));
    }
  }
  all.unheard = unheard_streams(all, followed, std::move(wanted));
  RECANT_ASSIGN(all.losses, snapshot.losses());
  return all;
}

std::string coverage_line(const Coverage& coverage) {
  std::vector<std::string> troubles;
  if (const std::size_t gaps = coverage.gap_count(); gaps > 0) {
    troubles.push_back(fmt::format("{} gap{}", gaps, gaps == 1 ? "" : "s"));
  }
  if (!coverage.unheard.empty()) {
    troubles.push_back("what was never heard: " + unheard_words(coverage.unheard));
  }
  if (!coverage.losses.empty()) troubles.emplace_back("events that were lost by damage");
  const auto through = coverage.compliant_through();
  std::string line;
  if (through) line = fmt::format("compliant through {}", format_time(*through));
  const std::string parts = parts_of_sources(coverage);
  if (troubles.empty()) return through ? line + ", no gap" + parts : line;
  return fmt::format("{}{} (see `recant status`){}",
                     through ? line + ", but for " : "not known: ", fmt::join(troubles, "; "),
                     parts);
}

}  // namespace recant::feed
