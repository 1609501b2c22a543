// The digest of a state: the same for the same events, whatever the parts, order and encoding.
// Canonical bytes: store/FORMAT.md, "Digest".
#pragma once

#include <cstdint>
#include <string>

#include "recant/error.h"
#include "store/index/sources.h"

namespace recant::index {

/// Adds up the hashes of rows, so rows may come in any order.
class Digest {
 public:
  void add_tweet(TweetId id, const TweetState& state);
  void add_user(UserId id, const UserState& state);
  void add_relation(Table table, std::uint64_t id, const Ids& originals);
  void add_favorite(TweetId tweet, UserId user, Time at);
  /// Adds the rows that `other` was given.
  void add(const Digest& other);
  /// 32 lower-case hex digits.
  [[nodiscard]] std::string hex() const;

 private:
  /// `write` writes a row of at most `bytes_max` bytes where it is told, and returns its end.
  template <class Write>
  void add_row(std::size_t bytes_max, Write write);
  void add_sum(std::uint64_t low, std::uint64_t high);

  std::string row_;  // scratch
  // One sum modulo 2^128.
  std::uint64_t sum_low_ = 0;
  std::uint64_t sum_high_ = 0;
};

/// Of everything that `sources` hold together. Errors: kCorruption, kIo.
[[nodiscard]] Result<std::string> digest_of(const Sources& sources);

}  // namespace recant::index
