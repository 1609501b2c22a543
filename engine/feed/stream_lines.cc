#include "engine/feed/stream_lines.h"

#include <array>
#include <new>
#include <utility>

#include "engine/decode/decode.h"

namespace recant::feed {
namespace {

constexpr int kGzipWindow = 16 + MAX_WBITS;
constexpr char kGzipFirst = '\x1f';

}  // namespace

void StreamLines::begin(char first) {
  begun_ = true;
  if (first != kGzipFirst) return;
  inflate_.reset(new z_stream{});
  if (inflateInit2(inflate_.get(), kGzipWindow) != Z_OK) throw std::bad_alloc();
}

std::string_view StreamLines::rest() {
  const std::size_t size = line_.size();
  line_.append(decode::kLinePadding, ' ');
  return std::string_view(line_).substr(0, size);
}

std::optional<std::string> StreamLines::add(std::string_view bytes, const OnLine& on_line) {
  if (bytes.empty()) return {};
  if (!begun_) begin(bytes.front());
  if (!inflate_) {
    split(bytes, false, on_line);
    return {};
  }
  std::array<char, 64 * 1024> out{};
  z_stream& z = *inflate_;
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  z.avail_in = static_cast<uInt>(bytes.size());
  for (;;) {
    z.next_out = reinterpret_cast<Bytef*>(out.data());
    z.avail_out = static_cast<uInt>(out.size());
    const int result = ::inflate(&z, Z_SYNC_FLUSH);
    const bool damaged = result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR;
    const bool more = !damaged && (z.avail_in > 0 || z.avail_out == 0);
    // What came before the damage is kept, however the bytes were cut on their way.
    split({out.data(), out.size() - z.avail_out}, more, on_line);
    if (damaged) return "damaged gzip";
    // Another member may follow; it begins like the first.
    if (result == Z_STREAM_END && inflateReset(&z) != Z_OK) return "damaged gzip";
    if (!more) return {};
  }
}

void StreamLines::split(std::string_view bytes, bool more, const OnLine& on_line) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    keep(bytes.substr(0, end));
    if (end == std::string_view::npos) return;
    bytes.remove_prefix(end + 1);
    const std::size_t size = line_.size();
    line_.append(decode::kLinePadding, ' ');
    on_line({.text = std::string_view(line_).substr(0, size),
             .last = bytes.empty() && !more,
             .too_long = std::exchange(too_long_, 0)});
    line_.clear();
  }
}

void StreamLines::keep(std::string_view piece) {
  if (too_long_ == 0 && line_.size() + piece.size() <= kLineBytesMax) {
    line_ += piece;
    return;
  }
  too_long_ += line_.size() + piece.size();
  line_ = std::string();
}

}  // namespace recant::feed
