#include "engine/files/progress.h"

namespace recant::files {

ReadingProgress::ReadingProgress(std::span<const Input> inputs) {
  for (const Input& input : inputs) {
    const auto bytes = input.bytes_total();
    if (bytes_total_) bytes_total_ = bytes ? std::optional(*bytes_total_ + *bytes) : std::nullopt;
  }
}

Progress ReadingProgress::at(const Input& input) const {
  return {.file = input.name(),
          .bytes = bytes_before_ + input.bytes_consumed(),
          .bytes_total = bytes_total_};
}

}  // namespace recant::files
