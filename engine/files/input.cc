#include "engine/files/input.h"

#include <atomic>
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
    auto count = compression_ == Compression::kNone ? file.read(out) : codec_.read(file, out);
    consumed.store(file.offset(), std::memory_order_relaxed);
    return count;
  }

  [[nodiscard]] bool compressed() const { return compression_ != Compression::kNone; }

  RawFile file;
  std::atomic<std::uint64_t> consumed = 0;  // of the file, for whoever shows progress

 private:
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
    if (count == 0) break;
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
std::optional<std::uint64_t> Input::bytes_total() const { return impl_->file.bytes_total(); }
bool Input::compressed() const { return impl_->compressed(); }
bool Input::seekable() const { return impl_->file.seekable(); }
void Input::set_tap(std::function<void(std::string_view)> tap) {
  impl_->file.set_tap(std::move(tap));
}
Result<void> Input::drain() { return impl_->file.drain(); }

}  // namespace recant::files
