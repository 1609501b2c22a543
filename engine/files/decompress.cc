#include "engine/files/decompress.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace recant::files {
namespace {

struct Signature {
  Compression compression;
  std::string_view bytes;  // '?' stands for what `fits` tells
};

constexpr std::array<Signature, 5> kSignatures = {{
    {Compression::kGzip, "\x1f\x8b\x08"},
    {Compression::kZstd, "\x28\xb5\x2f\xfd"},
    {Compression::kZstd, "?\x2a\x4d\x18"},  // a skippable frame: 0x50 to 0x5f first
    {Compression::kBzip2, "BZh?1AY&SY"},
    {Compression::kBzip2, "BZh?\x17\x72\x45\x38\x50\x90"},  // an empty stream
}};

bool fits(const Signature& signature, std::size_t at, char byte) {
  if (signature.bytes[at] != '?') return signature.bytes[at] == byte;
  if (signature.compression == Compression::kBzip2) return byte >= '1' && byte <= '9';
  return byte >= 0x50 && byte <= 0x5f;
}

// "BZ" may be the header of an id list, "BZh" is none; no text holds the first two bytes of gzip.
bool is_no_text(std::span<const char> bytes) {
  const auto is_high = [](char byte) { return (byte & 0x80) != 0; };
  return bytes.size() >= 3 || std::ranges::any_of(bytes, is_high);
}

}  // namespace

Telling tell_compression(std::span<const char> first_bytes) {
  Telling telling;
  for (const Signature& signature : kSignatures) {
    const std::size_t size = std::min(signature.bytes.size(), first_bytes.size());
    std::size_t same = 0;
    while (same < size && fits(signature, same, first_bytes[same])) ++same;
    if (same < size) continue;
    if (size == signature.bytes.size()) return {.compression = signature.compression};
    telling.needs_more = true;
    if (is_no_text(first_bytes)) telling.cut_off = signature.compression;
  }
  return telling;
}

Error Decompressor::damaged(const RawFile& file, std::string_view why) const {
  return Error{ErrorCode::kCorruption,
               fmt::format("reading {}: the {} data is damaged at byte {} of the compressed file: "
                           "{} (what came before was read; get a whole copy of the file)",
                           file.name(), codec_->name(), file.offset(), why),
               file.offset()};
}

Error Decompressor::no_memory(const RawFile& file) const {
  return Error{ErrorCode::kIo,
               fmt::format("reading {}: no memory to decompress {} data of this window (give it "
                           "more, or compress the file with a smaller window)",
                           file.name(), codec_->name())};
}

// True if there is a next member, false at a clean end.
Result<bool> Decompressor::begin_member(RawFile& file) {
  Telling telling = tell_compression(file.window());
  while (file.window().empty() || telling.needs_more) {
    RECANT_ASSIGN(const std::size_t count, file.fill());
    if (count == 0) break;
    telling = tell_compression(file.window());
  }
  if (file.window().empty()) return false;
  if (telling.compression != compression_) {
    return std::unexpected(damaged(
        file, telling.needs_more ? "it is cut off" : "bytes follow that belong to no stream"));
  }
  if (!codec_->begin()) return std::unexpected(no_memory(file));
  between_members_ = false;
  return true;
}

Result<void> Decompressor::more_input(RawFile& file) {
  RECANT_ASSIGN(const std::size_t count, file.fill());
  if (count == 0) return std::unexpected(damaged(file, "it is cut off"));
  return {};
}

Result<std::size_t> Decompressor::read(RawFile& file, std::span<char> out) {
  // A codec that failed is in no state to be asked again.
  if (failure_) return std::unexpected(*failure_);
  for (;;) {
    if (between_members_) {
      RECANT_ASSIGN(const bool more, begin_member(file));
      if (!more) return 0;
    }
    const CodecStep step = codec_->step(file.window(), out);
    file.take(step.consumed);
    between_members_ = step.ended;
    if (step.bad) failure_ = step.no_memory ? no_memory(file) : damaged(file, *step.bad);
    if (step.produced > 0) return step.produced;
    if (failure_) return std::unexpected(*failure_);
    if (step.consumed == 0 && !step.ended) RECANT_TRY(more_input(file));
  }
}

}  // namespace recant::files
