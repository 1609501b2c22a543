// The rule table of semantics.md, section 3. One function a row (or a pair of rows); the row's
// wording stands above it.
#include <algorithm>
#include <tuple>

#include "engine/verdict/item_state.h"
#include "recant/verdict.h"

namespace recant {
namespace {

// withheld everywhere, and everywhere for copyright. [x-compliance.md, section 0, rule 7]
constexpr Country kEverywhere = country('X', 'X');
constexpr Country kCopyright = country('X', 'Y');

bool stronger(const Reason& a, const Reason& b) {
  const auto key = [](const Reason& reason) {
    return std::tuple{reason.action, reason.via, event_kind_name(reason.event), reason.at,
                      reason.tweet != 0 ? reason.tweet : reason.user};
  };
  return key(a) < key(b);
}

}  // namespace

class RECANT_HIDDEN Judge::Impl {
 public:
  Impl(StateReader& reader, Policy policy, Time as_of)
      : state_(reader, as_of), policy_(std::move(policy)), as_of_(as_of) {}

  Result<void> judge(const Item& item, Verdict& out) {
    out.reasons.clear();
    out.action = Action::kKeep;
    out.without_author = false;
    out_ = &out;
    state_.begin(item);
    switch (item.type) {
      case ItemType::kTweet:
        judge_tweet(item);
        break;
      case ItemType::kUser:
        judge_user(item.id);
        break;
      case ItemType::kLike:
        judge_like(item);
        break;
    }
    // A failed read must never become a verdict.
    if (auto status = state_.reader().status(); !status) {
      out.reasons.clear();
      return status;
    }
    if (out.reasons.size() > 1) {
      std::ranges::sort(out.reasons, stronger);
      // Two originals (the state may know several) can share an author or an edit chain.
      const auto rest = std::ranges::unique(out.reasons);
      out.reasons.erase(rest.begin(), rest.end());
    }
    if (!out.reasons.empty()) out.action = out.reasons.front().action;
    return {};
  }

 private:
  void judge_tweet(const Item& item) {
    judge_referred(item.id, Via::kSelf, Via::kAuthor);
    out_->without_author = authors_.empty();
    for (const TweetId original : state_.retweeted()) {
      judge_referred(original, Via::kRetweeted, Via::kRetweetedAuthor);
    }
    for (const TweetId quoted : state_.quoted()) {
      judge_referred(quoted, Via::kQuoted, Via::kQuotedAuthor);
    }
  }

  // All rows for one of the tweets that an item shows: itself, its original, the quoted one.
  void judge_referred(TweetId id, Via via, Via via_author) {
    const verdict::Versions& versions = state_.versions(id);
    rule_deleted(id, versions, via);
    rule_visibility(id, via);
    rule_tweet_withheld(id, via);
    rule_tweet_geo(id, via);
    rule_refresh(id, versions, via);
    state_.authors(id, authors_);
    for (const UserId author : authors_) {
      rule_toggles(author, via_author);
      rule_user_withheld(author, via_author);
      rule_scrub_geo(author, via_author, id);
      rule_profile(author, via_author);
    }
  }

  void judge_user(UserId id) {
    rule_toggles(id, Via::kSelf);
    rule_user_withheld(id, Via::kSelf);
    rule_scrub_geo(id, Via::kSelf, 0);
    rule_profile(id, Via::kSelf);
  }

  void judge_like(const Item& item) {
    rule_favorite(item.id, item.user);
    rule_deleted(item.id, state_.versions(item.id), Via::kTweet);
    rule_visibility(item.id, Via::kTweet);
    rule_tweet_withheld(item.id, Via::kTweet);
    rule_toggles(item.user, Via::kUser);
    state_.authors(item.id, authors_);
    out_->without_author = authors_.empty();
    for (const UserId author : authors_) rule_toggles(author, Via::kTweetAuthor);
  }

  [[nodiscard]] static bool is_quoted(Via via) {
    return via == Via::kQuoted || via == Via::kQuotedAuthor;
  }

  // What hides the quoted tweet only takes the quote out of the item that shows it.
  [[nodiscard]] static Action hide(Via via, Action action) {
    return is_quoted(via) ? Action::kStripQuote : action;
  }

