#include "engine/replay/verify.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "engine/replay/index_keeper.h"
#include "store/index/digest.h"
#include "store/index/manifest.h"
#include "store/index/part_builder.h"
#include "store/log/log_reader.h"

namespace recant::replay {
namespace {

// What the digest leaves out: held, coverage, losses, and the derived tables, as one number each.
struct SideTables {
  std::uint64_t held = 0;
  std::uint64_t coverage = 0;
  std::uint64_t losses = 0;
  std::uint64_t user_deletes = 0;
};

template <class... Numbers>
std::uint64_t hash_of(Numbers... numbers) {
  const std::array<std::uint64_t, sizeof...(numbers)> all = {
      static_cast<std::uint64_t>(numbers)...};
  return XXH3_64bits(all.data(), sizeof all);
}

Result<SideTables> side_tables(const index::Sources& sources) {
  SideTables tables;
  RECANT_TRY(index::for_each_tweet(sources, [&](TweetId id, const TweetState& state) {
    if (state.held) tables.held += hash_of(id, state.held->at, state.held->held);
  }));
  RECANT_TRY(index::for_each_coverage(
      sources, [&](const model::CoverageKey& key, const model::Coverage& coverage) {
        const std::string name = key.first + '\0' + key.second;
        const std::uint64_t name_hash = XXH3_64bits(name.data(), name.size());
        for (const auto& [from, to] : coverage) tables.coverage += hash_of(name_hash, from, to);
      }));
  RECANT_TRY(index::for_each_loss(sources, [&](const model::Loss& loss) {
    tables.losses += hash_of(loss.first, loss.last, loss.at, loss.bytes);
  }));
  const auto reader = index::Reader(std::make_shared<const index::View>(sources));
  RECANT_ASSIGN(const auto user_deletes, reader.user_deletes(-1, kTimeMax));
  for (const auto& [at, user] : user_deletes) tables.user_deletes += hash_of(at, user);
  return tables;
}

// The store's state as its log alone tells it: one part, replayed outside of the store.
class Fresh {
 public:
  static Result<std::unique_ptr<Fresh>> replay(io::FileSystem& files, io::Clock& clock,
                                               const StoreOptions& options, SequenceNumber until,
                                               const std::stop_token& cancel) {
    auto fresh = std::make_unique<Fresh>();
    std::uint64_t random = 0;
    RECANT_TRY(files.random(std::as_writable_bytes(std::span(&random, 1))));
    std::error_code error;
    const auto parent = std::filesystem::temp_directory_path(error);
    if (error) return fail(ErrorCode::kIo, "cannot verify: no temporary directory (set TMPDIR)");
    fresh->directory_ = parent / fmt::format("recant-verify-{:016x}", random);
    IndexKeeper keeper(files, clock, options);
    RebuildOptions rebuild;
    rebuild.into = fresh->directory_.string();
    rebuild.until = until;
    rebuild.cancel = cancel;
    RECANT_TRY(keeper.rebuild(rebuild));
    RECANT_ASSIGN(const index::Manifest manifest, index::read_manifest(files, rebuild.into));
    for (const index::PartInfo& info : manifest.parts) {
      RECANT_ASSIGN(auto part, index::Part::open(files, rebuild.into, info, true));
      fresh->sources_.parts.push_back(std::move(part));
    }
    // What is mapped stays: a process that is killed while it compares leaves nothing behind.
    fresh->remove();
    return fresh;
  }

  Fresh() = default;
  Fresh(const Fresh&) = delete;
  Fresh& operator=(const Fresh&) = delete;
  ~Fresh() { remove(); }

  [[nodiscard]] const index::Sources& sources() const { return sources_; }

 private:
  void remove() noexcept {
    try {
      if (!directory_.empty()) std::filesystem::remove_all(directory_);
      directory_.clear();
    } catch (const std::exception&) {  // no memory, or no right to: it is only in the way
    }
  }

  std::filesystem::path directory_;
  index::Sources sources_;
};

class Verifier {
 public:
  Verifier(io::FileSystem& files, io::Clock& clock, const StoreOptions& options,
           const VerifyOptions& how)
      : files_(files), clock_(clock), options_(options), how_(how) {
    say_ = std::move(options_.on_diagnostic);
    options_.read_only = true;
    options_.integrity = Integrity::kAlways;
    options_.on_diagnostic = {};
  }

