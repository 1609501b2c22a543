// The tables of a part, in the order in which they stand in it. Bytes: store/FORMAT.md, "Index".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace recant::index {

/// Never reorder: the order is part of what makes two builds of one state the same bytes.
enum class Table : std::uint8_t {
  kTweets = 0,        ///< tweet; author, deleted at
  kUsers = 1,         ///< user
  kRetweets = 2,      ///< tweet, original
  kRetweetedBy = 3,   ///< original, tweet
  kQuotes = 4,        ///< tweet, quoted
  kQuotedBy = 5,      ///< quoted, tweet
  kFavorites = 6,     ///< tweet, user; deleted at
  kCoverage = 7,      ///< 0, 1, 2, ...
  kLosses = 8,        ///< first sequence; last, at, bytes
  kAuthorTweets = 9,  ///< author, a candidate for "held, or the original of a held one"
  kUserDeletes = 10,  ///< at, user
  kCandidates = 11,  ///< tweets held or referred to here: what other parts' authors resolve against
  kHistories = 12,   ///< user, kind and at; up_to_tweet: long histories
};
inline constexpr std::size_t kTableCount = 13;

struct TableInfo {
  const char* name;
  std::size_t columns;    ///< numbers of a row
  std::size_t key_words;  ///< the first one or two of them, by which rows ascend
};

inline constexpr std::array<TableInfo, kTableCount> kTables = {{
    {"tweets", 3, 1},
    {"users", 1, 1},
    {"retweets", 2, 2},
    {"retweeted_by", 2, 2},
    {"quotes", 2, 2},
    {"quoted_by", 2, 2},
    {"favorites", 3, 2},
    {"coverage", 1, 1},
    {"losses", 4, 1},
    {"author_tweets", 2, 2},
    {"user_deletes", 2, 2},
    {"candidates", 1, 1},
    {"histories", 3, 2},
}};

[[nodiscard]] constexpr const TableInfo& info_of(Table table) {
  return kTables[static_cast<std::size_t>(table)];
}

}  // namespace recant::index
