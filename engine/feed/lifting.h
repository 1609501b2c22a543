// Observations that something is there again. Written only where the state at that moment holds the
// restriction that they lift, so that nightly sweeps do not grow the log. [semantics.md, section 1]
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "recant/recant.h"

namespace recant::feed {

/// What an observation of a user says; each true one lifts its toggle.
struct UserSeen {
  bool not_deleted = false;
  bool not_protected = false;
  bool not_suspended = false;
};

class Lifting {
 public:
  /// `at`: the time of the observations. `source`: who told.
  Lifting(const Snapshot& snapshot, Time at, std::string source);

  /// The tweet can be seen. Lifts tweet_unavailable alone: that a dropped tweet can be read proves
  /// no undrop, and an availability written after a drop would hide it.
  [[nodiscard]] Result<void> tweet_seen(TweetId tweet, UserId author, std::vector<Event>& out);
  [[nodiscard]] Result<void> user_seen(UserId user, UserSeen seen, std::vector<Event>& out);

 private:
  Event& add(EventKind kind, std::vector<Event>& out) const;

  std::unique_ptr<StateReader> reader_;
  Time at_;
  std::string source_;
  TweetState tweet_;
  UserState user_;
};

}  // namespace recant::feed
