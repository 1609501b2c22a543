#include "tests/log_testing.h"

#include <catch2/catch.hpp>
#include <limits>
#include <utility>

namespace recant::test {
namespace {

constexpr std::uint64_t kIdMax = std::numeric_limits<std::uint64_t>::max();

Event tweet_event(EventKind kind, TweetId tweet, UserId author) {
  Event event;
  event.kind = kind;
  event.at = kNow;
  event.received_at = kNow + 5;
  event.tweet = tweet;
  event.author = author;
  event.source = "v2-tweets";
  return event;
}

Event user_event(EventKind kind, UserId user) {
  Event event;
  event.kind = kind;
  event.at = kNow - 1;
  event.received_at = kNow;
  event.user = user;
  event.source = "v2-users";
  return event;
}

void add_tweet_kinds(std::vector<Event>& events) {
  for (const TweetId tweet : {TweetId{1}, TweetId{1} << 32, kIdMax}) {
    for (const UserId author : {UserId{0}, UserId{7}, UserId{1} << 32, kIdMax}) {
      for (const EventKind kind :
           {EventKind::kTweetDelete, EventKind::kTweetDrop, EventKind::kTweetUndrop,
            EventKind::kTweetAvailable, EventKind::kTweetScrubGeo, EventKind::kTweetReleased}) {
        events.push_back(tweet_event(kind, tweet, author));
      }
    }
  }
  events.back().quote_tweet = kIdMax;
  events.front().at = 0;
  events.front().source = "";
  events[1].at = kTimeMax;
  events[1].received_at = kTimeMax;
  for (unsigned why = 1; why <= static_cast<unsigned>(Why::kSuspended); ++why) {
    Event event = tweet_event(EventKind::kTweetUnavailable, why, 0);
    event.why = static_cast<Why>(why);
    events.push_back(event);
  }
  Event withheld = tweet_event(EventKind::kTweetWithheld, 12, 13);
  withheld.payload.make().countries = {country('D', 'E'), country('F', 'R'), country('X', 'Y')};
  events.push_back(withheld);
  Event edit = tweet_event(EventKind::kTweetEdit, kIdMax, 13);
  edit.payload.make().initial_tweet = kIdMax - 2;
  edit.payload.make().edit_tweets.assign(kEditTweetsMax, kIdMax);
  events.push_back(edit);
  Event held = tweet_event(EventKind::kTweetHeld, 14, 15);
  held.payload.make().retweeted = kIdMax;
  held.payload.make().retweeted_author = 1;
  held.payload.make().quoted = 2;
  held.payload.make().quoted_author = kIdMax;
  events.push_back(held);
}

void add_user_kinds(std::vector<Event>& events) {
  for (const UserId user : {UserId{1}, UserId{7}, UserId{0xffffffff}, kIdMax}) {
    for (const EventKind kind :
         {EventKind::kUserDelete, EventKind::kUserUndelete, EventKind::kUserProtect,
          EventKind::kUserUnprotect, EventKind::kUserSuspend, EventKind::kUserUnsuspend}) {
      events.push_back(user_event(kind, user));
    }
  }
  Event withheld = user_event(EventKind::kUserWithheld, 9);
  withheld.payload.make().countries = {country('A', 'A')};
  events.push_back(withheld);
  Event profile = user_event(EventKind::kUserProfileModification, kIdMax);
  profile.payload.make().field = std::string(kFieldBytesMax, 'f');
  events.push_back(profile);
  Event scrub = user_event(EventKind::kScrubGeo, 9);
  scrub.payload.make().up_to_tweet = kIdMax;
  events.push_back(scrub);
  Event favorite = user_event(EventKind::kFavoriteDelete, 9);
  favorite.tweet = 3;
  favorite.author = 9;
  events.push_back(favorite);
}

void add_other_kinds(std::vector<Event>& events) {
  Event coverage;
  coverage.kind = EventKind::kCoverage;
  coverage.at = coverage.received_at = kTimeMax;
  coverage.source = std::string(kSourceBytesMax, 's');
  coverage.payload.make().partition = std::string(kPartitionBytesMax, 'p');
  coverage.payload.make().to = kTimeMax;
  events.push_back(coverage);
  Event loss;
  loss.kind = EventKind::kLoss;
  loss.received_at = 1;
  loss.payload.make().first = 1;
  loss.payload.make().last = kIdMax;
  loss.payload.make().bytes = kIdMax;
  events.push_back(loss);
  Event unknown;
  unknown.kind = EventKind::kUnknown;
  unknown.received_at = 1;
  unknown.payload.make().raw = std::string(kRawBytesMax, '{');
  events.push_back(unknown);
}

}  // namespace

std::vector<Event> all_kinds() {
  std::vector<Event> events;
  add_tweet_kinds(events);
  add_user_kinds(events);
  add_other_kinds(events);
  return events;
}

std::vector<Event> numbered(std::uint64_t first, std::uint64_t count) {
  std::vector<Event> events;
  for (std::uint64_t number = first; number < first + count; ++number) {
    Event event = number % 7 == 0 ? user_event(EventKind::kUserProtect, number)
                                  : tweet_event(EventKind::kTweetDelete, number << 22, number % 5);
    event.at = kNow + static_cast<Time>(number);
    if (number % 11 == 0) {
      event.kind = EventKind::kUserWithheld;
      event.user = number;
      event.payload.make().countries = {country('D', 'E')};
    }
    events.push_back(event);
  }
  return events;
}

ReadBack read_all(io::FileSystem& files, SequenceNumber durable_hint, SequenceNumber from) {
  ReadBack back;
  auto reader = log::LogReader::open(files, kStore, from, durable_hint);
  if (!reader) {
    back.error = reader.error();
    return back;
  }
  log::LogBlock block;
  while (true) {
    const auto more = reader->next(block);
    if (!more) back.error = more.error();
    if (!more || !*more) return back;
    back.events.insert(back.events.end(), block.events.begin(), block.events.end());
    back.sequences.insert(back.sequences.end(), block.sequences.begin(), block.sequences.end());
  }
}

log::LogWriter open_writer(io::FileSystem& files, log::LogOptions options,
                           SequenceNumber durable_hint) {
  static FixedClock clock(kNow);
  auto writer = log::LogWriter::open(files, clock, kStore, options, durable_hint);
  if (!writer) FAIL(writer.error().what);
  return *std::move(writer);
}

void write_groups(io::FileSystem& files, std::uint64_t groups, std::uint64_t size,
                  log::LogOptions options, bool mark) {
  log::LogWriter writer = open_writer(files, options);
  for (std::uint64_t group = 0; group < groups; ++group) {
    REQUIRE(writer.append(numbered(writer.last_sequence() + 1, size)).has_value());
    REQUIRE(writer.sync().has_value());
  }
  if (mark) REQUIRE(writer.mark().has_value());
}

}  // namespace recant::test
