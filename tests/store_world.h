// Puts random events into stores by random roads, and compares what comes out with the oracle.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "oracle.h"
#include "random_events.h"
#include "recant/recant.h"

namespace recant::laws {

/// The value, or an exception that says what failed: a store in a test has no reason to fail.
template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().what);
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

/// A directory of its own, removed with the object: in memory where the system has such a place
/// (and TMPDIR names no other), because what these tests ask costs little but its fsyncs.
class TempDirectory {
 public:
  TempDirectory();
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;
  ~TempDirectory();
  [[nodiscard]] std::string path(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// Opens `directory` for writing, making it; small segments and small tails, chosen by `plan`.
[[nodiscard]] Store open_store(const std::string& directory, RandomWorld& plan);

/// Writes `events` in order by appends and imports of random sizes, with tails sealed, parts
/// merged, snapshots taken and the store closed and reopened at random points between.
void write_randomly(const std::string& directory, std::span<const Event> events, RandomWorld& plan);

/// A store of `events`, all of them in the tail.
[[nodiscard]] Store write_plainly(const std::string& directory, std::span<const Event> events);

[[nodiscard]] std::string digest(Store& store);
/// A line that says so where `a` is not `b`; "" where it is.
[[nodiscard]] std::string unequal(const std::string& a, const std::string& b,
                                  const std::string& what);

/// Everything in which `snapshot` differs from the law, a line each; "" if nothing.
[[nodiscard]] std::string state_differences(const Snapshot& snapshot, const Oracle& oracle,
                                            const RandomWorld& world);
/// The same for verdicts on random items, times and policies.
[[nodiscard]] std::string verdict_differences(const Snapshot& snapshot, const Oracle& oracle,
                                              RandomWorld& plan, std::size_t items);

struct BothVerdicts {
  Verdict store;
  Verdict law;
};
[[nodiscard]] std::string verdict_difference(const Item& item, Time as_of, const Policy& policy,
                                             const BothVerdicts& verdicts);

/// What is wrong with a law on these events; "" if nothing. `plan` gives the same numbers each
/// call.
using Broken = std::function<std::string(std::span<const Event> events, RandomWorld& plan)>;

/// Tries a law on `cases` random worlds of up to `events_max` events (a twentieth of the cases
/// where every fsync goes to a disk); the first failure is shrunk and shown with its seed.
void check_law(std::uint64_t cases, std::size_t events_max, const Broken& broken);

}  // namespace recant::laws
