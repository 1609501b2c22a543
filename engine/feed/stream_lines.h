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
  struct Line {
    std::string_view text{};  ///< without its newline; kLinePadding bytes past its end are readable
    bool last = false;        ///< nothing is behind it of what came so far
    std::uint64_t too_long = 0;  ///< its bytes, where they were over the maximum; then no text
  };
  using OnLine = std::function<void(const Line& line)>;

  /// Calls `on_line` for each line that is complete. Only the first byte tells whether the stream
  /// is compressed: no line begins as a gzip member does, and headers get lost on the way. Returns
  /// why the stream cannot be read on (damaged gzip); then the connection is of no more use.
  [[nodiscard]] std::optional<std::string> add(std::string_view bytes, const OnLine& on_line);
  /// What came of a line that has no end yet, padded as a line is. Nothing can be added afterwards.
  [[nodiscard]] std::string_view rest();

  static constexpr std::size_t kLineBytesMax = std::size_t{16} << 20;

 private:
  struct EndInflate {
    void operator()(z_stream* stream) const noexcept {
      inflateEnd(stream);
      delete stream;
    }
  };
  void begin(char first);
  void split(std::string_view bytes, bool more, const OnLine& on_line);
  void keep(std::string_view piece);

  bool begun_ = false;
  std::unique_ptr<z_stream, EndInflate> inflate_;
  std::string line_;            ///< what came of a line that is not complete yet
  std::uint64_t too_long_ = 0;  ///< bytes of it, once they are too many to be kept
};

}  // namespace recant::feed
