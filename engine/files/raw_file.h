// The bytes of a file or of stdin as they are on disk, with a window that can be looked at before
// it is taken: that is how compression is told, and how a compressed stream's end is found.
#pragma once

#include <sys/types.h>

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

/// "what: errno's text (advice)" with the code that the errno stands for.
[[nodiscard]] Error errno_error(const std::string& what, int error_number,
                                const std::string& advice);

class RawFile {
 public:
  /// `path` "-" is stdin. Errors: kIo.
  [[nodiscard]] static Result<RawFile> open(const std::string& path);
  RawFile(RawFile&& other) noexcept;
  RawFile& operator=(RawFile&& other) noexcept;
  RawFile(const RawFile&) = delete;
  RawFile& operator=(const RawFile&) = delete;
  ~RawFile();

  /// Bytes read and not yet taken.
  [[nodiscard]] std::span<const char> window() const { return {buffer_.get() + begin_, size()}; }
  void take(std::size_t count) { begin_ += count; }
  /// Adds bytes to the window and returns how many; 0 at the end. Its capacity is 256 KiB.
  [[nodiscard]] Result<std::size_t> fill();
  /// Takes from the window or, where that is empty, reads straight into `out`; 0 at the end.
  [[nodiscard]] Result<std::size_t> read(std::span<char> out);

  /// Goes on reading at `offset`. Needs seekable(). Errors: kIo.
  [[nodiscard]] Result<void> seek(std::uint64_t offset);

  /// As of Input. The window at hand is shown at once.
  void set_tap(std::function<void(std::string_view)> tap);
  [[nodiscard]] Result<void> drain();

  /// Position in the file of the window's first byte.
  [[nodiscard]] std::uint64_t offset() const { return read_bytes_ - size(); }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::optional<std::uint64_t> bytes_total() const { return bytes_total_; }
  [[nodiscard]] bool seekable() const { return seekable_; }

 private:
  RawFile() = default;
  [[nodiscard]] std::size_t size() const { return end_ - begin_; }
  [[nodiscard]] Result<std::size_t> read_some(char* out, std::size_t size);
  void close() noexcept;

  std::string name_;
  int fd_ = -1;
  bool owned_ = false;
  bool seekable_ = false;
  std::optional<std::uint64_t> bytes_total_;
  std::uint64_t read_bytes_ = 0;
  std::function<void(std::string_view)> tap_;
  std::unique_ptr<char[]> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace recant::files
