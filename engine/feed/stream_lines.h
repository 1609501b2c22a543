// Lines out of a stream's bytes as they come over the wire: plain, or one endless gzip member after
// another, cut anywhere. Source: the platform's reference, section 2, "gzip detail".
#pragma once

#include <zlib.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace recant::feed {

class StreamLines {
 public:
  /// Takes a line without its newline; kLinePadding bytes past its end are readable. `last`: there
  /// is nothing behind it of what came so far.
  using OnLine = std::function<void(std::string_view line, bool last)>;

  explicit StreamLines(bool gzip);

  /// Calls `on_line` for each line that is complete. Returns why the stream cannot be read on
  /// (damaged gzip, a line over 16 MiB); then the connection is of no more use.
  [[nodiscard]] std::optional<std::string> add(std::string_view bytes, const OnLine& on_line);

  static constexpr std::size_t kLineBytesMax = std::size_t{16} << 20;

 private:
  struct EndInflate {
    void operator()(z_stream* stream) const noexcept {
      inflateEnd(stream);
      delete stream;
    }
  };
  [[nodiscard]] std::optional<std::string> split(std::string_view bytes, bool more,
                                                 const OnLine& on_line);

  std::unique_ptr<z_stream, EndInflate> inflate_;
  std::string line_;  ///< what came of a line that is not complete yet
};

}  // namespace recant::feed
