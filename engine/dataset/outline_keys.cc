#include "engine/dataset/outline_keys.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/json/name_table.h"

namespace recant::dataset {
namespace {

using enum OutlineKey;

constexpr std::array<std::pair<std::string_view, OutlineKey>, 36> kKeys = {{
    {"id", kId},
    {"id_str", kIdStr},
    {"author_id", kAuthorId},
    {"user", kUser},
    {"author", kAuthor},
    {"actor", kActor},
    {"in_reply_to_user", kOtherUser},
    {"geo", kGeo},
    {"coordinates", kGeo},
    {"place", kGeo},
    {"location", kLocation},
    {"extended_tweet", kExtendedTweet},
    {"retweeted_status", kRetweetedStatus},
    {"quoted_status", kQuotedStatus},
    {"twitter_quoted_status", kQuotedStatus},
    {"quoted_status_id", kToldQuoted},
    {"quoted_status_id_str", kToldQuotedStr},
    {"referenced_tweets", kReferences},
    {"referenced_posts", kReferences},
    {"object", kObject},
    {"verb", kVerb},
    {"objectType", kObjectType},
    {"type", kType},
    {"edit_history_tweet_ids", kHistoryIds},
    {"edit_history_post_ids", kHistoryIds},
    {"edit_tweet_ids", kHistoryIds},
    {"edit_history", kHistory},
    {"initial_tweet_id", kHistoryIds},
    {"status", kTweetOfUser},
    {"pinned_tweet", kTweetOfUser},
    {"pinned_post", kTweetOfUser},
    {"tweet", kTweetOfLike},
    {"post", kTweetOfLike},
    {"favorited_status", kTweetOfLike},
    {"data", kData},
    {"includes", kIncludes},
}};

constexpr json::NameTable<kKeys.size()> kTable([] {
  std::array<std::string_view, kKeys.size()> names;
  for (std::size_t i = 0; i < kKeys.size(); ++i) names[i] = kKeys[i].first;
  return names;
}());

}  // namespace

std::string without_escapes(std::string_view raw) {
  std::string quoted;
  quoted += '"';
  quoted.append(raw);
  quoted += '"';
  const auto value = nlohmann::json::parse(quoted, nullptr, /*allow_exceptions=*/false);
  return value.is_string() ? value.get<std::string>() : std::string();
}

OutlineKey outline_key_named(std::string_view name) {
  const std::size_t place = kTable.find(name);
  return place == kTable.kNone ? kUnknown : kKeys[place].second;
}

OutlineKey outline_key(std::string_view raw) {
  const OutlineKey key = outline_key_named(raw);
  if (key != kUnknown || raw.find('\\') == std::string_view::npos) return key;
  return outline_key_named(without_escapes(raw));
}

}  // namespace recant::dataset
