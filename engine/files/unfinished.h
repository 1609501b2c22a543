// The temporary files of outputs that are being written, so that a program that a signal ends can
// remove them. The library installs no signal handler: a program that wants this calls
// remove_unfinished() in its own.
#pragma once

#include <cstddef>
#include <string>

namespace recant::files {

/// A name in the table, from its making until it is destroyed or released.
class Unfinished {
 public:
  /// To be made before the file is. Does nothing where the table is full (kUnfinishedMax at once),
  /// or the name too long for any file.
  explicit Unfinished(const std::string& path) noexcept;
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;
  ~Unfinished();

 private:
  std::size_t slot_;
};

inline constexpr std::size_t kUnfinishedMax = 32;

/// Removes every file in the table. Async-signal-safe; for a process that is about to end.
void remove_unfinished() noexcept;

}  // namespace recant::files
