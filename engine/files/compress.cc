#include "engine/files/compress.h"

#include <zlib.h>
#include <zstd.h>

#include <string>

namespace recant::files {
namespace {

constexpr std::size_t kOutBytes = std::size_t{256} << 10;

class GzipCompressor : public Compressor {
 public:
  GzipCompressor() : out_(kOutBytes, '\0') {
    constexpr int kGzip = 16;  // added to the window bits [zlib.h, deflateInit2]
    constexpr int kMemoryLevel = 8;
    ready_ = deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + kGzip,
                          kMemoryLevel, Z_DEFAULT_STRATEGY) == Z_OK;
  }
  ~GzipCompressor() override {
    if (ready_) deflateEnd(&stream_);
  }
  [[nodiscard]] bool ready() const { return ready_; }

  Result<void> add(std::string_view bytes, const Sink& sink) override {
    constexpr std::size_t kPieceBytes = std::size_t{1} << 30;  // zlib counts in 32 bits
    while (!bytes.empty()) {
      const std::string_view piece = bytes.substr(0, kPieceBytes);
      bytes.remove_prefix(piece.size());
      RECANT_TRY(run(piece, Z_NO_FLUSH, sink));
    }
    return {};
  }
  Result<void> end(const Sink& sink) override { return run({}, Z_FINISH, sink); }

 private:
  Result<void> run(std::string_view bytes, int flush, const Sink& sink) {
    // zlib.h declares the input const only under ZLIB_CONST; deflate does not write to it.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    int code = Z_OK;
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(out_.data());
      stream_.avail_out = static_cast<uInt>(out_.size());
      code = deflate(&stream_, flush);
      if (code == Z_STREAM_ERROR) return fail(ErrorCode::kIo, "gzip failed (this is a bug)");
      RECANT_TRY(sink({out_.data(), out_.size() - stream_.avail_out}));
    } while (flush == Z_FINISH ? code != Z_STREAM_END : stream_.avail_out == 0);
    return {};
  }

  std::string out_;
  z_stream stream_{};
  bool ready_ = false;
};

class ZstdCompressor : public Compressor {
 public:
  ZstdCompressor() : out_(ZSTD_CStreamOutSize(), '\0'), context_(ZSTD_createCCtx()) {
    ready_ = context_ != nullptr &&
             ZSTD_isError(ZSTD_CCtx_setParameter(context_, ZSTD_c_checksumFlag, 1)) == 0;
  }
  ~ZstdCompressor() override { ZSTD_freeCCtx(context_); }
  ZstdCompressor(const ZstdCompressor&) = delete;
  ZstdCompressor& operator=(const ZstdCompressor&) = delete;
  [[nodiscard]] bool ready() const { return ready_; }

  Result<void> add(std::string_view bytes, const Sink& sink) override {
    return run(bytes, ZSTD_e_continue, sink);
  }
  Result<void> end(const Sink& sink) override { return run({}, ZSTD_e_end, sink); }

 private:
  Result<void> run(std::string_view bytes, ZSTD_EndDirective directive, const Sink& sink) {
    ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
    std::size_t left = 0;
    do {
      ZSTD_outBuffer output{out_.data(), out_.size(), 0};
      left = ZSTD_compressStream2(context_, &output, &input, directive);
      if (ZSTD_isError(left) != 0) {
        return fail(ErrorCode::kIo, std::string("compressing with zstd: ") +
                                        ZSTD_getErrorName(left) + " (give it more memory)");
      }
      RECANT_TRY(sink({out_.data(), output.pos}));
    } while (directive == ZSTD_e_end ? left != 0 : input.pos < input.size);
    return {};
  }

  std::string out_;
  ZSTD_CCtx* context_;
  bool ready_ = false;
};

template <class T>
std::unique_ptr<Compressor> ready_or_null() {
  auto compressor = std::make_unique<T>();
  if (!compressor->ready()) return nullptr;
  return compressor;
}

}  // namespace

std::unique_ptr<Compressor> Compressor::make(Compression compression) {
  if (compression == Compression::kGzip) return ready_or_null<GzipCompressor>();
  return ready_or_null<ZstdCompressor>();
}

}  // namespace recant::files
