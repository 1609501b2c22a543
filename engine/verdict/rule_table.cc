// One function a row (or a pair of rows) of the table; the row's wording stands above it.
#include <algorithm>
#include <utility>

#include "engine/verdict/rules.h"

namespace recant::verdict {
namespace {

// withheld everywhere, and everywhere for copyright. [x-compliance.md, section 0, rule 7]
constexpr Country kEverywhere = country('X', 'X');
constexpr Country kCopyright = country('X', 'Y');

bool is_quoted(Via via) { return via == Via::kQuoted || via == Via::kQuotedAuthor; }

}  // namespace

Action Rules::hide(Via via, Action action) { return is_quoted(via) ? Action::kStripQuote : action; }

Action Rules::suppress(Via via, EventKind event) const {
  const bool raised = std::ranges::find(policy_.delete_on, event) != policy_.delete_on.end();
  return hide(via, raised ? Action::kDelete : Action::kSuppress);
}

// "favorite_delete (delete, via self)"
void Rules::rule_favorite(TweetId tweet, UserId user) {
  const auto at = reader_.favorite_deleted_at(tweet, user);
  if (!at || *at > as_of_) return;
  add({.action = Action::kDelete,
       .event = EventKind::kFavoriteDelete,
       .via = Via::kSelf,
       .tweet = tweet,
       .user = user,
       .at = *at});
}

// "the tweet, or any of its versions, is deleted": the reason names the tweet itself if that is
// deleted, else the deleted version with the smallest id.
void Rules::rule_deleted(TweetId id, const Versions& versions, Via via) {
  const auto deleted = [this](TweetId version) {
    const auto& at = state_.tweet(version).deleted_at;
    return at && *at <= as_of_;
  };
  TweetId named = id;
  if (!deleted(id)) {
    const auto version = std::ranges::find_if(versions.ids, deleted);
    if (version == versions.ids.end()) return;
    named = *version;
  }
  add({.action = hide(via, Action::kDelete),
       .event = EventKind::kTweetDelete,
       .via = via,
       .tweet = named,
       .at = *state_.tweet(named).deleted_at});
}

// "the tweet / the original is dropped or unavailable"
void Rules::rule_visibility(TweetId id, Via via) {
  const auto entry = visibility_as_of(state_.tweet(id), as_of_);
  if (!entry) return;
  if (entry->visibility == Visibility::kDropped) {
    add({.action = suppress(via, EventKind::kTweetDrop),
         .event = EventKind::kTweetDrop,
         .via = via,
         .tweet = id,
         .at = entry->at});
  } else if (entry->visibility == Visibility::kUnavailable) {
    add({.action = suppress(via, EventKind::kTweetUnavailable),
         .event = EventKind::kTweetUnavailable,
         .via = via,
         .tweet = id,
         .at = entry->at,
         .why = entry->why});
  }
}

// "its author has been deleted, without undelete, for 30 days or more / for less", "is protected,
// suspended"
void Rules::rule_toggles(UserId id, const UserState& user, Via via) {
  if (const auto since = on_since(user.deleted, as_of_)) {
    const bool expired = as_of_ - *since >= kGraceMs;
    add({.action = expired ? hide(via, Action::kDelete) : suppress(via, EventKind::kUserDelete),
         .event = EventKind::kUserDelete,
         .via = via,
         .user = id,
         .at = *since,
         .grace_expired = expired && !is_quoted(via)});
  }
  rule_toggle(id, user.protected_, EventKind::kUserProtect, via);
  rule_toggle(id, user.suspended, EventKind::kUserSuspend, via);
}

void Rules::rule_toggle(UserId id, const std::vector<ToggleEntry>& toggle, EventKind event,
                        Via via) {
  const auto since = on_since(toggle, as_of_);
  if (!since) return;
  add({.action = suppress(via, event), .event = event, .via = via, .user = id, .at = *since});
}

// "the tweet, its author, ... is withheld": one reason, `at` the latest of its countries.
void Rules::rule_withheld(const std::vector<WithheldEntry>& withheld, Reason reason) {
  for (const WithheldEntry& entry : withheld) {
    if (entry.at > as_of_) continue;
    reason.countries.push_back(entry.country);
    reason.at = std::max(reason.at, entry.at);
  }
  if (reason.countries.empty()) return;
  reason.action = Action::kWithhold;
  if (policy_.country) {
    const auto holds = [&](Country code) {
      return std::ranges::find(reason.countries, code) != reason.countries.end();
    };
    if (!holds(*policy_.country) && !holds(kEverywhere) && !holds(kCopyright)) return;
    reason.action = hide(reason.via, Action::kSuppress);
  }
  add(std::move(reason));
}

void Rules::rule_tweet_withheld(TweetId id, Via via) {
  rule_withheld(state_.tweet(id).withheld,
                {.event = EventKind::kTweetWithheld, .via = via, .tweet = id});
}

void Rules::rule_user_withheld(UserId id, const UserState& user, Via via) {
  rule_withheld(user.withheld, {.event = EventKind::kUserWithheld, .via = via, .user = id});
}

// "scrub_geo of the author with up_to_tweet >= the tweet's id"; a user item (0): whatever the id.
void Rules::rule_scrub_geo(UserId id, const UserState& user, Via via, TweetId tweet) {
  const auto entry = scrub_geo_as_of(user, as_of_);
  if (!entry || entry->up_to_tweet < tweet) return;
  add({.action = Action::kStripGeo,
       .event = EventKind::kScrubGeo,
       .via = via,
       .user = id,
       .at = entry->at,
       .up_to_tweet = entry->up_to_tweet});
}

// "tweet_scrub_geo of the tweet, the original, the quoted tweet"
void Rules::rule_tweet_geo(TweetId id, Via via) {
  const auto& at = state_.tweet(id).geo_scrubbed_at;
  if (!at || *at > as_of_) return;
  add({.action = Action::kStripGeo,
       .event = EventKind::kTweetScrubGeo,
       .via = via,
       .tweet = id,
       .at = *at});
}

// "a version with a greater id exists"
void Rules::rule_refresh(TweetId id, const Versions& versions, Via via) {
  if (versions.newest <= id) return;
  add({.action = Action::kRefresh,
       .event = EventKind::kTweetEdit,
       .via = via,
       .tweet = id,
       .at = versions.newest_at,
       .latest_tweet = versions.newest});
}

// "the profile of its author ... changed": `fields` sorted, `at` the latest.
void Rules::rule_profile(UserId id, const UserState& user, Via via) {
  Reason reason{.action = Action::kRefreshProfile,
                .event = EventKind::kUserProfileModification,
                .via = via,
                .user = id};
  for (const ProfileEntry& entry : user.profile) {
    if (entry.at > as_of_) continue;
    reason.at = std::max(reason.at, entry.at);
    // Entries are ordered by field, so a field's repeats stand together.
    if (reason.fields.empty() || reason.fields.back() != entry.field) {
      reason.fields.push_back(entry.field);
    }
  }
  if (!reason.fields.empty()) add(std::move(reason));
}

}  // namespace recant::verdict
