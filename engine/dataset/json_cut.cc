#include "engine/dataset/json_cut.h"

#include <algorithm>

namespace recant::dataset {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

std::size_t skip_space(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of(kSpace, at), text.size());
}

// The comma before what was just left out at the end of its object or array.
void drop_last_comma(std::string& out) {
  const std::size_t last = out.find_last_not_of(kSpace);
  if (last != std::string::npos && out[last] == ',') out.resize(last);
}

}  // namespace

void cut_json(std::string_view text, std::vector<Cut>& cuts, std::string& out) {
  std::ranges::sort(cuts, [](const Cut& a, const Cut& b) {
    return a.span.begin != b.span.begin ? a.span.begin < b.span.begin : a.span.end > b.span.end;
  });
  std::size_t done = 0;  // everything before it is written or cut
  std::size_t used = 0;
  for (std::size_t i = 0; i < cuts.size(); ++i) {
    const Cut cut = cuts[i];
    if (cut.span.begin < done || cut.span.end <= done) continue;
    out.append(text.substr(done, cut.span.begin - done));
    const std::size_t after = skip_space(text, cut.span.end);
    if (after < text.size() && text[after] == ',') {
      done = skip_space(text, after + 1);
    } else {
      drop_last_comma(out);
      done = cut.span.end;
    }
    cuts[used++] = cut;
  }
  cuts.resize(used);
  out.append(text.substr(done));
}

}  // namespace recant::dataset
