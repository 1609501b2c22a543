// What check and scrub count, and tell, of what they judged.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "engine/dataset/check.h"
#include "engine/dataset/dataset_reader.h"
#include "engine/dataset/id_lint.h"

namespace recant::dataset {

/// The counts of some items of one file: made by any thread, added up by one. Reused.
struct BatchTally {
  std::uint64_t items = 0;
  std::uint64_t without_author = 0;
  std::array<std::uint64_t, kActionCount> by_action{};
  IdTally ids{};

  void clear();
  /// `no_author`: of the verdict; `latest`: of latest_id_time.
  void add(const Item& item, Action action, bool no_author, Time latest);
};

/// Counts in the order of the inputs; one thread at a time.
class Tally {
 public:
  /// `on_reject` may be empty; it and `summary` are used as long as this lives.
  Tally(std::span<const files::Input> inputs,
        const std::function<void(const replay::Rejection&)>& on_reject, CheckSummary& summary);

  /// Adds what came of file `file`.
  void add(std::size_t file, const BatchTally& batch, std::uint64_t skipped,
           std::span<const RejectedRecord> rejected);
  /// Every input was read to its end.
  void finish() { finish_before(names_.size()); }
  [[nodiscard]] const std::string& name(std::size_t file) const { return names_[file]; }

 private:
  void finish_before(std::size_t file);

  std::vector<std::string> names_;
  const std::function<void(const replay::Rejection&)>& on_reject_;
  CheckSummary& summary_;
  IdLint lint_;  // of the file at hand
};

}  // namespace recant::dataset
