// FastLine, second half: the event that the members make. The rules are those of tweet_kinds.cc,
// user_kinds.cc, canonical_read.cc and batch.cc; whatever those reject is left to them.
#include "engine/decode/fast_line.h"

#include <algorithm>

#include "engine/decode/batch.h"
#include "engine/decode/context.h"

namespace recant::decode {

bool FastLine::decode(const DecodeOptions& options, std::string_view line,
                      std::vector<Event>& out) {
  if (!scan(line)) return false;
  Event& event = out.emplace_back(Event{});  // in place it would be cleared by memset first
  if (build(options, event)) return true;
  out.pop_back();
  return false;
}

bool FastLine::build(const DecodeOptions& options, Event& event) {
  if (kind_ == kKeyCount) {
    if (body_.has(kKeyEvent)) return build_canonical(options, event);
    return build_batch_result(options, event);
  }
  event.kind = kKinds[kind_ - kFirstKind].kind;
  switch (event.kind) {
    case EventKind::kTweetDelete:
      if (inner_ == kKeyFavorite) {
        if (!build_favorite(event)) return false;
        break;
      }
      [[fallthrough]];
    case EventKind::kTweetWithheld:
    case EventKind::kTweetDrop:
    case EventKind::kTweetUndrop:
    case EventKind::kTweetEdit:
      if (!build_tweet_event(event)) return false;
      break;
    default:
      if (!build_user_event(event)) return false;
  }
  if (!set_time(options, event, kKeyEventAt, kKeyTimestampMs, kKeyTimestampMsCamel)) return false;
  return !event.payload.present() || !why_malformed(event);
}

// The time of the first key that is there, else what the kind is given.
bool FastLine::set_time(const DecodeOptions& options, Event& event, auto... keys) const {
  if ((body_.has(keys) || ...)) {
    event.at = static_cast<Time>(body_.id(keys...));
    return true;
  }
  if (!options.default_at && !is_permanent(event.kind)) return false;
  event.at = options.default_at.value_or(0);
  return true;
}

void FastLine::set_countries(Event& event) {
  std::ranges::sort(countries_);
  const auto repeated = std::ranges::unique(countries_);
  countries_.erase(repeated.begin(), repeated.end());
  event.payload.make().countries = countries_;
}

bool FastLine::build_tweet_event(Event& event) {
  const bool edit = event.kind == EventKind::kTweetEdit;
  const bool flat = edit || event.kind == EventKind::kTweetWithheld;
  if (inner_ == kKeyTweet || inner_ == kKeyStatus) {
    event.tweet = object_.id(kKeyIdStr, kKeyId);
    event.author = object_.id(kKeyAuthorIdStr, kKeyAuthorId, kKeyUserIdStr, kKeyUserId);
  } else if (flat && inner_ == kKeyCount) {
    event.tweet = body_.id(kKeyIdStr, kKeyId);
  }
  if (event.tweet == 0) return false;
  if (flat && event.author == 0) {
    event.author = body_.id(kKeyAuthorIdStr, kKeyAuthorId, kKeyUserIdStr, kKeyUserId);
  }
  if (edit) {
    if (!body_.has(kKeyEditTweetIds)) return false;
    Payload& payload = event.payload.make();
    payload.initial_tweet = body_.id(kKeyInitialTweetIdStr, kKeyInitialTweetId);
    payload.edit_tweets = ids_;
    return true;
  }
  event.quote_tweet = body_.id(kKeyQuoteTweetIdStr, kKeyQuoteTweetId);
  if (event.kind != EventKind::kTweetWithheld) return true;
  if (!body_.has(kKeyWithheldInCountries)) return false;
  set_countries(event);
  return true;
}

bool FastLine::build_favorite(Event& event) const {
  event.kind = EventKind::kFavoriteDelete;
  event.tweet = object_.id(kKeyTweetIdStr, kKeyTweetId, kKeyIdStr, kKeyId);
  event.user = object_.id(kKeyUserIdStr, kKeyUserId);
  return event.tweet != 0 && event.user != 0;
}

bool FastLine::build_user_event(Event& event) {
  const bool scrub = event.kind == EventKind::kScrubGeo;
  if (inner_ == kKeyUser) {
    event.user = object_.id(kKeyIdStr, kKeyId);
  } else if (inner_ == kKeyCount) {
    event.user = scrub ? body_.id(kKeyUserIdStr, kKeyUserId)
                       : body_.id(kKeyIdStr, kKeyId, kKeyUserIdStr, kKeyUserId);
  }
  if (event.user == 0) return false;
  if (scrub) {
    event.payload.make().up_to_tweet =
        body_.id(kKeyUpToTweetIdStr, kKeyUpToTweetId, kKeyUpToStatusIdStr, kKeyUpToStatusId);
  } else if (event.kind == EventKind::kUserWithheld) {
    if (!body_.has(kKeyWithheldInCountries)) return false;
    set_countries(event);
  } else if (event.kind == EventKind::kUserProfileModification) {
    if (!body_.has(kKeyProfileField)) return false;
    event.payload.make().field = body_.texts[kKeyProfileField];
  }
  return true;
}

bool FastLine::build_canonical(const DecodeOptions& options, Event& event) {
  const auto kind = event_kind_from_name(body_.texts[kKeyEvent]);
  if (!kind) return false;
  event.kind = *kind;
  if (!build_canonical_facts(event) || !set_time(options, event, kKeyAt)) return false;
  if (body_.has(kKeyReceivedAt)) {
    event.received_at = static_cast<Time>(body_.numbers[kKeyReceivedAt]);
  }
  if (body_.has(kKeySource)) event.source = body_.texts[kKeySource];
  return !why_malformed(event);
}

// The ids and payload that the kind has. Rare kinds are the general decoder's.
bool FastLine::build_canonical_facts(Event& event) {
  switch (event.kind) {
    case EventKind::kTweetDelete:
    case EventKind::kTweetDrop:
    case EventKind::kTweetUndrop:
    case EventKind::kTweetWithheld:
      event.quote_tweet = body_.id(kKeyQuoteTweetId);
      if (body_.has(kKeyCountries) && event.kind == EventKind::kTweetWithheld) set_countries(event);
      break;
    case EventKind::kTweetEdit: {
      if (!body_.has(kKeyEditTweetIds)) return false;
      Payload& payload = event.payload.make();
      payload.initial_tweet = body_.id(kKeyInitialTweetId);
      payload.edit_tweets = ids_;
      break;
    }
    case EventKind::kTweetUnavailable:
      if (!body_.has(kKeyWhy)) return false;
      event.why = why_from_name(body_.texts[kKeyWhy]).value_or(Why::kNone);
      break;
    case EventKind::kTweetAvailable:
    case EventKind::kTweetScrubGeo:
      break;
    case EventKind::kTweetHeld: {
      Payload relations;
      relations.retweeted = body_.id(kKeyRetweetedId);
      relations.retweeted_author = body_.id(kKeyRetweetedAuthorId);
      relations.quoted = body_.id(kKeyQuotedId);
      relations.quoted_author = body_.id(kKeyQuotedAuthorId);
      if (relations != Payload()) event.payload.make() = std::move(relations);
      break;
    }
    case EventKind::kTweetReleased:
      event.tweet = body_.id(kKeyTweetId);
      return true;
    case EventKind::kUserDelete:
    case EventKind::kUserUndelete:
    case EventKind::kUserProtect:
    case EventKind::kUserUnprotect:
    case EventKind::kUserSuspend:
    case EventKind::kUserUnsuspend:
      event.user = body_.id(kKeyUserId);
      return true;
    case EventKind::kFavoriteDelete:
      event.tweet = body_.id(kKeyTweetId);
      event.user = body_.id(kKeyUserId);
      return true;
    case EventKind::kUserWithheld:
      event.user = body_.id(kKeyUserId);
      if (body_.has(kKeyCountries)) set_countries(event);
      return true;
    case EventKind::kScrubGeo:
      event.user = body_.id(kKeyUserId);
      event.payload.make().up_to_tweet = body_.id(kKeyUpToTweetId);
      return true;
    default:
      return false;
  }
  event.tweet = body_.id(kKeyTweetId);
  event.author = body_.id(kKeyAuthorId);
  return true;
}

bool FastLine::build_batch_result(const DecodeOptions& options, Event& event) const {
  if (options.batch_ids == BatchIds::kUnsaid || !body_.has(kKeyAction)) return false;
  if (body_.texts[kKeyAction] != "delete") return false;
  const std::uint64_t id = body_.id(kKeyIdStr, kKeyId);
  if (id == 0) return false;
  const std::string_view reason =
      body_.has(kKeyReason) ? body_.texts[kKeyReason] : std::string_view();
  if (options.batch_ids == BatchIds::kTweets) {
    event.tweet = id;
    set_tweet_reason(reason, event);
  } else {
    event.user = id;
    set_user_reason(reason, event);
  }
  // Permanent kinds too need a time here.
  if (!body_.has(kKeyRedactedAt) && !options.default_at) return false;
  return set_time(options, event, kKeyRedactedAt);
}

}  // namespace recant::decode
