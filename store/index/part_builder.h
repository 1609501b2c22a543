// Makes a sealed part of what parts and runs say together.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "recant/error.h"
#include "store/index/digest.h"
#include "store/index/part.h"
#include "store/index/sources.h"
#include "store/io/file_system.h"

namespace recant::index {

struct BuildOptions {
  std::string directory;     ///< of the new file; must be there
  SequenceNumber first = 1;  ///< the log's events that `sources` hold
  SequenceNumber last = 0;
  /// Parts that will stand beside the new one: held tweets and originals here are resolved against
  /// their authors there, and the other way round, so that author_tweets of the set is whole.
  std::vector<std::shared_ptr<const Part>> others;
  /// `sources` are the whole log: nothing that its pieces had resolved has to be carried over, and
  /// the result does not show how many pieces there were.
  bool whole = false;
  /// At most so many; 0: as the machine has. The bytes are the same with any.
  std::size_t threads = 0;
  /// Takes the digest of what is written, which costs less than reading it again. May be null.
  Digest* digest = nullptr;
};

/// Writes the join of `sources` as one part, synced, under its final name (the directory is not
/// synced and nothing is published). Errors: kIo, kNoSpace, kCorruption (of a source).
[[nodiscard]] Result<PartInfo> build_part(io::FileSystem& files, const Sources& sources,
                                          const BuildOptions& options);

/// Candidates of `sources` alone: tweets held in one of them, and the originals of any relation
/// there; ascending.
[[nodiscard]] Result<Ids> candidates_of(const Sources& sources);

}  // namespace recant::index
