// What stands behind recant::Snapshot.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "recant/recant.h"
#include "store/index/view.h"
#include "store/io/file_system.h"

namespace recant {

class RECANT_HIDDEN Snapshot::Impl {
 public:
  std::shared_ptr<const index::View> view;
  SequenceNumber last_sequence = 0;
  std::uint64_t tail_events = 0;
  std::string store_directory;
  io::FileSystem* files = nullptr;
  /// Of a sealed snapshot: it has no log to ask.
  std::optional<SealedSnapshot> sealed;
  std::vector<Time> sealed_times;  ///< as of SealedFacts
};

}  // namespace recant
