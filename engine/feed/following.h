// The following itself: what its loop does is in follow.cc, what comes from the connections and
// from the storing thread in following.cc.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/feed/coverage.h"
#include "engine/feed/follow.h"
#include "engine/feed/recovery.h"
#include "engine/feed/stream_sockets.h"
#include "engine/feed/stream_store.h"

namespace recant::feed {

/// One thread: the network's. A stream has the slot of its place in the options; its recovery has
/// the one that is as many slots further as there are streams.
class Following final : public StreamHandler, public RecoveryHost {
 public:
  Following(FollowParts parts, const FollowOptions& options, const Coverage& known);
  Result<FollowReport> run();

  void on_response(std::size_t slot, int status, const Headers& headers,
                   std::string_view body) override;
  bool on_bytes(std::size_t slot, std::string_view bytes) override;
  void on_closed(std::size_t slot, Close close, const std::string& why) override;
  void recovered(std::size_t stream, Heard gap) override;
  void say(const std::string& text) override { reports_.say(text); }

 private:
  struct Slot {
    std::unique_ptr<StreamMachine> machine{};
    std::uint64_t connection = 0;
    bool paused = false;
    bool hang_up = false;
    bool told = false;  ///< of this connection: that, and from when, it is heard
  };

  [[nodiscard]] Moment now() const { return {parts_.clock.steady_ms(), parts_.clock.now()}; }
  [[nodiscard]] bool is_recovery(std::size_t slot) const { return slot >= slots_.size(); }
  [[nodiscard]] std::size_t stream_of(std::size_t slot) const { return slot % slots_.size(); }

  // The loop, and its end.
  [[nodiscard]] bool over(std::int64_t begin);
  [[nodiscard]] std::int64_t until_next(std::int64_t now_ms) const;
  void step_machines();
  void connect(std::size_t i, int backfill_minutes);
  void hang_up(std::size_t i);
  void stop(std::size_t i);
  void resume_if_room();
  [[nodiscard]] FollowReport report() const;
  [[nodiscard]] std::vector<StreamStatus> statuses() const;
  Result<FollowReport> finish();
  Result<void> write_heard();

  // What comes in.
  void make_recovery(const Coverage& known);
  bool on_recovered_bytes(std::size_t slot, std::string_view bytes);
  void push(std::size_t slot, Piece piece);
  void take_stored();
  void tell_machine(const Stored& stored);
  void tell_heard(std::size_t i);
  void tell_first_heard(std::size_t i);
  void note_trouble(std::size_t i, const std::string& trouble);

  FollowParts parts_;
  const FollowOptions& options_;
  StreamQueue queue_;
  StreamReports reports_;
  std::vector<Slot> slots_;
  std::unique_ptr<StreamSockets> sockets_;
  std::optional<Recovery> recovery_;
  std::vector<std::size_t> paused_recoveries_;
  std::unique_ptr<StreamStore> store_;
  std::optional<Error> failure_;
  std::optional<Error> stopped_;
  bool asked_to_stop_ = false;
};

}  // namespace recant::feed
