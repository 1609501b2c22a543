#include "store/model/needed.h"

#include <algorithm>
#include <tuple>

namespace recant::model {
namespace {

// Facts of one slot say the same, better or worse: the best one is enough.
using Slot = std::tuple<FactKind, std::uint64_t, std::uint64_t>;

Slot slot_of(const Fact& fact) {
  const auto at = static_cast<std::uint64_t>(fact.at);
  switch (fact.kind) {
    case FactKind::kVisibility:  // every entry is kept
      return {fact.kind, at, fact.code};
    case FactKind::kWithheld:  // the earliest of a country
      return {fact.kind, fact.code, 0};
    case FactKind::kEditVersion:  // the earliest of a pair
    case FactKind::kEditInitial:
      return {fact.kind, fact.value, 0};
    case FactKind::kHeld:  // the newest of both
    case FactKind::kReleased:
      return {FactKind::kHeld, 0, 0};
    case FactKind::kScrubGeo:  // every entry is kept, as are those of toggles and profiles
      return {fact.kind, at, fact.value};
    case FactKind::kProfile:
      return {fact.kind, at, fact.code};
    case FactKind::kDeleteOn:
    case FactKind::kDeleteOff:
    case FactKind::kProtectOn:
    case FactKind::kProtectOff:
    case FactKind::kSuspendOn:
    case FactKind::kSuspendOff:
      return {fact.kind, at, 0};
    case FactKind::kDeleted:  // the earliest
    case FactKind::kGeoScrubbed:
    case FactKind::kAuthor:
      return {fact.kind, 0, 0};
  }
  return {fact.kind, 0, 0};
}

// Less is better.
std::tuple<std::uint64_t, bool> rank_of(const Fact& fact) {
  const auto at = static_cast<std::uint64_t>(fact.at);
  const bool newest_wins = fact.kind == FactKind::kHeld || fact.kind == FactKind::kReleased;
  return {newest_wins ? ~at : at, fact.kind == FactKind::kReleased};
}

// 0 where the fact names none.
UserId author_of(const Fact& fact) {
  switch (fact.kind) {
    case FactKind::kAuthor:
    case FactKind::kDeleted:
    case FactKind::kVisibility:
    case FactKind::kWithheld:
    case FactKind::kGeoScrubbed:
    case FactKind::kHeld:
    case FactKind::kReleased:
      return fact.value;
    default:
      return 0;
  }
}

// Authors that the needed events do not tell yet, each by the first event that does.
void add_authors(std::span<ToldFact> facts, std::size_t before,
                 std::vector<SequenceNumber>& needed) {
  std::ranges::sort(needed.begin() + static_cast<std::ptrdiff_t>(before), needed.end());
  const auto is_needed = [&](const ToldFact& told) {
    return std::binary_search(needed.begin() + static_cast<std::ptrdiff_t>(before), needed.end(),
                              told.sequence);
  };
  // Of one author the needed events come first, then the others in their order.
  std::ranges::sort(facts, {}, [&](const ToldFact& told) {
    return std::tuple{author_of(told.fact), !is_needed(told), told.sequence};
  });
  std::vector<SequenceNumber> more;
  UserId known = 0;
  for (const ToldFact& told : facts) {
    const UserId author = author_of(told.fact);
    if (author == known) continue;
    known = author;
    if (!is_needed(told)) more.push_back(told.sequence);
  }
  needed.insert(needed.end(), more.begin(), more.end());
}

}  // namespace

void add_needed(std::span<ToldFact> facts, std::vector<SequenceNumber>& needed) {
  const std::size_t before = needed.size();
  std::ranges::sort(facts, {}, [](const ToldFact& told) {
    return std::tuple{slot_of(told.fact), rank_of(told.fact), told.sequence};
  });
  for (std::size_t i = 0; i < facts.size(); ++i) {
    if (facts[i].fact.kind == FactKind::kAuthor) continue;
    const bool first = i == 0 || slot_of(facts[i].fact) != slot_of(facts[i - 1].fact);
    if (first) needed.push_back(facts[i].sequence);
  }
  const bool users = !facts.empty() && facts.front().fact.kind >= FactKind::kDeleteOn;
  if (!users) add_authors(facts, before, needed);
}

}  // namespace recant::model
