// What a follower leaves in the store for `recant status` to tell, beside the coverage in the log:
// since when each stream is connected, and when it was last heard. [store/FORMAT.md, "Streams"]
#pragma once

#include <compare>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "recant/event.h"
#include "store/io/file_system.h"

namespace recant::feed {

/// Names of a stream in the log.
struct StreamName {
  std::string source{};
  std::string partition{};
  friend auto operator<=>(const StreamName&, const StreamName&) = default;
};

struct StreamStatus {
  StreamName name{};
  bool followed = false;  ///< by a process that runs now; written by nobody, told by the lock
  std::optional<Time> connected_since{};
  std::optional<Time> last_event{};       ///< when one came, not its `at`
  std::optional<Time> last_keep_alive{};  ///< when one came
  friend bool operator==(const StreamStatus&, const StreamStatus&) = default;
};

/// Keeps the files of some streams, locked for as long as it lives. Nothing depends on them: where
/// they cannot be written, or another process follows the same stream, they are left alone.
class StreamStatusFiles {
 public:
  StreamStatusFiles(io::FileSystem& files, const std::string& store_directory);
  /// Writes those that changed.
  void write(const std::vector<StreamStatus>& statuses);

 private:
  struct Kept {
    StreamStatus written{};
    std::unique_ptr<io::File> file{};
  };
  [[nodiscard]] io::File* file_of(const StreamName& name, std::unique_ptr<io::File>& file);

  io::FileSystem& files_;
  std::string directory_;
  std::vector<Kept> kept_;
};

/// Every stream that was followed here, by source and partition; what cannot be read is left out.
[[nodiscard]] std::vector<StreamStatus> read_stream_statuses(const std::string& store_directory);

}  // namespace recant::feed
