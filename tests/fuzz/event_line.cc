// Event lines. The fast path makes of a line what the general decoder makes of it; what is taken is
// JSON to another parser too, and what is JSON is not refused as none; every event is well formed,
// and its canonical line means the same event.
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "engine/decode/decode.h"
#include "tests/fuzz/fuzz.h"

namespace recant::fuzz {
namespace {

using decode::LineClass;

// A line, the padding that is promised, and nothing more: a sanitizer sees a read past that.
class Padded {
 public:
  explicit Padded(std::string_view text)
      : size_(text.size()), bytes_(new char[size_ + decode::kLinePadding]) {
    std::fill_n(std::ranges::copy(text, bytes_.get()).out, decode::kLinePadding, '9');
  }
  [[nodiscard]] std::string_view text() const { return {bytes_.get(), size_}; }

 private:
  std::size_t size_;
  std::unique_ptr<char[]> bytes_;
};

// Numbers that no double can hold, and halves of surrogate pairs: nlohmann refuses them.
bool parsers_may_differ(std::string_view line) {
  constexpr std::size_t kDigitsOfDouble = 300;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  for (std::size_t i = 0; i + 1 < line.size(); ++i) {
    if (line[i] == '\\' && line[i + 1] == 'u') return true;
    if (is_digit(line[i]) && (line[i + 1] | 0x20) == 'e') return true;
  }
  return line.size() > kDigitsOfDouble &&
         std::ranges::count_if(line, is_digit) > static_cast<std::ptrdiff_t>(kDigitsOfDouble);
}

void compare_with_nlohmann(std::string_view line, const decode::LineResult& result) {
  if (result.line_class == LineClass::kBlank || parsers_may_differ(line)) return;
  // nlohmann looks past a byte-order mark, and takes a NUL for the end.
  if (line.starts_with("\xEF\xBB\xBF") || line.find('\0') != std::string_view::npos) return;
  const bool is_json = nlohmann::json::accept(line);
  const bool taken = result.line_class != LineClass::kRejected;
  require(is_json || !taken, "taken, though it is no JSON");
  require(!is_json || !result.why.starts_with("not JSON"), "refused as no JSON: " + result.why);
}

void check_canonical(decode::EventDecoder& decoder, Event event) {
  const auto why = why_malformed(event);
  require(!why, "malformed: " + why.value_or(""));
  // An unknown line is decoded anew: what it becomes is that line's business.
  if (event.kind == EventKind::kUnknown) return;
  std::string line;
  if (event.received_at == 0) event.received_at = 1;
  decode::append_canonical_line(event, 7, true, line);
  std::vector<Event> again;
  const auto result = decoder.decode(Padded(line).text(), again);
  require(result.line_class == LineClass::kEvents, "its canonical line: " + result.why);
  require(again.size() == 1 && again.front() == event, "another event: " + line);
}

}  // namespace

void event_line(Data data) {
  Taker in(data);
  const std::uint8_t choice = in.byte();
  decode::DecodeOptions options;
  options.batch_ids = static_cast<decode::BatchIds>(choice % 3);
  if ((choice & 4) != 0) options.default_at = 77;
  std::string_view line = in.rest_text();
  line = line.substr(0, line.find('\n'));
  const Padded padded(line);

  decode::EventDecoder decoder(options);
  std::vector<Event> events;
  std::vector<Event> generally;
  const auto result = decoder.decode(padded.text(), events);
  const auto general = decoder.decode_generally(padded.text(), generally);
  require(result.line_class == general.line_class && events == generally,
          "the fast path says otherwise: " + general.why);
  require((result.line_class == LineClass::kRejected) == !result.why.empty(), "why?");
  compare_with_nlohmann(line, result);
  for (const Event& event : events) check_canonical(decoder, event);
}

}  // namespace recant::fuzz
