#include "engine/dataset/array_lines.h"

#include <algorithm>

namespace recant::dataset {
namespace {

// Blank lines behind a comma that may have to go are kept back, but not without end.
constexpr std::size_t kPendingBytesMax = std::size_t{1} << 20;

}  // namespace

void ArrayLines::keep(std::string_view before, std::string_view value, std::string_view after,
                      std::string& out) {
  flush(out);
  out.append(before);
  out.append(value);
  const std::size_t comma = after.find(',');
  out.append(after.substr(0, comma));
  left_out_ = false;
  if (comma != std::string_view::npos) pending_ = after.substr(comma);
}

void ArrayLines::leave_out(std::string_view before, std::string_view after, std::string& out) {
  const bool opens = before.find('[') != std::string_view::npos;
  const bool closes = after.find(']') != std::string_view::npos;
  left_out_ = true;
  if (!opens && !closes) return;
  if (opens) {
    flush(out);
  } else {
    close(out);
  }
  out.append(before);
  // The bracket and the end of its line stay, the comma does not.
  std::ranges::copy_if(after, std::back_inserter(out), [](char c) { return c != ','; });
}

void ArrayLines::other(std::string_view line, std::string& out) {
  if (line.find(']') != std::string_view::npos) {
    close(out);
  } else if (line.find('[') != std::string_view::npos) {
    flush(out);
  } else if (!pending_.empty() && pending_.size() < kPendingBytesMax) {
    pending_.append(line);
    return;
  } else if (!pending_.empty()) {  // then the comma moves behind blank lines
    out.append(pending_, 1);
    pending_.assign(1, ',');
  }
  out.append(line);
}

void ArrayLines::end(std::string& out) {
  flush(out);
  left_out_ = false;
}

void ArrayLines::flush(std::string& out) {
  out.append(pending_);
  pending_.clear();
}

// The array ends: a comma behind which everything was left out goes.
void ArrayLines::close(std::string& out) {
  if (!pending_.empty() && left_out_) pending_.erase(0, 1);
  flush(out);
}

}  // namespace recant::dataset
