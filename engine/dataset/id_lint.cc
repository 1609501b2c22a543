#include "engine/dataset/id_lint.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "engine/dataset/id_text.h"

namespace recant::dataset {
namespace {

constexpr std::uint64_t kLongId = 1'000'000'000'000'000;  // 16 digits: spreadsheets keep 15
constexpr std::uint64_t kOversized = 10'000'000'000'000'000'000U;  // 20 digits
constexpr std::size_t kSlotsMin = 1024;

// Clocks differ by this much at most.
constexpr Time kClockSlackMs = Time{24} * 3'600'000;

// How many of `ids` long ids end in `zeros` zeros by chance. The low 12 bits of a snowflake are a
// sequence number, mostly 0, so it is one in 5^zeros, not in 10^zeros.
double by_chance(std::uint64_t ids, unsigned zeros) {
  return static_cast<double>(ids) / std::pow(5.0, zeros);
}

// Chernoff's bound on the tail of that Poisson count is held below one in a million.
bool beyond_chance(double seen, double mean) {
  return seen > 2 * mean && seen * std::log(seen / mean) - seen + mean > std::log(1e6);
}

}  // namespace

// The finalizer of splitmix64.
std::uint64_t DuplicateCount::hash_of(std::uint64_t key) {
  key = (key ^ (key >> 30)) * 0xBF58476D1CE4E5B9U;
  key = (key ^ (key >> 27)) * 0x94D049BB133111EBU;
  return key ^ (key >> 31);
}

void DuplicateCount::count(std::uint64_t hash) {
  insert(hash, 1);
  if (distinct_ <= kDistinctMax) return;
  ++halvings_;
  rehash(slots_.size());
}

void DuplicateCount::insert(std::uint64_t hash, std::uint64_t count) {
  if (distinct_ * 2 >= slots_.size()) rehash(std::max(kSlotsMin, slots_.size() * 2));
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  while (slots_[at].count > 0 && slots_[at].hash != hash) at = (at + 1) & mask;
  if (slots_[at].count == 0) ++distinct_;
  slots_[at].hash = hash;
  slots_[at].count += count;
}

void DuplicateCount::rehash(std::size_t slots) {
  const std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(slots));
  distinct_ = 0;
  for (const Slot& slot : old) {
    if (slot.count == 0 || static_cast<unsigned>(std::countl_zero(slot.hash)) < halvings_) continue;
    insert(slot.hash, slot.count);
  }
}

std::uint64_t DuplicateCount::duplicates() const {
  std::uint64_t repeated = 0;
  for (const Slot& slot : slots_) repeated += slot.count > 0 ? slot.count - 1 : 0;
  return repeated << halvings_;
}

Time latest_id_time(Time now) { return now + kClockSlackMs; }

void IdTally::clear() {
  figures_ = {};
  long_ids_ = 0;
  ending_ = {};
  hashes_.clear();
}

void IdTally::add(const Item& item, Time latest) {
  ++figures_.ids;
  hashes_.push_back(DuplicateCount::hash_of(
      item.type == ItemType::kLike ? item.id + DuplicateCount::hash_of(item.user) : item.id));
  if (item.id >= kOversized) {
    ++figures_.oversized;
  } else if (item.type != ItemType::kUser && snowflake_time(item.id) > latest) {
    ++figures_.future;
  }
  if (item.id < kLongId) return;
  ++long_ids_;
  std::uint64_t left = item.id;
  for (std::size_t zeros = 1; zeros < ending_.size() && left % 10 == 0; ++zeros) {
    ++ending_[zeros];
    left /= 10;
  }
}

void IdLint::add(const IdTally& tally) {
  sum_.figures_.ids += tally.figures_.ids;
  sum_.figures_.oversized += tally.figures_.oversized;
  sum_.figures_.future += tally.figures_.future;
  sum_.long_ids_ += tally.long_ids_;
  for (std::size_t zeros = 0; zeros < sum_.ending_.size(); ++zeros) {
    sum_.ending_[zeros] += tally.ending_[zeros];
  }
  for (const std::uint64_t hash : tally.hashes_) duplicates_.add(hash);
}

void IdLint::add_rejection(std::string_view why) {
  if (why.ends_with(kSpreadsheetId)) ++sum_.figures_.scientific;
  if (why.ends_with(kOversizedId)) ++sum_.figures_.oversized;
}

IdFigures IdLint::figures() const {
  IdFigures out = sum_.figures_;
  out.duplicates = duplicates_.duplicates();
  out.duplicates_estimated = duplicates_.estimated();
  // Spreadsheets leave 4 zeros of 19 digits and 3 of 18: the fewer where that explains clearly
  // more.
  double explained = 0;
  for (unsigned zeros = 4; zeros >= 2; --zeros) {
    const auto seen = static_cast<double>(sum_.ending_[zeros]);
    const double mean = by_chance(sum_.long_ids_, zeros);
    if (!beyond_chance(seen, mean) || seen - mean < 1.2 * explained) continue;
    explained = seen - mean;
    out.rounded = sum_.ending_[zeros];
    out.zeros = zeros;
  }
  return out;
}

}  // namespace recant::dataset
