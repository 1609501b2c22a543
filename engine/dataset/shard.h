// One of several shares of a dataset, for jobs that run side by side: each item is in exactly one,
// and what is written for the shares, put together in order, is what is written for the whole.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/dataset/dataset_reader.h"
#include "engine/dataset/record_parser.h"
#include "engine/files/input.h"

namespace recant::dataset {

/// Share `index` of `count`, from 1.
struct Shard {
  std::uint64_t index = 1;
  std::uint64_t count = 1;
};

/// What the first lines of an input say.
struct Head {
  std::string name{};  ///< of the input
  Format format = Format::kAuto;
  std::string header{};      ///< without the end of its line; empty where there is none
  std::uint64_t offset = 0;  ///< in the input, where its first line that is not blank begins
};

struct ShardInputs {
  /// Those of which the shard has lines, each giving these lines alone.
  std::vector<files::Input> inputs{};
  /// Of the first input with anything in it, where that begins before the shard.
  std::optional<Head> before{};
};

/// Cuts the bytes of all inputs, one after another, into `shard.count` equal ranges. A line belongs
/// to the range in which it begins, and so does a row of CSV (whose beginnings are only found by
/// reading all rows before); a file that is compressed, or that begins like an array over lines,
/// belongs whole to the one in which it begins. Errors: kInvalidArgument (an input that cannot be
/// read twice, such as stdin), kIo.
[[nodiscard]] Result<ShardInputs> take_shard(std::vector<files::Input> inputs, const Shard& shard,
                                             const ReaderOptions& options);

/// Shows `parser` the lines that decide about `input`, as far as they stand before those that it
/// gives; the parser is then as if it had read all of them. Returns what they say, if they do.
[[nodiscard]] Result<std::optional<Head>> read_head(const files::Input& input,
                                                    const ReaderOptions& options,
                                                    RecordParser& parser);

}  // namespace recant::dataset
