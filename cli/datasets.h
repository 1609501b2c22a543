// The arguments that every command over datasets takes.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "engine/dataset/dataset_reader.h"
#include "engine/dataset/shard.h"

namespace recant::cli {

struct DatasetArguments {
  std::vector<std::string> files;
  dataset::ReaderOptions reader{};
  dataset::Shard shard{};
  bool sharded = false;  ///< --shard was given, 1/1 too
};

/// Adds DATASET..., --format and --max-line.
void add_dataset_arguments(CLI::App* command, DatasetArguments& arguments);
/// Adds --shard, which needs `as_of`.
void add_shard(CLI::App* command, CLI::Option* as_of, DatasetArguments& arguments);
/// Adds --type.
void add_type(CLI::App* command, DatasetArguments& arguments);

}  // namespace recant::cli
