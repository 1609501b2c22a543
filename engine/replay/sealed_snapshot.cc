#include "engine/replay/sealed_snapshot.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "engine/replay/integrity.h"
#include "store/index/digest.h"
#include "store/index/manifest.h"
#include "store/index/part_builder.h"
#include "store/io/path.h"
#include "store/log/log_reader.h"

namespace recant::replay {
namespace {

constexpr const char* kFileName = "SNAPSHOT";

std::uint64_t checksum_of(const std::string& text) { return XXH3_64bits(text.data(), text.size()); }

// Bounds the file SNAPSHOT: so many different times in the future are a broken clock.
constexpr std::size_t kTimesMax = 500'000;

// Blocks whose events all lie in the past are passed by their headers.
Result<std::vector<Time>> times_to_keep(io::FileSystem& files, const SealSource& source,
                                        Time taken_at) {
  RECANT_ASSIGN(auto reader, log::LogReader::open(files, source.store_directory, 1, 0));
  Time newest = -1;
  std::set<Time> later;
  log::LogBlock block;
  const auto wanted = [&](const log::BlockInfo& info) {
    if (info.last > source.last_sequence || info.at_max > taken_at) return true;
    newest = std::max(newest, info.at_max);
    return false;
  };
  while (true) {
    RECANT_ASSIGN(const bool more, reader.next(block, wanted));
    if (!more || block.info.first > source.last_sequence) break;
    for (std::size_t i = 0; i < block.events.size(); ++i) {
      if (block.sequences[i] > source.last_sequence) break;
      const Time at = block.events[i].at;
      if (at > taken_at) later.insert(at);
      if (at <= taken_at) newest = std::max(newest, at);
    }
    if (later.size() > kTimesMax) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("cannot make a snapshot: over {} events lie in the future (is the "
                              "clock right?)",
                              kTimesMax));
    }
  }
  std::vector<Time> times;
  if (newest >= 0) times.push_back(newest);
  times.insert(times.end(), later.begin(), later.end());
  return times;
}

// A directory that goes away again unless it is kept.
class Unfinished {
 public:
  explicit Unfinished(std::string path) : path_(std::move(path)) {}
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;
  ~Unfinished() {
    std::error_code ignored;
    if (!kept_) std::filesystem::remove_all(path_, ignored);
  }
  void keep() { kept_ = true; }

 private:
  std::string path_;
  bool kept_ = false;
};

Result<SealedFacts> write_index(io::FileSystem& files, const SealSource& source,
                                const std::string& index_directory) {
  RECANT_TRY(files.make_directory(index_directory));
  index::Digest digest;
  RECANT_ASSIGN(const index::PartInfo part, index::build_part(files, source.view->sources(),
                                                              {.directory = index_directory,
                                                               .first = 1,
                                                               .last = source.last_sequence,
                                                               .others = {},
                                                               .digest = &digest}));
  RECANT_ASSIGN(const auto log, log::LogReader::open(files, source.store_directory, 1, 0));
  const index::Manifest manifest{.store_id = log.store_id(),
                                 .durable = source.last_sequence,
                                 .parts = {part},
                                 .superseded = {}};
  RECANT_TRY(index::publish_manifest(files, index_directory, manifest));
  SealedFacts facts;
  facts.manifest_checksum = checksum_of(index::format_manifest(manifest));
  facts.sealed = {.store_id = manifest.store_id,
                  .last_sequence = source.last_sequence,
                  .taken_at = 0,
                  .digest = digest.hex(),
                  .bytes = part.bytes};
  return facts;
}

}  // namespace

Result<bool> is_sealed(io::FileSystem& files, const std::string& directory) {
  RECANT_ASSIGN(const auto info, files.info(io::join_path(directory, kFileName)));
  return info.has_value();
}

SealedStore::SealedStore(io::FileSystem& files, StoreOptions options, SealedFacts facts)
    : files_(&files), options_(std::move(options)), facts_(std::move(facts)) {}

