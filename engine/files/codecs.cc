// The three C libraries behind Codec.
#include <bzlib.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <limits>

#include "engine/files/decompress.h"

namespace recant::files {
namespace {

// zlib and bzip2 count in 32 bits.
unsigned int clamp_size(std::size_t size) {
  return static_cast<unsigned int>(
      std::min<std::size_t>(size, std::numeric_limits<unsigned int>::max()));
}

class GzipCodec : public Codec {
 public:
  ~GzipCodec() override {
    if (ready_) inflateEnd(&stream_);
  }
  std::string_view name() const override { return "gzip"; }

  bool begin() override {
    constexpr int kGzipOnly = 16;  // added to the window bits [zlib.h, inflateInit2]
    if (ready_) return inflateReset(&stream_) == Z_OK;
    ready_ = inflateInit2(&stream_, MAX_WBITS + kGzipOnly) == Z_OK;
    return ready_;
  }

  CodecStep step(std::span<const char> in, std::span<char> out) override {
    // zlib.h declares the input const only under ZLIB_CONST; inflate does not write to it.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream_.avail_in = clamp_size(in.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = clamp_size(out.size());
    const unsigned int in_before = stream_.avail_in;
    const unsigned int out_before = stream_.avail_out;
    const int code = inflate(&stream_, Z_NO_FLUSH);
    CodecStep step{.consumed = in_before - stream_.avail_in,
                   .produced = out_before - stream_.avail_out};
    step.ended = code == Z_STREAM_END;
    step.no_memory = code == Z_MEM_ERROR;
    // Z_BUF_ERROR only says that there was nothing to do.
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
      step.bad = stream_.msg != nullptr ? stream_.msg : "it cannot be decoded";
    }
    return step;
  }

 private:
  z_stream stream_{};
  bool ready_ = false;
};

class ZstdCodec : public Codec {
 public:
  ZstdCodec() : context_(ZSTD_createDCtx()) {}
  ~ZstdCodec() override { ZSTD_freeDCtx(context_); }
  ZstdCodec(const ZstdCodec&) = delete;
  ZstdCodec& operator=(const ZstdCodec&) = delete;
  std::string_view name() const override { return "zstd"; }

  bool begin() override {
    constexpr int kWindowLogMax = 31;
    if (context_ == nullptr) return false;
    hint_ = ZSTD_initDStream(context_);
    return ZSTD_isError(hint_) == 0 &&
           ZSTD_isError(ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, kWindowLogMax)) == 0;
  }

  CodecStep step(std::span<const char> in, std::span<char> out) override {
    // A call that fails does not say what it wrote before: so no call gets more than one block. The
    // library asks for a block and the header after it (3 bytes), which may be the damaged one.
    const std::size_t piece = hint_ > kBlockHeaderBytes ? hint_ - kBlockHeaderBytes : hint_;
    ZSTD_inBuffer input{in.data(), std::min(in.size(), piece), 0};
    ZSTD_outBuffer output{out.data(), out.size(), 0};
    const std::size_t code = ZSTD_decompressStream(context_, &output, &input);
    CodecStep step{.consumed = input.pos, .produced = output.pos};
    if (ZSTD_isError(code) != 0) {
      step.bad = ZSTD_getErrorName(code);
      step.no_memory = ZSTD_getErrorCode(code) == ZSTD_error_memory_allocation;
    } else {
      step.ended = code == 0;
      hint_ = code;
    }
    return step;
  }

 private:
  static constexpr std::size_t kBlockHeaderBytes = 3;
  ZSTD_DCtx* context_;
  std::size_t hint_ = 0;  // how many bytes the next call wants
};

class Bzip2Codec : public Codec {
 public:
  ~Bzip2Codec() override { end(); }
  std::string_view name() const override { return "bzip2"; }

  bool begin() override {
    end();
    stream_ = bz_stream{};
    ready_ = BZ2_bzDecompressInit(&stream_, 0, 0) == BZ_OK;
    return ready_;
  }

  CodecStep step(std::span<const char> in, std::span<char> out) override {
    stream_.next_in = const_cast<char*>(in.data());  // the library does not write to it
    stream_.avail_in = clamp_size(in.size());
    stream_.next_out = out.data();
    stream_.avail_out = clamp_size(out.size());
    const unsigned int in_before = stream_.avail_in;
    const unsigned int out_before = stream_.avail_out;
    const int code = BZ2_bzDecompress(&stream_);
    CodecStep step{.consumed = in_before - stream_.avail_in,
                   .produced = out_before - stream_.avail_out};
    step.ended = code == BZ_STREAM_END;
    step.no_memory = code == BZ_MEM_ERROR;
    if (code != BZ_OK && code != BZ_STREAM_END) step.bad = "it cannot be decoded";
    return step;
  }

 private:
  void end() {
    if (ready_) BZ2_bzDecompressEnd(&stream_);
    ready_ = false;
  }
  bz_stream stream_{};
  bool ready_ = false;
};

}  // namespace

std::unique_ptr<Codec> make_codec(Compression compression) {
  switch (compression) {
    case Compression::kGzip:
      return std::make_unique<GzipCodec>();
    case Compression::kZstd:
      return std::make_unique<ZstdCodec>();
    case Compression::kBzip2:
      return std::make_unique<Bzip2Codec>();
    case Compression::kNone:
      break;
  }
  return nullptr;
}

}  // namespace recant::files
