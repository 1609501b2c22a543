#include "store/index/fact_stretches.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace recant::index {
namespace {

// With as much again to sort with, they fit in a second-level cache.
constexpr std::size_t kStretchFacts = 8 * 1024;
constexpr std::size_t kSamplesOfStretch = 16;

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
  refs_.clear();
  for (const FactSpan& piece : pieces) {
    for (const model::Fact& fact : piece) refs_.push_back({fact.key, &fact});
  }
  sort_refs();
  facts_.clear();
  for (const Ref& ref : sorted_) facts_.push_back(*ref.fact);
  return facts_;
}

// The keys of a stretch are near each other and spread evenly: dealt out by their first bits that
// differ, about one comes to each place, and what stands there together is quickly in order.
void FactGatherer::sort_refs() {
  constexpr int kPlaceBits = 13;
  const auto [least, greatest] = std::ranges::minmax(refs_, {}, &Ref::key);
  const std::uint64_t base = least.key;
  const int shift = std::max(0, static_cast<int>(std::bit_width(greatest.key - base)) - kPlaceBits);
  const auto place = [&](const Ref& ref) { return (ref.key - base) >> shift; };
  ends_.assign(place(greatest) + 1, 0);
  for (const Ref& ref : refs_) ++ends_[place(ref)];
  std::uint32_t offset = 0;
  for (std::uint32_t& end : ends_) offset += std::exchange(end, offset);
  sorted_.resize(refs_.size());
  for (const Ref& ref : refs_) sorted_[ends_[place(ref)]++] = ref;
  auto begin = sorted_.begin();
  for (const std::uint32_t end_offset : ends_) {
    const auto end = sorted_.begin() + end_offset;
    if (end - begin > 1) std::ranges::sort(begin, end, {}, &Ref::key);
    begin = end;
  }
}

}  // namespace recant::index
