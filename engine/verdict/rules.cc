#include "engine/verdict/rules.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <tuple>

namespace recant::verdict {
namespace {

// Authors come again, a few of them very often.
constexpr std::size_t kAuthorsKept = std::size_t{64} << 10;

// [kind]: its place among the kinds in the order of their names.
using NameOrder = std::array<std::uint8_t, kEventKindCount + 1>;

NameOrder order_by_name() {
  NameOrder kinds{};
  std::iota(kinds.begin(), kinds.end(), std::uint8_t{0});
  std::ranges::sort(
      kinds, {}, [](std::uint8_t kind) { return event_kind_name(static_cast<EventKind>(kind)); });
  NameOrder order{};
  for (std::size_t i = 0; i < kinds.size(); ++i) order[kinds[i]] = static_cast<std::uint8_t>(i);
  return order;
}

bool stronger(const Reason* a, const Reason* b) {
  static const NameOrder kOrder = order_by_name();
  const auto key = [](const Reason& reason) {
    return std::tuple{reason.action, reason.via, kOrder[static_cast<std::size_t>(reason.event)],
                      reason.at, reason.tweet != 0 ? reason.tweet : reason.user};
  };
  return key(*a) < key(*b);
}

}  // namespace

void tell(const Ruling& ruling, Verdict& out) {
  out.action = ruling.action;
  out.without_author = ruling.without_author;
  out.reasons.resize(ruling.reasons.size());
  for (std::size_t i = 0; i < ruling.reasons.size(); ++i) out.reasons[i] = *ruling.reasons[i];
}

Result<Ruling> Rules::judge(const Item& item) {
  state_.begin(item);
  return rule(item);
}

Result<Ruling> Rules::judge_unrelated(const Item& item, const TweetState& state) {
  state_.begin_unrelated(item, state);
  return rule(item);
}

Ruling Rules::deleted(const Item& item, Time at, bool without_author) {
  own_.resize(1);
  own_.front() = {.action = Action::kDelete,
                  .event = EventKind::kTweetDelete,
                  .via = Via::kSelf,
                  .tweet = item.id,
                  .at = at};
  reasons_.assign(1, own_.data());
  return {.action = Action::kDelete, .without_author = without_author, .reasons = reasons_};
}

void Rules::trim() {
  if (remembered_.size() <= kAuthorsKept) return;
  place_of_.clear();
  remembered_.clear();
}

Result<Ruling> Rules::rule(const Item& item) {
  own_.clear();
  reasons_.clear();
  without_author_ = false;
  switch (item.type) {
    case ItemType::kTweet:
      judge_tweet(item);
      break;
    case ItemType::kUser:
      judge_user(item.id, state_.user(item.id), Via::kSelf, 0);
      break;
    case ItemType::kLike:
      judge_like(item);
      break;
  }
  return conclude();
}

Result<Ruling> Rules::conclude() {
  // A failed read must never become a verdict.
  RECANT_TRY(reader_.status());
  for (const Reason& reason : own_) reasons_.push_back(&reason);
  if (reasons_.size() > 1) {
    std::ranges::sort(reasons_, stronger);
    // Two originals (the state may know several) can share an author or an edit chain.
    const auto rest =
        std::ranges::unique(reasons_, [](const Reason* a, const Reason* b) { return *a == *b; });
    reasons_.erase(rest.begin(), rest.end());
  }
  return Ruling{.action = reasons_.empty() ? Action::kKeep : reasons_.front()->action,
                .without_author = without_author_,
                .reasons = reasons_};
}

const std::vector<Reason>& Rules::author_reasons(UserId author) {
  if (const std::uint32_t* place = place_of_.find(author)) return remembered_[*place];
  const UserState* state = reader_.user_at_hand(author);
  if (state == nullptr) {
    author_.clear();
    reader_.user(author, author_);
    state = &author_;
  }
  place_of_.at(place_of_.place(author)) = static_cast<std::uint32_t>(remembered_.size());
  out_ = &remembered_.emplace_back();
  judge_user(author, *state, Via::kAuthor, 0);
  out_ = &own_;
  return remembered_.back();
}

void Rules::judge_tweet(const Item& item) {
  judge_referred(item.id, Via::kSelf, Via::kAuthor);
  without_author_ = authors_.empty();
  for (const TweetId original : state_.retweeted()) {
    judge_referred(original, Via::kRetweeted, Via::kRetweetedAuthor);
  }
  for (const TweetId quoted : state_.quoted()) {
    judge_referred(quoted, Via::kQuoted, Via::kQuotedAuthor);
  }
}

// All rows for one of the tweets that an item shows: itself, its original, the quoted one.
void Rules::judge_referred(TweetId id, Via via, Via via_author) {
  const Versions& versions = state_.versions(id);
  rule_deleted(id, versions, via);
  rule_visibility(id, via);
  rule_tweet_withheld(id, via);
  rule_tweet_geo(id, via);
  rule_refresh(id, versions, via);
  state_.authors(id, authors_);
  for (const UserId author : authors_) judge_author(author, via_author, id);
}

// Why a tweet goes because of its author.
void Rules::judge_author(UserId id, Via via, TweetId tweet) {
  if (author_reasons_ == AuthorReasons::kReckonAnew || via != Via::kAuthor) {
    return judge_user(id, state_.user(id), via, tweet);
  }
  for (const Reason& reason : author_reasons(id)) {
    const bool older_only = reason.event == EventKind::kScrubGeo;
    if (!older_only || reason.up_to_tweet >= tweet) reasons_.push_back(&reason);
  }
}

void Rules::judge_user(UserId id, const UserState& user, Via via, TweetId tweet) {
  rule_toggles(id, user, via);
  rule_user_withheld(id, user, via);
  rule_scrub_geo(id, user, via, tweet);
  rule_profile(id, user, via);
}

void Rules::judge_like(const Item& item) {
  rule_favorite(item.id, item.user);
  rule_deleted(item.id, state_.versions(item.id), Via::kTweet);
  rule_visibility(item.id, Via::kTweet);
  rule_tweet_withheld(item.id, Via::kTweet);
  rule_toggles(item.user, state_.user(item.user), Via::kUser);
  state_.authors(item.id, authors_);
  without_author_ = authors_.empty();
  for (const UserId author : authors_) {
    rule_toggles(author, state_.user(author), Via::kTweetAuthor);
  }
}

}  // namespace recant::verdict
