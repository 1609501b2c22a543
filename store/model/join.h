// The join of facts into states, in two steps: facts are appended in any order and any number, then
// `normalize` sorts and thins each piece to what its join keeps. A history of n facts so costs
// n log n, however disordered it came.
#pragma once

#include <algorithm>
#include <vector>

#include "recant/state.h"

namespace recant::model {

template <class T>
void sort_distinct(std::vector<T>& values) {
  if (values.size() < 2) return;
  std::ranges::sort(values);
  const auto rest = std::ranges::unique(values);
  values.erase(rest.begin(), rest.end());
}

void normalize(TweetState& state);
void normalize(UserState& state);

}  // namespace recant::model
