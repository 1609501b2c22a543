// The options by which a user chooses beyond the rules of verdicts.
#pragma once

#include <CLI/CLI.hpp>

#include "recant/verdict.h"

namespace recant::cli {

/// Adds --country and --delete-on.
void add_policy(CLI::App* command, Policy& policy);

}  // namespace recant::cli
