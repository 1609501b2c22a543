// The ids of datasets, one after another: what a batch job or a lookup asks the platform about.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "engine/dataset/dataset_reader.h"
#include "engine/replay/ingest.h"

namespace recant::dataset {

class DatasetIds {
 public:
  DatasetIds(std::vector<files::Input> inputs, ReaderOptions options,
             std::function<void(const replay::Rejection&)> on_reject);

  /// The next item's id, or nothing at the end. Ids repeat where the datasets repeat them.
  /// Errors: kIo.
  [[nodiscard]] Result<std::optional<std::uint64_t>> next();
  [[nodiscard]] std::uint64_t rejected() const { return rejected_; }

 private:
  [[nodiscard]] Result<bool> next_record();

  std::vector<files::Input> inputs_;
  ReaderOptions options_;
  std::function<void(const replay::Rejection&)> on_reject_;
  std::size_t next_input_ = 0;
  std::optional<DatasetReader> reader_;
  Record record_;
  std::size_t next_item_ = 0;
  std::uint64_t rejected_ = 0;
};

}  // namespace recant::dataset
