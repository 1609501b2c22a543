// Where in a line of JSON its tweets stand, and the parts of them that scrub may have to take out.
// Shapes: the platform's reference, section 5.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "recant/verdict.h"

namespace recant::dataset {

/// A range of bytes of the line's value.
struct Span {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// What a tweet is in its line.
enum class Role : std::uint8_t {
  kNone,       ///< no tweet, after all: a page, an envelope, a notice
  kItem,       ///< an item (of any type: also a user or a like)
  kOriginal,   ///< retweeted_status, or the object of a share
  kQuoted,     ///< quoted_status, twitter_quoted_status
  kReference,  ///< an entry of referenced_tweets, expanded or not
  kIncluded,   ///< a tweet in the includes of a page
  kOther,      ///< any other copy: a user's status or pinned tweet, the tweet of a like
};

struct Place {
  static constexpr std::uint32_t kNoParent = UINT32_MAX;

  Role role = Role::kNone;
  bool retweeted = false;  ///< it is its parent's retweeted original
  bool activity = false;
  std::uint32_t parent = kNoParent;
  std::uint32_t root = 0;          ///< the item or included tweet that it is part of, or itself
  std::uint32_t next = kNoParent;  ///< the next place of the same root
  std::uint32_t last = kNoParent;  ///< of a root: the last of its places but itself
  std::uint32_t element = 0;
  TweetId id = 0;
  UserId author = 0;
  TweetId told_quoted = 0;            ///< the id that stands beside a quoted_status
  std::vector<TweetId> history = {};  ///< its edit history, in no order
  Span member{};                      ///< with its key where it has one
  Span object{};
};

/// A member of a tweet's object.
struct Part {
  enum class Kind : std::uint8_t {
    kIgnored,
    kGeo,
    kLocation,  ///< geo of an activity; of anything else, nothing
    kBody,      ///< of a reference: everything but its type and id
  };
  Kind kind = Kind::kIgnored;
  bool null = false;
  std::uint32_t place = 0;
  Span member{};
};

/// An entry of a page's includes that is no tweet.
struct Include {
  enum class Kind : std::uint8_t { kUser, kPlace, kMedia, kPoll };
  Kind kind = Kind::kUser;
  Span member{};
};

/// An element of the line's array, or the only object of the line.
struct Element {
  Span member{};
  std::uint32_t items = 0;
  bool page = false;
  std::uint32_t place_begin = 0;  ///< its places are these
  std::uint32_t place_end = 0;
  std::uint32_t include_begin = 0;
  std::uint32_t include_end = 0;
};

struct Outline {
  bool array = false;
  std::vector<Element> elements{};
  std::vector<Place> places{};  ///< a parent before its children; items in the order of the reader
  std::vector<Part> parts{};
  std::vector<Include> includes{};

  void clear();
};

/// Finds outlines. Keeps its memory between lines.
class Outliner {
 public:
  Outliner();
  Outliner(Outliner&&) noexcept;
  Outliner& operator=(Outliner&&) noexcept;
  ~Outliner();

  /// @param value    an object or array that the reader accepted; 64 bytes past its end are
  ///                 readable.
  /// @param items    how many items each element of `value` gave the reader.
  /// False where they are not found again: then the line must not be written.
  [[nodiscard]] bool read(std::string_view value, ItemType type,
                          std::span<const std::uint32_t> items, Outline& out);

 private:
  std::unique_ptr<simdjson::ondemand::parser> parser_;
};

}  // namespace recant::dataset
