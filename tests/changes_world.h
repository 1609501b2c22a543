// A consumer of Snapshot::changes in a random world: it keeps cursor and lines as any script would,
// and its memory is held against check and against the oracle.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "oracle.h"
#include "random_events.h"
#include "recant/recant.h"
#include "store_world.h"

namespace recant::laws {

class ChangesWorld {
 public:
  explicit ChangesWorld(std::uint64_t seed);

  /// Some rounds of events and calls. "" or what went wrong first.
  [[nodiscard]] std::string run();

 private:
  void open();
  [[nodiscard]] Event next_event();
  void write_events();
  /// One call. Nothing where it failed; else whether it told of fewer than its limit.
  [[nodiscard]] std::optional<bool> call(Time as_of, std::uint64_t limit);
  [[nodiscard]] bool call_until_level(Time as_of);
  void compare(Time as_of);
  void compare_line(TweetId id, Time as_of, const Snapshot& snapshot);
  [[nodiscard]] bool is_held(TweetId id) const;
  void wrong(const std::string& what);

  RandomWorld world_;
  RandomWorld plan_;
  TempDirectory directory_;
  std::optional<Store> store_;
  Oracle oracle_;
  Policy policy_;
  std::string cursor_;
  std::map<TweetId, Verdict> lines_;
  std::string wrong_;
};

}  // namespace recant::laws
