// What is due for each tweet that a line of JSON holds, items or not.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/dataset/outline.h"
#include "recant/verdict.h"

namespace recant::dataset {

/// Adds to `out` what must be judged beside the items: every tweet that stands in another one or in
/// the includes of a page, as an item of its own, and the edit histories beside them.
void add_embedded_items(const Outline& outline, std::vector<Item>& out);

/// What is due for one tweet, wherever in its element it stands.
struct Due {
  bool geo = false;
  bool original_geo = false;  ///< of its original, which it may repeat
  bool gone = false;          ///< as an item it would be left out or held
  bool deleted = false;       ///< as an item it would be deleted

  [[nodiscard]] bool any() const { return geo || original_geo || gone; }
  Due& operator|=(const Due& other);
};

class DueMap {
 public:
  /// @param items     the items that `outline` was made with, and their verdicts.
  /// @param embedded  the verdicts of what add_embedded_items added.
  void read(const Outline& outline, std::span<const Item> items, std::span<const Verdict> verdicts,
            std::span<const Verdict> embedded);

  /// Anything that asks for more than leaving out items.
  [[nodiscard]] bool any() const { return !entries_.empty(); }
  [[nodiscard]] Due of(std::uint32_t element, TweetId id) const;
  [[nodiscard]] Due of(const Outline& outline, const Place& place) const;

 private:
  struct Entry {
    std::uint32_t element = 0;
    TweetId id = 0;
    Due due{};
  };
  void read_items(const Outline& outline, std::span<const Item> items,
                  std::span<const Verdict> verdicts);
  void read_embedded(const Outline& outline, std::span<const Verdict> embedded);
  void read_retweets(const Outline& outline);
  void add(std::uint32_t element, TweetId id, const Due& due);
  void sort();

  std::vector<Entry> entries_;  // sorted by element and id
};

}  // namespace recant::dataset
