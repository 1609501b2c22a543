// Text written piece by piece into room made once.
#pragma once

#include <charconv>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace recant::dataset {

// Appends what `write` puts behind the pointer it is given, at most `bytes_max`, and returns the
// end of. Appending field by field to a string took longer than judging.
template <class Write>
void append_with(std::string& out, std::size_t bytes_max, Write write) {
  const std::size_t size = out.size();
  out.resize_and_overwrite(size + bytes_max, [&](char* text, std::size_t) {
    return static_cast<std::size_t>(write(text + size) - text);
  });
}

inline char* put(std::string_view text, char* out) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

inline char* put_number(std::uint64_t number, char* out) {
  return std::to_chars(out, out + 20, number).ptr;
}

// `before`, the id and a quote; nothing for 0, which is no id.
inline char* put_id(std::string_view before, std::uint64_t id, char* out) {
  if (id == 0) return out;
  out = put_number(id, put(before, out));
  *out = '"';
  return out + 1;
}

}  // namespace recant::dataset
