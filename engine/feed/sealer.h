// Seals the tail of a store that events stream into, on a thread of its own: merging the parts of a
// large store takes minutes, and storing must not wait for it.
#pragma once

#include <memory>
#include <optional>
#include <thread>

#include "recant/recant.h"

namespace recant::feed {

class Sealer {
 public:
  /// Opens the store anew for each time, so that it shares nothing with whoever appends.
  explicit Sealer(StoreOptions options);
  Sealer(const Sealer&) = delete;
  Sealer& operator=(const Sealer&) = delete;
  /// Waits a second for what is being sealed, and then lets it go: the log has everything, and
  /// whoever opens the store next folds it.
  ~Sealer();

  /// Seal soon. A lock that others hold is no failure: it is asked for again.
  void ask();
  /// A Sealer let something go that may go on still: the process must end without destroying what
  /// is static (std::_Exit).
  [[nodiscard]] static bool left_running();
  /// Why sealing failed, if it did: an index that cannot be written, a damaged log.
  [[nodiscard]] std::optional<Error> failure() const;

 private:
  struct State;
  static void run(const std::shared_ptr<State>& state) noexcept;
  static void seal_when_asked(State& state);

  std::shared_ptr<State> state_;
  std::thread thread_;
};

}  // namespace recant::feed
