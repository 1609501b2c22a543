// Runs the real program with its streams in files.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/temporary_directory.h"

struct Outcome {
  int exit = -1;  ///< its exit code; 128 + the signal if one ended it
  std::string out;
  std::string err;
};

/// A directory with a store's name in it, and the program beside it.
class CliRunner {
 public:
  /// The words after "recant --store STORE". Any number of runs may follow one another.
  Outcome operator()(const std::vector<std::string>& words, std::string_view input = "",
                     const std::string& stdout_path = "") const;
  /// The words after "recant", with RECANT_STORE set to `store_variable` unless it is empty.
  Outcome plain(const std::vector<std::string>& words, const std::string& store_variable = "",
                std::string_view input = "", const std::string& stdout_path = "") const;

  /// Writes a file in the directory and returns its path.
  std::string file(const std::string& name, std::string_view content) const;
  [[nodiscard]] std::string path(const std::string& name) const { return directory_ / name; }
  [[nodiscard]] std::string store() const { return directory_ / "store"; }

 private:
  TemporaryDirectory directory_;
};

/// A file's content; empty if there is none.
std::string content_of(const std::string& path);
