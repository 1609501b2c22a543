// Verdict writers over hand-made verdicts: the bytes that scripts depend on.
#include <nlohmann/json.hpp>

#include "engine/dataset/verdict_writer.h"
#include "engine/files/output.h"
#include "tests/files_support.h"

namespace recant {
namespace {

using dataset::OutputFormat;
using dataset::VerdictWriter;

constexpr Time kAt = 1'656'712'123'030;  // 2022-07-01T21:48:43.030Z

std::string line(const Item& item, const Verdict& verdict) {
  std::string out;
  dataset::append_check_line(item, verdict, out);
  return out;
}

struct Judged {
  Item item;
  Verdict verdict;
};

std::string written(OutputFormat format, ItemType type, bool all,
                    const std::vector<Judged>& judged) {
  const test::TempDirectory directory;
  auto output = files::Output::open(directory.path("out"));
  REQUIRE(output);
  VerdictWriter writer(*output, {format, type, all});
  for (const Judged& one : judged) REQUIRE(writer.write(one.item, one.verdict));
  REQUIRE(writer.flush());
  REQUIRE(output->finish());
  return test::read_file(directory.path("out"));
}

Item tweet(TweetId id) {
  Item item;
  item.id = id;
  return item;
}

Verdict verdict(Action action, EventKind event, Why why = Why::kNone) {
  Reason reason;
  reason.action = action;
  reason.event = event;
  reason.at = kAt;
  reason.why = why;
  Verdict out;
  out.action = action;
  out.reasons.push_back(reason);
  return out;
}

TEST_CASE("every action, event and via is written by its name", "[dataset]") {
  for (std::size_t number = 0; number < kActionCount; ++number) {
    for (std::size_t kind = 1; kind <= kEventKindCount; ++kind) {
      for (unsigned via = 0; via <= static_cast<unsigned>(Via::kQuotedAuthor); ++via) {
        Verdict one = verdict(static_cast<Action>(number), static_cast<EventKind>(kind));
        one.reasons.front().via = static_cast<Via>(via);
        const auto reason = nlohmann::json::parse(line(tweet(7), one))["reasons"][0];
        REQUIRE(reason["action"] == action_name(one.action));
        REQUIRE(reason["event"] == event_kind_name(static_cast<EventKind>(kind)));
        REQUIRE(reason["via"] == via_name(static_cast<Via>(via)));
      }
    }
  }
}

TEST_CASE("a check line has its keys in the order of the contract", "[dataset]") {
  Verdict all;
  all.action = Action::kDelete;
  Reason reason;
  reason.action = Action::kDelete;
  reason.event = EventKind::kTweetDelete;
  reason.via = Via::kSelf;
  reason.tweet = 154;
  reason.at = kAt;
  all.reasons.push_back(reason);
  REQUIRE(line(tweet(154), all) ==
          R"({"id":"154","action":"delete","reasons":[{"action":"delete","event":"tweet_delete",)"
          R"("via":"self","tweet_id":"154","at":"2022-07-01T21:48:43.030Z"}]})");

  // No real reason has all of these; the order is what is tested.
  reason.action = Action::kSuppress;
  reason.event = EventKind::kTweetUnavailable;
  reason.via = Via::kQuotedAuthor;
  reason.user = 18446744073709551615ULL;
  reason.countries = {country('D', 'E'), country('F', 'R')};
  reason.up_to_tweet = 7;
  reason.latest_tweet = 8;
  reason.fields = {"profile.name", "a\"\\\n\x01é"};
  reason.grace_expired = true;
  reason.why = Why::kNotFound;
  all.reasons.push_back(reason);
  REQUIRE(
      line(tweet(154), all)
          .ends_with(
              R"(},{"action":"suppress","event":"tweet_unavailable","via":"quoted_author","tweet_id":"154",)"
              R"("user_id":"18446744073709551615","at":"2022-07-01T21:48:43.030Z","countries":["DE","FR"],)"
              R"("up_to_tweet_id":"7","latest_tweet_id":"8","fields":["profile.name","a\"\\\u000a\u0001é"],)"
              R"("grace_expired":true,"why":"not_found"}]})"));
}

TEST_CASE("keep lines and the lines of users and likes", "[dataset]") {
  REQUIRE(line(tweet(1), {}) == R"({"id":"1","action":"keep","reasons":[]})");
  Item user = tweet(2);
  user.type = ItemType::kUser;
  REQUIRE(line(user, {}) == R"({"id":"2","action":"keep","reasons":[]})");
  Item like = tweet(3);
  like.type = ItemType::kLike;
  like.user = 4;
  REQUIRE(line(like, {}) == R"({"tweet_id":"3","user_id":"4","action":"keep","reasons":[]})");
}

TEST_CASE("keep lines are written only where all are asked for", "[dataset]") {
  const std::vector<Judged> judged = {{tweet(1), {}},
                                      {tweet(2), verdict(Action::kRefresh, EventKind::kTweetEdit)}};
  const std::string some = written(OutputFormat::kNdjson, ItemType::kTweet, false, judged);
  REQUIRE(some.starts_with(R"({"id":"2","action":"refresh",)"));
  REQUIRE(written(OutputFormat::kNdjson, ItemType::kTweet, true, judged) ==
          "{\"id\":\"1\",\"action\":\"keep\",\"reasons\":[]}\n" + some);
}

