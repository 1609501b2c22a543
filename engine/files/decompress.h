// gzip, zstd and bzip2 as streams of bytes, several members or frames after another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "engine/files/raw_file.h"
#include "recant/error.h"

namespace recant::files {

enum class Compression : std::uint8_t { kNone, kGzip, kZstd, kBzip2 };

/// What the first bytes of a file say.
struct Telling {
  Compression compression = Compression::kNone;
  bool needs_more = false;  ///< the bytes are the beginning of a signature, and could become one
  /// Where they need more: whose signature is cut off if no more come. None where the bytes are so
  /// few, and such, that they may well be text.
  Compression cut_off = Compression::kNone;
};
[[nodiscard]] Telling tell_compression(std::span<const char> first_bytes);

/// What one call of a codec did.
struct CodecStep {
  std::size_t consumed = 0;
  std::size_t produced = 0;
  bool ended = false;                        ///< the member is complete
  std::optional<std::string_view> bad = {};  ///< why the data cannot be read on
  bool no_memory = false;
};

/// One compressed format: a thin skin over its C library. [RFC 1952, RFC 8878, bzip2]
class Codec {
 public:
  Codec() = default;
  Codec(const Codec&) = delete;
  Codec& operator=(const Codec&) = delete;
  virtual ~Codec() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// Ready for a new member; false without memory.
  [[nodiscard]] virtual bool begin() = 0;
  [[nodiscard]] virtual CodecStep step(std::span<const char> in, std::span<char> out) = 0;
};
[[nodiscard]] std::unique_ptr<Codec> make_codec(Compression compression);

/// Reads the members of a file to its end.
class Decompressor {
 public:
  Decompressor(Compression compression, std::unique_ptr<Codec> codec)
      : compression_(compression), codec_(std::move(codec)) {}
  /// As Input::read; once it failed it fails the same way.
  [[nodiscard]] Result<std::size_t> read(RawFile& file, std::span<char> out);

 private:
  [[nodiscard]] Result<bool> begin_member(RawFile& file);
  [[nodiscard]] Result<void> more_input(RawFile& file);
  [[nodiscard]] Error damaged(const RawFile& file, std::string_view why) const;
  [[nodiscard]] Error no_memory(const RawFile& file) const;

  Compression compression_;
  std::unique_ptr<Codec> codec_;
  bool between_members_ = true;
  std::optional<Error> failure_;
};

}  // namespace recant::files
