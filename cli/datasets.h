// The arguments that every command over datasets takes.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "engine/dataset/dataset_reader.h"

namespace recant::cli {

struct DatasetArguments {
  std::vector<std::string> files;
  dataset::ReaderOptions reader{};
};

/// Adds DATASET..., --format and --max-line.
void add_dataset_arguments(CLI::App* command, DatasetArguments& arguments);
/// Adds --type.
void add_type(CLI::App* command, DatasetArguments& arguments);

}  // namespace recant::cli
