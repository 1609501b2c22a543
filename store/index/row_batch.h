// Rows of one table, made by one thread and appended to a part by another.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "store/index/row_codec.h"

namespace recant::index {

/// Keeps its memory.
class RowBatch {
 public:
  void clear() {
    heads_.clear();
    extras_.clear();
  }
  void add(const EncodedRow& row) {
    heads_.push_back({.numbers = row.numbers, .absent = row.absent, .extra_begin = extras_.size()});
    extras_ += row.extra;
  }
  [[nodiscard]] std::size_t size() const { return heads_.size(); }
  /// Calls `visit(numbers, extra, absent)` for each row; all valid during the call.
  template <class Visit>
  void for_each(Visit visit) const {
    for (std::size_t i = 0; i < heads_.size(); ++i) {
      const std::size_t begin = heads_[i].extra_begin;
      const std::size_t end = i + 1 < heads_.size() ? heads_[i + 1].extra_begin : extras_.size();
      visit(heads_[i].numbers, std::string_view(extras_).substr(begin, end - begin),
            heads_[i].absent);
    }
  }

 private:
  struct Head {
    std::array<std::uint64_t, kColumnsMax> numbers{};
    unsigned absent = 0;
    std::size_t extra_begin = 0;
  };
  std::vector<Head> heads_;
  std::string extras_;
};

}  // namespace recant::index
