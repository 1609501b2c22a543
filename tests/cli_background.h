// The real program in the background: to be watched, signalled and killed.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "tests/cli_runner.h"

class Running {
 public:
  /// Talks and results go to "background" in the runner's directory. Core files are allowed, as far
  /// as the program does not forbid them.
  Running(const CliRunner& recant, const std::vector<std::string>& words);
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running();

  /// Sends `signal` and waits. Returns the exit code, or 128 and the signal that ended it.
  int end(int signal);
  /// It left a core.
  [[nodiscard]] bool dumped_core() const { return dumped_core_; }
  [[nodiscard]] pid_t pid() const { return child_; }

 private:
  pid_t child_ = 0;
  bool dumped_core_ = false;
};
