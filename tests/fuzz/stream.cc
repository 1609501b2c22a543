// Streams as they come over the wire, plain or gzip (the first byte tells), cut anywhere: the cuts
// change no line. Notices among the lines are read.
#include <algorithm>

#include "engine/decode/decode.h"
#include "engine/feed/stream_lines.h"
#include "engine/feed/stream_notice.h"
#include "tests/fuzz/fuzz.h"

namespace recant::fuzz {
namespace {

constexpr std::size_t kBytesMax = std::size_t{4} << 20;  // of a bomb

struct Lines {
  std::vector<std::string> lines;
  std::size_t bytes = 0;
  bool broken = false;
};

void take(const feed::StreamLines::Line& line, Lines& all) {
  all.bytes += line.text.size() + line.too_long + 1;
  if (all.bytes < kBytesMax) all.lines.emplace_back(line.text);
}

Lines read_stream(std::string_view bytes, std::uint64_t cuts) {
  feed::StreamLines stream;
  Lines all;
  while (!bytes.empty() && !all.broken && all.bytes < kBytesMax) {
    // A small generator: every cut is as likely as any other.
    cuts = cuts * 6364136223846793005U + 1442695040888963407U;
    const std::size_t size = std::min<std::size_t>(bytes.size(), 1 + (cuts >> 60));
    const auto why = stream.add(bytes.substr(0, cuts == 0 ? bytes.size() : size),
                                [&](const feed::StreamLines::Line& line) { take(line, all); });
    bytes.remove_prefix(size);
    all.broken = why.has_value();
  }
  return all;
}

Lines read_at_once(std::string_view bytes) {
  feed::StreamLines stream;
  Lines all;
  const auto why = stream.add(bytes, [&](const feed::StreamLines::Line& line) { take(line, all); });
  all.broken = why.has_value();
  return all;
}

std::string zip(std::string_view text) {
  z_stream z{};
  require(deflateInit2(&z, 1, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK, "zlib");
  std::string out(deflateBound(&z, text.size()), '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  require(deflate(&z, Z_FINISH) == Z_STREAM_END, "zlib");
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

void decode(const Lines& all) {
  decode::EventDecoder decoder({});
  std::vector<Event> events;
  const feed::Redactor redact;
  for (const std::string& line : all.lines) {
    std::string padded = line + std::string(decode::kLinePadding, ' ');
    const std::string_view text = std::string_view(padded).substr(0, line.size());
    if (decoder.decode(text, events).line_class != decode::LineClass::kNotice) continue;
    const auto notice = feed::read_notice(text, redact);
    require(notice.words.find_first_of("\n\r\x1b") == std::string::npos, "not one plain line");
  }
}

}  // namespace

void stream(Data data) {
  Taker in(data);
  const std::uint8_t choice = in.byte();
  const std::uint64_t cuts = in.number(2);
  const std::string_view text = in.rest_text();
  const Lines all = read_at_once(text);
  const Lines cut = read_stream(text, cuts);
  if (all.bytes < kBytesMax) {
    require(all.lines == cut.lines, "the cuts change lines");
    require(all.broken == cut.broken, "the cuts break the stream");
  }
  const bool plain = !text.starts_with('\x1f');
  if (choice % 3 == 2 && plain) {
    const Lines unzipped =
        read_stream(zip(text.substr(0, text.size() / 2)) + zip(text.substr(text.size() / 2)), cuts);
    require(unzipped.lines == all.lines && !unzipped.broken, "gzip changes lines");
  }
  decode(all);
}

}  // namespace recant::fuzz
