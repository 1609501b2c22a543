// Bytes out: stdout, or a file written beside its final name and renamed into place.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "recant/error.h"

namespace recant::files {

/// The descriptor that "-" or a name like /dev/stdout or /dev/fd/3 stands for, as an output.
[[nodiscard]] std::optional<int> named_descriptor(std::string_view path);

class Output {
 public:
  /// `path` "-" is stdout. A path that ends in .gz or .zst is compressed. The file appears under
  /// its name only with finish(). Replacing a FIFO or device ("/dev/null", "/dev/stdout") writes to
  /// it directly. A file that is replaced hands on its mode, and its owner where that is allowed; a
  /// new one has `mode`, less the umask.
  /// Errors: kIo (also for a name that no file could have, and for a closed stdout).
  [[nodiscard]] static Result<Output> open(const std::string& path, unsigned mode = 0666);
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
