// Bytes out: stdout, or a file written beside its final name and renamed into place.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "recant/error.h"

namespace recant::files {

class Output {
 public:
  /// `path` "-" is stdout. A path that ends in .gz or .zst is compressed. The file appears under
  /// its name only with finish(). Replacing a FIFO or device ("/dev/null", "/dev/stdout") writes to
  /// it directly.
  [[nodiscard]] static Result<Output> open(const std::string& path);
  Output(Output&&) noexcept;
  Output& operator=(Output&&) noexcept;
  /// Without finish(): what was written beside is removed.
  ~Output();

  /// Buffers, and writes large pieces. Errors: kIo, kNoSpace.
  [[nodiscard]] Result<void> write(std::string_view bytes);
  /// Shows `tap` every byte as it is written, compressed if it is. To be set before the first
  /// write.
  void set_tap(std::function<void(std::string_view)> tap);
  /// Flushes, syncs, renames into place. Nothing may be written afterwards.
  [[nodiscard]] Result<void> finish();

 private:
  class Impl;
  explicit Output(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace recant::files
