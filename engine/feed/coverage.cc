#include "engine/feed/coverage.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
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

Result<Coverage> coverage(const Snapshot& snapshot) {
  Coverage all;
  RECANT_ASSIGN(const auto heard, snapshot.heard());
  for (const HeardStream& stream : heard) {
    StreamCoverage each{.source = stream.source, .partition = stream.partition};
    for (const auto& [from, to] : stream.intervals) each.heard.push_back({from, to});
    if (!each.heard.empty()) all.streams.push_back(std::move(each));
  }
  RECANT_ASSIGN(all.losses, snapshot.losses());
  return all;
}

namespace {

struct Partitioned {
  std::string_view source;
  std::size_t partitions;
};
// [source: x-compliance.md, sections 1.2 and 1.3]
constexpr std::array<Partitioned, 3> kPartitioned = {
    {{"v2-tweets", 4}, {"v2-users", 4}, {"firehose", 8}}};

// What a store that follows a part of a source does not hear.
std::string unheard_partitions(const Coverage& coverage) {
  std::string text;
  for (const auto& [source, partitions] : kPartitioned) {
    const auto heard = static_cast<std::size_t>(std::ranges::count(
        coverage.streams, source,
        [](const StreamCoverage& stream) { return std::string_view(stream.source); }));
    if (heard == 0 || heard >= partitions) continue;
    text +=
        fmt::format("; of {} only {} of {} partitions were ever heard", source, heard, partitions);
  }
  return text;
}

}  // namespace

std::string coverage_line(const Coverage& coverage) {
  const auto through = coverage.compliant_through();
  std::string line;
  if (through) {
    const std::size_t gaps = coverage.gap_count();
    line = fmt::format("compliant through {}", format_time(*through));
    line += gaps == 0 ? std::string(", no gap")
                      : fmt::format(", but for {} gap{} (see `recant status`)", gaps,
                                    gaps == 1 ? "" : "s");
    line += unheard_partitions(coverage);
  }
  if (!coverage.losses.empty()) {
    line +=
        fmt::format("{}events were lost by damage (see `recant status`)", line.empty() ? "" : "; ");
  }
  return line;
}

}  // namespace recant::feed
