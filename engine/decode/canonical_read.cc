#include <fmt/format.h>

#include <array>

#include "engine/decode/canonical.h"
#include "engine/decode/fields.h"

namespace recant::decode {
namespace {

enum Slot : std::size_t {
  kEvent,
  kAt,
  kTweetId,
  kAuthorId,
  kUserId,
  kQuoteTweetId,
  kCountries,
  kInitialTweetId,
  kEditTweetIds,
  kUpToTweetId,
  kField,
  kWhy,
  kRetweetedId,
  kRetweetedAuthorId,
  kQuotedId,
  kQuotedAuthorId,
  kPartition,
  kFrom,
  kTo,
  kFirst,
  kLast,
  kBytes,
  kRaw,
  kReceivedAt,
  kSource,
  kSlots,
};
// `seq` is not among them: it is not read.
constexpr std::array<std::string_view, kSlots> kNames = {
    "event",
    "at",
    "tweet_id",
    "author_id",
    "user_id",
    "quote_tweet_id",
    "countries",
    "initial_tweet_id",
    "edit_tweet_ids",
    "up_to_tweet_id",
    "field",
    "why",
    "retweeted_id",
    "retweeted_author_id",
    "quoted_id",
    "quoted_author_id",
    "partition",
    "from",
    "to",
    "first",
    "last",
    "bytes",
    "raw",
    "received_at",
    "source",
};

Decoded<void> read_tweet(const Fields& fields, Event& event) {
  RECANT_ASSIGN(event.tweet, fields.id({kTweetId}));
  RECANT_ASSIGN(event.author, fields.id({kAuthorId}));
  return {};
}

Decoded<void> read_quoted_tweet(const Fields& fields, Event& event) {
  RECANT_TRY(read_tweet(fields, event));
  RECANT_ASSIGN(event.quote_tweet, fields.id({kQuoteTweetId}));
  return {};
}

Decoded<void> read_edit(const Fields& fields, Event& event) {
  RECANT_TRY(read_tweet(fields, event));
  Payload& payload = event.payload.make();
  RECANT_ASSIGN(payload.initial_tweet, fields.id({kInitialTweetId}));
  RECANT_ASSIGN(payload.edit_tweets, fields.ids(kEditTweetIds));
  return {};
}

Decoded<void> read_unavailable(const Fields& fields, Event& event) {
  RECANT_TRY(read_tweet(fields, event));
  RECANT_ASSIGN(const auto name, fields.text(kWhy));
  if (!name) return {};
  const auto why = why_from_name(*name);
  if (!why) return reject("why is none that is known: " + quoted(*name));
  event.why = *why;
  return {};
}

Decoded<void> read_held(const Fields& fields, Event& event) {
  RECANT_TRY(read_tweet(fields, event));
  Payload relations;
  RECANT_ASSIGN(relations.retweeted, fields.id({kRetweetedId}));
  RECANT_ASSIGN(relations.retweeted_author, fields.id({kRetweetedAuthorId}));
  RECANT_ASSIGN(relations.quoted, fields.id({kQuotedId}));
  RECANT_ASSIGN(relations.quoted_author, fields.id({kQuotedAuthorId}));
  if (relations != Payload()) event.payload.make() = std::move(relations);
  return {};
}

Decoded<void> read_profile(const Fields& fields, Event& event) {
  RECANT_ASSIGN(event.user, fields.id({kUserId}));
  RECANT_ASSIGN(const auto field, fields.text(kField));
  if (field) event.payload.make().field = *field;
  return {};
}

Decoded<void> read_coverage(const Fields& fields, Event& event) {
  Payload& payload = event.payload.make();
  RECANT_ASSIGN(const auto partition, fields.text(kPartition));
  if (partition) payload.partition = *partition;
  RECANT_ASSIGN(const auto from, fields.time({kFrom}));
  RECANT_ASSIGN(const auto to, fields.time({kTo}));
  if (!from || !to) return reject("coverage without its from and to");
  payload.from = *from;
  payload.to = *to;
  return {};
}

Decoded<void> read_loss(const Fields& fields, Event& event) {
  Payload& payload = event.payload.make();
  RECANT_ASSIGN(payload.first, fields.count(kFirst));
  RECANT_ASSIGN(payload.last, fields.count(kLast));
  RECANT_ASSIGN(payload.bytes, fields.count(kBytes));
  return {};
}

// The ids and payload that the kind has; members of other kinds are unknown fields.
Decoded<void> read_facts(const Fields& fields, Event& event) {
  switch (event.kind) {
    case EventKind::kTweetWithheld: {
      RECANT_TRY(read_quoted_tweet(fields, event));
      RECANT_ASSIGN(event.payload.make().countries, fields.countries(kCountries));
      return {};
    }
    case EventKind::kTweetDelete:
    case EventKind::kTweetDrop:
    case EventKind::kTweetUndrop:
      return read_quoted_tweet(fields, event);
    case EventKind::kTweetEdit:
      return read_edit(fields, event);
    case EventKind::kTweetUnavailable:
      return read_unavailable(fields, event);
    case EventKind::kTweetAvailable:
    case EventKind::kTweetScrubGeo:
      return read_tweet(fields, event);
    case EventKind::kTweetHeld:
      return read_held(fields, event);
    case EventKind::kTweetReleased: {
      RECANT_ASSIGN(event.tweet, fields.id({kTweetId}));
      return {};
    }
    case EventKind::kFavoriteDelete: {
      RECANT_ASSIGN(event.tweet, fields.id({kTweetId}));
      RECANT_ASSIGN(event.user, fields.id({kUserId}));
      return {};
    }
    case EventKind::kUserWithheld: {
      RECANT_ASSIGN(event.user, fields.id({kUserId}));
      RECANT_ASSIGN(event.payload.make().countries, fields.countries(kCountries));
      return {};
    }
    case EventKind::kScrubGeo: {
      RECANT_ASSIGN(event.user, fields.id({kUserId}));
      RECANT_ASSIGN(event.payload.make().up_to_tweet, fields.id({kUpToTweetId}));
      return {};
    }
    case EventKind::kUserProfileModification:
      return read_profile(fields, event);
    case EventKind::kCoverage:
      return read_coverage(fields, event);
    case EventKind::kLoss:
      return read_loss(fields, event);
    default: {
      RECANT_ASSIGN(event.user, fields.id({kUserId}));
      return {};
    }
  }
}

Decoded<UnknownLine> read_unknown(const Fields& fields) {
  RECANT_ASSIGN(const auto raw, fields.text(kRaw));
  if (!raw) return reject("an unknown event without raw");
  RECANT_ASSIGN(const auto received_at, fields.time({kReceivedAt}));
  RECANT_ASSIGN(const auto source, fields.text(kSource));
  return UnknownLine{std::string(*raw), received_at.value_or(0), std::string(source.value_or(""))};
}

}  // namespace

Decoded<std::optional<UnknownLine>> decode_canonical(const Context& context,
                                                     simdjson::dom::object line) {
  const FieldsOf<kSlots> fields(kNames, line);
  RECANT_ASSIGN(const auto name, fields.text(kEvent));
  const auto kind = event_kind_from_name(name.value_or(""));
  if (!kind) return reject("event is no known kind: " + quoted(name.value_or("")));
  if (*kind == EventKind::kUnknown) return read_unknown(fields);
  Event& event = append_event(context, *kind);
  RECANT_TRY(read_facts(fields, event));
  if (*kind == EventKind::kCoverage) {
    event.at = event.payload.get().to;
  } else {
    RECANT_ASSIGN(const auto told, fields.time({kAt}));
    RECANT_ASSIGN(event.at, time_of(context, *kind, told));
  }
  RECANT_ASSIGN(const auto received_at, fields.time({kReceivedAt}));
  event.received_at = received_at.value_or(0);
  RECANT_ASSIGN(const auto source, fields.text(kSource));
  if (source) event.source = *source;
  return std::nullopt;
}

}  // namespace recant::decode
