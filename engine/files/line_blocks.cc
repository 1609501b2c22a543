#include "engine/files/line_blocks.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <utility>

namespace recant::files {
namespace {

constexpr std::size_t kPadding = 64;
constexpr std::size_t kHeadBytes = 4096;  // what is shown of a line over the cap
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// std::count adds up in 64 bits and takes five times as long; a byte holds 255 lines of counts.
std::uint64_t count_newlines(std::string_view text) {
  constexpr std::size_t kRow = 64;
  std::uint64_t count = 0;
  while (text.size() >= kRow) {
    std::array<std::uint8_t, kRow> counts{};
    const std::size_t rows = std::min<std::size_t>(text.size() / kRow, 255);
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t i = 0; i < kRow; ++i) {
        const bool newline = text[row * kRow + i] == '\n';
        counts[i] = static_cast<std::uint8_t>(counts[i] + (newline ? 1 : 0));
      }
    }
    count = std::accumulate(counts.begin(), counts.end(), count);
    text.remove_prefix(rows * kRow);
  }
  return count + static_cast<std::uint64_t>(std::ranges::count(text, '\n'));
}

std::uint64_t count_quotes(std::string_view text) {
  return static_cast<std::uint64_t>(std::ranges::count(text, '"'));
}

}  // namespace

void LineBlock::reserve(std::size_t capacity) {
  if (capacity <= capacity_) return;
  auto larger = std::make_unique_for_overwrite<char[]>(capacity + kPadding);
  if (size_ > 0) std::memcpy(larger.get(), buffer_.get(), size_);
  buffer_ = std::move(larger);
  capacity_ = capacity;
}

bool LineBlock::next(Line& out) {
  if (at_ == size_) return false;
  const char* const begin = buffer_.get() + at_;
  const std::size_t left = size_ - at_;
  out.number = line_++;
  out.byte_order_mark = std::exchange(byte_order_mark_, false);
  if (long_bytes_ > 0) {
    at_ = size_;
    out.text = {begin, left};
    out.bytes = long_bytes_;
    out.quotes = long_quotes_;
    out.too_long = true;
    out.newline = long_newline_;
    return true;
  }
  const void* const found = std::memchr(begin, '\n', left);
  out.newline = found != nullptr;
  const std::size_t bytes =
      out.newline ? static_cast<std::size_t>(static_cast<const char*>(found) - begin) : left;
  at_ += bytes + (out.newline ? 1 : 0);
  out.bytes = bytes;
  out.too_long = bytes > cap_;
  out.quotes = out.too_long ? count_quotes({begin, bytes}) : 0;
  out.text = {begin, out.too_long ? std::min(bytes, kHeadBytes) : bytes};
  return true;
}

LineBlocks::LineBlocks(Input input, std::uint64_t line_bytes_max, std::size_t block_bytes)
    : input_(std::move(input)),
      cap_(line_bytes_max),
      block_bytes_(block_bytes),
      first_(input_.begin() == 0) {}

Result<bool> LineBlocks::next(LineBlock& out) {
  out.size_ = out.at_ = 0;
  if (ended_ && rest_.size_ == 0) {
    if (!failure_) return false;
    return std::unexpected(*std::exchange(failure_, std::nullopt));
  }
  std::swap(out, rest_);
  for (;;) {
    RECANT_ASSIGN(const bool line_ended, fill(out));
    if (line_ended || ended_) break;
    if (out.size_ > cap_ + kByteOrderMark.size()) return give_long(out);
    out.reserve(out.capacity_ * 2);
  }
  const bool marked = std::exchange(first_, false) && out.text().starts_with(kByteOrderMark);
  if (marked) {
    out.size_ -= kByteOrderMark.size();
    std::memmove(out.buffer_.get(), out.buffer_.get() + kByteOrderMark.size(), out.size_);
  }
  const std::size_t newline = out.text().rfind('\n');
  const bool to_the_end = ended_ && !failure_;
  const std::size_t size = to_the_end ? out.size_ : newline + 1;  // npos + 1 is 0
  if (!ended_) keep_rest(out, size);
  give(out, size, marked);
  if (size == 0) return next(out);  // nothing but a byte-order mark, or half a line before damage
  return true;
}

// Reads until the block is full or the input ends. True if there is a newline in it.
Result<bool> LineBlocks::fill(LineBlock& out) {
  out.reserve(block_bytes_);
  bool newline = out.text().find('\n') != std::string_view::npos;
  while (!ended_ && out.size_ < out.capacity_) {
    char* const to = out.buffer_.get() + out.size_;
    auto count = input_.read({to, out.capacity_ - out.size_});
    if (!count) {
      ended_ = true;
      failure_ = std::move(count).error();
      break;
    }
    ended_ = *count == 0;
    out.size_ += *count;
    newline = newline || std::memchr(to, '\n', *count) != nullptr;
  }
  std::memset(out.buffer_.get() + out.size_, 0, kPadding);
  return newline;
}

// A line over the cap whose end is not in the block: its head is kept, the rest only counted.
Result<bool> LineBlocks::give_long(LineBlock& out) {
  std::string_view start = out.text();
  const bool marked = std::exchange(first_, false) && start.starts_with(kByteOrderMark);
  if (marked) start.remove_prefix(kByteOrderMark.size());
  std::uint64_t bytes = start.size();
  std::uint64_t quotes = count_quotes(start);
  LineBlock more;
  std::size_t after = 0;  // where the next line begins in `more`
  while (after == 0 && !ended_) {
    more.size_ = 0;
    RECANT_ASSIGN(const bool line_ended, fill(more));
    const std::size_t newline = more.text().find('\n');
    const std::string_view piece = more.text().substr(0, newline);  // npos: all of it
    bytes += piece.size();
    quotes += count_quotes(piece);
    after = line_ended ? newline + 1 : 0;
  }
  if (failure_ && after == 0) return next(out);
  if (after > 0) keep_rest(more, after);
  std::memmove(out.buffer_.get(), start.data(), std::min(start.size(), kHeadBytes));
  give(out, std::min(start.size(), kHeadBytes), marked);
  out.long_bytes_ = bytes;
  out.long_quotes_ = quotes;
  out.long_newline_ = after > 0;
  line_ = out.first_line_ + 1;
  return true;
}

// Sets up `out` to give the lines in its first `size` bytes.
void LineBlocks::give(LineBlock& out, std::size_t size, bool byte_order_mark) {
  out.size_ = size;
  out.at_ = 0;
  out.first_line_ = out.line_ = line_;
  out.cap_ = cap_;
  out.long_bytes_ = 0;
  out.byte_order_mark_ = byte_order_mark;
  line_ += count_newlines(out.text());
}

void LineBlocks::keep_rest(const LineBlock& from, std::size_t begin) {
  rest_.size_ = 0;
  rest_.reserve(std::max(block_bytes_, from.size_ - begin));
  rest_.size_ = from.size_ - begin;
  std::memcpy(rest_.buffer_.get(), from.buffer_.get() + begin, rest_.size_);
}

}  // namespace recant::files
