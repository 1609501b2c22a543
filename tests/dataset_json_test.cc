// JSON datasets: each shape that tools leave tweets in, and what is no item.
#include "tests/dataset_support.h"

namespace recant {
namespace {

using test::read_json;
using test::read_text;
using test::Told;
using Records = std::vector<std::string>;

TEST_CASE("a v1.1 tweet tells author, original and quoted tweet", "[dataset]") {
  REQUIRE(read_json(R"({"id":1,"id_str":"10","user":{"id":2,"id_str":"20"},"text":"x"})") ==
          "10 author=20");
  REQUIRE(read_json(R"({"id":10,"text":"x"})") == "10");
  REQUIRE(
      read_json(
          R"({"id_str":"10","user":{"id":20},"retweeted_status":{"id":30,"user":{"id":40}}})") ==
      "10 author=20 rt=30 rt_author=40");
  REQUIRE(read_json(R"({"id":10,"quoted_status_id":49,"quoted_status_id_str":"50"})") == "10 q=50");
  REQUIRE(read_json(R"({"id":10,"quoted_status":{"id":50,"user":{"id":60}},"text":""})") ==
          "10 q=50 q_author=60");
  REQUIRE(
      read_json(
          R"({"id":10,"quoted_status_id_str":"51","quoted_status":{"id":50,"user":{"id":60}}})") ==
      "10 q=51");
}

TEST_CASE("a v1.1 retweet of a quote shows the quoted tweet's author wherever it stands",
          "[dataset]") {
  const std::string both = "10 rt=30 q=50 q_author=60 rtq=50 rtq_author=60";
  REQUIRE(read_json(R"({"id":10,"quoted_status_id_str":"50","retweeted_status":)"
                    R"({"id":30,"quoted_status":{"id":50,"user":{"id":60}}}})") == both);
  REQUIRE(read_json(
              R"({"id":10,"quoted_status_id_str":"50","quoted_status":{"id":50,"user":{"id":60}},)"
              R"("retweeted_status":{"id":30,"quoted_status_id_str":"50"}})") == both);
  REQUIRE(read_json(R"({"id":10,"quoted_status_id_str":"50","retweeted_status":)"
                    R"({"id":30,"quoted_status":{"id":51,"user":{"id":60}}}})") ==
          "10 rt=30 q=50 rtq=51 rtq_author=60");
}

TEST_CASE("edit histories of the tweet, its original and its quoted tweet are kept", "[dataset]") {
  REQUIRE(
      read_json(
          R"({"id":3,"text":"","edit_history":{"initial_tweet_id":"1","edit_tweet_ids":["2","1",3]}})") ==
      "3 [1,2,3]");
  REQUIRE(read_json(R"({"id":3,"text":"","edit_history":{"initial_tweet_id":"1"}})") == "3 [1,3]");
  REQUIRE(read_json(R"({"id":3,"edit_history_tweet_ids":["1","3"]})") == "3 [1,3]");
  REQUIRE(read_json(R"({"id":3,"edit_history_post_ids":["1","3"]})") == "3 [1,3]");
  REQUIRE(read_json(R"({"id":3,"edit_history_tweet_ids":["3"]})") == "3");
  REQUIRE(
      read_json(
          R"({"id":3,"edit_history_tweet_ids":["1","3"],"referenced_tweets":[{"type":"retweeted",)"
          R"("id":"6","edit_history_tweet_ids":["5","6"],"referenced_tweets":[{"type":"quoted",)"
          R"("id":"8","edit_history_tweet_ids":["7","8"]}]}]})") ==
      "3 rt=6 rtq=8 [1,3] [5,6] [7,8]");
  // The tweet is a version itself, and all lists are its own.
  const std::string itself = R"({"id":3,"text":"",)";
  REQUIRE(read_json(itself + R"("edit_history":{"initial_tweet_id":"1","edit_tweet_ids":[]}})") ==
          "3 [1,3]");
  REQUIRE(
      read_json(itself + R"("edit_history":{"initial_tweet_id":"1","edit_tweet_ids":["1"]}})") ==
      "3 [1,3]");
  REQUIRE(
      read_json(itself + R"("edit_history":{"initial_tweet_id":"1","edit_tweet_ids":["2"]}})") ==
      "3 [1,2,3]");
  REQUIRE(read_json(itself + R"("edit_history":{"initial_tweet_id":"1","edit_tweet_ids":null}})") ==
          "3 [1,3]");
  REQUIRE(read_json(itself + R"("edit_history":{"edit_tweet_ids":["1"]}})") == "3 [1,3]");
  REQUIRE(read_json(itself + R"("edit_history_tweet_ids":["1"]})") == "3 [1,3]");
  REQUIRE(
      read_json(itself + R"("edit_history_tweet_ids":["3"],"edit_history_post_ids":["1","3"]})") ==
      "3 [3,1]");
  REQUIRE(read_json(itself + R"("edit_history":{"initial_tweet_id":"1"},)" +
                    R"("edit_history_post_ids":["2"]})") == "3 [1,2,3]");
  REQUIRE(read_json(itself + R"("quoted_status":{"id":5,"edit_history_tweet_ids":["4"]}})") ==
          "3 q=5 [4,5]");
  REQUIRE(read_json(R"({"id":3,"edit_history_tweet_ids":["1","x"]})")
              .starts_with("! edit_history_tweet_ids"));
}

TEST_CASE("a v2 tweet tells its references, flattened or not", "[dataset]") {
  REQUIRE(read_json(R"({"id":"10"})") == "10");
  REQUIRE(read_json(R"({"id":"10","author_id":"20","author":{"id":"21"}})") == "10 author=20");
  REQUIRE(read_json(R"({"id":"10","author":{"id":"21","username":"x"},"text":"x"})") ==
          "10 author=21");
  REQUIRE(read_json(R"({"id":"10","referenced_posts":[{"type":"replied_to","id":"9"},)"
                    R"({"type":"quoted","id":"50","author":{"id":"60"}},)"
                    R"({"type":"retweeted","id":"30","author_id":"40"}]})") ==
          "10 rt=30 rt_author=40 q=50 q_author=60");
  REQUIRE(
      read_json(
          R"({"id":"10","author_id":"20","withheld":{"copyright":false,"country_codes":["DE"]}})") ==
      "10 author=20");
  REQUIRE(read_json(R"({"id":"10","withheld":{"country_codes":["DE"]}})") == "10");
}

TEST_CASE("a page gives an item for each tweet of data, completed from the whole page",
          "[dataset]") {
  REQUIRE(
      read_json(
          R"({"data":[{"id":"1","referenced_tweets":[{"type":"retweeted","id":"2"}]},)"
          R"({"id":"2","author_id":"20","referenced_tweets":[{"type":"quoted","id":"3"}]}],)"
          R"("includes":{"tweets":[{"id":"3","author_id":"30","edit_history_tweet_ids":["4","3"]}]}})") ==
      "1 rt=2 rt_author=20 rtq=3 rtq_author=30 [4,3]; 2 author=20 q=3 q_author=30 [4,3]");
  REQUIRE(read_json(R"({"data":{"id":"1","referenced_posts":[{"type":"quoted","id":"2"}]},)"
                    R"("includes":{"posts":[{"id":"2","author_id":"9"}]}})") == "1 q=2 q_author=9");
  REQUIRE(read_json(R"({"data":[],"meta":{"result_count":0}})") == "-");
  REQUIRE(read_json(R"({"meta":{"result_count":0}})") == "-");
  REQUIRE(read_json(R"({"includes":{"tweets":[{"id":"3"}]}})") == "-");
  REQUIRE(read_json(R"({"data":null})") == "-");
  REQUIRE(read_json(R"({"data":7})") == "! data is neither an object nor an array");
  REQUIRE(read_json(R"({"data":[{"id":"1"},{"id":"x"}]})").starts_with("! data: id is not an id"));
}

TEST_CASE("an activity tells its ids behind tags", "[dataset]") {
  REQUIRE(
      read_json(R"({"id":"tag:search.x.com,2005:10","objectType":"activity","verb":"share",)"
                R"("actor":{"id":"id:x.com:20"},"object":{"id":"tag:search.twitter.com,2005:30",)"
                R"("actor":{"id":"id:twitter.com:40"},"twitter_quoted_status":)"
                R"({"id":"tag:search.x.com,2005:50","actor":{"id":"id:x.com:60"}}}})") ==
      "10 author=20 rt=30 rt_author=40 rtq=50 rtq_author=60");
  REQUIRE(read_json(R"({"id":"tag:x:10","verb":"post","actor":{"id":"id:x.com:20"},"object":)"
                    R"({"objectType":"note","id":"object:search.x.com,2005:10"}})") ==
          "10 author=20");
  REQUIRE(read_json(R"({"id":"tag:x:10","objectType":"activity","verb":"delete"})") == "-");
  REQUIRE(read_json(R"({"id":"tag:x:","objectType":"activity","verb":"post"})") ==
          "! id does not end in an id");
  REQUIRE(
      read_json(
          R"({"id":"tag:x:1","objectType":"activity","verb":"post","actor":{"id":"id:x:a"}})") ==
      "! actor.id does not end in an id");
}

TEST_CASE("notices, event envelopes and pages without data are skipped", "[dataset]") {
  for (const std::string_view line :
       {R"({"delete":{"status":{"id":1}}})", R"({"data":{"withheld":{"tweet":{"id":"1"}}}})",
        R"({"status_withheld":{"id":1}})", R"({"data":{"new_kind":{"tweet":{"id":"1"}}}})",
        R"({"new_kind":{"x":1}})", R"({"delete":{"status":{"id":1}},"new_field":"x"})",
        R"({"errors":[{"title":"x"}]})", R"({"info":{"message":"x"}})", R"({"limit":{"track":1}})",
        R"({"title":"ConnectionException","type":"x"})", R"({"disconnect":{"code":4}})",
        R"({"for_user_id":"1","tweet_delete_events":[]})",
        R"({"seq":"1","event":"tweet_delete","at":"2022-07-01T21:48:43.030Z","tweet_id":"1"})",
        R"({"id":"1","action":"delete","created_at":"x","redacted_at":"y","reason":"deleted"})"}) {
    INFO(line);
    REQUIRE(read_json(line) == "-");
  }
  REQUIRE(read_json(R"({"drop":{},"undrop":{}})") == "! two event kinds in one object");
  REQUIRE(read_json(R"({"status":{"id":"1","text":"x"}})").starts_with("! no id"));
}

TEST_CASE("what holds no item is rejected with a reason", "[dataset]") {
  REQUIRE(read_json("{}").starts_with("! no id"));
  REQUIRE(read_json("[1]") == "! an array with something else than objects");
  REQUIRE(read_json("{\"id\":") == "! not JSON");
  REQUIRE(read_json("nonsense") == "! not JSON");
  REQUIRE(read_json("{\"id\":\"1\",\"text\":\"\xff\"}") == "! not JSON: invalid UTF-8");
  REQUIRE(read_json(R"({"id":"1","screen_name":"x","name":"y"})") ==
          "! this is a user: use --type users");
  REQUIRE(read_json(R"({"id":"1","username":"x"})") == "! this is a user: use --type users");
  REQUIRE(read_json(R"({"tweet_id":"1","user_id":"2"})") == "! this is a like: use --type likes");
  REQUIRE(read_json(R"({"id":"1","user":"bob"})") == "! user is no object");
  REQUIRE(read_json(R"({"id":"1","retweeted_status":{"text":"x"}})") ==
          "! retweeted_status has no id");
  REQUIRE(read_json(R"({"id":"1","referenced_tweets":[{"type":"quoted"}]})") ==
          "! referenced_tweets has an entry without an id");
}

TEST_CASE("ids are exact, and malformed ones reject the line by name", "[dataset]") {
  REQUIRE(read_json(R"({"id":9007199254740993})") == "9007199254740993");
  REQUIRE(read_json(R"({"id":9223372036854775808})") == "9223372036854775808");
  REQUIRE(read_json(R"({"id":18446744073709551615})") == "18446744073709551615");
  REQUIRE(read_json(R"({"id":"007"})") == "7");
  for (const std::string_view id :
       {"0", "\"0\"", "-1", "1e3", "1.0", "18446744073709551616", "\"18446744073709551616\"",
        "\"\"", "\"123456789012345678901\"", "123456789012345678901", "\" 1\"", "\"1 \"", "true",
        "{}", "[]", "\"1e3\"", "\"+1\""}) {
    INFO(id);
    REQUIRE(read_json(fmt::format(R"({{"id":{}}})", id)).starts_with("! id is not an id"));
    REQUIRE(read_json(fmt::format(R"({{"id":"1","author_id":{}}})", id))
                .starts_with("! author_id is not an id"));
    REQUIRE(read_json(fmt::format(R"({{"id":"1","user":{{"id":{}}}}})", id))
                .starts_with("! user.id is not an id"));
    REQUIRE(read_json(fmt::format(R"({{"id":"1","retweeted_status":{{"id":{}}}}})", id))
                .starts_with("! retweeted_status.id is not an id"));
    REQUIRE(read_json(fmt::format(R"({{"id":"1","quoted_status_id_str":{}}})", id))
                .starts_with("! quoted_status_id_str is not an id"));
  }
  REQUIRE(read_json(R"({"id":null,"id_str":null})").starts_with("! no id"));
}

TEST_CASE("the string form is the only one looked at, unless it is null", "[dataset]") {
  REQUIRE(read_json(R"({"id":1.5,"id_str":"10"})") == "10");
  REQUIRE(read_json(R"({"id":10,"id_str":null})") == "10");
  REQUIRE(read_json(R"({"id":10,"id_str":"x"})").starts_with("! id_str is not an id"));
  REQUIRE(read_json(R"({"id":1,"id":2,"id_str":"10"})") == "10");
}

TEST_CASE("a key that is read and given twice rejects the line", "[dataset]") {
  REQUIRE(read_json(R"({"id":"1","id":"1"})") == "! id is given twice");
  REQUIRE(read_json(R"({"id":"1","i\u0064":"2"})") == "! id is given twice");
  REQUIRE(read_json(R"({"id":"1","author_id":"1","author_id":"2"})") ==
          "! author_id is given twice");
  REQUIRE(read_json(R"({"id":"1","user":{"id":1,"id":2}})") == "! user.id is given twice");
  REQUIRE(read_json(R"({"id":"1","text":"a","text":"b","x":1,"x":2})") == "1");
}

TEST_CASE("numbers out of range in other fields do no harm", "[dataset]") {
  REQUIRE(
      read_json(R"({"id":"1","x":123456789012345678901234567890,"y":[1e999],"author_id":"2"})") ==
      "1 author=2");
}

TEST_CASE("arrays on one line and over several give their tweets", "[dataset]") {
  REQUIRE(read_json(R"([{"id":"1"},{"data":[{"id":"2"},{"id":"3"}]},{"delete":{}}])") == "1; 2; 3");
  REQUIRE(read_json("[]") == "-");
  REQUIRE(read_json(R"([{"id":"1"},{"id":"x"}])").starts_with("! element 2: id is not an id"));
  REQUIRE(read_text("[\n{\"id\":\"1\"},\n {\"id\":\"2\"} , \n{\"id\":\"3\"}\n]\n").records ==
          Records{"1: -", "2: 1", "3: 2", "4: 3", "5: -"});
  REQUIRE(read_text("[{\"id\":\"1\"},\r\n{\"id\":\"2\"},\r\n{\"id\":\"3\"}]\r\n").records ==
          Records{"1: 1", "2: 2", "3: 3"});
}

TEST_CASE("JSON lines may be mixed with ids and blank lines", "[dataset]") {
  REQUIRE(
      read_text("\n{\"id\":\"1\"}\n2\n\"3\"\r\n \nfour\n5.0\n{\"id_str\":\"6\"}").records ==
      Records{"1: -", "2: 1", "3: 2", "4: 3", "5: -", "6: ! not JSON", "7: ! not JSON", "8: 6"});
}

TEST_CASE("records keep nothing of the record before", "[dataset]") {
  REQUIRE(read_text(R"({"id":"1","author_id":"2","edit_history_tweet_ids":["3","1"]})"
                    "\n5\n{\"id\":\"6\"}\n{\"id\":\"x\"}\n{\"id\":\"7\"}\n")
              .records.at(1) == "2: 5");
}

TEST_CASE("users come from v1.1 and v2 objects, a tweet is told apart", "[dataset]") {
  constexpr auto kUsers = ItemType::kUser;
  REQUIRE(read_json(R"({"id":1,"id_str":"10","screen_name":"x","status":{"text":"y"}})", kUsers) ==
          "10");
  REQUIRE(read_json(R"({"id":"10","username":"x","withheld":{"country_codes":["DE"]}})", kUsers) ==
          "10");
  REQUIRE(read_json(R"({"data":[{"id":"10"},{"id":"11"}],"includes":{"tweets":[{"id":"x"}]}})",
                    kUsers) == "10; 11");
  REQUIRE(read_json(R"({"id":"10","text":"x"})", kUsers) == "! this is a tweet");
  REQUIRE(read_json(R"({"id":"10","author_id":"2"})", kUsers) == "! this is a tweet");
  REQUIRE(read_json(R"({"id":"tag:x:1","objectType":"activity","verb":"post"})", kUsers) ==
          "! this is a tweet");
  REQUIRE(read_json(R"({"user_delete":{"id":1}})", kUsers) == "-");
}

TEST_CASE("likes have a tweet and a user", "[dataset]") {
  constexpr auto kLikes = ItemType::kLike;
  REQUIRE(read_json(R"({"tweet_id":1,"tweet_id_str":"10","user_id":"20"})", kLikes) ==
          "10 user=20");
  REQUIRE(read_json(R"({"tweet_id":"10"})", kLikes).starts_with("! no user_id"));
  REQUIRE(read_json(R"({"user_id":"10"})", kLikes).starts_with("! no tweet_id"));
  REQUIRE(read_json(R"({"id":"10","text":"x"})", kLikes) == "! this is a tweet");
  REQUIRE(read_json("7", kLikes).starts_with("! an id alone is no like"));
}

// The samples hold the same tweets in each shape; not every shape tells everything.
TEST_CASE("the sample datasets give the same items in every shape", "[dataset]") {
  const auto items = [](std::string_view name) {
    return test::read_dataset(std::string(RECANT_FIXTURES "/samples/") + std::string(name));
  };
  const Told v1 = items("dataset_v1.jsonl");
  const Told flat = items("dataset_v2_flat.jsonl");
  const Told pages = items("dataset_v2_pages.jsonl");
  const Told activity = items("dataset_gnip_activity.jsonl");
  const std::string quoted = "q=1101436919608246274 q_author=700000000000000123";
  const std::string rtq = "rtq=1101436919608246274 rtq_author=700000000000000123";
  const std::string retweet =
      "1102116396856246278 author=40551327 rt=1101814406968246276 rt_author=1399112233445566778 ";
  const Records same = {
      "1101421820113846273 author=40551327",
      "1101776658232246275 author=700000000000000123 rt=1101421820113846273 rt_author=40551327",
      "1101814406968246276 author=1399112233445566778 " + quoted,
      "1578105627341750280 author=1399112233445566778 [1578105480541110275,1578105627341750280]"};
  for (const Told* told : {&v1, &flat, &pages, &activity}) {
    Records lines;
    for (const Item& item : told->items) lines.push_back(test::tell(item));
    for (const std::string& line : same) {
      INFO(line);
      REQUIRE(std::find(lines.begin(), lines.end(), line) != lines.end());
    }
  }
  REQUIRE(test::tell(v1.items.at(3)) == retweet + quoted + " " + rtq);
  REQUIRE(test::tell(activity.items.at(3)) == retweet + quoted + " " + rtq);
  REQUIRE(test::tell(pages.items.at(3)) == retweet + rtq);
  REQUIRE(test::tell(flat.items.at(3)) == retweet + "rtq=1101436919608246274");
  REQUIRE(test::tell(v1.items.at(6)) ==
          "1102139046097846281 author=700000000000000123 q=947618370155446273");
  REQUIRE(test::tell(pages.items.back()) ==
          "1102116396856246279 author=40551327 q=1101421820113846273 q_author=40551327");
  REQUIRE(v1.items.size() == 9);
  REQUIRE(flat.items.size() == 8);
  REQUIRE(pages.items.size() == 8);
  REQUIRE(activity.items.size() == 6);
  REQUIRE(v1.records.back() == "10: -");
  for (const Told* told : {&v1, &flat, &pages, &activity}) REQUIRE(told->why.empty());
  REQUIRE(items("dataset_ids.txt").items.size() == 8);
}

}  // namespace
}  // namespace recant
