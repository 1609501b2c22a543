// A sealed snapshot: a directory with the state of a store in one part, and what commands ask the
// log for. Made once, never changed; no log, no lock. Format: store/FORMAT.md, "Sealed snapshot".
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "recant/recant.h"
#include "store/index/view.h"
#include "store/io/file_system.h"

namespace recant::replay {

/// What the file SNAPSHOT says.
struct SealedFacts {
  SealedSnapshot sealed{};
  std::uint64_t manifest_checksum = 0;
  /// The newest time of an event up to taken_at, and every later one, ascending: what
  /// Snapshot::default_as_of asks of a log.
  std::vector<Time> times{};
};

[[nodiscard]] std::string format_sealed(const SealedFacts& facts);
/// Errors: kCorruption (checksum, syntax), kIo (a newer version, named).
[[nodiscard]] Result<SealedFacts> parse_sealed(const std::string& text, const std::string& path);

/// Whether `directory` is a sealed snapshot: what Store::open asks before it asks for a log.
[[nodiscard]] Result<bool> is_sealed(io::FileSystem& files, const std::string& directory);

/// One thread at a time.
class SealedStore {
 public:
  /// Errors: kIo, kCorruption.
  [[nodiscard]] static Result<SealedStore> open(io::FileSystem& files, const StoreOptions& options);

  [[nodiscard]] const SealedFacts& facts() const { return facts_; }
  /// The state, checked as the options' integrity says when it is first asked for. There is no log
  /// to answer from instead: damage is an error. Errors: kIo, kCorruption.
  [[nodiscard]] Result<std::shared_ptr<const index::View>> view();
  /// Compares every checksum and the digest. Errors: kIo, kCancelled.
  [[nodiscard]] Result<std::vector<VerifyFinding>> verify(const VerifyOptions& options) const;

 private:
  SealedStore(io::FileSystem& files, StoreOptions options, SealedFacts facts);
  [[nodiscard]] Result<std::shared_ptr<const index::View>> open_view(bool verify) const;

  io::FileSystem* files_;
  StoreOptions options_;
  SealedFacts facts_;
  std::shared_ptr<const index::View> view_;
};

/// The state to seal, and the log that it was replayed from.
struct SealSource {
  std::shared_ptr<const index::View> view{};
  SequenceNumber last_sequence = 0;
  std::string store_directory{};
};

/// Writes `source` into the new directory `directory`: beside, synced, then renamed.
/// Errors: kInvalidArgument (there is something of that name), kIo, kNoSpace, kCorruption.
[[nodiscard]] Result<SealedSnapshot> write_sealed(io::FileSystem& files, io::Clock& clock,
                                                  const SealSource& source, std::string directory);

}  // namespace recant::replay
