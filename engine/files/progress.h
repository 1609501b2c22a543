// How far a job over several inputs is.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace recant::files {

struct Progress {
  std::string_view file{};                     ///< that is read now
  std::uint64_t bytes = 0;                     ///< read of all inputs, as they are on disk
  std::optional<std::uint64_t> bytes_total{};  ///< of all inputs, if all are regular files
  std::uint64_t count = 0;                     ///< of items or lines done
};

}  // namespace recant::files
