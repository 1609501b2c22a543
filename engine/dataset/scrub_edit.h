// One line of JSON as it may be kept, and as it may be held.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/dataset/json_cut.h"
#include "engine/dataset/outline.h"
#include "engine/dataset/page_references.h"
#include "engine/dataset/scrub_due.h"

namespace recant::dataset {

/// What scrub takes out of records that stay.
enum class RemovedPart : std::uint8_t {
  kNone,           ///< an item, which is counted by its action
  kGeo,            ///< a geo field
  kCopy,           ///< a copy of another tweet: quoted, replied to, pinned
  kIncludedTweet,  ///< a tweet in the includes of a page
  kIncluded,       ///< a user, place, media or poll in them, to which nothing kept refers any more
};
inline constexpr std::size_t kRemovedPartCount = 5;
using RemovedParts = std::array<std::uint64_t, kRemovedPartCount>;

enum class Destination : std::uint8_t { kOutput, kHeld };

/// What was judged of a line.
struct JudgedLine {
  const Outline& outline;
  std::span<const Verdict> verdicts;  ///< of its items
  const DueMap& due;
};

/// Where an item goes; nowhere if it is to be deleted.
[[nodiscard]] inline bool goes_to(Action action, Destination destination) {
  if (action <= Action::kSuppress) {
    return action == Action::kSuppress && destination == Destination::kHeld;
  }
  return destination == Destination::kOutput;
}

class LineEditor {
 public:
  /// Appends to `out` what of `value` goes to `destination`. False where nothing does.
  [[nodiscard]] bool edit(std::string_view value, const JudgedLine& line, Destination destination,
                          RemovedParts& removed, std::string& out);

 private:
  void find_elements_left();
  void cut_items();
  void cut_geo();
  void cut_copies();
  void edit_page(std::uint32_t index);
  void cut_included_tweets(const Element& element, References wanted);
  void find_references(const Element& element, References& gone, References& kept);
  void cut_includes(const Element& element, const References& gone, const References& kept);
  [[nodiscard]] bool stays(std::size_t element) const;
  void cut_place(std::size_t place, RemovedPart part);
  void cut(Span span, RemovedPart part) {
    cuts_.push_back({.span = span, .counter = static_cast<std::size_t>(part)});
  }
  [[nodiscard]] bool geo_due(const Place& place, bool null) const;
  [[nodiscard]] std::string_view bytes(Span span) const {
    return value_.substr(span.begin, span.end - span.begin);
  }

  std::string_view value_;
  const JudgedLine* line_ = nullptr;
  Destination destination_ = Destination::kOutput;
  PageReferences pages_;
  std::vector<Cut> cuts_;
  std::vector<std::uint32_t> left_;         // items of each element that stay
  std::vector<std::size_t> item_of_place_;  // kNoItem for what is none
  std::vector<bool> geo_cut_;               // of each place
  std::vector<bool> cut_;                   // each place
};

}  // namespace recant::dataset
