// Bytes in: files and stdin, plain or compressed, told by their first bytes; and their lines.
// Constant memory whatever the size. Rules: cli.md, "Times, ids, files"; reliability.md, "Content".
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "recant/error.h"

namespace recant::files {

/// A stream of decompressed bytes: gzip, zstd (any window up to 2^31), bzip2, several members or
/// frames after another, or plain.
class Input {
 public:
  /// `path` "-" is stdin. Nothing is read yet beyond what tells the compression.
  /// Errors: kIo (no such file, a directory, no permission).
  [[nodiscard]] static Result<Input> open(const std::string& path);
  Input(Input&&) noexcept;
  Input& operator=(Input&&) noexcept;
  ~Input();

  /// Reads up to out.size() bytes; 0 at the end. Errors: kIo (reading failed), kCorruption
  /// (truncated or damaged compressed data, trailing garbage; `offset` is the position in the
  /// compressed file; every byte before it was returned by earlier calls).
  [[nodiscard]] Result<std::size_t> read(std::span<char> out);

  [[nodiscard]] const std::string& name() const;  ///< the path, or "stdin"
  /// Of the file as it is on disk. Any thread may ask while another one reads.
  [[nodiscard]] std::uint64_t bytes_consumed() const;
  /// For regular files; of what is read, where only some lines are.
  [[nodiscard]] std::optional<std::uint64_t> bytes_total() const;
  [[nodiscard]] bool compressed() const;
  [[nodiscard]] bool seekable() const;  ///< a regular file that can be opened again

  /// Gives only the lines that begin in [begin, end) of the file, whole. For a plain, seekable
  /// file, before the first read. Lines that were cut like this from ranges that follow one another
  /// are the lines of the file. Errors: kIo.
  [[nodiscard]] Result<void> restrict_lines(std::uint64_t begin, std::uint64_t end);
  /// Where the lines to give begin: 0 but after restrict_lines.
  [[nodiscard]] std::uint64_t begin() const;

  /// Shows `tap` every byte of the file as it is on disk, in order, from the first one on (those
  /// that told the compression too). To be set before the first read.
  void set_tap(std::function<void(std::string_view)> tap);
  /// Reads the file to its end for the tap alone: what is after damage is not decompressed.
  [[nodiscard]] Result<void> drain();

 private:
  class Impl;
  explicit Input(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

struct Line {
  /// Without the newline. 64 bytes past the end are readable. Valid until the next call.
  std::string_view text;
  std::uint64_t number = 0;  ///< from 1
  bool too_long = false;     ///< longer than the cap: `text` holds its first bytes (up to 4 KiB)
  std::uint64_t bytes = 0;   ///< the line's whole length, without the newline
  std::uint64_t quotes = 0;  ///< of a line that is too long: how many quotation marks it has
  bool newline = false;      ///< it ended with a newline (false only for the last line)
  bool byte_order_mark = false;  ///< one stood before it and was left out
};

/// Splits an input into lines. A UTF-8 byte-order mark at the start is left out.
class LineReader {
 public:
  explicit LineReader(Input input, std::uint64_t line_bytes_max = std::uint64_t{16} << 20);
  LineReader(LineReader&&) noexcept;
  LineReader& operator=(LineReader&&) noexcept;
  ~LineReader();

  /// The next line, false at the end. Errors as of Input::read; on kCorruption the lines before
  /// were returned, an unfinished last line was dropped (its rest is unknown: half an id is another
  /// id), and the next call returns false.
  [[nodiscard]] Result<bool> next(Line& out);
  [[nodiscard]] const Input& input() const;
  [[nodiscard]] Input& input();

 private:
  static constexpr std::size_t kBlockBytes = std::size_t{256} << 10;  // fits a second-level cache

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace recant::files
