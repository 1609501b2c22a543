// Tweets of which an outline would tell nothing more than their item does.
#pragma once

#include <simdjson.h>

namespace recant::dataset {

/// Of an object that gave the reader one tweet: no other tweet stands in it, wherever an outline
/// would look for one, nor anything of a page. False where that is not plain to see.
[[nodiscard]] bool shows_one_tweet(simdjson::dom::object tweet);

}  // namespace recant::dataset
