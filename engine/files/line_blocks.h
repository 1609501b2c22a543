// Blocks of whole lines, each with its own memory, so that several threads can take them apart.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "engine/files/input.h"
#include "recant/error.h"

namespace recant::files {

/// Some lines of an input, one after another. Reused: it keeps its memory.
class LineBlock {
 public:
  /// The next line of the block, false after the last. Valid as long as the block is not refilled.
  [[nodiscard]] bool next(Line& out);
  [[nodiscard]] std::uint64_t first_line() const { return first_line_; }
  [[nodiscard]] std::size_t bytes() const { return size_; }
  /// The lines as they stand in the input, of one that is too long the head.
  [[nodiscard]] std::string_view text() const { return {buffer_.get(), size_}; }

 private:
  friend class LineBlocks;

  void reserve(std::size_t capacity);

  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t size_ = 0;
  std::size_t at_ = 0;  // of the next line
  std::uint64_t first_line_ = 0;
  std::uint64_t line_ = 0;        // number of the next line
  std::uint64_t cap_ = 0;         // of a line
  std::uint64_t long_bytes_ = 0;  // not 0: the block is the head of one line of so many bytes
  std::uint64_t long_quotes_ = 0;
  bool long_newline_ = false;
  bool byte_order_mark_ = false;  // stood before the first line
};

/// Cuts an input into blocks, with the rules of LineReader for the lines in them.
class LineBlocks {
 public:
  /// A block has about `block_bytes`, or one longer line.
  LineBlocks(Input input, std::uint64_t line_bytes_max, std::size_t block_bytes);

  /// The next block, false at the end. Errors as of LineReader::next.
  [[nodiscard]] Result<bool> next(LineBlock& out);
  [[nodiscard]] const Input& input() const { return input_; }
  [[nodiscard]] Input& input() { return input_; }
  /// Number of the first line behind the last block.
  [[nodiscard]] std::uint64_t next_line() const { return line_; }

 private:
  [[nodiscard]] Result<bool> fill(LineBlock& out);
  [[nodiscard]] Result<bool> give_long(LineBlock& out);
  void give(LineBlock& out, std::size_t size, bool byte_order_mark);
  void keep_rest(const LineBlock& from, std::size_t begin);

  Input input_;
  std::uint64_t cap_;
  std::size_t block_bytes_;
  LineBlock rest_;  // the unfinished line behind the last block
  std::uint64_t line_ = 1;
  bool ended_ = false;            // the input has no more bytes
  bool first_;                    // a byte-order mark may come
  std::optional<Error> failure_;  // told after the lines before it
};

}  // namespace recant::files
