// What stands behind recant::Snapshot.
#pragma once

#include <memory>
#include <string>

#include "recant/recant.h"
#include "store/index/view.h"
#include "store/io/file_system.h"

namespace recant {

class Snapshot::Impl {
 public:
  std::shared_ptr<const index::View> view;
  SequenceNumber last_sequence = 0;
  std::uint64_t tail_events = 0;
  std::string store_directory;
  io::FileSystem* files = nullptr;
};

}  // namespace recant
