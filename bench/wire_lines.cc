#include "bench/wire_lines.h"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <array>
#include <iterator>
#include <string_view>

#include "engine/decode/decode.h"
#include "recant/time.h"

namespace recant::bench {
namespace {

template <class Format, class... Args>
void put(std::string& out, const Format& format, const Args&... args) {
  fmt::format_to(std::back_inserter(out), format, args...);
}

std::string country_list(const Payload& payload) {
  std::string list;
  for (const Country code : payload.countries) {
    if (!list.empty()) list += ',';
    list += '"' + country_name(code) + '"';
  }
  return list;
}

// v2 leaves "tweet_" out of the names of its tweet events, except of tweet_edit.
std::string_view v2_name(EventKind kind) {
  const std::string_view name = event_kind_name(kind);
  switch (kind) {
    case EventKind::kTweetDelete:
    case EventKind::kTweetWithheld:
    case EventKind::kTweetDrop:
    case EventKind::kTweetUndrop:
      return name.substr(std::string_view("tweet_").size());
    default:
      return name;
  }
}

std::string_view gnip_name(EventKind kind) {
  return kind == EventKind::kTweetWithheld ? "status_withheld" : v2_name(kind);
}

void append_v2(const Event& event, std::string& out) {
  const Payload& payload = event.payload.get();
  std::array<char, 24> at{};
  const std::string_view time(
      at.data(), static_cast<std::size_t>(write_time(event.at, at.data()) - at.data()));
  put(out, FMT_COMPILE(R"({{"data":{{"{}":{{)"), v2_name(event.kind));
  if (event.user != 0) {
    put(out, FMT_COMPILE(R"("user":{{"id":"{}"}})"), event.user);
  } else if (event.author != 0) {
    put(out, FMT_COMPILE(R"("tweet":{{"id":"{}","author_id":"{}"}})"), event.tweet, event.author);
  } else {
    put(out, FMT_COMPILE(R"("tweet":{{"id":"{}"}})"), event.tweet);
  }
  if (event.quote_tweet != 0) put(out, FMT_COMPILE(R"(,"quote_tweet_id":"{}")"), event.quote_tweet);
  if (!payload.countries.empty()) {
    put(out, FMT_COMPILE(R"(,"withheld_in_countries":[{}])"), country_list(payload));
  }
  if (payload.initial_tweet != 0) {
    put(out, FMT_COMPILE(R"(,"initial_tweet_id":"{}","edit_tweet_ids":["{}"])"),
        payload.initial_tweet, fmt::join(payload.edit_tweets, R"(",")"));
  }
  if (payload.up_to_tweet != 0)
    put(out, FMT_COMPILE(R"(,"up_to_tweet_id":"{}")"), payload.up_to_tweet);
  if (!payload.field.empty()) {
    put(out, FMT_COMPILE(R"(,"profile_field":"{}","new_value":"something new")"), payload.field);
  }
  put(out, FMT_COMPILE("{}{}{}"), R"(,"event_at":")", time, "\"}}}\n");
}

// The firehose has no profile events: those stay v2 lines, as a mixed archive would hold them.
void append_gnip(const Event& event, std::string& out) {
  const Payload& payload = event.payload.get();
  put(out, FMT_COMPILE(R"({{"{}":{{)"), gnip_name(event.kind));
  switch (event.kind) {
    case EventKind::kTweetEdit:
      put(out, FMT_COMPILE(R"("id":"{}","initial_tweet_id":"{}","edit_tweet_ids":["{}"])"),
          event.tweet, payload.initial_tweet, fmt::join(payload.edit_tweets, R"(",")"));
      break;
    case EventKind::kScrubGeo:
      put(out,
          FMT_COMPILE(
              R"("user_id":{0},"user_id_str":"{0}","up_to_status_id":{1},"up_to_status_id_str":"{1}")"),
          event.user, payload.up_to_tweet);
      break;
    default:
      if (event.tweet != 0) {
        put(out,
            FMT_COMPILE(
                R"("status":{{"id":{0},"id_str":"{0}","user_id":{1},"user_id_str":"{1}"}})"),
            event.tweet, event.author);
      } else {
        put(out, FMT_COMPILE(R"("id":{})"), event.user);
      }
  }
  if (!payload.countries.empty()) {
    put(out, FMT_COMPILE(R"(,"withheld_in_countries":[{}])"), country_list(payload));
  }
  put(out, FMT_COMPILE("{}{}{}"), R"(,"timestamp_ms":")", event.at, "\"}}\n");
}

}  // namespace

void append_line(const Event& event, WireFormat format, std::string& out) {
  if (format == WireFormat::kCanonical) {
    decode::append_canonical_line(event, 0, false, out);
    out += '\n';
  } else if (format == WireFormat::kGnip && event.kind != EventKind::kUserProfileModification) {
    append_gnip(event, out);
  } else {
    append_v2(event, out);
  }
}

}  // namespace recant::bench