  // Beside a writer it may see one thing before, and another after the files were replaced: what is
  // wrong is believed where nothing was replaced meanwhile, or where it is wrong time and again.
  Result<std::vector<VerifyFinding>> run() {
    constexpr int kAttempts = 5;
    for (int attempt = 1;; ++attempt) {
      RECANT_ASSIGN(const Layout before, layout());
      findings_.clear();
      torn_.reset();
      const auto looked = look();
      if (looked && findings_.empty()) break;
      RECANT_ASSIGN(const Layout after, layout());
      if (before != after && attempt < kAttempts && !how_.cancel.stop_requested()) continue;
      RECANT_TRY(looked);
      break;
    }
    RECANT_TRY(tell_torn_tail());
    return std::move(findings_);
  }

 private:
  // Which files there are, but for what grows in them.
  struct Layout {
    std::vector<std::pair<std::string, std::uint64_t>> segments;  // names and inodes
    std::vector<index::PartInfo> parts;
    bool operator==(const Layout&) const = default;
  };

  Result<Layout> layout() {
    Layout found;
    RECANT_ASSIGN(const auto segments, log::list_segments(files_, options_.directory));
    for (const log::SegmentInfo& segment : segments) {
      RECANT_ASSIGN(const auto about, files_.info(segment_path(segment.name)));
      found.segments.emplace_back(segment.name, about ? about->inode : 0);
    }
    const auto manifest = index::read_manifest(files_, io::join_path(options_.directory, "index"));
    if (manifest) found.parts = manifest->parts;
    return found;
  }

  [[nodiscard]] std::string segment_path(const std::string& name) const {
    return io::join_path(io::join_path(options_.directory, "log"), name);
  }

  Result<void> look() {
    RECANT_TRY(check_parts());
    RECANT_ASSIGN(const bool log_good, check_log());
    if (how_.cancel.stop_requested()) return fail(ErrorCode::kCancelled, "verify was cancelled");
    // What a damaged log replays to proves nothing about the index.
    if (log_good && findings_.empty()) return compare();
    return {};
  }

  // It is no damage, but whoever wrote it may look for it.
  Result<void> tell_torn_tail() {
    if (!torn_ || !say_) return {};
    // A writer may have been in the middle of it.
    RECANT_ASSIGN(auto reader, log::LogReader::open(files_, options_.directory, torn_->expected,
                                                    torn_->durable));
    log::BlockInfo block;
    RECANT_ASSIGN(const bool written, reader.next_info(block));
    RECANT_ASSIGN(const auto about, files_.info(segment_path(torn_->segment)));
    if (written || !about || about->size <= torn_->offset) return {};
    say_(
        fmt::format("log/{}: an unfinished last write, {} bytes at offset {}: nothing of it was "
                    "acknowledged (the next writer moves it to quarantine/)",
                    torn_->segment, about->size - torn_->offset, torn_->offset));
    return {};
  }

  void found(bool damage, std::string what) {
    findings_.push_back({.damage = damage, .what = std::move(what)});
  }

  Result<void> check_parts() {
    const std::string directory = io::join_path(options_.directory, "index");
    auto manifest = index::read_manifest(files_, directory);
    if (!manifest) {
      // What cannot be read for want of a descriptor is not damaged.
      if (manifest.error().code != ErrorCode::kCorruption) {
        return std::unexpected(std::move(manifest).error());
      }
      found(true, manifest.error().what);
      return {};
    }
    RECANT_ASSIGN(const auto log, log::LogReader::open(files_, options_.directory, 1, 0));
    if (!manifest->store_id.empty() && manifest->store_id != log.store_id()) {
      differs("everything: it belongs to another log");
      return {};
    }
    durable_ = manifest->durable;
    if (manifest->old_parts) {
      differs("everything: it is of an older format");
      return {};
    }
    for (const index::PartInfo& info : manifest->parts) {
      auto part = index::Part::open(files_, directory, info, true);
      if (part) continue;
      RECANT_ASSIGN(const auto there, files_.info(io::join_path(directory, info.file)));
      if (there && part.error().code != ErrorCode::kCorruption) {
        return std::unexpected(std::move(part).error());
      }
      found(true, part.error().what);
    }
    return {};
  }

  Result<bool> check_log() {
    RECANT_ASSIGN(const auto damages,
                  log::verify_log(files_, options_.directory, durable_, [this](const auto& block) {
                    if (how_.on_progress) how_.on_progress(block.last, durable_);
                  }));
    bool good = true;
    for (const log::LogDamage& damage : damages) {
      if (damage.torn_tail() && !torn_) torn_ = damage;
      if (damage.torn_tail()) continue;
      good = false;
      found(true, fmt::format("log/{}: offset {}: {}: events from sequence {} on are damaged, and "
                              "acknowledged up to {} (restore the segment from a copy, or go "
                              "on without them: `recant repair`)",
                              damage.segment, damage.offset, damage.why, damage.expected,
                              damage.durable));
    }
    return good;
  }

