// Rows of the index from states and back. Layouts: store/FORMAT.md, "Index". Decoders add what a
// row says to a state (normalize() afterwards) and return false for what is no row: never out of
// bounds.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "store/index/row_group.h"
#include "store/model/facts.h"

namespace recant::index {

/// A row before it is written. Its memory is used again for the next one.
struct EncodedRow {
  std::array<std::uint64_t, kColumnsMax> numbers{};
  unsigned absent = 0;  ///< bits of columns whose number means nothing
  std::string extra{};
};

void encode_tweet(TweetId id, const TweetState& state, EncodedRow& row);
[[nodiscard]] bool decode_tweet(const Row& row, TweetState& state);

/// Histories of more entries than this stand in rows of their own.
inline constexpr std::size_t kInlineHistoryMax = 64;

/// The pieces of a user that can stand in rows of their own, as bits of UserRowHead::elsewhere.
enum class History : std::uint8_t {
  kDeleted = 0,
  kProtected = 1,
  kSuspended = 2,
  kScrubGeo = 3,
  kProfile = 4,
};

/// Second words of the keys in kHistories: a kind, and an `at` in the low 48 bits. `off` and `on`
/// of a toggle are two kinds, and so is every field of a profile.
[[nodiscard]] constexpr std::uint64_t history_key(std::uint64_t kind, Time at) {
  return kind << 48 | static_cast<std::uint64_t>(at);
}
[[nodiscard]] constexpr std::uint64_t toggle_kind(History toggle, bool on) {
  return 2 * static_cast<std::uint64_t>(toggle) + (on ? 1 : 0);
}
inline constexpr std::uint64_t kScrubGeoKind = 6;
inline constexpr std::uint64_t kProfileKind = 8;  ///< and the place of the field in UserRowHead

struct UserRowHead {
  std::uint8_t elsewhere = 0;
  std::vector<std::string> fields{};  ///< sorted; where kProfile stands elsewhere
  [[nodiscard]] bool is_elsewhere(History piece) const {
    return (elsewhere >> static_cast<unsigned>(piece) & 1) != 0;
  }
};

/// Rows of kHistories come out with ascending keys.
void encode_user(UserId id, const UserState& state, EncodedRow& row,
                 std::vector<std::array<std::uint64_t, 3>>& histories);
[[nodiscard]] bool decode_user(const Row& row, UserState& state, UserRowHead& head);
[[nodiscard]] bool decode_history(const Row& row, const UserRowHead& head, UserState& state);

void encode_coverage(const model::CoverageKey& key, const model::Coverage& coverage,
                     std::string& extra);
[[nodiscard]] bool decode_coverage(Bytes extra, model::CoverageKey& key, model::Coverage& coverage);

}  // namespace recant::index
