// The digest of a few fixed event sets, recorded once: no later encoding, order or speed may change
// it. [store/FORMAT.md, "Digest"]
#include <array>
#include <catch2/catch.hpp>
#include <random>

#include "store/index/digest.h"
#include "store/index/part_builder.h"
#include "tests/temporary_directory.h"

using namespace recant;

namespace {

// Every kind that enters the state, about few enough keys that facts meet. Only raw numbers of the
// generator are used, so that the events are the same wherever this is built.
class FixedEvents {
 public:
  explicit FixedEvents(std::uint64_t seed) : random_(seed) {}

  std::vector<Event> make(std::size_t count) {
    std::vector<Event> events;
    while (events.size() < count) events.push_back(next());
    return events;
  }

 private:
  std::uint64_t below(std::uint64_t end) { return random_() % end; }
  TweetId tweet() {
    const std::uint64_t number = below(400);
    if (number < 5) return ~std::uint64_t{0} - number;
    return number < 200 ? number : (number << 40) + number % 7;
  }
  UserId user() {
    const std::uint64_t number = 1 + below(60);
    return number < 30 ? number : (number << 50) + number % 3;
  }

  Event next() {
    constexpr std::array kKinds = {EventKind::kTweetDelete,
                                   EventKind::kTweetDelete,
                                   EventKind::kTweetWithheld,
                                   EventKind::kTweetDrop,
                                   EventKind::kTweetUndrop,
                                   EventKind::kTweetEdit,
                                   EventKind::kTweetAvailable,
                                   EventKind::kTweetUnavailable,
                                   EventKind::kTweetScrubGeo,
                                   EventKind::kUserDelete,
                                   EventKind::kUserUndelete,
                                   EventKind::kUserProtect,
                                   EventKind::kUserUnprotect,
                                   EventKind::kUserSuspend,
                                   EventKind::kUserUnsuspend,
                                   EventKind::kUserWithheld,
                                   EventKind::kUserProfileModification,
                                   EventKind::kScrubGeo,
                                   EventKind::kFavoriteDelete,
                                   EventKind::kTweetHeld,
                                   EventKind::kTweetReleased};
    Event event;
    event.kind = kKinds[below(kKinds.size())];
    event.at = static_cast<Time>(below(3) == 0 ? below(40) : 1'600'000'000'000 + below(1'000'000));
    fill(event);
    return event;
  }

  void fill(Event& event) {
    switch (event.kind) {
      case EventKind::kUserDelete:
      case EventKind::kUserUndelete:
      case EventKind::kUserProtect:
      case EventKind::kUserUnprotect:
      case EventKind::kUserSuspend:
      case EventKind::kUserUnsuspend:
        event.user = user();
        return;
      case EventKind::kUserWithheld:
        event.user = user();
        event.payload.make().countries = {country('D', 'E'), country('F', 'R')};
        return;
      case EventKind::kUserProfileModification:
        event.user = user();
        event.payload.make().field = below(2) == 0 ? "profile.name" : "profile.url";
        return;
      case EventKind::kScrubGeo:
        event.user = user();
        event.payload.make().up_to_tweet = 1 + tweet() / 2;
        return;
      case EventKind::kFavoriteDelete:
        event.tweet = 1 + tweet() / 2;
        event.user = user();
        return;
      default:
        fill_tweet(event);
    }
  }

  void fill_tweet(Event& event) {
    event.tweet = 1 + tweet() / 2;
    if (event.kind != EventKind::kTweetReleased && below(4) != 0) event.author = user();
    if (event.kind == EventKind::kTweetDelete && below(3) == 0) {
      event.quote_tweet = 1 + tweet() / 2;
    }
    if (event.kind == EventKind::kTweetUnavailable) event.why = Why::kSuspended;
    if (event.kind == EventKind::kTweetWithheld) {
      event.payload.make().countries = {country('T', 'R')};
    }
    if (event.kind == EventKind::kTweetEdit) {
      event.payload.make().initial_tweet = 1 + tweet() / 2;
      event.payload.make().edit_tweets = {1 + tweet() / 2, event.tweet};
    }
    if (event.kind == EventKind::kTweetHeld && below(2) == 0) {
      event.payload.make().retweeted = 1 + tweet() / 2;
      event.payload.make().retweeted_author = user();
      event.payload.make().quoted = 1 + tweet() / 2;
    }
  }

  std::mt19937_64 random_;
};

struct Known {
  std::uint64_t seed;
  std::size_t count;
  const char* digest;
};

}  // namespace

TEST_CASE("the digests of fixed events are what they have always been", "[index]") {
  constexpr std::array kKnown = {Known{1, 0, "00000000000000000000000000000000"},
                                 Known{2, 1, "59a6362a1eedc7c24cb6171e0a9f2cbc"},
                                 Known{3, 100, "7568b272d4316e94daa0a053b37208a5"},
                                 Known{4, 3'000, "195874320baf35f6605bdcee58a4660e"},
                                 Known{5, 40'000, "bfa9a3882134c3bb4302263adb7c1cce"}};
  for (const Known& known : kKnown) {
    model::Facts facts;
    for (const Event& event : FixedEvents(known.seed).make(known.count)) facts.add(event);
    const auto run = std::make_shared<const index::Run>(std::move(facts));
    const auto in_memory = index::digest_of({.parts = {}, .runs = {run}});
    REQUIRE(in_memory);
    CHECK(*in_memory == known.digest);
    const TemporaryDirectory directory;
    const auto info = index::build_part(
        io::real_file_system(), {.parts = {}, .runs = {run}},
        {.directory = directory.string(), .first = 1, .last = known.count, .others = {}});
    REQUIRE(info);
    const auto part = index::Part::open(io::real_file_system(), directory.string(), *info, true);
    REQUIRE(part);
    const auto in_part = index::digest_of({.parts = {*part}, .runs = {}});
    REQUIRE(in_part);
    CHECK(*in_part == known.digest);
  }
}
