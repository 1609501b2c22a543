#include "bench/tweet_lines.h"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <array>
#include <iterator>
#include <string_view>

namespace recant::bench {
namespace {

constexpr std::array<std::string_view, 12> kWords = {
    "people",  "caf\u00e9",  "today", "\u6771\u4eac",   "really",   "https://t.co/AbCdEfGhIj",
    "\\u2026", "\U0001F642", "news",  "\\\"quoted\\\"", "@someone", "#topic"};

void append_text(Random& random, std::string& out) {
  for (std::uint64_t words = 6 + random.below(25); words > 0; --words) {
    out += kWords[random.below(kWords.size())];
    out += ' ';
  }
}

void append_user(UserId id, std::string& out) {
  fmt::format_to(
      std::back_inserter(out),
      FMT_COMPILE(
          R"("user":{{"id":{0},"id_str":"{0}","name":"U {0}","screen_name":"user_{1}","location":"Somewhere","url":null,"description":"A sentence or two that someone wrote about themselves, long ago, with a link","translator_type":"none","protected":false,"verified":false,"followers_count":{2},"friends_count":{1},"listed_count":4,"favourites_count":12345,"statuses_count":54321,"created_at":"Wed Mar 03 04:05:06 +0000 2010","utc_offset":null,"time_zone":null,"geo_enabled":true,"lang":null,"contributors_enabled":false,"is_translator":false,"profile_background_color":"C0DEED","profile_background_image_url":"http://abs.twimg.com/images/themes/theme1/bg.png","profile_background_image_url_https":"https://abs.twimg.com/images/themes/theme1/bg.png","profile_background_tile":false,"profile_link_color":"1DA1F2","profile_sidebar_border_color":"C0DEED","profile_sidebar_fill_color":"DDEEF6","profile_text_color":"333333","profile_use_background_image":true,"profile_image_url":"http://pbs.twimg.com/profile_images/{0}/a_normal.jpg","profile_image_url_https":"https://pbs.twimg.com/profile_images/{0}/a_normal.jpg","default_profile":true,"default_profile_image":false,"following":null,"follow_request_sent":null,"notifications":null}},)"),
      id, id % 10'000, id % 99'991);
}

// The members of a tweet from its brace on, without the closing one.
void append_members(TweetId id, UserId author, Random& random, std::string& out) {
  fmt::format_to(std::back_inserter(out),
                 FMT_COMPILE(R"({{"created_at":"Fri Mar 01 10:00:00 +0000 2019","id":{0},)"
                             R"("id_str":"{0}","text":")"),
                 id);
  append_text(random, out);
  out +=
      R"(","source":"\u003ca href=\"http://twitter.com\" rel=\"nofollow\"\u003eWeb\u003c/a\u003e",)"
      R"("truncated":false,"in_reply_to_status_id":null,"in_reply_to_status_id_str":null,)"
      R"("in_reply_to_user_id":null,"in_reply_to_user_id_str":null,)";
  append_user(author, out);
  out +=
      random.below(50) == 0
          ? R"("geo":{"type":"Point","coordinates":[40.74,-73.99]},"coordinates":{"type":"Point","coordinates":[-73.99,40.74]},"place":{"id":"01a9a39529b27f36","place_type":"city","full_name":"Manhattan, NY","country_code":"US"},)"
          : R"("geo":null,"coordinates":null,"place":null,)";
  out +=
      R"("contributors":null,"is_quote_status":false,"quote_count":0,"reply_count":1,)"
      R"("retweet_count":2,"favorite_count":3,"entities":{"hashtags":[{"text":"topic",)"
      R"("indices":[10,16]}],"urls":[{"url":"https://t.co/AbCdEfGhIj","expanded_url":)"
      R"("https://example.com/2019/03/01/a-page","display_url":"example.com/2019/03/01/a\u2026",)"
      R"("indices":[20,43]}],"user_mentions":[],"symbols":[]},"favorited":false,)"
      R"("retweeted":false,"filter_level":"low","lang":"en","timestamp_ms":"1551434400000")";
}

void append_embedded(std::string_view name, Random& random, std::string& out) {
  const Time created_at = 1'400'000'000'000 + static_cast<Time>(random.below(100'000'000'000));
  out.append(",\"").append(name).append("\":");
  append_members(make_tweet_id(created_at, random), 12 + random.below(1'000'000'000), random, out);
  out += '}';
}

}  // namespace

void append_tweet(TweetId id, UserId author, Random& random, std::string& out) {
  append_members(id, author, random, out);
  const std::uint64_t form = random.below(20);
  if (form < 5) append_embedded("retweeted_status", random, out);
  if (form >= 18) append_embedded("quoted_status", random, out);
  out += "}\n";
}

}  // namespace recant::bench
