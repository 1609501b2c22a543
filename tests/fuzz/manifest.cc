// The manifest, as it comes and with its checksum made to hold; and the memory of what was
// verified.
#include "store/index/manifest.h"

#include <fmt/format.h>
#include <xxhash.h>

#include "engine/replay/integrity.h"
#include "tests/fuzz/fuzz.h"
#include "tests/memory_file_system.h"

namespace recant::fuzz {
namespace {

void check_memory(std::string_view text, const index::Manifest& manifest) {
  test::MemoryFileSystem files;
  const auto bytes = std::as_bytes(std::span(text));
  files.put("index/VERIFIED", {bytes.begin(), bytes.end()});
  replay::IntegrityMemory memory(files, "index", Integrity::kBoot);
  for (const index::PartInfo& part : manifest.parts) {
    require(memory.must_verify(part), "a part that is not there was found whole");
  }
  memory.save();
}

}  // namespace

void manifest(Data data) {
  Taker in(data);
  const bool mend = (in.byte() & 1) != 0;
  std::string text(in.rest_text());
  if (mend) text += fmt::format("checksum {:016x}\n", XXH3_64bits(text.data(), text.size()));
  const auto parsed = index::parse_manifest(text, "MANIFEST");
  if (!parsed) return;
  for (const index::PartInfo& part : parsed->parts) {
    require(part.file.find('/') == std::string::npos && !part.file.starts_with('.'), part.file);
  }
  for (const index::Superseded& part : parsed->superseded) {
    require(part.file.find('/') == std::string::npos && !part.file.starts_with('.'), part.file);
  }
  check_memory(text, *parsed);
  if (parsed->old_parts) return;
  require(must(index::parse_manifest(index::format_manifest(*parsed), "MANIFEST")) == *parsed,
          "another manifest");
}

}  // namespace recant::fuzz
