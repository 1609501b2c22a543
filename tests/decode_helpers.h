// One line through the decoder, as the tests of engine/decode need it.
#pragma once

#include <algorithm>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/decode/decode.h"

namespace recant::test {

struct DecodedLine {
  decode::LineClass line_class = decode::LineClass::kBlank;
  std::string why;
  std::vector<Event> events;
};

/// Decodes with exactly the promised padding, full of bytes that would change the meaning of the
/// line if they were read as part of it.
inline DecodedLine decode_line(std::string_view text, decode::DecodeOptions options = {}) {
  const std::unique_ptr<char[]> buffer(new char[text.size() + decode::kLinePadding]);
  std::ranges::copy(text, buffer.get());
  std::fill_n(buffer.get() + text.size(), decode::kLinePadding, '9');
  decode::EventDecoder decoder(options);
  DecodedLine line;
  const auto result = decoder.decode({buffer.get(), text.size()}, line.events);
  line.line_class = result.line_class;
  line.why = result.why;
  return line;
}

/// The canonical line of the only event in `text`, or "rejected: why", "notice", "blank".
inline std::string told(std::string_view text, decode::DecodeOptions options = {}) {
  const DecodedLine line = decode_line(text, options);
  switch (line.line_class) {
    case decode::LineClass::kRejected:
      return (line.events.empty() ? "rejected: " : "rejected, with events: ") + line.why;
    case decode::LineClass::kNotice:
      return line.events.empty() ? "notice" : "notice, with events";
    case decode::LineClass::kBlank:
      return line.events.empty() ? "blank" : "blank, with events";
    case decode::LineClass::kEvents:
      break;
  }
  std::string out;
  for (const Event& event : line.events) {
    if (!out.empty()) out += '\n';
    decode::append_canonical_line(event, 0, true, out);
  }
  return out;
}

inline std::vector<std::string> sample_lines(const std::string& name) {
  std::ifstream file(std::string(RECANT_FIXTURES "/samples/") + name, std::ios::binary);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

}  // namespace recant::test
