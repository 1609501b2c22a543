// check and track over real stores: datasets in, verdict lines and held events out.
#include <array>
#include <random>
#include <tuple>

#include "engine/dataset/check.h"
#include "engine/dataset/track.h"
#include "tests/files_support.h"

namespace recant {
namespace {

using dataset::TrackAction;

struct World {
  World() {
    auto opened = Store::open({.directory = directory.path("store"), .create = true});
    REQUIRE(opened);
    store = std::make_unique<Store>(*std::move(opened));
  }

  std::vector<files::Input> inputs(const std::vector<std::string>& texts) {
    std::vector<files::Input> out;
    for (const std::string& text : texts) {
      auto input = files::Input::open(directory.file("in" + std::to_string(out.size()), text));
      REQUIRE(input);
      out.push_back(*std::move(input));
    }
    return out;
  }

  dataset::TrackSummary track(const std::vector<std::string>& texts,
                              TrackAction action = TrackAction::kTrack,
                              std::size_t group_tweets_max = 200'000) {
    dataset::TrackOptions options{.action = action, .group_tweets_max = group_tweets_max};
    options.on_reject = [this](const replay::Rejection& rejection) {
      rejected.push_back(std::to_string(rejection.line) + " " + std::string(rejection.why));
    };
    auto summary = dataset::track(*store, inputs(texts), options);
    REQUIRE(summary);
    return *summary;
  }

  Snapshot snapshot() {
    auto taken = store->snapshot();
    REQUIRE(taken);
    return *taken;
  }

  bool held(TweetId id) {
    const auto state = snapshot().tweet(id);
    REQUIRE(state);
    return state->held && state->held->held;
  }

  void append(const Event& event) { REQUIRE(store->append({&event, 1})); }

