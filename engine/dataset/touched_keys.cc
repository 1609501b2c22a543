#include "engine/dataset/touched_keys.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <array>

#include "store/model/join.h"

namespace recant::dataset {
namespace {

Result<log::LogReader> open_log(const KnownLog& log, SequenceNumber from, SequenceNumber last,
                                const log::LogPosition& near) {
  // What a snapshot knows was read from the log: that it is gone again is damage, not an end.
  return log::LogReader::open(log.files, log.store_directory, from, last,
                              near.segment.empty() ? std::nullopt : std::optional(near));
}

// The keys whose state the event changes; who shows them is the fan-out's matter. What else an
// event names needs no key: the tweet that quotes shows the tweet, the versions of an edit are all
// versions of the tweet, and a relation of a held tweet changes only what shows that tweet.
void add_keys(const Event& event, TouchedKeys& keys) {
  switch (event.kind) {
    case EventKind::kUserDelete:
    case EventKind::kUserUndelete:
    case EventKind::kUserProtect:
    case EventKind::kUserUnprotect:
    case EventKind::kUserSuspend:
    case EventKind::kUserUnsuspend:
    case EventKind::kUserWithheld:
    case EventKind::kUserProfileModification:
    case EventKind::kScrubGeo:
      keys.users.push_back(event.user);
      return;
    case EventKind::kTweetReleased:
      // The tweet is shown no more; others change only by an author that is told with it.
      if (event.author != 0) keys.tweets.push_back(event.tweet);
      return;
    case EventKind::kTweetHeld: {
      const Payload& payload = event.payload.get();
      keys.tweets.push_back(event.tweet);
      if (payload.retweeted_author != 0) keys.tweets.push_back(payload.retweeted);
      if (payload.quoted_author != 0) keys.tweets.push_back(payload.quoted);
      return;
    }
    case EventKind::kFavoriteDelete:
    case EventKind::kCoverage:
    case EventKind::kLoss:
    case EventKind::kUnknown:
      return;  // no tweet's verdict turns on them
    default:
      keys.tweets.push_back(event.tweet);
  }
}

std::uint64_t fingerprint(SequenceNumber sequence, const Event& event) {
  const std::array<std::uint64_t, 7> words = {sequence,
                                              static_cast<std::uint64_t>(event.kind),
                                              static_cast<std::uint64_t>(event.at),
                                              static_cast<std::uint64_t>(event.received_at),
                                              event.tweet,
                                              event.author,
                                              event.user};
  return XXH3_64bits(words.data(), sizeof words);
}

}  // namespace

Result<TouchedKeys> read_touched(const KnownLog& log, const StretchQuery& query,
                                 ChangesWork& work) {
  RECANT_ASSIGN(auto reader, open_log(log, query.first, query.last, query.near));
  const SequenceNumber last = query.through != 0 ? query.through : query.last;
  const auto is_wanted = [&](const log::BlockInfo& info) {
    if (info.first > last) return true;  // the end, to be seen below
    if (query.on_block) query.on_block(info);
    return !query.times || (info.at_max > query.times->first && info.at_min <= query.times->last);
  };
  TouchedKeys keys{.tweets = {}, .users = {}, .through = last, .next = {}};
  std::uint64_t matches = 0;
  log::LogBlock block;
  while (reader.position().next <= last) {
    RECANT_ASSIGN(const bool more, reader.next(block, is_wanted));
    if (!more) {
      if (reader.position().next > last) break;  // the rest was passed
      return fail(ErrorCode::kCorruption,
                  fmt::format("the log of {} ends before sequence {}, which was read from it "
                              "before (run `recant verify`)",
                              log.store_directory, last));
    }
    if (block.info.first > last) break;
    ++work.blocks_read;
    for (std::size_t i = 0; i < block.events.size() && block.sequences[i] <= last; ++i) {
      const Event& event = block.events[i];
      if (query.times && (event.at <= query.times->first || event.at > query.times->last)) continue;
      ++matches;
      add_keys(event, keys);
    }
    if (query.through != 0 || matches < query.events_max) continue;
    keys.through = std::min(last, block.info.last);
    break;
  }
  work.events_read += matches;
  keys.next = reader.position();
  model::sort_distinct(keys.tweets);
  model::sort_distinct(keys.users);
  return keys;
}

Result<LogAnchor> read_anchor(const KnownLog& log, SequenceNumber sequence,
                              const log::LogPosition& near, ChangesWork& work) {
  RECANT_ASSIGN(auto reader, open_log(log, sequence, sequence, near));
  log::LogBlock block;
  RECANT_ASSIGN(const bool found, reader.next(block));
  LogAnchor anchor{.sequence = sequence, .fingerprint = 0, .block = {}};
  if (!found) return anchor;
  ++work.blocks_read;
  anchor.block = {
      .segment = block.info.segment, .offset = block.info.offset, .next = block.info.first};
  if (block.sequences.front() == sequence) {
    anchor.fingerprint = fingerprint(sequence, block.events.front());
  }
  return anchor;
}

}  // namespace recant::dataset
