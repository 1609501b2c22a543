// Signs that the ids of a file were damaged before it came here: silent damage is the most common
// cause of "lost" tweets.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "recant/time.h"
#include "recant/verdict.h"

namespace recant::dataset {

/// What a file's ids look like.
struct IdFigures {
  std::uint64_t ids = 0;
  std::uint64_t scientific = 0;  ///< rejected: written as 1.23E+18 or with a fraction
  std::uint64_t oversized = 0;   ///< over 19 digits, rejected or not: no tweet has such an id
  std::uint64_t future = 0;      ///< tweets made after now by the time in their id
  /// Long ids that end in `zeros` zeros (2 to 4), where they are far more than chance; else 0.
  std::uint64_t rounded = 0;
  unsigned zeros = 0;
  std::uint64_t duplicates = 0;       ///< items whose id came before
  bool duplicates_estimated = false;  ///< more distinct ids than are counted one by one
};

/// Counts the items whose key came before, in constant memory: exactly up to `kDistinctMax`
/// distinct keys, by a random sample of the keys above.
class DuplicateCount {
 public:
  static constexpr std::size_t kDistinctMax = std::size_t{1} << 18;

  /// `hash`: of a key, by hash_of.
  void add(std::uint64_t hash) {
    if (static_cast<unsigned>(std::countl_zero(hash)) >= halvings_) count(hash);
  }
  /// A bijection, so that different keys have different hashes.
  [[nodiscard]] static std::uint64_t hash_of(std::uint64_t key);
  [[nodiscard]] std::uint64_t duplicates() const;
  [[nodiscard]] bool estimated() const { return halvings_ > 0; }

 private:
  struct Slot {
    std::uint64_t hash = 0;   // of a key; never 0
    std::uint64_t count = 0;  // 0: free
  };
  void count(std::uint64_t hash);
  void insert(std::uint64_t hash, std::uint64_t count);
  void rehash(std::size_t slots);

  std::vector<Slot> slots_;
  std::size_t distinct_ = 0;
  unsigned halvings_ = 0;  // keys whose hash has this many leading zeros are counted
};

/// What some items of a file add to its figures: made by any thread, added up by one. Reused: it
/// keeps its memory.
class IdTally {
 public:
  void clear();
  /// Tweets made after `latest` are in the future.
  void add(const Item& item, Time latest);

 private:
  friend class IdLint;

  IdFigures figures_;
  std::uint64_t long_ids_ = 0;
  std::array<std::uint64_t, 5> ending_{};  // [n]: long ids that end in n zeros or more
  std::vector<std::uint64_t> hashes_;
};

/// The newest time of an id that is not in the future as of `now`: clocks differ.
[[nodiscard]] Time latest_id_time(Time now);

/// The figures of one file.
class IdLint {
 public:
  void add(const IdTally& tally);
  /// `why`: the reason of a rejected record, as a reader gave it.
  void add_rejection(std::string_view why);
  [[nodiscard]] IdFigures figures() const;

 private:
  IdTally sum_;  // without hashes
  DuplicateCount duplicates_;
};

}  // namespace recant::dataset
