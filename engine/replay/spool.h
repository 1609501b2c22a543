// A copy of a stream that can be read only once, so that it can be read twice.
#pragma once

#include <string>
#include <string_view>

#include "engine/files/input.h"
#include "recant/error.h"

namespace recant::replay {

/// An unlinked temporary file: gone with the process, whatever ends it.
class Spool {
 public:
  /// Errors: kIo, kNoSpace.
  [[nodiscard]] static Result<Spool> create(const std::string& directory);
  Spool(Spool&& other) noexcept;
  Spool& operator=(Spool&& other) noexcept;
  ~Spool();

  /// Appends `bytes`, buffered. Errors: kIo, kNoSpace.
  [[nodiscard]] Result<void> add(std::string_view bytes);
  /// What was added, from the start. Nothing may be added afterwards.
  [[nodiscard]] Result<files::Input> read();

 private:
  Spool(int descriptor, std::string directory)
      : descriptor_(descriptor), directory_(std::move(directory)) {}
  [[nodiscard]] Result<void> flush();

  int descriptor_ = -1;
  std::string directory_;
  std::string buffer_;
};

}  // namespace recant::replay
