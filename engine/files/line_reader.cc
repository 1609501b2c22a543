// Lines as views into one large buffer: only what is cut off at its end is moved.
#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/files/input.h"

namespace recant::files {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{256} << 10;  // stays in the second-level cache
constexpr std::size_t kPadding = 64;
constexpr std::size_t kHeadBytes = 4096;  // what is shown of a line over the cap
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

class LineReader::Impl {
 public:
  Impl(Input source, std::uint64_t line_bytes_max)
      : input(std::move(source)), cap_(line_bytes_max) {
    reallocate(kChunkBytes);
  }

  Result<bool> next(Line& out) {
    if (done_) return false;
    for (;;) {
      const char* const from = buffer_.get() + scanned_;
      if (const void* found = std::memchr(from, '\n', end_ - scanned_)) {
        const auto at = static_cast<std::size_t>(static_cast<const char*>(found) - buffer_.get());
        give(out, at - begin_, true);
        begin_ = scanned_ = at + 1;
        return true;
      }
      scanned_ = end_;
      if (end_ - begin_ > cap_) return give_long(out);
      if (ended_) return give_last(out);
      RECANT_TRY(fill());
    }
  }

  Input input;

 private:
  // The line of `size` bytes at begin_.
  void give(Line& out, std::size_t size, bool newline) {
    std::string_view text(buffer_.get() + begin_, size);
    out.number = ++number_;
    out.newline = newline;
    if (out.number == 1 && text.starts_with(kByteOrderMark)) text.remove_prefix(3);
    out.bytes = text.size();
    out.too_long = text.size() > cap_;
    out.text = out.too_long ? text.substr(0, kHeadBytes) : text;
  }

  Result<bool> give_last(Line& out) {
    done_ = true;
    if (begin_ == end_) return false;
    give(out, end_ - begin_, false);
    return out.number != 1 || out.bytes != 0;  // a byte-order mark alone is no line
  }

  // A line over the cap whose end is not in the buffer: its head is kept, the rest only counted.
  Result<bool> give_long(Line& out) {
    std::string_view start(buffer_.get() + begin_, end_ - begin_);
    if (number_ == 0 && start.starts_with(kByteOrderMark)) start.remove_prefix(3);
    head_.assign(start.substr(0, kHeadBytes));
    const std::size_t head_bytes = head_.size();
    head_.append(kPadding, '\0');
    std::uint64_t bytes = start.size();
    bool newline = false;
    while (!newline && !ended_) {
      begin_ = scanned_ = end_;
      RECANT_TRY(fill());
      const void* found = std::memchr(buffer_.get(), '\n', end_);
      newline = found != nullptr;
      const std::size_t rest =
          newline ? static_cast<std::size_t>(static_cast<const char*>(found) - buffer_.get())
                  : end_;
      bytes += rest;
      begin_ = scanned_ = newline ? rest + 1 : end_;
    }
    out = Line{.text = {head_.data(), head_bytes},
               .number = ++number_,
               .too_long = true,
               .bytes = bytes,
               .newline = newline};
    return true;
  }

  // Moves the unfinished line to the front and reads more behind it.
  Result<void> fill() {
    const std::size_t size = end_ - begin_;
    if (begin_ > 0) std::memmove(buffer_.get(), buffer_.get() + begin_, size);
    scanned_ -= begin_;
    begin_ = 0;
    end_ = size;
    if (end_ == capacity_) reallocate(capacity_ * 2);
    const std::size_t room = std::min(kChunkBytes, capacity_ - end_);
    auto count = input.read({buffer_.get() + end_, room});
    if (!count) {
      done_ = true;
      return std::unexpected(std::move(count).error());
    }
    end_ += *count;
    ended_ = *count == 0;
    std::memset(buffer_.get() + end_, 0, kPadding);
    return {};
  }

  void reallocate(std::size_t capacity) {
    auto larger = std::make_unique_for_overwrite<char[]>(capacity + kPadding);
    if (end_ > 0) std::memcpy(larger.get(), buffer_.get(), end_);
    buffer_ = std::move(larger);
    capacity_ = capacity;
  }

  std::uint64_t cap_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;    // of the next line
  std::size_t scanned_ = 0;  // no newline between begin_ and here
  std::size_t end_ = 0;
  std::uint64_t number_ = 0;
  bool ended_ = false;  // the input has no more bytes
  bool done_ = false;
  std::string head_;
};

LineReader::LineReader(Input input, std::uint64_t line_bytes_max)
    : impl_(std::make_unique<Impl>(std::move(input), line_bytes_max)) {}
LineReader::LineReader(LineReader&&) noexcept = default;
LineReader& LineReader::operator=(LineReader&&) noexcept = default;
LineReader::~LineReader() = default;

Result<bool> LineReader::next(Line& out) { return impl_->next(out); }
const Input& LineReader::input() const { return impl_->input; }

}  // namespace recant::files
