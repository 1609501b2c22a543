// The items of several datasets in batches, with rejections and progress told on the way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "engine/dataset/dataset_reader.h"
#include "engine/replay/ingest.h"

namespace recant::dataset {

/// Reads one dataset.
class ItemBatches {
 public:
  struct Counts {
    std::uint64_t items = 0;
    std::uint64_t skipped = 0;
    std::uint64_t rejected = 0;
  };
  using OnReject = std::function<void(const replay::Rejection&)>;

  ItemBatches(files::Input input, const ReaderOptions& options, const OnReject& on_reject,
              Counts& counts)
      : reader_(std::move(input), options), on_reject_(on_reject), counts_(counts) {}

  /// The next items, about `kBatchItems` of them; none at the end. Valid until the next call.
  /// Errors: kIo. What came before it was returned.
  [[nodiscard]] Result<std::span<const Item>> next();
  [[nodiscard]] const files::Input& input() const { return reader_.input(); }

  static constexpr std::size_t kBatchItems = 16 * 1024;

 private:
  void take(Record& record);

  DatasetReader reader_;
  const OnReject& on_reject_;
  Counts& counts_;
  Record record_;
  std::vector<Item> items_;  // the first size_ are the batch, the others keep their memory
  std::size_t size_ = 0;
  std::optional<Error> failure_;
};

}  // namespace recant::dataset
