// The tables of a part, in the order in which they are written. Bytes: store/FORMAT.md, "Index".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace recant::index {

/// Never reorder: the order is part of what makes two builds of one state the same bytes.
enum class Table : std::uint8_t {
  kTweets = 0,
  kUsers = 1,
  kRetweets = 2,      ///< tweet -> originals
  kRetweetedBy = 3,   ///< original -> tweets
  kQuotes = 4,        ///< tweet -> quoted
  kQuotedBy = 5,      ///< quoted -> tweets
  kFavorites = 6,     ///< tweet, user
  kCoverage = 7,      ///< source, partition
  kLosses = 8,        ///< first sequence
  kAuthorTweets = 9,  ///< author -> candidates for "held, or the original of a held one"
  kUserDeletes = 10,  ///< at, user
  kCandidates = 11,  ///< tweets held or referred to here: what other parts' authors resolve against
};
inline constexpr std::size_t kTableCount = 12;

enum class KeyKind : std::uint8_t {
  kId,     ///< 8 bytes little-endian, MDB_INTEGERKEY
  kPair,   ///< 16 bytes: two ids, each big-endian, so that memcmp orders them
  kBytes,  ///< any bytes, ordered by memcmp
};

struct TableInfo {
  const char* name;
  KeyKind key;
};

inline constexpr std::array<TableInfo, kTableCount> kTables = {{
    {"tweets", KeyKind::kId},
    {"users", KeyKind::kId},
    {"retweets", KeyKind::kId},
    {"retweeted_by", KeyKind::kId},
    {"quotes", KeyKind::kId},
    {"quoted_by", KeyKind::kId},
    {"favorites", KeyKind::kPair},
    {"coverage", KeyKind::kBytes},
    {"losses", KeyKind::kId},
    {"author_tweets", KeyKind::kId},
    {"user_deletes", KeyKind::kPair},
    {"candidates", KeyKind::kId},
}};

}  // namespace recant::index
