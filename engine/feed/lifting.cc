#include "engine/feed/lifting.h"

#include <utility>

namespace recant::feed {
namespace {

// A drop that nothing has undone since stays behind a later unavailability.
bool only_unavailable(const TweetState& state, Time at) {
  bool dropped = false;
  for (const VisibilityEntry& entry : state.visibility) {
    if (entry.at > at) break;
    if (entry.visibility == Visibility::kDropped) dropped = true;
    if (entry.visibility == Visibility::kUndropped) dropped = false;
  }
  const auto now = visibility_as_of(state, at);
  return now && now->visibility == Visibility::kUnavailable && !dropped;
}

}  // namespace

Lifting::Lifting(const Snapshot& snapshot, Time at, std::string source)
    : reader_(snapshot.reader()), at_(at), source_(std::move(source)) {}

Event& Lifting::add(EventKind kind, std::vector<Event>& out) const {
  Event& event = out.emplace_back();
  event.kind = kind;
  event.at = at_;
  event.source = source_;
  return event;
}

Result<void> Lifting::tweet_seen(TweetId tweet, UserId author, std::vector<Event>& out) {
  tweet_.clear();
  reader_->tweet(tweet, tweet_);
  RECANT_TRY(reader_->status());
  if (!only_unavailable(tweet_, at_)) return {};
  Event& event = add(EventKind::kTweetAvailable, out);
  event.tweet = tweet;
  event.author = author;
  return {};
}

Result<void> Lifting::user_seen(UserId user, UserSeen seen, std::vector<Event>& out) {
  user_.clear();
  reader_->user(user, user_);
  RECANT_TRY(reader_->status());
  const auto lift = [&](bool wanted, const std::vector<ToggleEntry>& toggle, EventKind kind) {
    if (wanted && on_since(toggle, at_)) add(kind, out).user = user;
  };
  lift(seen.not_deleted, user_.deleted, EventKind::kUserUndelete);
  lift(seen.not_protected, user_.protected_, EventKind::kUserUnprotect);
  lift(seen.not_suspended, user_.suspended, EventKind::kUserUnsuspend);
  return {};
}

}  // namespace recant::feed
