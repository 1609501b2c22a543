// How far a job over several inputs is.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "engine/files/input.h"

namespace recant::files {

struct Progress {
  std::string file{};                          ///< that is read now
  std::uint64_t bytes = 0;                     ///< read of all inputs, as they are on disk
  std::optional<std::uint64_t> bytes_total{};  ///< of all inputs, if all are regular files
  std::uint64_t count = 0;                     ///< of items or lines done
};

/// Adds up what is read of several inputs, one after another.
class ReadingProgress {
 public:
  explicit ReadingProgress(std::span<const Input> inputs);
  /// How far the reading is within `input`, the one at hand.
  [[nodiscard]] Progress at(const Input& input) const;
  /// `input` was read to its end.
  void finish(const Input& input) { bytes_before_ += input.bytes_consumed(); }

 private:
  std::optional<std::uint64_t> bytes_total_ = 0;
  std::uint64_t bytes_before_ = 0;
};

}  // namespace recant::files
