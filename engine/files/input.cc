#include "engine/files/input.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>

#include "engine/files/decompress.h"
#include "engine/files/raw_file.h"

namespace recant::files {

class Input::Impl {
 public:
  Impl(RawFile raw, Compression compression)
      : file(std::move(raw)),
        codec_(compression, make_codec(compression)),
        compression_(compression) {}

  Result<std::size_t> read(std::span<char> out) {
    if (out.empty()) return 0;
    auto count = lines ? read_lines(out) : compressed() ? codec_.read(file, out) : file.read(out);
    consumed.store(file.offset() - (lines ? lines->begin : 0), std::memory_order_relaxed);
    return count;
  }

  Result<void> restrict_lines(std::uint64_t begin, std::uint64_t end) {
    lines = LineRange{.begin = begin, .end = end, .ended = begin >= end};
    if (lines->ended) return {};
    // The line that begins at `begin` is behind a newline; another one that is cut there is not.
    RECANT_TRY(file.seek(begin == 0 ? 0 : begin - 1));
    return begin == 0 ? Result<void>() : skip_line();
  }

  [[nodiscard]] bool compressed() const { return compression_ != Compression::kNone; }

  RawFile file;
  std::atomic<std::uint64_t> consumed = 0;  // of the file, for whoever shows progress

  struct LineRange {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    bool ended = false;
  };
  std::optional<LineRange> lines;

 private:
  Result<void> skip_line() {
    for (;;) {
      RECANT_ASSIGN(const std::size_t count, file.fill());
      const std::span<const char> window = file.window();
      const auto newline = std::ranges::find(window, '\n');
      const bool found = newline != window.end();
      file.take(static_cast<std::size_t>(newline - window.begin()) + (found ? 1 : 0));
      lines->ended = (!found && count == 0) || file.offset() >= lines->end;
      if (found || lines->ended) return {};
    }
  }

  // Up to the newline of the last line that begins in the range.
  Result<std::size_t> read_lines(std::span<char> out) {
    if (lines->ended) return 0;
    const std::uint64_t at = file.offset();
    RECANT_ASSIGN(std::size_t count, file.read(out));
    const std::uint64_t last = lines->end - 1;
    if (at + count <= last) return count;
    const std::span<char> rest = out.first(count).subspan(last > at ? last - at : 0);
    const auto newline = std::ranges::find(rest, '\n');
    if (newline == rest.end()) return count;
    lines->ended = true;
    return static_cast<std::size_t>(newline - rest.begin()) + (count - rest.size()) + 1;
  }

  Decompressor codec_;
  Compression compression_;
};

Result<Input> Input::open(const std::string& path) {
  RECANT_ASSIGN(RawFile file, RawFile::open(path));
  // A pipe may give a byte at a time, and a terminal should not be asked for ten before the first
  // line is read: more is read only while what is there could still become a signature.
  Telling telling = tell_compression(file.window());
  while (telling.needs_more) {
    RECANT_ASSIGN(const std::size_t count, file.fill());
    if (count == 0) {
      telling.compression = telling.cut_off;  // it says so when it is read
      break;
    }
    telling = tell_compression(file.window());
  }
  return Input(std::make_unique<Impl>(std::move(file), telling.compression));
}

Input::Input(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Input::Input(Input&&) noexcept = default;
Input& Input::operator=(Input&&) noexcept = default;
Input::~Input() = default;

Result<std::size_t> Input::read(std::span<char> out) { return impl_->read(out); }
const std::string& Input::name() const { return impl_->file.name(); }
std::uint64_t Input::bytes_consumed() const {
  return impl_->consumed.load(std::memory_order_relaxed);
}
std::optional<std::uint64_t> Input::bytes_total() const {
  if (impl_->lines) return impl_->lines->end - impl_->lines->begin;
  return impl_->file.bytes_total();
}
Result<void> Input::restrict_lines(std::uint64_t begin, std::uint64_t end) {
  return impl_->restrict_lines(begin, end);
}
std::uint64_t Input::begin() const { return impl_->lines ? impl_->lines->begin : 0; }
bool Input::compressed() const { return impl_->compressed(); }
bool Input::seekable() const { return impl_->file.seekable(); }
void Input::set_tap(std::function<void(std::string_view)> tap) {
  impl_->file.set_tap(std::move(tap));
}
Result<void> Input::drain() { return impl_->file.drain(); }

}  // namespace recant::files
