// Manual pages and shell completions, from the same words as --help.
#pragma once

#include <string>

#include "cli/manual/command_tree.h"

namespace recant::cli {

/// A page of roff. [man(7)]
[[nodiscard]] std::string manual_page(const CommandWords& root, const CommandWords& command);
/// Scripts that complete commands, options and file names.
[[nodiscard]] std::string bash_completion(const CommandWords& root);
[[nodiscard]] std::string zsh_completion(const CommandWords& root);
[[nodiscard]] std::string fish_completion(const CommandWords& root);

}  // namespace recant::cli
