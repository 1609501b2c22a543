// The file SNAPSHOT: lines of text with a checksum, like a manifest.
#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "engine/replay/sealed_snapshot.h"

namespace recant::replay {
namespace {

constexpr std::string_view kFirstLine = "recant-snapshot 1\n";
constexpr std::string_view kAnyVersion = "recant-snapshot ";
constexpr std::string_view kChecksum = "checksum ";
constexpr std::size_t kHexDigits = 16;

template <class Number>
bool to_number(std::string_view text, Number& value, int base = 10) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty();
}

bool read_line(std::string_view line, SealedFacts& facts) {
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return false;
  const std::string_view word = line.substr(0, space);
  const std::string_view value = line.substr(space + 1);
  SealedSnapshot& sealed = facts.sealed;
  if (word == "store") return sealed.store_id = value, true;
  if (word == "digest") return sealed.digest = value, true;
  if (word == "last-sequence") return to_number(value, sealed.last_sequence);
  if (word == "taken-at") return to_number(value, sealed.taken_at);
  if (word == "bytes") return to_number(value, sealed.bytes);
  if (word == "manifest") return to_number(value, facts.manifest_checksum, 16);
  if (word == "time") return to_number(value, facts.times.emplace_back());
  return false;
}

std::unexpected<Error> damaged(const std::string& path, std::string_view why) {
  return fail(ErrorCode::kCorruption,
              fmt::format("{}: {} (copy the snapshot again, or make another)", path, why));
}

}  // namespace

std::string format_sealed(const SealedFacts& facts) {
  const SealedSnapshot& sealed = facts.sealed;
  std::string text(kFirstLine);
  // A store without events has no id yet.
  if (!sealed.store_id.empty()) text += fmt::format("store {}\n", sealed.store_id);
  text += fmt::format("last-sequence {}\ntaken-at {}\ndigest {}\nbytes {}\nmanifest {:016x}\n",
                      sealed.last_sequence, sealed.taken_at, sealed.digest, sealed.bytes,
                      facts.manifest_checksum);
  for (const Time time : facts.times) text += fmt::format("time {}\n", time);
  return text + fmt::format("{}{:016x}\n", kChecksum, XXH3_64bits(text.data(), text.size()));
}

Result<SealedFacts> parse_sealed(const std::string& text, const std::string& path) {
  if (!text.starts_with(kAnyVersion)) return damaged(path, "it is no snapshot's description");
  if (!text.starts_with(kFirstLine)) {
    return fail(ErrorCode::kIo,
                fmt::format("{}: this snapshot is of a newer format: {} (use a newer recant)", path,
                            text.substr(0, std::min<std::size_t>(text.find('\n'), 40))));
  }
  const std::size_t last_line_bytes = kChecksum.size() + kHexDigits + 1;
  const std::size_t body = text.size() - std::min(text.size(), last_line_bytes);
  const std::string_view last_line = std::string_view(text).substr(body);
  std::uint64_t checksum = 0;
  if (!last_line.starts_with(kChecksum) || !last_line.ends_with('\n') ||
      !to_number(last_line.substr(kChecksum.size(), kHexDigits), checksum, 16) ||
      checksum != XXH3_64bits(text.data(), body)) {
    return damaged(path, "its checksum does not match");
  }
  SealedFacts facts;
  std::string_view lines = std::string_view(text).substr(0, body);
  lines.remove_prefix(kFirstLine.size());
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size() - 1);
    if (!read_line(lines.substr(0, end), facts)) return damaged(path, "a line of it is none");
    lines.remove_prefix(end + 1);
  }
  if (facts.sealed.digest.empty()) return damaged(path, "it names no digest");
  return facts;
}

}  // namespace recant::replay
