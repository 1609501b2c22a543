// Lets Judge read its state from the oracle, so that the rules are tested without any index.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "oracle.h"

namespace recant::laws {

class OracleReader : public StateReader {
 public:
  explicit OracleReader(const Oracle& oracle) : oracle_(oracle) {}

  void tweet(TweetId id, TweetState& out) override { out.join(oracle_.tweet(id)); }
  void user(UserId id, UserState& out) override { out.join(oracle_.user(id)); }
  void retweeted(TweetId id, std::vector<TweetId>& out) override {
    const std::set<TweetId> originals = oracle_.retweeted(id);
    out.assign(originals.begin(), originals.end());
  }
  void quoted(TweetId id, std::vector<TweetId>& out) override {
    const std::set<TweetId> originals = oracle_.quoted(id);
    out.assign(originals.begin(), originals.end());
  }
  std::optional<Time> favorite_deleted_at(TweetId tweet, UserId user) override {
    return oracle_.favorite_deleted_at(tweet, user);
  }
  [[nodiscard]] Result<void> status() const override { return {}; }

 private:
  const Oracle& oracle_;
};

}  // namespace recant::laws
