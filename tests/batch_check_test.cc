// Many items judged at once, and long histories read for one time, against the plain ways.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <functional>
#include <iterator>
#include <map>
#include <random>

#include "store/index/part_builder.h"
#include "store/index/view.h"
#include "tests/store_world.h"
#include "tests/temporary_directory.h"

using namespace recant;
using namespace recant::laws;

namespace {

// What verdicts are asked for with, and where.
struct Question {
  const Snapshot& snapshot;
  Time as_of = 0;
  Policy policy;

  [[nodiscard]] Verdict alone(const Item& item) const {
    Verdict verdict;
    must(snapshot.check({&item, 1}, as_of, policy, {&verdict, 1}));
    return verdict;
  }
  // In what two verdicts on an item differ; "" if in nothing.
  [[nodiscard]] std::string difference(const Item& item, const Verdict& a, const Verdict& b) const {
    std::string wrong = verdict_difference(item, as_of, policy, {.store = a, .law = b});
    if (a.without_author != b.without_author) wrong += "without author\n";
    return wrong;
  }
};

// Random worlds in stores; `differences` says what is wrong in one.
void check_stores(const std::function<std::string(const Question&, RandomWorld&)>& differences) {
  check_law(600, 60, [&](std::span<const Event> events, RandomWorld& plan) {
    const TempDirectory directory;
    write_randomly(directory.path("a"), events, plan);
    Store store = open_store(directory.path("a"), plan);
    const Snapshot snapshot = must(store.snapshot());
    const Time as_of = plan.as_of();
    return differences({.snapshot = snapshot, .as_of = as_of, .policy = plan.policy()}, plan);
  });
}

std::vector<Item> random_items(RandomWorld& plan, std::size_t count) {
  std::vector<Item> items;
  while (items.size() < count) items.push_back(plan.item());
  return items;
}

}  // namespace

TEST_CASE("items judged together get the verdicts they get alone, and by plain reads", "[laws]") {
  check_stores([](const Question& question, RandomWorld& plan) {
    const auto& [snapshot, as_of, policy] = question;
    const std::vector<Item> items = random_items(plan, 100);
    std::vector<Verdict> together(items.size());
    must(snapshot.check(items, as_of, policy, together));
    const auto reader = snapshot.reader();
    Judge judge(*reader, policy, as_of);
    std::string wrong;
    for (std::size_t i = 0; i < items.size(); ++i) {
      Verdict plain;
      must(judge.judge(items[i], plain));
      for (const Verdict& other : {question.alone(items[i]), plain}) {
        wrong += question.difference(items[i], together[i], other);
      }
    }
    return wrong;
  });
}

TEST_CASE("a judge that is used again remembers nothing wrong", "[laws]") {
  check_stores([](const Question& question, RandomWorld& plan) {
    BatchJudge judge = must(question.snapshot.batch_judge(question.as_of, question.policy));
    std::string wrong;
    for (int batch = 0; batch < 10; ++batch) {
      const std::vector<Item> items = random_items(plan, 12);
      std::vector<Verdict> again(items.size());
      must(judge.judge(items, again));
      for (std::size_t i = 0; i < items.size(); ++i) {
        wrong += question.difference(items[i], again[i], question.alone(items[i]));
      }
    }
    return wrong;
  });
}

TEST_CASE("more authors than a judge remembers are all judged", "[store]") {
  constexpr UserId kAuthors = 100'000;
  const TempDirectory directory;
  Store store = must(Store::open({.directory = directory.path("s"), .create = true}));
  std::vector<Event> events;
  for (UserId author = 1; author <= kAuthors; ++author) {
    if (author % 4 == 0) continue;
    Event event{.kind = EventKind::kUserProtect, .at = 5, .user = author};
    if (author % 4 == 3) {
      event.kind = EventKind::kScrubGeo;
      event.payload.make().up_to_tweet = author;
    }
    events.push_back(std::move(event));
  }
  must(store.append(events));
  BatchJudge judge = must(must(store.snapshot()).batch_judge(10, {}));
  for (const TweetId beyond : std::array<TweetId, 3>{0, 0, 1}) {
    std::vector<Item> items;
    for (UserId author = 1; author <= kAuthors; ++author) {
      items.push_back({.id = author + beyond, .author = author});
    }
    std::vector<Verdict> verdicts(items.size());
    must(judge.judge(items, verdicts));
    for (std::size_t i = 0; i < items.size(); ++i) {
      const UserId author = items[i].author;
      const Action scrubbed = beyond == 0 ? Action::kStripGeo : Action::kKeep;
      const Action known = author % 4 == 3 ? scrubbed : Action::kSuppress;
      REQUIRE(verdicts[i].action == (author % 4 == 0 ? Action::kKeep : known));
    }
  }
}