  [[nodiscard]] Action suppress(Via via, EventKind event) const {
    const bool raised = std::ranges::find(policy_.delete_on, event) != policy_.delete_on.end();
    return hide(via, raised ? Action::kDelete : Action::kSuppress);
  }

  void add(Reason reason) { out_->reasons.push_back(std::move(reason)); }

  // "favorite_delete (delete, via self)"
  void rule_favorite(TweetId tweet, UserId user) {
    const auto at = state_.reader().favorite_deleted_at(tweet, user);
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
  void rule_deleted(TweetId id, const verdict::Versions& versions, Via via) {
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
  void rule_visibility(TweetId id, Via via) {
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
  void rule_toggles(UserId id, Via via) {
    const UserState& user = state_.user(id);
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

  void rule_toggle(UserId id, const std::vector<ToggleEntry>& toggle, EventKind event, Via via) {
    const auto since = on_since(toggle, as_of_);
    if (!since) return;
    add({.action = suppress(via, event), .event = event, .via = via, .user = id, .at = *since});
  }

  // "the tweet, its author, ... is withheld": one reason, `at` the latest of its countries.
  void rule_withheld(const std::vector<WithheldEntry>& withheld, Reason reason) {
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

  void rule_tweet_withheld(TweetId id, Via via) {
    rule_withheld(state_.tweet(id).withheld,
                  {.event = EventKind::kTweetWithheld, .via = via, .tweet = id});
  }

  void rule_user_withheld(UserId id, Via via) {
    rule_withheld(state_.user(id).withheld,
                  {.event = EventKind::kUserWithheld, .via = via, .user = id});
  }

  // "scrub_geo of the author with up_to_tweet >= the tweet's id"; a user item (0): whatever the id.
  void rule_scrub_geo(UserId id, Via via, TweetId tweet) {
    const auto entry = scrub_geo_as_of(state_.user(id), as_of_);
    if (!entry || entry->up_to_tweet < tweet) return;
    add({.action = Action::kStripGeo,
         .event = EventKind::kScrubGeo,
         .via = via,
         .user = id,
         .at = entry->at,
         .up_to_tweet = entry->up_to_tweet});
  }

  // "tweet_scrub_geo of the tweet, the original, the quoted tweet"
  void rule_tweet_geo(TweetId id, Via via) {
    const auto& at = state_.tweet(id).geo_scrubbed_at;
    if (!at || *at > as_of_) return;
    add({.action = Action::kStripGeo,
         .event = EventKind::kTweetScrubGeo,
         .via = via,
         .tweet = id,
         .at = *at});
  }

  // "a version with a greater id exists"
  void rule_refresh(TweetId id, const verdict::Versions& versions, Via via) {
    if (versions.newest <= id) return;
    add({.action = Action::kRefresh,
         .event = EventKind::kTweetEdit,
         .via = via,
         .tweet = id,
         .at = versions.newest_at,
         .latest_tweet = versions.newest});
  }

  // "the profile of its author ... changed": `fields` sorted, `at` the latest.
  void rule_profile(UserId id, Via via) {
    Reason reason{.action = Action::kRefreshProfile,
                  .event = EventKind::kUserProfileModification,
                  .via = via,
                  .user = id};
    for (const ProfileEntry& entry : state_.user(id).profile) {
      if (entry.at > as_of_) continue;
      reason.at = std::max(reason.at, entry.at);
      // Entries are ordered by field, so a field's repeats stand together.
      if (reason.fields.empty() || reason.fields.back() != entry.field) {
        reason.fields.push_back(entry.field);
      }
    }
    if (!reason.fields.empty()) add(std::move(reason));
  }

  verdict::ItemState state_;
  Policy policy_;
  Time as_of_;
  Verdict* out_ = nullptr;
  std::vector<UserId> authors_;
};

Judge::Judge(StateReader& reader, Policy policy, Time as_of)
    : impl_(std::make_unique<Impl>(reader, std::move(policy), as_of)) {}
Judge::~Judge() = default;
Judge::Judge(Judge&&) noexcept = default;
Judge& Judge::operator=(Judge&&) noexcept = default;

Result<void> Judge::judge(const Item& item, Verdict& out) {
  try {
    return impl_->judge(item, out);
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::kNoMemory, "out of memory");
  }
}

}  // namespace recant
