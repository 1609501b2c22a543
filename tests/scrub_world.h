// Random datasets in every shape, and what scrub must make of them by a second implementation: the
// oracle's verdicts, and members erased from parsed JSON.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "oracle.h"
#include "random_events.h"

namespace recant::laws {

using Json = nlohmann::ordered_json;

enum class DatasetShape : std::uint8_t { kV1, kActivity, kFlat, kPage, kIds, kCsv };
inline constexpr std::size_t kDatasetShapeCount = 6;

/// A post of a random world; what a line shows of it depends on the shape.
struct Post {
  TweetId id = 0;
  UserId author = 0;
  TweetId quoted = 0;
  TweetId retweeted = 0;
  bool geo = false;
  std::vector<TweetId> history{};  ///< that a copy may carry; may leave out the post itself
};

/// The edit history that a copy of a post carries, as pairs the law makes of it: with the post.
[[nodiscard]] std::vector<TweetId> shown_history(const Json& copy);
/// The id of a post in any shape.
[[nodiscard]] TweetId id_of(const Json& tweet);

/// A line of a dataset, and its items as the platform's documents mean them.
struct DatasetLine {
  std::string text;  ///< without the end of the line
  Json json;         ///< null for ids and rows
  std::vector<Item> items;
};

class ScrubWorld {
 public:
  explicit ScrubWorld(RandomWorld& plan);
  [[nodiscard]] DatasetLine line(DatasetShape shape);
  [[nodiscard]] const std::map<TweetId, Post>& posts() const { return posts_; }

 private:
  Json v1(const Post& post, bool top, int depth, Item* item);
  void show_history(const Post& post, Json& json);
  void show_statuses(Json& json);
  void tell_history(const Json& copy, Item& item) const;
  Json activity(const Post& post, int depth, Item* item);
  Json flat(const Post& post, int depth, Item* item);
  Json page(std::vector<Item>& items);
  Json page_tweet(const Post& post);
  const Post& any_post();

  RandomWorld& plan_;
  std::map<TweetId, Post> posts_;
};

/// JSON with spaces at random places.
[[nodiscard]] std::string spaced(const Json& json, RandomWorld& plan);

/// Where a line's content must go, as the oracle judges it.
struct Expected {
  std::optional<Json> output;  ///< nothing: it is left out
  std::optional<Json> held;
  bool unchanged = false;  ///< the output has the line byte for byte
};
[[nodiscard]] Expected expect(const DatasetLine& line, DatasetShape shape, const Oracle& oracle,
                              Time as_of, const Policy& policy);

}  // namespace recant::laws
