#include "engine/replay/ingest.h"

#include <chrono>
#include <optional>
#include <utility>

#include "engine/replay/decode_ahead.h"
#include "engine/replay/spool.h"

namespace recant::replay {
namespace {

DecodeAheadOptions decode_ahead(const IngestOptions& options) {
  return {.decode = options.decode,
          .line_bytes_max = options.line_bytes_max,
          .source = options.source,
          .threads = options.threads};
}

/// The decoded blocks of one input, counted and reported as they are taken.
class Blocks {
 public:
  enum class After : std::uint8_t { kFirstRejection, kEnd };

  /// `stops` says after what the caller takes no more.
  Blocks(files::Input input, const IngestOptions& options, After stops)
      : options_(options),
        stops_(stops),
        name_(input.name()),
        ahead_(std::move(input), decode_ahead(options)) {}

  /// The next block, null at the end. Its lines are counted, up to where the caller stops, and its
  /// rejections reported. Errors: kIo.
  Result<DecodedBlock*> next(IngestSummary& summary) {
    auto block = ahead_.next();
    if (!block) {
      if (block.error().code != ErrorCode::kCorruption) {
        return std::unexpected(std::move(block).error());
      }
      // Damaged compressed data: what came before is kept.
      reject({.line = lines_ + 1, .why = block.error().what, .text = {}}, summary);
      return nullptr;
    }
    if (*block != nullptr) count(**block, summary);
    return block;
  }

 private:
  void count(const DecodedBlock& block, IngestSummary& summary) {
    if (stops_ == After::kFirstRejection && !block.rejected.empty()) {
      summary.lines += block.rejected.front().line - lines_;
      return reject(block.rejected.front(), summary);
    }
    lines_ += block.line_count;
    summary.lines += block.line_count;
    summary.notices += block.notices;
    summary.blank += block.blank;
    for (const DecodedBlock::Rejected& rejected : block.rejected) reject(rejected, summary);
    if (options_.on_progress) options_.on_progress(ahead_.input(), lines_);
  }

  void reject(const DecodedBlock::Rejected& rejected, IngestSummary& summary) {
    ++summary.rejected;
    if (options_.on_reject) {
      options_.on_reject({name_, rejected.line, rejected.why, rejected.text});
    }
  }

  const IngestOptions& options_;
  After stops_;
  std::string name_;
  DecodeAhead ahead_;
  std::uint64_t lines_ = 0;
};

// Counts the events of a block that was appended.
void count_appended(const DecodedBlock& block, IngestSummary& summary) {
  for (std::size_t kind = 0; kind < summary.by_kind.size(); ++kind) {
    summary.by_kind[kind] += block.by_kind[kind];
  }
  summary.future += block.future;
  summary.accepted += block.events.size();
  summary.unknown = summary.by_kind[static_cast<std::size_t>(EventKind::kUnknown)];
}

Result<void> append(Import& import, const DecodedBlock& block, IngestSummary& summary) {
  if (block.events.empty()) return {};
  const SequenceNumber before = import.last_sequence();
  RECANT_TRY(import.append(block.events));
  if (summary.first_seq == 0) summary.first_seq = before + 1;
  count_appended(block, summary);
  return {};
}

// Makes everything appended durable.
Result<void> finish(Import& import, IngestSummary& summary) {
  RECANT_ASSIGN(const SequenceNumber last, import.finish());
  if (summary.first_seq != 0) summary.last_seq = last;
  return {};
}

// Reads to the end. What came before a failed read is kept, as what came before damage is.
Result<void> append_all(Store& store, Blocks& blocks, IngestSummary& summary) {
  RECANT_ASSIGN(auto import, store.begin_import());
  while (true) {
    const auto block = blocks.next(summary);
    if (block && *block != nullptr) {
      RECANT_TRY(append(import, **block, summary));
      continue;
    }
    RECANT_TRY(finish(import, summary));
    if (!block) return std::unexpected(block.error());
    return {};
  }
}

// Decodes every line and appends nothing; false at the first rejection, which is in `summary` then.
// What can be read only once is copied to `spool`.
Result<bool> all_accepted(Blocks& blocks, std::optional<Spool>& spool, IngestSummary& summary) {
  IngestSummary checked = summary;
  while (true) {
    RECANT_ASSIGN(const DecodedBlock* const block, blocks.next(checked));
    if (checked.rejected > summary.rejected) {
      summary.rejected = checked.rejected;
      summary.lines = checked.lines;
      return false;
    }
    if (block == nullptr) return true;
    if (spool) RECANT_TRY(spool->add(block->lines.text()));
  }
}

// False where the file has a line to reject: nothing of it was appended then.
Result<bool> ingest_strictly(Store& store, files::Input input, const IngestOptions& options,
                             IngestSummary& summary) {
  const std::string name = input.name();
  std::optional<Spool> spool;
  if (!input.seekable()) {
    RECANT_ASSIGN(spool, Spool::create(store.directory()));
  }
  {
    Blocks blocks(std::move(input), options, Blocks::After::kFirstRejection);
    RECANT_ASSIGN(const bool accepted, all_accepted(blocks, spool, summary));
    if (!accepted) return false;
  }
  RECANT_ASSIGN(auto again, spool ? spool->read() : files::Input::open(name));
  Blocks blocks(std::move(again), options, Blocks::After::kEnd);
  const std::uint64_t rejected = summary.rejected;
  RECANT_TRY(append_all(store, blocks, summary));
  if (summary.rejected > rejected) {
    return fail(ErrorCode::kIo,
                name +
                    ": the file changed while it was read, and what is well "
                    "formed of it was appended (ingest it again when it is complete)");
  }
  return true;
}

}  // namespace

Result<IngestSummary> ingest(Store& store, std::vector<files::Input> inputs,
                             const IngestOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  IngestSummary summary;
  for (files::Input& input : inputs) {
    if (options.strict) {
      RECANT_ASSIGN(const bool accepted,
                    ingest_strictly(store, std::move(input), options, summary));
      if (!accepted) break;
    } else {
      Blocks blocks(std::move(input), options, Blocks::After::kEnd);
      RECANT_TRY(append_all(store, blocks, summary));
    }
  }
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return summary;
}

}  // namespace recant::replay
