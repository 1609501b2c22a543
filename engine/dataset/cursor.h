// How far a consumer of changes has come, as opaque text. A cursor names a base that the consumer
// is level with and, where a call stopped at its limit, how far the pass from that base to its
// target has come. [cli.md, "changes"; the passes: changes.h]
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "recant/error.h"
#include "recant/event.h"
#include "store/log/log_reader.h"

namespace recant::dataset {

/// The least span that holds some as-of times, its ends among them.
struct AsOfSpan {
  Time first = 0;
  Time last = 0;
  void cover(Time as_of) {
    first = std::min(first, as_of);
    last = std::max(last, as_of);
  }
  friend bool operator==(const AsOfSpan&, const AsOfSpan&) = default;
};

/// A place in the log that a cursor relies on, and what stood there: a log that was cut or restored
/// and then went on differently is so told from the one that the cursor was made from.
struct LogAnchor {
  SequenceNumber sequence = 0;  ///< 0: nothing is relied on
  std::uint64_t fingerprint = 0;
  log::LogPosition block{};  ///< that holds it; a hint
};

/// Where in the tweets that one key touches; what is at or before it has been taken.
struct FanOutPlace {
  TweetId source = 0;
  TweetId quote = 0;  ///< of the source; 0: the source itself
  TweetId last = 0;   ///< the source (or quote) or one of its retweets
};

/// What a pass does, in this order; a pass is either kScan alone or the other three.
enum class Stage : std::uint8_t {
  kLevel = 0,  ///< no pass is under way
  kScan = 1,   ///< every held tweet, for a consumer that has nothing yet
  kDue = 2,    ///< deleted users whose 30 days end between base and target
  kOld = 3,    ///< events that the base knew, whose `at` lies between base and target
  kNew = 4,    ///< events after the base
};

/// How far a pass has come.
struct PassPlace {
  Stage stage = Stage::kLevel;
  // The stretch of the log whose keys are being taken (kOld, kNew).
  SequenceNumber first = 0;
  SequenceNumber through = 0;  ///< 0: the stretch has not been read yet
  log::LogPosition near{};     ///< at or before `first`; a hint
  // The key, in ascending order: tweets, then users.
  bool in_users = false;
  std::uint64_t key = 0;
  FanOutPlace fan_out{};
};

struct ChangesCursor {
  std::string store_id{};  ///< of the log; empty while it was empty
  std::uint64_t policy = 0;

  // The base: what the consumer holds is each line's verdict at some as-of of `judged`, with at
  // least the events up to `base`.
  SequenceNumber base = 0;
  AsOfSpan judged{};
  LogAnchor anchor{};  ///< of `base`
  /// Events up to `base` with an `at` after judged.first are here or later; next == 0: none are.
  log::LogPosition future{};

  // The pass from it; the same things of its target.
  SequenceNumber target = 0;
  Time target_as_of = 0;
  AsOfSpan target_judged{};
  LogAnchor target_anchor{};
  log::LogPosition target_future{};
  PassPlace place{};
};

[[nodiscard]] std::string encode_cursor(const ChangesCursor& cursor);
/// Errors: kInvalidArgument (not the text of a cursor).
[[nodiscard]] Result<ChangesCursor> decode_cursor(std::string_view text);

}  // namespace recant::dataset
