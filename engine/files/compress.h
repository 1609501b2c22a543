// gzip and zstd on the way out.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "engine/files/decompress.h"
#include "recant/error.h"

namespace recant::files {

class Compressor {
 public:
  /// Takes compressed bytes.
  using Sink = std::function<Result<void>(std::string_view)>;

  /// Null without memory. `compression` is gzip or zstd.
  [[nodiscard]] static std::unique_ptr<Compressor> make(Compression compression);
  Compressor() = default;
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;
  virtual ~Compressor() = default;
  [[nodiscard]] virtual Result<void> add(std::string_view bytes, const Sink& sink) = 0;
  /// Ends the stream, so that a reader knows that it is whole.
  [[nodiscard]] virtual Result<void> end(const Sink& sink) = 0;
};

}  // namespace recant::files
