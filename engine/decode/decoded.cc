#include "engine/decode/decoded.h"

#include <fmt/format.h>

#include <cstddef>

namespace recant::decode {

std::string quoted(std::string_view text) {
  constexpr std::size_t kCharsMax = 80;
  constexpr std::string_view kCut = "...\"";
  std::string out = "\"";
  for (const char c : text) {
    std::string shown(1, c);
    if (c < ' ' || c > '~' || c == '"' || c == '\\') {
      shown = fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
    if (out.size() + shown.size() + kCut.size() > kCharsMax) return out.append(kCut);
    out += shown;
  }
  return out + '"';
}

}  // namespace recant::decode
