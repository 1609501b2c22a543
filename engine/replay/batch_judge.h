// Judges many items at once: what their verdicts will ask for is read together before the first one
// is judged.
#pragma once

#include <memory>
#include <span>
#include <vector>

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

  /// Reads what the verdicts on `items` will ask for. Errors: kCorruption.
  [[nodiscard]] Result<void> read(std::span<const Item> items);
  /// Nothing is known of what `item`, the one at this index of those read for, names, so that no
  /// rule can say anything.
  [[nodiscard]] bool is_unknown(std::size_t index, const Item& item) const;

  /// When the same item was deleted, if that is all that is known of it and of its authors; most
  /// known tweets are so.
  [[nodiscard]] std::optional<Time> just_deleted(std::size_t index, const Item& item) const;
  /// The same item as a tweet; null where nothing is known of it.
  [[nodiscard]] const TweetState* tweet_of(std::size_t index) const {
    return batch_.tweet_at(places_[index]).state;
  }

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
  Place want(const Item& item);
  Place want_tweet_item(const Item& item);
  bool want_more();
  [[nodiscard]] bool is_unknown_user(UserId id) const;
  [[nodiscard]] static bool names_others(const Item& item) {
    return item.retweeted != 0 || item.quoted != 0 || item.retweeted_quoted != 0 ||
           !item.edit_histories.empty();
  }

  index::BatchReader batch_;
  index::Reader single_;
  Time as_of_;
  std::vector<Place> places_;  // of the items read for: of a tweet, or of a user
  Result<void> status_;
};

}  // namespace recant::replay

namespace recant {

class RECANT_HIDDEN BatchJudge::Impl {
 public:
  Impl(const std::shared_ptr<const index::View>& view, Time as_of, Policy policy)
      : reader_(view, as_of), judge_(reader_, std::move(policy), as_of) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  [[nodiscard]] Result<void> judge(std::span<const Item> items, std::span<Verdict> verdicts);

 private:
  replay::ReadAhead reader_;
  Judge judge_;
};

}  // namespace recant