TEST_CASE("more items than are read at once are all judged, in their places", "[store]") {
  const TempDirectory directory;
  Store store = must(Store::open({.directory = directory.path("s"), .create = true}));
  std::vector<Event> events;
  for (TweetId id = 1; id <= 20'000; id += 3) {
    events.push_back({.kind = EventKind::kTweetDelete, .at = 5, .tweet = id << 20, .author = 9});
  }
  must(store.append(events));
  std::vector<Item> items;
  for (TweetId id = 20'000; id >= 1; --id) items.push_back({.id = id << 20});
  for (const bool sealed : {false, true}) {
    if (sealed) must(store.seal(true));
    std::vector<Verdict> verdicts(items.size());
    must(must(store.snapshot()).check(items, 10, {}, verdicts));
    for (std::size_t i = 0; i < items.size(); ++i) {
      const bool deleted = (items[i].id >> 20) % 3 == 1;
      REQUIRE(verdicts[i].action == (deleted ? Action::kDelete : Action::kKeep));
      REQUIRE(verdicts[i].without_author == !deleted);
    }
  }
}

namespace {

std::vector<Event> random_history(std::mt19937_64& random, std::size_t count, UserId user) {
  constexpr std::array kKinds = {EventKind::kUserDelete,    EventKind::kUserUndelete,
                                 EventKind::kUserProtect,   EventKind::kUserUnprotect,
                                 EventKind::kUserSuspend,   EventKind::kScrubGeo,
                                 EventKind::kUserUnsuspend, EventKind::kUserProfileModification};
  // Few times make many entries of one time; runs of one kind make long runs in force.
  const std::uint64_t times = 1 + random() % 2000;
  const std::uint64_t kinds = 1 + random() % kKinds.size();
  std::vector<Event> events;
  while (events.size() < count) {
    Event event{
        .kind = kKinds[random() % kinds], .at = static_cast<Time>(random() % times), .user = user};
    if (event.kind == EventKind::kScrubGeo) event.payload.make().up_to_tweet = 1 + random() % 100;
    if (event.kind == EventKind::kUserProfileModification) {
      event.payload.make().field = random() % 3 == 0 ? "profile.name" : "profile.url";
    }
    events.push_back(std::move(event));
  }
  return events;
}

std::shared_ptr<const index::Run> run_of(const std::vector<Event>& events) {
  model::Facts facts;
  for (const Event& event : events) facts.add(event);
  return std::make_shared<const index::Run>(std::move(facts));
}

std::vector<std::pair<std::string, Time>> changed_fields(const UserState& state, Time as_of) {
  std::map<std::string, Time> fields;
  for (const ProfileEntry& entry : state.profile) {
    if (entry.at <= as_of) fields[entry.field] = std::max(fields[entry.field], entry.at);
  }
  return {fields.begin(), fields.end()};
}

}  // namespace

TEST_CASE("a long history read for one time answers as the whole does", "[index]") {
  std::mt19937_64 random(41);
  for (int round = 0; round < 40; ++round) {
    const TemporaryDirectory directory;
    index::Sources sources;
    const std::size_t parts = 1 + random() % 3;
    for (std::size_t i = 0; i < parts; ++i) {
      std::vector<Event> events = random_history(random, random() % 600, 7);
      for (const UserId neighbour : {UserId{6}, UserId{8}}) {
        std::ranges::copy(random_history(random, 100, neighbour), std::back_inserter(events));
      }
      const auto info = index::build_part(
          io::real_file_system(), {.parts = {}, .runs = {run_of(events)}},
          {.directory = directory.string(), .first = i + 1, .last = i + 1, .others = {}});
      REQUIRE(info);
      auto part = index::Part::open(io::real_file_system(), directory.string(), *info, true);
      REQUIRE(part);
      sources.parts.push_back(*part);
    }
    if (random() % 2 == 0) sources.runs.push_back(run_of(random_history(random, 20, 7)));
    const index::Reader reader(std::make_shared<const index::View>(sources));
    UserState whole;
    REQUIRE(reader.user(7, whole));
    for (int i = 0; i < 50; ++i) {
      const Time as_of = static_cast<Time>(random() % 2100) - 1;
      UserState part;
      REQUIRE(reader.user_as_of(7, as_of, part));
      CHECK(on_since(part.deleted, as_of) == on_since(whole.deleted, as_of));
      CHECK(on_since(part.protected_, as_of) == on_since(whole.protected_, as_of));
      CHECK(on_since(part.suspended, as_of) == on_since(whole.suspended, as_of));
      CHECK(scrub_geo_as_of(part, as_of) == scrub_geo_as_of(whole, as_of));
      CHECK(changed_fields(part, as_of) == changed_fields(whole, as_of));
      CHECK(part.deleted.size() <= 64 + 20 + 64 * parts);
    }
  }
}
