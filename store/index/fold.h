// Sorted facts folded into rows, stretch by stretch, by several threads: what sealing and
// rebuilding spend most of their time on.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "recant/error.h"
#include "store/index/digest.h"
#include "store/index/part.h"
#include "store/index/row_batch.h"
#include "store/index/sources.h"

namespace recant::index {

/// What rows of tweets are made with; shared by the threads.
struct TweetContext {
  /// Tweets that others refer to; ascending.
  const Ids& originals;
  /// Parts that will stand beside the new one (BuildOptions::others).
  const std::vector<std::shared_ptr<const Part>>& others;
  bool with_digest = false;
};

/// Rows of some tweets, and what else a part says of them. Keeps its memory.
struct TweetBatch {
  RowBatch rows;
  Digest digest;
  Ids held;
  std::vector<model::Pair> author_tweets;

  void clear();
  /// Ids ascend from call to call. Errors: kCorruption (of a part beside).
  [[nodiscard]] Result<void> add(const TweetContext& context, TweetId id, const TweetState& state);

 private:
  EncodedRow row_;
  std::optional<std::size_t> next_original_;  // the first that is not less than the last id
};

/// Rows of some users. Keeps its memory.
struct UserBatch {
  RowBatch rows;
  Digest digest;
  std::vector<std::array<std::uint64_t, 3>> histories;  ///< of all users, one after another
  std::vector<std::size_t> history_ends;                ///< one a row: where its own end
  std::vector<model::Pair> user_deletes;                ///< at, user

  void clear();
  void add(UserId id, const UserState& state, bool with_digest);

 private:
  EncodedRow row_;
  std::vector<std::array<std::uint64_t, 3>> of_one_;
};

/// Calls `take` with batches in the order of their keys, each once; one call at a time.
[[nodiscard]] Result<void> fold_tweets(const Sources& sources, const TweetContext& context,
                                       std::size_t threads,
                                       const std::function<void(const TweetBatch&)>& take);
[[nodiscard]] Result<void> fold_users(const Sources& sources, bool with_digest, std::size_t threads,
                                      const std::function<void(const UserBatch&)>& take);

}  // namespace recant::index
