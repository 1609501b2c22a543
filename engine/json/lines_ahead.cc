#include "engine/json/lines_ahead.h"

#include <algorithm>
#include <new>

namespace recant::json {
namespace {

constexpr std::size_t kCapacityMin = std::size_t{1} << 18;
// A larger text is one huge line: its index, up to four times as large, would be kept for nothing.
constexpr std::size_t kTextMax = std::size_t{2} << 20;

// A line of the text that is an object or an array, by its first byte.
bool may_be(std::string_view text, std::string_view line) {
  if (!line.starts_with('{') && !line.starts_with('[')) return false;
  return line.data() >= text.data() && line.data() + line.size() <= text.data() + text.size();
}

}  // namespace

void LinesAhead::begin(std::string_view text) {
  stop();
  if (text.empty() || text.size() > kTextMax) return;
  parser_.threaded = false;  // who reads many lines has threads of its own
  if (parser_.capacity() < text.size()) {
    const std::size_t capacity = std::max(kCapacityMin, text.size());
    if (parser_.allocate(capacity, depth_max_)) throw std::bad_alloc();
  }
  if (parser_.parse_many(text.data(), text.size(), text.size()).get(stream_)) return;
  text_ = text;
  next_ = stream_.begin();
}

void LinesAhead::stop() { text_ = {}; }

std::optional<simdjson::dom::element> LinesAhead::find(std::string_view line) {
  if (!may_be(text_, line)) return {};
  const auto offset = static_cast<std::size_t>(line.data() - text_.data());
  while (next_ != stream_.end()) {
    simdjson::dom::element root;
    if ((*next_).get(root)) break;
    if (next_.current_index() > offset) return {};
    if (next_.current_index() == offset) {
      // A document that ends elsewhere is no line, nor is a line with more than a document.
      if (next_.source().size() != line.size()) return {};
      return root;
    }
    ++next_;
  }
  stop();  // behind an error in one of them simdjson finds no more documents
  return {};
}

}  // namespace recant::json
