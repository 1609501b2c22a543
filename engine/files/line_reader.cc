// Lines one by one, out of one block after another.
#include <utility>

#include "engine/files/line_blocks.h"

namespace recant::files {

struct LineReader::Impl {
  LineBlocks blocks;
  LineBlock block{};
};

LineReader::LineReader(Input input, std::uint64_t line_bytes_max)
    : impl_(new Impl{.blocks = {std::move(input), line_bytes_max, kBlockBytes}}) {}
LineReader::LineReader(LineReader&&) noexcept = default;
LineReader& LineReader::operator=(LineReader&&) noexcept = default;
LineReader::~LineReader() = default;

Result<bool> LineReader::next(Line& out) {
  while (!impl_->block.next(out)) {
    RECANT_ASSIGN(const bool more, impl_->blocks.next(impl_->block));
    if (!more) return false;
  }
  return true;
}

const Input& LineReader::input() const { return impl_->blocks.input(); }
Input& LineReader::input() { return impl_->blocks.input(); }

}  // namespace recant::files
