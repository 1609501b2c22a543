#include "store/index/fact_stretches.h"

#include <algorithm>
#include <array>
#include <utility>

namespace recant::index {
namespace {

// With as much again to sort with, they fit in a second-level cache.
constexpr std::size_t kStretchFacts = 8 * 1024;
constexpr std::size_t kSamplesOfStretch = 16;

// Below this a comparison sort in cache is faster than eight histograms.
constexpr std::size_t kRadixMin = 512;

// Where the facts with keys of `end` or more begin: near the front, so it is sought in steps that
// double.
std::size_t count_before(FactSpan facts, std::uint64_t end) {
  std::size_t reach = 1;
  while (reach < facts.size() && facts[reach].key < end) reach *= 2;
  const auto begin = facts.begin() + static_cast<std::ptrdiff_t>(reach / 2);
  const auto stop = facts.begin() + static_cast<std::ptrdiff_t>(std::min(reach, facts.size()));
  const auto found = std::ranges::lower_bound(begin, stop, end, {}, &model::Fact::key);
  return static_cast<std::size_t>(found - facts.begin());
}

}  // namespace

FactStretches::FactStretches(std::vector<FactSpan> runs) : rest_(std::move(runs)) {
  constexpr std::size_t kStep = kStretchFacts / kSamplesOfStretch;
  std::vector<std::uint64_t> samples;
  for (const FactSpan& run : rest_) {
    for (std::size_t i = kStep / 2; i < run.size(); i += kStep) samples.push_back(run[i].key);
  }
  std::ranges::sort(samples);
  for (std::size_t i = kSamplesOfStretch; i < samples.size(); i += kSamplesOfStretch) {
    if (ends_.empty() || ends_.back() != samples[i]) ends_.push_back(samples[i]);
  }
  std::ranges::reverse(ends_);
}

bool FactStretches::next(std::vector<FactSpan>& pieces) {
  pieces.clear();
  while (pieces.empty() && !ended_) {
    ended_ = ends_.empty();
    for (FactSpan& rest : rest_) {
      const std::size_t count = ended_ ? rest.size() : count_before(rest, ends_.back());
      if (count == 0) continue;
      pieces.push_back(rest.first(count));
      rest = rest.subspan(count);
    }
    if (!ended_) ends_.pop_back();
  }
  return !pieces.empty();
}

FactSpan FactGatherer::gather(std::span<const FactSpan> pieces) {
  if (pieces.size() == 1) return pieces.front();
  facts_.clear();
  for (const FactSpan& piece : pieces) facts_.insert(facts_.end(), piece.begin(), piece.end());
  radix_sort_by_key(facts_, scratch_);
  return facts_;
}

void radix_sort_by_key(std::vector<model::Fact>& facts, std::vector<model::Fact>& scratch) {
  constexpr std::size_t kDigits = 8;
  constexpr std::size_t kBuckets = 256;
  if (facts.size() < kRadixMin) {
    std::ranges::stable_sort(facts, {}, &model::Fact::key);
    return;
  }
  const auto digit = [](const model::Fact& fact, std::size_t index) {
    return static_cast<std::size_t>((fact.key >> (8 * index)) & 0xff);
  };
  std::array<std::array<std::size_t, kBuckets>, kDigits> counts{};
  for (const model::Fact& fact : facts) {
    for (std::size_t i = 0; i < kDigits; ++i) ++counts[i][digit(fact, i)];
  }
  scratch.resize(facts.size());
  for (std::size_t i = 0; i < kDigits; ++i) {
    // A digit that is the same everywhere orders nothing.
    if (counts[i][digit(facts.front(), i)] == facts.size()) continue;
    std::size_t offset = 0;
    for (std::size_t& count : counts[i]) offset += std::exchange(count, offset);
    for (const model::Fact& fact : facts) scratch[counts[i][digit(fact, i)]++] = fact;
    facts.swap(scratch);
  }
}

}  // namespace recant::index
