// Keeps the indexes of a store level with its log: opens the parts that the manifest names, folds
// the tail, seals, merges, rebuilds, and sets damaged parts aside. (reliability.md, A6, A7, A13)
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/replay/integrity.h"
#include "engine/replay/store_lock.h"
#include "recant/recant.h"
#include "store/index/digest.h"
#include "store/index/manifest.h"
#include "store/index/view.h"
#include "store/io/file_system.h"
#include "store/log/log_reader.h"

namespace recant::replay {

struct KeptView {
  std::shared_ptr<const index::View> view;
  SequenceNumber last_sequence = 0;
  std::uint64_t tail_events = 0;
};

/// One thread at a time.
class IndexKeeper {
 public:
  IndexKeeper(io::FileSystem& files, io::Clock& clock, const StoreOptions& options);

  /// The state with everything that the log holds now. Seals a long tail where it can take the lock
  /// at once. Errors: kCorruption (log), kIo (too much to fold in memory).
  [[nodiscard]] Result<KeptView> refresh();
  /// Seals the tail if it is longer than seal_events_min (`force`: if there is any), then merges
  /// where parts are more than kPartsMax. Errors: kLocked, kIo, kNoSpace, kCorruption.
  [[nodiscard]] Result<void> seal(bool force);
  /// Replays the log into one part. Errors: as seal.
  [[nodiscard]] Result<RebuildSummary> rebuild(const RebuildOptions& options);
  /// Records in the manifest that the log is durable up to `sequence`. The caller holds the lock.
  [[nodiscard]] Result<void> note_durable(const std::string& store_id, SequenceNumber sequence);

  /// The highest sequence known durable, by a manifest that belongs to this log. Errors: kIo,
  /// kCorruption (manifest damaged).
  [[nodiscard]] Result<SequenceNumber> durable_hint();

  [[nodiscard]] const std::string& index_directory() const { return index_directory_; }

  static constexpr std::size_t kPartsMax = 8;

  /// `wanted`, or what the options or the machine allow where it is 0.
  [[nodiscard]] std::uint64_t memory_bytes(std::uint64_t wanted) const;

 private:
  // The log after the sealed parts, folded.
  struct Tail {
    SequenceNumber first = 1;  ///< of the events folded
    SequenceNumber last = 0;
    std::optional<log::LogReader> reader;
    std::vector<std::shared_ptr<const index::Run>> runs;
    std::uint64_t events = 0;
    /// The runs hold every event from first to last. False as long as it is being changed: what an
    /// error or an exception leaves behind is read anew.
    bool whole = false;
  };

  [[nodiscard]] Result<index::Manifest> manifest() const;
  [[nodiscard]] Result<index::Manifest> manifest_to_replace(bool tell);
  [[nodiscard]] Result<bool> is_foreign(const index::Manifest& manifest);
  [[nodiscard]] Result<void> load_parts();
  [[nodiscard]] Result<bool> open_parts(std::vector<index::PartInfo>& damaged);
  [[nodiscard]] Result<void> set_aside(const std::vector<index::PartInfo>& damaged,
                                       std::string_view why);
  [[nodiscard]] Result<void> set_foreign_aside();
  [[nodiscard]] Result<void> set_old_aside();
  [[nodiscard]] Result<void> fold_tail(bool may_seal);
  [[nodiscard]] Result<void> restart_tail();
  void add_run(model::Facts facts);
  [[nodiscard]] Result<void> seal_tail(std::int64_t wait_ms);
  [[nodiscard]] Result<bool> publish(const index::PartInfo& part, std::int64_t wait_ms);
  [[nodiscard]] Result<void> make_durable(index::Manifest& manifest, SequenceNumber last);
  [[nodiscard]] Result<SequenceNumber> mark_log(SequenceNumber known_durable);
  [[nodiscard]] Result<void> sync_before_first_part();
  [[nodiscard]] Result<void> publish_locked(index::Manifest manifest);
  [[nodiscard]] Result<void> merge_if_many();
  struct Replayed {
    index::PartInfo part;
    index::Digest digest;
    std::uint64_t events = 0;
  };
  [[nodiscard]] Result<Replayed> replay_into(const std::string& directory,
                                             const RebuildOptions& options);
  void clean(index::Manifest& manifest);
  [[nodiscard]] Result<void> make_index_directory();
  void say(std::string_view text) const;

  io::FileSystem& files_;
  io::Clock& clock_;
  StoreOptions options_;
  std::string index_directory_;
  IntegrityMemory integrity_;
  index::Manifest manifest_;
  std::string log_store_id_;  // once known; a log never changes it
  std::map<std::string, std::shared_ptr<const index::Part>> open_parts_;  // by file name
  std::vector<std::shared_ptr<const index::Part>> parts_;                 // good ones, in order
  SequenceNumber sealed_ = 0;                                             // by good parts
  Tail tail_;
};

}  // namespace recant::replay