TEST_CASE("CSV has a header and the strongest reason", "[dataset]") {
  Verdict two = verdict(Action::kSuppress, EventKind::kUserSuspend);
  two.reasons.front().via = Via::kAuthor;
  two.reasons.push_back(verdict(Action::kWithhold, EventKind::kUserWithheld).reasons.front());
  REQUIRE(written(OutputFormat::kCsv, ItemType::kTweet, true, {{tweet(1), two}, {tweet(2), {}}}) ==
          "id,action,event,via,at,reasons\n"
          "1,suppress,user_suspend,author,2022-07-01T21:48:43.030Z,2\n"
          "2,keep,,,,0\n");
  Item like = tweet(3);
  like.type = ItemType::kLike;
  like.user = 4;
  REQUIRE(written(OutputFormat::kCsv, ItemType::kLike, false,
                  {{like, verdict(Action::kDelete, EventKind::kFavoriteDelete)}}) ==
          "tweet_id,user_id,action,event,via,at,reasons\n"
          "3,4,delete,favorite_delete,self,2022-07-01T21:48:43.030Z,1\n");
  REQUIRE(written(OutputFormat::kCsv, ItemType::kUser, false, {}) ==
          "id,action,event,via,at,reasons\n");
}

TEST_CASE("CSV cells are quoted where they must be, and never run", "[dataset]") {
  const auto cell = [](std::string_view text) {
    std::string out = "x,";
    dataset::append_csv_cell(text, out);
    return out.substr(2);
  };
  REQUIRE(cell("").empty());
  REQUIRE(cell("plain text") == "plain text");
  REQUIRE(cell("a,b") == "\"a,b\"");
  REQUIRE(cell("say \"x\"\n") == "\"say \"\"x\"\"\n\"");
  REQUIRE(cell("\"\"\"") == "\"\"\"\"\"\"\"\"");
  for (const std::string_view text : {"=1", "+1", "-1", "@x"}) {
    REQUIRE(cell(text) == "'" + std::string(text));
  }
  REQUIRE(cell("=a,b") == "\"'=a,b\"");
}

TEST_CASE("batch results are the platform's lines, for what must go", "[dataset]") {
  const TweetId id = 1424854924194729984;
  const auto result = [id](Action action, EventKind event, Why why = Why::kNone) {
    return written(OutputFormat::kBatch, ItemType::kTweet, true,
                   {{tweet(id), verdict(action, event, why)}, {tweet(1), {}}});
  };
  const auto expected = [](std::string_view reason) {
    return R"({"id":"1424854924194729984","action":"delete","created_at":"2021-08-09T22:07:41.109Z",)"
           R"("redacted_at":"2022-07-01T21:48:43.030Z","reason":")" +
           std::string(reason) + "\"}\n";
  };
  REQUIRE(result(Action::kDelete, EventKind::kTweetDelete) == expected("deleted"));
  REQUIRE(result(Action::kSuppress, EventKind::kTweetDrop) == expected("deleted"));
  REQUIRE(result(Action::kDelete, EventKind::kUserDelete) == expected("deactivated"));
  REQUIRE(result(Action::kSuppress, EventKind::kUserProtect) == expected("protected"));
  REQUIRE(result(Action::kSuppress, EventKind::kUserSuspend) == expected("suspended"));
  REQUIRE(result(Action::kStripGeo, EventKind::kScrubGeo) == expected("scrub_geo"));
  REQUIRE(result(Action::kStripGeo, EventKind::kTweetScrubGeo) == expected("scrub_geo"));
  REQUIRE(result(Action::kSuppress, EventKind::kTweetWithheld) == expected("deleted"));
  const auto unavailable = [&](Why why) {
    return result(Action::kSuppress, EventKind::kTweetUnavailable, why);
  };
  REQUIRE(unavailable(Why::kProtected) == expected("protected"));
  REQUIRE(unavailable(Why::kSuspended) == expected("suspended"));
  REQUIRE(unavailable(Why::kDeactivated) == expected("deactivated"));
  REQUIRE(unavailable(Why::kNotFound) == expected("deleted"));
  REQUIRE(unavailable(Why::kRemoved) == expected("deleted"));
  for (const Action action :
       {Action::kWithhold, Action::kStripQuote, Action::kRefresh, Action::kRefreshProfile}) {
    REQUIRE(result(action, EventKind::kTweetDelete).empty());
  }
  Item user = tweet(id);
  user.type = ItemType::kUser;
  REQUIRE(
      written(OutputFormat::kBatch, ItemType::kUser, false,
              {{user, verdict(Action::kDelete, EventKind::kUserDelete)},
               {tweet(9), verdict(Action::kDelete, EventKind::kTweetDelete)}}) ==
      R"({"id":"1424854924194729984","action":"delete","redacted_at":"2022-07-01T21:48:43.030Z",)"
      "\"reason\":\"deactivated\"}\n"
      R"({"id":"9","action":"delete","redacted_at":"2022-07-01T21:48:43.030Z",)"
      "\"reason\":\"deleted\"}\n");
}

TEST_CASE("many lines arrive whole and in order", "[dataset]") {
  std::vector<Judged> judged;
  std::string expected;
  for (TweetId id = 1; id < 20'000; ++id) {
    judged.push_back({tweet(id), {}});
    expected += line(tweet(id), {}) + "\n";
  }
  REQUIRE(written(OutputFormat::kNdjson, ItemType::kTweet, true, judged) == expected);
}

}  // namespace
}  // namespace recant
