// Judges many items at once: what their verdicts will ask for is read together before the first one
// is judged.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "engine/verdict/arguments.h"
#include "engine/verdict/rules.h"
#include "recant/recant.h"
#include "store/index/batch_reader.h"
#include "store/index/view.h"

namespace recant::replay {

/// The rules' view of what was read ahead. What was not (there is no need to foresee everything) is
/// read when it is asked for.
class ReadAhead final : public StateReader {
 public:
  ReadAhead(const std::shared_ptr<const index::View>& view, Time as_of)
      : batch_(view), single_(view), as_of_(as_of) {
    batch_.set_as_of(as_of);
  }

  /// Reads what the verdicts on `items` will ask for, but for authors whom `rules` remembers.
  /// `first` is the place of the first one among all that were given. Errors: kInvalidArgument (one
  /// has no id), kCorruption.
  [[nodiscard]] Result<void> read(std::span<const Item> items, std::size_t first,
                                  const verdict::Rules& rules);
  /// Nothing is known of `item`, the one at this index of those read for, nor of what it names, but
  /// for its author.
  [[nodiscard]] bool is_unknown(std::size_t index, const Item& item) const;
  /// The state of the same item where it is a known tweet that is not said to show another; or
  /// null.
  [[nodiscard]] const TweetState* unrelated(std::size_t index, const Item& item) const;
  /// Nothing is known of this user, as was read ahead.
  [[nodiscard]] bool is_unknown_user(UserId id) const;
  [[nodiscard]] bool failed() const { return !status_; }

  const TweetState* tweet_at_hand(TweetId id) override;
  const UserState* user_at_hand(UserId id) override;
  void tweet(TweetId id, TweetState& out) override { note(single_.tweet(id, out)); }
  void user(UserId id, UserState& out) override { note(single_.user_as_of(id, as_of_, out)); }
  void retweeted(TweetId id, std::vector<TweetId>& out) override;
  void quoted(TweetId id, std::vector<TweetId>& out) override;
  std::optional<Time> favorite_deleted_at(TweetId tweet, UserId user) override;
  [[nodiscard]] Result<void> status() const override { return status_; }

 private:
  using Place = index::BatchReader::Place;

  void note(Result<void> result) {
    if (!result && status_) status_ = std::move(result);
  }
  Place want(const Item& item, const verdict::Rules& rules);
  Place want_tweet_item(const Item& item, const verdict::Rules& rules);
  void want_author(UserId author, const verdict::Rules& rules);
  Place want_other(TweetId id);
  void want_versions(const TweetState& state);
  void want_more_of_items(std::span<const Item> items, const verdict::Rules& rules);
  void want_more_of_others(std::size_t fetched);
  [[nodiscard]] static bool names_others(const Item& item) {
    return item.retweeted != 0 || item.quoted != 0 || item.retweeted_quoted != 0 ||
           !item.edit_histories.empty();
  }

  index::BatchReader batch_;
  index::Reader single_;
  Time as_of_;
  std::vector<Place> places_;  // of the items read for: of a tweet, or of a user
  std::vector<Place> others_;  // tweets that items show or name beside their own
  std::size_t others_seen_ = 0;
  std::vector<bool> is_other_;  // by place
  Result<void> status_;
};

}  // namespace recant::replay

namespace recant {
namespace replay {

/// Judges items with what it has read and reckoned for those before. After an error or an exception
/// it may remember halves, and must not be used again.
class BatchWork {
 public:
  BatchWork(const std::shared_ptr<const index::View>& view, Time as_of, Policy policy)
      : reader_(view, as_of),
        rules_(reader_, std::move(policy), as_of, verdict::AuthorReasons::kRemember),
        as_of_(as_of) {}
  BatchWork(const BatchWork&) = delete;
  BatchWork& operator=(const BatchWork&) = delete;

  /// As of BatchJudge::Impl.
  template <class Visit>
  [[nodiscard]] Result<void> each(std::span<const Item> items, Visit visit);

 private:
  // Enough for all waits for memory to overlap, and few enough for what was read to stay in cache.
  static constexpr std::size_t kItemsAtOnce = 4096;

  [[nodiscard]] Result<verdict::Ruling> rule(std::size_t index, const Item& item);
  [[nodiscard]] Result<verdict::Ruling> keep(const Item& item) const;
  [[nodiscard]] bool is_blameless(UserId author) {
    return author == 0 || reader_.is_unknown_user(author) || rules_.is_blameless(author);
  }
  [[nodiscard]] bool is_just_deleted(const Item& item, const TweetState& state);

  ReadAhead reader_;
  verdict::Rules rules_;
  Time as_of_;
};

template <class Visit>
Result<void> BatchWork::each(std::span<const Item> items, Visit visit) {
  for (std::size_t done = 0; !items.empty();) {
    const auto some = items.first(std::min(kItemsAtOnce, items.size()));
    rules_.trim();
    RECANT_TRY(reader_.read(some, done, rules_));
    done += some.size();
    for (std::size_t i = 0; i < some.size(); ++i) {
      const auto ruling = rule(i, some[i]);
      if (!ruling) return std::unexpected(ruling.error());
      visit(some[i], *ruling);
    }
    items = items.subspan(some.size());
  }
  return {};
}

}  // namespace replay

class RECANT_HIDDEN BatchJudge::Impl {
 public:
  Impl(std::shared_ptr<const index::View> view, Time as_of, Policy policy)
      : view_(std::move(view)), as_of_(as_of), policy_(std::move(policy)) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  [[nodiscard]] static Impl& of(BatchJudge& judge) { return *judge.impl_; }

  [[nodiscard]] Result<void> judge(std::span<const Item> items, std::span<Verdict> verdicts);
  /// Calls `visit(item, ruling)` for each of `items`, in order; the ruling is gone afterwards.
  template <class Visit>
  [[nodiscard]] Result<void> each(std::span<const Item> items, Visit visit) {
    // What ends with an error or an exception is not used again.
    auto work =
        work_ ? std::move(work_) : std::make_unique<replay::BatchWork>(view_, as_of_, policy_);
    RECANT_TRY(work->each(items, visit));
    work_ = std::move(work);
    return {};
  }

 private:
  std::shared_ptr<const index::View> view_;
  Time as_of_;
  Policy policy_;
  std::unique_ptr<replay::BatchWork> work_;
};

}  // namespace recant
