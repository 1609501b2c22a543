// The program's words: every command and option, for main.cc to parse and for the manual to tell.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/command.h"

namespace recant::cli {

/// `context` must outlive it.
[[nodiscard]] std::unique_ptr<CLI::App> make_program(Context& context);

}  // namespace recant::cli
