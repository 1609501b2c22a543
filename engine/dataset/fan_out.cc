#include "engine/dataset/fan_out.h"

#include <algorithm>
#include <unordered_set>

namespace recant::dataset {
namespace {

using index::Ids;
using index::Table;

// `head` and its retweets, in one ascending list.
Result<bool> take_group(const index::Reader& index, TweetId head, TweetId& last,
                        const TakeTweet& take) {
  Ids group;
  RECANT_TRY(index.relation(Table::kRetweetedBy, head, group));
  const auto place = std::ranges::lower_bound(group, head);
  if (place == group.end() || *place != head) group.insert(place, head);
  for (auto id = std::ranges::upper_bound(group, last); id != group.end(); ++id) {
    RECANT_ASSIGN(const bool taken, take(*id));
    if (!taken) return false;
    last = *id;
  }
  return true;
}

}  // namespace

Result<Ids> all_versions(const index::Reader& index, TweetId id) {
  Ids found = {id};
  std::unordered_set<TweetId> seen = {id};
  TweetState state;
  // `found` grows while it is walked: it is the queue of the search too.
  for (std::size_t i = 0; i < found.size(); ++i) {
    state.clear();
    RECANT_TRY(index.tweet(found[i], state));
    for (const EditPair& pair : state.edits) {
      for (const TweetId version : {pair.initial, pair.version}) {
        if (seen.insert(version).second) found.push_back(version);
      }
    }
  }
  std::ranges::sort(found);
  return found;
}

Result<bool> take_showing(const index::Reader& index, const Ids& sources, FanOutPlace& place,
                          const TakeTweet& take) {
  auto source = std::ranges::lower_bound(sources, place.source);
  for (; source != sources.end(); ++source) {
    if (*source != place.source) place = {.source = *source};
    if (place.quote == 0) {
      RECANT_ASSIGN(const bool taken, take_group(index, *source, place.last, take));
      if (!taken) return false;
    }
    Ids quotes;
    RECANT_TRY(index.relation(Table::kQuotedBy, *source, quotes));
    for (auto quote = std::ranges::lower_bound(quotes, place.quote); quote != quotes.end();
         ++quote) {
      if (*quote != place.quote) {
        place.quote = *quote;
        place.last = 0;
      }
      RECANT_ASSIGN(const bool taken, take_group(index, *quote, place.last, take));
      if (!taken) return false;
    }
  }
  return true;
}

}  // namespace recant::dataset
