#include "store/index/manifest.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <charconv>
#include <string_view>

namespace recant::index {
namespace {

constexpr std::string_view kName = "MANIFEST";
constexpr std::string_view kFirstLine = "recant-manifest 2";
// The same lines, but its parts are of another format.
constexpr std::string_view kOldFirstLine = "recant-manifest 1";
constexpr std::string_view kAnyVersion = "recant-manifest ";

using Words = std::vector<std::string_view>;

Words split(std::string_view text, char separator) {
  Words words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

bool to_number(std::string_view text, std::uint64_t& value, int base = 10) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc{} && end == text.data() + text.size();
}

// A name that stays inside index/.
bool is_file_name(std::string_view text) {
  return !text.empty() && text.front() != '.' && text.find('/') == std::string_view::npos;
}

bool read_part(const Words& words, Manifest& manifest) {
  PartInfo part;
  if (words.size() != 9 || !is_file_name(words[1])) return false;
  part.file = words[1];
  const bool good = to_number(words[2], part.first) && to_number(words[3], part.last) &&
                    to_number(words[4], part.bytes) && to_number(words[5], part.checksum, 16) &&
                    to_number(words[6], part.facts) && to_number(words[7], part.rows) &&
                    to_number(words[8], part.candidates);
  manifest.parts.push_back(std::move(part));
  return good;
}

bool read_line(const Words& words, Manifest& manifest) {
  if (words.empty()) return false;
  if (words[0] == "store" && words.size() == 2) {
    manifest.store_id = words[1];
    return true;
  }
  if (words[0] == "durable" && words.size() == 2) return to_number(words[1], manifest.durable);
  if (words[0] == "part") return read_part(words, manifest);
  if (words[0] == "superseded" && words.size() == 3 && is_file_name(words[1])) {
    std::uint64_t since = 0;
    const bool good = to_number(words[2], since) && since <= static_cast<std::uint64_t>(kTimeMax);
    manifest.superseded.push_back(
        {.file = std::string(words[1]), .since = static_cast<Time>(since)});
    return good;
  }
  return false;
}

std::string checksum_line(std::string_view body) {
  return fmt::format("checksum {:016x}\n", XXH3_64bits(body.data(), body.size()));
}

// It ends in a line like a checksum, which is not that of what stands before it.
bool contradicts_checksum(std::string_view text) {
  const std::size_t last_line = text.rfind("\nchecksum ");
  if (last_line == std::string_view::npos) return false;
  const std::string right = checksum_line(text.substr(0, last_line + 1));
  const std::string_view there = text.substr(last_line + 1);
  return there.size() == right.size() && there != right;
}

// The LAST of part-FIRST-LAST-CHECKSUM.mdb; 0 for any other name.
SequenceNumber last_in_name(std::string_view name) {
  constexpr std::size_t kDigits = 20;
  constexpr std::string_view kBegin = "part-";
  const std::size_t last = kBegin.size() + kDigits + 1;
  constexpr std::size_t kChecksumDigits = 16;
  constexpr std::string_view kEnd = ".mdb";
  if (!name.starts_with(kBegin) || !name.ends_with(kEnd)) return 0;
  if (name.size() != last + kDigits + 1 + kChecksumDigits + kEnd.size()) return 0;
  std::uint64_t sequence = 0;
  return to_number(name.substr(last, kDigits), sequence) ? sequence : 0;
}

}  // namespace

SequenceNumber Manifest::sealed() const {
  SequenceNumber sealed = 0;
  for (const PartInfo& part : parts) {
    if (part.first > sealed + 1) break;
    sealed = std::max(sealed, part.last);
  }
  return sealed;
}

std::string format_manifest(const Manifest& manifest) {
  std::string text = fmt::format("{}\n", manifest.old_parts ? kOldFirstLine : kFirstLine);
  if (!manifest.store_id.empty()) text += fmt::format("store {}\n", manifest.store_id);
  text += fmt::format("durable {}\n", manifest.durable);
  for (const PartInfo& part : manifest.parts) {
    text += fmt::format("part {} {} {} {} {:016x} {} {} {}\n", part.file, part.first, part.last,
                        part.bytes, part.checksum, part.facts, part.rows, part.candidates);
  }
  for (const Superseded& old : manifest.superseded) {
    text += fmt::format("superseded {} {}\n", old.file, old.since);
  }
  return text + checksum_line(text);
}

Result<Manifest> parse_manifest(const std::string& text, const std::string& path) {
  const auto damaged = [&](std::string_view why) {
    return fail(ErrorCode::kCorruption,
                fmt::format("{}: {} (run `recant verify`, then `recant rebuild`)", path, why));
  };
  // The first line alone tells the version: a newer format may end in anything. But where it ends
  // as this one does, its checksum tells a newer version from a flipped bit.
  const std::string_view first = std::string_view(text).substr(0, text.find('\n'));
  const bool is_old = first == kOldFirstLine;
  const bool is_known = is_old || first == kFirstLine;
  if (first.starts_with(kAnyVersion) && !is_known && !contradicts_checksum(text)) {
    return fail(ErrorCode::kIo,
                fmt::format("{}: written by a newer recant (install that version)", path));
  }
  const std::size_t last_line = text.rfind("checksum ");
  if (!first.starts_with(kAnyVersion) || last_line == std::string::npos)
    return damaged("not a manifest");
  const std::string_view body = std::string_view(text).substr(0, last_line);
  if (!is_known || text.substr(last_line) != checksum_line(body)) {
    return damaged("checksum does not match");
  }
  Manifest manifest;
  manifest.old_parts = is_old;
  for (const std::string_view line : split(body.substr(kFirstLine.size() + 1), '\n')) {
    if (!read_line(split(line, ' '), manifest)) return damaged("a line that no manifest has");
  }
  return manifest;
}

Result<std::optional<std::string>> read_small_file(io::FileSystem& files, const std::string& path) {
  constexpr std::uint64_t kBytesMax = std::uint64_t{16} << 20;
  RECANT_ASSIGN(const auto info, files.info(path));
  if (!info) return std::nullopt;
  RECANT_ASSIGN(const auto file, files.open_read(path));
  RECANT_ASSIGN(const std::uint64_t size, file->size());
  if (size > kBytesMax) {
    return fail(ErrorCode::kCorruption,
                fmt::format("{}: {} bytes is too large for this file (remove it, and run `recant "
                            "rebuild`)",
                            path, size));
  }
  std::string text(size, '\0');
  RECANT_ASSIGN(const std::size_t read,
                file->read_at(0, std::as_writable_bytes(std::span(text.data(), text.size()))));
  text.resize(read);
  return text;
}

Result<bool> has_manifest(io::FileSystem& files, const std::string& index_directory) {
  RECANT_ASSIGN(const auto info, files.info(io::join_path(index_directory, std::string(kName))));
  return info.has_value();
}

Result<SequenceNumber> durable_by_names(io::FileSystem& files, const std::string& index_directory) {
  RECANT_ASSIGN(const auto info, files.info(index_directory));
  if (!info || !info->directory) return 0;
  RECANT_ASSIGN(const auto names, files.list(index_directory));
  SequenceNumber last = 0;
  for (const std::string& name : names) last = std::max(last, last_in_name(name));
  return last;
}

Result<Manifest> read_manifest(io::FileSystem& files, const std::string& index_directory) {
  const std::string path = io::join_path(index_directory, std::string(kName));
  RECANT_ASSIGN(const auto text, read_small_file(files, path));
  if (text) return parse_manifest(*text, path);
  Manifest none;
  RECANT_ASSIGN(none.durable, durable_by_names(files, index_directory));
  return none;
}

Result<void> replace_file(io::FileSystem& files, const std::string& directory,
                          const std::string& name, const std::string& text) {
  std::uint64_t random = 0;
  RECANT_TRY(files.random(std::as_writable_bytes(std::span(&random, 1))));
  const std::string beside = io::join_path(directory, fmt::format("{}-{:016x}.tmp", name, random));
  const auto write = [&]() -> Result<void> {
    RECANT_ASSIGN(const auto file, files.create(beside));
    RECANT_TRY(file->append(std::as_bytes(std::span(text.data(), text.size()))));
    RECANT_TRY(file->sync_data());
    return files.rename(beside, io::join_path(directory, name));
  };
  if (auto written = write(); !written) {
    // What is left beside is only in the way: a later writer clears it.
    (void)files.remove(beside);
    return written;
  }
  return files.sync_directory(directory);
}

Result<void> publish_manifest(io::FileSystem& files, const std::string& index_directory,
                              const Manifest& manifest) {
  return replace_file(files, index_directory, std::string(kName), format_manifest(manifest));
}

}  // namespace recant::index
