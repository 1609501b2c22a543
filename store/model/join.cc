#include "store/model/join.h"

#include <tuple>

namespace recant::model {
namespace {

// One entry a key, the one with the earliest time.
template <class T, class Key>
void keep_earliest(std::vector<T>& values, Key key) {
  if (values.size() < 2) return;
  std::ranges::sort(values, {}, [&](const T& value) { return std::tuple{key(value), value.at}; });
  const auto rest = std::ranges::unique(values, {}, key);
  values.erase(rest.begin(), rest.end());
}

void keep_earliest_country(std::vector<WithheldEntry>& withheld) {
  keep_earliest(withheld, [](const WithheldEntry& entry) { return entry.country; });
}

}  // namespace

void normalize(TweetState& state) {
  sort_distinct(state.authors);
  sort_distinct(state.visibility);
  keep_earliest_country(state.withheld);
  keep_earliest(state.edits,
                [](const EditPair& pair) { return std::pair{pair.initial, pair.version}; });
}

void normalize(UserState& state) {
  sort_distinct(state.deleted);
  sort_distinct(state.protected_);
  sort_distinct(state.suspended);
  keep_earliest_country(state.withheld);
  sort_distinct(state.scrub_geo);
  sort_distinct(state.profile);
}

}  // namespace recant::model
