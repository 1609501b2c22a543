// The program's words as plain data, out of which pages and completions are made.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace recant::cli {

struct OptionWords {
  std::string shown{};               ///< with what it takes: "--store DIR"
  std::vector<std::string> names{};  ///< "--store"; empty for what has no dashes
  std::string what{};
};

struct CommandWords {
  std::vector<std::string> path{};  ///< {} for the program, {"log", "cat"}
  std::string what{};
  std::string example{};
  std::vector<OptionWords> arguments{};
  std::vector<OptionWords> options{};
  std::vector<CommandWords> commands{};

  /// "recant-log-cat" with '-', "recant log cat" with ' '.
  [[nodiscard]] std::string name(char separator) const;
};

[[nodiscard]] CommandWords words_of(const CLI::App& app);
/// `root` and everything below it, in order.
[[nodiscard]] std::vector<const CommandWords*> all_commands(const CommandWords& root);

}  // namespace recant::cli
