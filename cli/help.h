// Help with examples first, and what is said about a command line that cannot be understood.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "recant/error.h"

namespace recant::cli {

/// Shows an app's footer, its example, before everything else.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_usage(const CLI::App* app, std::string name) const override;
  std::string make_footer(const CLI::App*) const override { return {}; }
};

/// One line about why `app` could not parse its words: "unknown command chekc: did you mean check?
/// (...)".
[[nodiscard]] std::string explain_usage_error(CLI::App& app, const CLI::ParseError& error);

/// What `recant WORDS --help` prints. Errors: kInvalidArgument (there is no such command).
[[nodiscard]] Result<std::string> help_of(CLI::App& app, const std::vector<std::string>& words);

/// Whether the command that was given has the option `name`, "--memory".
[[nodiscard]] bool given_command_takes(CLI::App& app, const std::string& name);

}  // namespace recant::cli
