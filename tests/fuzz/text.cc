// Small texts that people and platforms give: cursors, times, ids, URLs, secrets, segment names.
// What is read and written again means the same.
#include <fmt/format.h>
#include <unistd.h>
#include <xxhash.h>

#include "engine/dataset/cursor.h"
#include "engine/feed/secret.h"
#include "engine/feed/url.h"
#include "recant/time.h"
#include "store/log/log_format.h"
#include "tests/fuzz/fuzz.h"

namespace recant::fuzz {
namespace {

void check_cursor(Data fields) {
  std::string digits;
  for (const std::uint8_t byte : fields) digits += fmt::format("{:02x}", byte);
  digits += fmt::format("{:016x}", XXH3_64bits(digits.data(), digits.size()));
  const auto cursor = dataset::decode_cursor(digits);
  if (!cursor) return;
  const std::string text = dataset::encode_cursor(*cursor);
  const auto again = dataset::decode_cursor(text);
  require(again.has_value(), "a cursor that was written cannot be read");
  require(dataset::encode_cursor(*again) == text, "another cursor");
}

void check_time(std::string_view text) {
  const auto at = parse_time(text);
  if (!at) return;
  require(*at >= 0 && *at <= kTimeMax, "out of range");
  require(parse_rfc3339(format_time(*at)) == at, "another time");
}

void check_id(std::string_view text) {
  const auto id = parse_id(text);
  require(!id || (*id != 0 && parse_id(std::to_string(*id)) == id), "another id");
}

void check_url(const std::string& text) {
  const auto url = feed::parse_url(text, true);
  if (!url) return;
  require(url->https || url->loopback, "plain http to the world");
  require(url->origin.find_first_of("?#@ ") == std::string::npos, url->origin);
}

void check_secret(std::string_view text) {
  constexpr std::size_t kPipeBytes = 60'000;
  std::array<int, 2> ends{};
  require(::pipe(ends.data()) == 0, "no pipe");
  text = text.substr(0, kPipeBytes);
  const bool written = ::write(ends[1], text.data(), text.size()) >= 0;
  ::close(ends[1]);
  const auto secret = feed::load_secret({.name = "token", .descriptor = ends[0]});
  ::close(ends[0]);
  require(written, "no room in a pipe");
  if (!secret || !*secret) return;
  const std::string& shown = (*secret)->reveal();
  require(!shown.empty() && shown.find_first_of("\r\n") == std::string::npos, "no header's value");
  feed::Redactor redact;
  redact.add(**secret);
  constexpr std::size_t kRedacted = 4;
  if (shown.size() < kRedacted || std::string_view("[redacted]").find(shown) != std::string::npos) {
    return;
  }
  require(redact("<" + shown + ">") == "<[redacted]>", "not redacted");
}

}  // namespace

void text(Data data) {
  Taker in(data);
  check_cursor(data);
  const std::string all(in.rest_text());
  (void)dataset::decode_cursor(all);
  check_time(all);
  check_id(all);
  check_url(all);
  check_secret(all);
  const auto segment = log::parse_segment_name(all);
  require(!segment || log::segment_name(*segment) == all, "another segment");
}

}  // namespace recant::fuzz
