#include "engine/dataset/cursor.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <charconv>
#include <limits>
#include <optional>

#include "store/log/log_format.h"

namespace recant::dataset {
namespace {

// The text is hexadecimal: version, fields, XXH3-64 of both. Numbers are LEB128.
constexpr std::uint64_t kVersion = 1;
constexpr std::size_t kChecksumDigits = 16;

class Writer {
 public:
  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) put(static_cast<unsigned>(value & 0x7f) | 0x80U);
    put(static_cast<unsigned>(value));
  }
  void time(Time value) { number(static_cast<std::uint64_t>(value)); }
  void flag(bool value) { number(value ? 1 : 0); }
  void stage(Stage value) { number(static_cast<std::uint64_t>(value)); }
  void text(const std::string& value) {
    number(value.size());
    for (const char byte : value) put(static_cast<unsigned char>(byte));
  }
  // A segment is named for its first sequence.
  void segment(const std::string& name) { number(log::parse_segment_name(name).value_or(0)); }

  std::string finish() && {
    digits_ += fmt::format("{:016x}", XXH3_64bits(digits_.data(), digits_.size()));
    return std::move(digits_);
  }

 private:
  void put(unsigned byte) { digits_ += fmt::format("{:02x}", byte); }
  std::string digits_;
};

// Remembers that it met something wrong; what it then yields does not matter.
class Reader {
 public:
  explicit Reader(std::string_view digits) : digits_(digits) {}

  void number(std::uint64_t& value) {
    value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::uint64_t byte = take();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return;
    }
    good_ = false;
  }
  void time(Time& value) {
    std::uint64_t raw = 0;
    number(raw);
    if (raw > static_cast<std::uint64_t>(kTimeMax)) good_ = false;
    value = good_ ? static_cast<Time>(raw) : 0;
  }
  void flag(bool& value) { value = bounded(1) == 1; }
  void stage(Stage& value) {
    value = static_cast<Stage>(bounded(static_cast<std::uint64_t>(Stage::kNew)));
  }
  void text(std::string& value) {
    const std::uint64_t size = bounded(2 * log::kStoreIdBytes);
    value.clear();
    while (value.size() < size) value.push_back(static_cast<char>(take()));
  }
  void segment(std::string& name) {
    std::uint64_t first = 0;
    number(first);
    name = first == 0 ? "" : log::segment_name(first);
  }
  [[nodiscard]] bool finished() const { return good_ && digits_.empty(); }

 private:
  std::uint64_t bounded(std::uint64_t most) {
    std::uint64_t value = 0;
    number(value);
    if (value > most) good_ = false;
    return good_ ? value : 0;
  }
  unsigned take() {
    unsigned byte = 0;
    if (digits_.size() < 2) {
      good_ = false;
      return 0;
    }
    const char* end = digits_.data() + 2;
    if (std::from_chars(digits_.data(), end, byte, 16).ptr != end) good_ = false;
    digits_.remove_prefix(2);
    return byte;
  }

  std::string_view digits_;
  bool good_ = true;
};

template <class Codec, class Position>
void code_position(Codec& codec, Position& position) {
  codec.segment(position.segment);
  codec.number(position.offset);
  codec.number(position.next);
}

template <class Codec, class Span>
void code_span(Codec& codec, Span& span) {
  codec.time(span.first);
  codec.time(span.last);
}

template <class Codec, class Anchor>
void code_anchor(Codec& codec, Anchor& anchor) {
  codec.number(anchor.sequence);
  codec.number(anchor.fingerprint);
  code_position(codec, anchor.block);
}

// One list of the fields for both ways, so that they cannot differ.
template <class Codec, class Cursor>
void code_fields(Codec& codec, Cursor& cursor) {
  codec.text(cursor.store_id);
  codec.number(cursor.policy);
  codec.number(cursor.base);
  code_span(codec, cursor.judged);
  code_anchor(codec, cursor.anchor);
  code_position(codec, cursor.future);
  codec.stage(cursor.place.stage);
  if (cursor.place.stage == Stage::kLevel) return;
  codec.number(cursor.target);
  codec.time(cursor.target_as_of);
  code_span(codec, cursor.target_judged);
  code_anchor(codec, cursor.target_anchor);
  code_position(codec, cursor.target_future);
  codec.number(cursor.place.first);
  codec.number(cursor.place.through);
  code_position(codec, cursor.place.near);
  codec.flag(cursor.place.in_users);
  codec.number(cursor.place.key);
  codec.number(cursor.place.fan_out.source);
  codec.number(cursor.place.fan_out.quote);
  codec.number(cursor.place.fan_out.last);
}

std::unexpected<Error> malformed(std::string_view why) {
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("cannot read the cursor: {} (give the cursor of the last line that "
                          "`recant changes` printed, or none to begin anew)",
                          why));
}

}  // namespace

std::string encode_cursor(const ChangesCursor& cursor) {
  Writer writer;
  writer.number(kVersion);
  code_fields(writer, cursor);
  return std::move(writer).finish();
}

Result<ChangesCursor> decode_cursor(std::string_view text) {
  if (text.size() <= kChecksumDigits) return malformed("it is too short");
  const std::string_view digits = text.substr(0, text.size() - kChecksumDigits);
  const std::string sum = fmt::format("{:016x}", XXH3_64bits(digits.data(), digits.size()));
  if (text.substr(digits.size()) != sum) return malformed("it is not whole");
  Reader reader(digits);
  std::uint64_t version = 0;
  reader.number(version);
  if (version != kVersion) return malformed("another version of recant made it");
  ChangesCursor cursor;
  code_fields(reader, cursor);
  if (!reader.finished()) return malformed("its fields do not fit");
  return cursor;
}

}  // namespace recant::dataset