Result<SealedStore> SealedStore::open(io::FileSystem& files, const StoreOptions& options) {
  const std::string path = io::join_path(options.directory, kFileName);
  RECANT_ASSIGN(const auto text, index::read_small_file(files, path));
  if (!text) return fail(ErrorCode::kIo, fmt::format("{}: there is no snapshot", path));
  RECANT_ASSIGN(auto facts, parse_sealed(*text, path));
  return SealedStore(files, options, std::move(facts));
}

Result<std::shared_ptr<const index::View>> SealedStore::open_view(bool verify) const {
  const std::string directory = io::join_path(options_.directory, "index");
  const std::string path = io::join_path(directory, "MANIFEST");
  RECANT_ASSIGN(const auto text, index::read_small_file(*files_, path));
  if (!text || checksum_of(*text) != facts_.manifest_checksum) {
    return fail(
        ErrorCode::kCorruption,
        fmt::format("{}: it is not the one that SNAPSHOT names (copy the snapshot again, or "
                    "make another)",
                    path));
  }
  RECANT_ASSIGN(const index::Manifest manifest, index::parse_manifest(*text, path));
  IntegrityMemory memory(*files_, directory, options_.integrity);
  index::Sources sources;
  for (const index::PartInfo& info : manifest.parts) {
    RECANT_ASSIGN(auto part,
                  index::Part::open(*files_, directory, info, verify || memory.must_verify(info)));
    sources.parts.push_back(std::move(part));
  }
  return std::make_shared<const index::View>(std::move(sources));
}

Result<std::shared_ptr<const index::View>> SealedStore::view() {
  if (!view_) {
    RECANT_ASSIGN(view_, open_view(false));
  }
  return view_;
}

Result<std::vector<VerifyFinding>> SealedStore::verify(const VerifyOptions& options) const {
  std::vector<VerifyFinding> findings;
  const auto view = open_view(true);
  if (!view) {
    if (view.error().code != ErrorCode::kCorruption) return std::unexpected(view.error());
    findings.push_back({.damage = true, .what = view.error().what});
    return findings;
  }
  if (options.cancel.stop_requested()) return fail(ErrorCode::kCancelled, "verify was cancelled");
  const auto digest = index::digest_of((*view)->sources());
  if (!digest) {
    findings.push_back({.damage = true, .what = digest.error().what});
  } else if (*digest != facts_.sealed.digest) {
    findings.push_back({.damage = true,
                        .what = fmt::format("{}: its state has the digest {}, not {} as it says",
                                            options_.directory, *digest, facts_.sealed.digest)});
  }
  if (options.on_progress) {
    options.on_progress(facts_.sealed.last_sequence, facts_.sealed.last_sequence);
  }
  return findings;
}

Result<SealedSnapshot> write_sealed(io::FileSystem& files, io::Clock& clock,
                                    const SealSource& source, std::string directory) {
  while (directory.size() > 1 && directory.ends_with('/')) directory.pop_back();
  RECANT_ASSIGN(const auto there, files.info(directory));
  if (there || directory.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("cannot make a snapshot at {}: there is something of that name (name "
                            "a new directory)",
                            directory));
  }
  const Time taken_at = clock.now();
  std::uint64_t random = 0;
  RECANT_TRY(files.random(std::as_writable_bytes(std::span(&random, 1))));
  const std::string beside = fmt::format("{}.{:016x}.tmp", directory, random);
  RECANT_TRY(files.make_directory(beside));
  Unfinished unfinished(beside);
  RECANT_ASSIGN(SealedFacts facts, write_index(files, source, io::join_path(beside, "index")));
  facts.sealed.taken_at = taken_at;
  RECANT_ASSIGN(facts.times, times_to_keep(files, source, taken_at));
  RECANT_TRY(index::replace_file(files, beside, kFileName, format_sealed(facts)));
  RECANT_TRY(files.rename(beside, directory));
  unfinished.keep();
  RECANT_TRY(files.sync_directory(io::parent_path(directory)));
  return facts.sealed;
}

}  // namespace recant::replay
