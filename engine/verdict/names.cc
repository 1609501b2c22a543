#include <array>

#include "recant/verdict.h"

namespace recant {

std::string_view action_name(Action action) {
  constexpr std::array<std::string_view, kActionCount> kNames = {
      "delete",      "suppress", "withhold",        "strip_geo",
      "strip_quote", "refresh",  "refresh_profile", "keep"};
  return kNames.at(static_cast<std::size_t>(action));
}

std::string_view via_name(Via via) {
  constexpr std::array<std::string_view, 9> kNames = {
      "self",      "author",           "tweet",  "user",         "tweet_author",
      "retweeted", "retweeted_author", "quoted", "quoted_author"};
  return kNames.at(static_cast<std::size_t>(via));
}

}  // namespace recant