  test::TempDirectory directory;
  std::unique_ptr<Store> store;
  std::vector<std::string> rejected;
};

TEST_CASE("check writes a verdict line for each item that is not to keep, in input order",
          "[dataset]") {
  World world;
  world.append({.kind = EventKind::kTweetDelete, .at = 1000, .tweet = 5});
  world.append({.kind = EventKind::kUserProtect, .at = 2000, .user = 70});
  std::string text = "{\"id\":\"5\",\"author_id\":\"1\"}\n\n{\"delete\":{}}\nbad\n";
  for (TweetId id = 100; id < 40'000; ++id) text += std::to_string(id) + "\n";
  const auto check = [&](dataset::CheckOptions options) {
    auto output = files::Output::open(world.directory.path("out"));
    options.as_of = 10'000;
    auto summary = dataset::check(
        world.snapshot(), world.inputs({text, "id,author_id\n8,70\n5,\n"}), options, *output);
    REQUIRE(summary);
    REQUIRE(output->finish());
    REQUIRE(summary->items == 39'903);
    REQUIRE(summary->skipped == 3);
    REQUIRE(summary->rejected == 1);
    REQUIRE(summary->without_author == 39'901);
    REQUIRE(summary->as_of == 10'000);
    REQUIRE(summary->by_action[static_cast<std::size_t>(Action::kDelete)] == 2);
    REQUIRE(summary->by_action[static_cast<std::size_t>(Action::kSuppress)] == 1);
    REQUIRE(summary->by_action[static_cast<std::size_t>(Action::kKeep)] == 39'900);
    return test::read_file(world.directory.path("out"));
  };
  const std::string five =
      R"({"id":"5","action":"delete","reasons":[{"action":"delete","event":"tweet_delete",)"
      R"("via":"self","tweet_id":"5","at":"1970-01-01T00:00:01.000Z"}]})"
      "\n";
  REQUIRE(check({}) == five +
                           R"({"id":"8","action":"suppress","reasons":[{"action":"suppress",)"
                           R"("event":"user_protect","via":"author","user_id":"70",)"
                           R"("at":"1970-01-01T00:00:02.000Z"}]})"
                           "\n" +
                           five);
  const std::string all = check({.all = true});
  REQUIRE(std::count(all.begin(), all.end(), '\n') == 39'903);
  REQUIRE(check({.output_format = dataset::OutputFormat::kCsv}).starts_with("id,action,"));
}

TEST_CASE("check writes the same whatever the threads", "[dataset][threads]") {
  World world;
  std::mt19937_64 random(3);
  for (TweetId id = 1; id < 400; ++id) {
    world.append({.kind = EventKind::kTweetDelete, .at = 1000, .tweet = 1 + random() % 100'000});
  }
  // Three files of several blocks each: ids with bad lines, JSON with long lines, CSV with rows
  // over several lines; and one that is damaged in its middle.
  std::array<std::string, 3> text = {"", "", "id,note,author_id\n"};
  for (int i = 0; i < 60'000; ++i) {
    const std::string id = std::to_string(1 + random() % 100'000);
    text[0] += random() % 500 == 0 ? "x\n" : id + "\n";
    if (i % 5 > 0) continue;
    text[1] += R"({"id":")" + id + R"(","text":")" + std::string(random() % 200, 'x') + "\"}\n";
    text[2] += id + (random() % 3 == 0 ? ",\"a\nb\"," : ",a,") + std::to_string(i) + "\n";
  }
  text[2] += "7,\"never closed,1\n8,,\n";
  const std::string all = text[0] + "garbage" + text[1];
  const auto run = [&](std::size_t threads) {
    world.rejected.clear();
    auto output = files::Output::open(world.directory.path("out"));
    dataset::CheckOptions options;
    options.as_of = 10'000;
    options.all = true;
    options.threads = threads;
    options.on_reject = [&](const replay::Rejection& rejection) {
      world.rejected.push_back(std::to_string(rejection.line) + " " + std::string(rejection.why));
    };
    auto summary = dataset::check(world.snapshot(), world.inputs({text[0], text[1], text[2], all}),
                                  options, *output);
    REQUIRE(summary);
    REQUIRE(output->finish());
    REQUIRE(summary->ids.size() == 4);
    return std::tuple(test::read_file(world.directory.path("out")), world.rejected, summary->items,
                      summary->rejected, summary->skipped, summary->by_action,
                      summary->ids[0].figures.duplicates);
  };
  const auto one = run(1);
  REQUIRE(std::get<2>(one) > 140'000);
  REQUIRE(std::get<3>(one) > 100);
  for (const std::size_t threads : {2UL, 3UL, 8UL}) REQUIRE(run(threads) == one);
}

TEST_CASE("check refuses batch results of likes", "[dataset]") {
  World world;
  auto output = files::Output::open("/dev/null");
  const auto summary = dataset::check(
      world.snapshot(), {},
      {.reader = {.type = ItemType::kLike}, .output_format = dataset::OutputFormat::kBatch},
      *output);
  REQUIRE_FALSE(summary);
  REQUIRE(summary.error().code == ErrorCode::kInvalidArgument);
}

TEST_CASE("track writes what is new, and nothing twice", "[dataset]") {
  World world;
  const std::string text = "{\"id\":\"1\",\"author_id\":\"10\"}\n2\n2\nbad\n";
  const auto first = world.track({text, "2\n3\n"});
  REQUIRE(first.items == 5);
  REQUIRE(first.written == 3);
  REQUIRE(first.unchanged == 2);
  REQUIRE(first.rejected == 1);
  REQUIRE(world.rejected == std::vector<std::string>{"4 not JSON"});
  REQUIRE(world.held(1));
  REQUIRE(world.held(3));
  REQUIRE(world.snapshot().last_sequence() == 3);
  REQUIRE(world.track({text, "3\n"}).written == 0);
  REQUIRE(world.snapshot().last_sequence() == 3);
}

TEST_CASE("a held tweet is written again for a new author or relation only", "[dataset]") {
  World world;
  REQUIRE(world.track({"1\n"}).written == 1);
  const std::string author = "{\"id\":\"1\",\"author_id\":\"10\"}\n";
  REQUIRE(world.track({author + author}).written == 1);
  const std::string retweet =
      R"({"id":"1","author_id":"10","referenced_tweets":[{"type":"retweeted","id":"2",)"
      R"("author_id":"20","referenced_tweets":[{"type":"quoted","id":"3","author_id":"30"}]}]})";
  REQUIRE(world.track({retweet + "\n" + retweet}).written == 1);
  REQUIRE(world.track({retweet, author, "1\n"}).written == 0);
  const Snapshot snapshot = world.snapshot();
  REQUIRE(snapshot.tweet(1)->authors == std::vector<UserId>{10});
  REQUIRE(snapshot.tweet(2)->authors == std::vector<UserId>{20});
  REQUIRE(snapshot.tweet(3)->authors == std::vector<UserId>{30});
  REQUIRE(*snapshot.retweeted(1) == std::vector<TweetId>{2});
  REQUIRE(*snapshot.quoted(1) == std::vector<TweetId>{3});
  REQUIRE_FALSE(world.held(2));
}

TEST_CASE("untrack releases what is held, and track takes it up again", "[dataset]") {
  World world;
  world.track({"1\n2\n"});
  const auto released = world.track({"1\n1\n7\n"}, TrackAction::kUntrack);
  REQUIRE(released.written == 1);
  REQUIRE(released.unchanged == 2);
  REQUIRE_FALSE(world.held(1));
  REQUIRE(world.held(2));
  REQUIRE(world.track({"1\n"}).written == 1);
  REQUIRE(world.held(1));
}

TEST_CASE("a new entry is later than every one before it, whatever the clock says", "[dataset]") {
  World world;
  const Time ahead = now() + 1'000'000;
  world.append({.kind = EventKind::kTweetHeld, .at = ahead, .tweet = 1});
  REQUIRE(world.track({"1\n"}, TrackAction::kUntrack).written == 1);
  REQUIRE(world.snapshot().tweet(1)->held == HeldEntry{.at = ahead + 1, .held = false});
  REQUIRE(world.track({"1\n{\"id\":\"1\",\"author_id\":\"2\"}\n"}).written == 1);
}

TEST_CASE("a file of many groups is tracked as one", "[dataset]") {
  World world;
  std::string text;
  for (TweetId id = 1; id <= 1000; ++id) {
    text += std::to_string(id) + "\n" + std::to_string((id * 7) % 100 + 1) + "\n";
  }
  REQUIRE(world.track({text}, TrackAction::kTrack, 64).written == 1000);
  REQUIRE(world.snapshot().counts()->held == 1000);
  REQUIRE(world.track({text}, TrackAction::kUntrack, 64).written == 1000);
  REQUIRE(world.snapshot().counts()->held == 0);
}

}  // namespace
}  // namespace recant