  Result<void> compare() {
    IndexKeeper keeper(files_, clock_, options_);
    RECANT_ASSIGN(const KeptView kept, keeper.refresh());
    if (kept.last_sequence == 0) return {};
    // A writer may have gone on meanwhile: both are of the events up to the same one.
    RECANT_ASSIGN(const auto fresh,
                  Fresh::replay(files_, clock_, options_, kept.last_sequence, how_.cancel));
    const index::Sources& indexed = kept.view->sources();
    RECANT_ASSIGN(const std::string indexed_digest, index::digest_of(indexed));
    RECANT_ASSIGN(const std::string fresh_digest, index::digest_of(fresh->sources()));
    if (indexed_digest != fresh_digest) {
      differs(fmt::format("state: digest {} where the log replays to {}", indexed_digest,
                          fresh_digest));
    }
    RECANT_TRY(compare_side_tables(indexed, fresh->sources()));
    RECANT_TRY(compare_relations(indexed));
    return compare_author_tweets(*kept.view, fresh->sources());
  }

  void differs(const std::string& what) {
    found(false, fmt::format("{}: the index differs from its log in {} (run `recant rebuild`)",
                             options_.directory, what));
  }

  Result<void> compare_side_tables(const index::Sources& indexed, const index::Sources& fresh) {
    RECANT_ASSIGN(const SideTables mine, side_tables(indexed));
    RECANT_ASSIGN(const SideTables theirs, side_tables(fresh));
    if (mine.held != theirs.held) differs("table tweets: what is held");
    if (mine.coverage != theirs.coverage) differs("table coverage");
    if (mine.losses != theirs.losses) differs("table losses");
    if (mine.user_deletes != theirs.user_deletes) differs("table user_deletes");
    return {};
  }

  // The reverse relations say the same pairs as the relations, which the digest covers.
  Result<void> compare_relations(const index::Sources& indexed) {
    const auto hash_pairs = [&](index::Table table, bool reverse) -> Result<std::uint64_t> {
      std::uint64_t sum = 0;
      RECANT_TRY(index::for_each_ids(indexed, table, [&](std::uint64_t id, const index::Ids& ids) {
        for (const std::uint64_t other : ids) {
          sum += reverse ? hash_of(other, id) : hash_of(id, other);
        }
      }));
      return sum;
    };
    for (const auto& [forward, reverse] :
         {std::pair{index::Table::kRetweets, index::Table::kRetweetedBy},
          std::pair{index::Table::kQuotes, index::Table::kQuotedBy}}) {
      RECANT_ASSIGN(const std::uint64_t there, hash_pairs(forward, false));
      RECANT_ASSIGN(const std::uint64_t back, hash_pairs(reverse, true));
      if (there != back) {
        differs(fmt::format("table {}", index::kTables[static_cast<std::size_t>(reverse)].name));
      }
    }
    return {};
  }

  // Every pair that a replay resolves must be found through the parts and the tail. More may be:
  // candidates are confirmed on read.
  Result<void> compare_author_tweets(const index::View& view, const index::Sources& fresh) {
    std::vector<model::Pair> known;
    RECANT_TRY(index::for_each_ids(view.sources(), index::Table::kAuthorTweets,
                                   [&](UserId author, const index::Ids& tweets) {
                                     for (const TweetId id : tweets) known.push_back({author, id});
                                   }));
    RECANT_ASSIGN(const auto* tail, view.tail_author_tweets());
    known.insert(known.end(), tail->begin(), tail->end());
    std::ranges::sort(known);
    std::uint64_t missing = 0;
    RECANT_TRY(index::for_each_ids(fresh, index::Table::kAuthorTweets,
                                   [&](UserId author, const index::Ids& tweets) {
                                     for (const TweetId id : tweets) {
                                       const model::Pair pair{author, id};
                                       if (!std::ranges::binary_search(known, pair)) ++missing;
                                     }
                                   }));
    if (missing != 0) differs(fmt::format("table author_tweets: {} pairs are missing", missing));
    return {};
  }

  io::FileSystem& files_;
  io::Clock& clock_;
  StoreOptions options_;
  const VerifyOptions& how_;
  std::function<void(std::string_view)> say_;
  SequenceNumber durable_ = 0;
  std::vector<VerifyFinding> findings_;
  std::optional<log::LogDamage> torn_;
};

}  // namespace

Result<std::vector<VerifyFinding>> verify_store(io::FileSystem& files, io::Clock& clock,
                                                const StoreOptions& options,
                                                const VerifyOptions& how) {
  return Verifier(files, clock, options, how).run();
}

}  // namespace recant::replay
