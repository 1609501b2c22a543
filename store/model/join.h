// The join of facts into states, in two steps: facts are appended in any order and any number, then
// `normalize` sorts and thins each piece to what its join keeps. A history of n facts so costs
// n log n, however disordered it came.
#pragma once

#include "recant/state.h"

namespace recant::model {

void normalize(TweetState& state);
void normalize(UserState& state);

}  // namespace recant::model
