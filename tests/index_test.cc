// Rows, runs, parts, manifest and digest, without a log.
#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <random>

#include "store/index/digest.h"
#include "store/index/manifest.h"
#include "store/index/part_builder.h"
#include "store/index/radix_sort.h"
#include "store/index/row_codec.h"
#include "store/index/view.h"
#include "store/model/join.h"
#include "tests/temporary_directory.h"

using namespace recant;

namespace {

index::Bytes bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

TweetState full_tweet() {
  TweetState state;
  state.authors = {1, 40551327, ~std::uint64_t{0}};
  state.deleted_at = 1671798896789;
  state.visibility = {{.at = 5, .visibility = Visibility::kUnavailable, .why = Why::kSuspended},
                      {.at = 7, .visibility = Visibility::kDropped}};
  state.withheld = {{.country = country('D', 'E'), .at = 0},
                    {.country = country('X', 'X'), .at = kTimeMax}};
  state.geo_scrubbed_at = 0;
  state.edits = {{.initial = 77, .version = 77, .at = 3}, {.initial = 77, .version = 78, .at = 3}};
  state.held = HeldEntry{.at = 9, .held = true};
  return state;
}

UserState full_user() {
  UserState state;
  state.deleted = {{.at = 1, .on = true}, {.at = 2, .on = false}};
  state.protected_ = {{.at = kTimeMax, .on = true}};
  state.suspended = {{.at = 0, .on = false}, {.at = 0, .on = true}};
  state.withheld = {{.country = country('T', 'R'), .at = 4}};
  state.scrub_geo = {{.at = 1, .up_to_tweet = ~std::uint64_t{0}}, {.at = 2, .up_to_tweet = 1}};
  state.profile = {{.field = "profile.name", .at = 1}, {.field = "profile.url", .at = 1}};
  return state;
}

Event event(EventKind kind, Time at, TweetId tweet, UserId author = 0) {
  return {.kind = kind, .at = at, .tweet = tweet, .author = author};
}

std::shared_ptr<const index::Run> run_of(const std::vector<Event>& events) {
  model::Facts facts;
  for (const Event& each : events) facts.add(each);
  return std::make_shared<const index::Run>(std::move(facts));
}

std::shared_ptr<const index::Part> part_of(
    const std::string& directory, const std::vector<Event>& events, SequenceNumber first,
    std::vector<std::shared_ptr<const index::Part>> others = {}) {
  const auto info =
      index::build_part(io::real_file_system(), {.parts = {}, .runs = {run_of(events)}},
                        {.directory = directory,
                         .first = first,
                         .last = first + events.size() - 1,
                         .others = std::move(others)});
  REQUIRE(info);
  auto part = index::Part::open(io::real_file_system(), directory, *info, true);
  REQUIRE(part);
  return *part;
}

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

namespace {

// As it comes back from a part.
index::Row stored(const index::EncodedRow& row) {
  return {.numbers = row.numbers, .extra = bytes_of(row.extra)};
}

}  // namespace

TEST_CASE("a tweet row gives back every piece of its state", "[index]") {
  const TweetState state = full_tweet();
  index::EncodedRow row;
  // Key 77 is named by both of its edit pairs.
  index::encode_tweet(77, state, row);
  TweetState decoded;
  REQUIRE(index::decode_tweet(stored(row), decoded));
  CHECK(decoded == state);
  row.numbers[0] = 79;
  CHECK_FALSE(index::decode_tweet(stored(row), decoded));
}

TEST_CASE("a deleted tweet of one author, or of none that is known, needs no more than numbers",
          "[index]") {
  for (const bool with_author : {false, true}) {
    TweetState state;
    state.deleted_at = 1671798896789;
    if (with_author) state.authors = {~std::uint64_t{0}};
    index::EncodedRow row;
    index::encode_tweet(5, state, row);
    CHECK(row.extra.empty());
    TweetState decoded;
    REQUIRE(index::decode_tweet(stored(row), decoded));
    CHECK(decoded == state);
  }
}

TEST_CASE("a user row gives back every piece of its state", "[index]") {
  const UserState state = full_user();
  index::EncodedRow row;
  std::vector<std::array<std::uint64_t, 3>> histories;
  index::encode_user(3, state, row, histories);
  CHECK(histories.empty());
  UserState decoded;
  index::UserRowHead head;
  REQUIRE(index::decode_user(stored(row), decoded, head));
  CHECK(decoded == state);
}

TEST_CASE("long histories of a user come back from rows of their own", "[index]") {
  UserState state = full_user();
  for (Time at = 0; at < 200; ++at) {
    state.deleted.push_back({.at = at, .on = at % 3 == 0});
    state.suspended.push_back({.at = kTimeMax - at, .on = at % 2 == 0});
    state.scrub_geo.push_back({.at = at, .up_to_tweet = static_cast<TweetId>(500 - at)});
    state.profile.push_back({.field = at % 5 == 0 ? "a" : "b", .at = at});
  }
  model::normalize(state);
  index::EncodedRow row;
  std::vector<std::array<std::uint64_t, 3>> histories;
  index::encode_user(3, state, row, histories);
  CHECK(row.extra.size() < 100);
  CHECK(std::ranges::is_sorted(histories));
  UserState decoded;
  index::UserRowHead head;
  REQUIRE(index::decode_user(stored(row), decoded, head));
  for (const auto& [user, key, value] : histories) {
    REQUIRE(index::decode_history({.numbers = {user, key, value, 0}}, head, decoded));
  }
  model::normalize(decoded);
  CHECK(decoded == state);
}

TEST_CASE("rows cut short, prolonged or random are refused without reading past them", "[index]") {
  index::EncodedRow tweet;
  index::encode_tweet(77, full_tweet(), tweet);
  index::EncodedRow user;
  std::vector<std::array<std::uint64_t, 3>> histories;
  index::encode_user(3, full_user(), user, histories);
  // Copies of their own size, so that a sanitizer sees a read past the end.
  const auto cut = [](const std::string& extra, std::size_t size) {
    return std::vector<char>(extra.begin(), extra.begin() + static_cast<long>(size));
  };
  for (std::size_t size = 1; size < tweet.extra.size(); ++size) {
    TweetState state;
    const auto bytes = cut(tweet.extra, size);
    CHECK_FALSE(index::decode_tweet(
        {.numbers = tweet.numbers, .extra = std::as_bytes(std::span(bytes))}, state));
  }
  index::UserRowHead head;
  for (std::size_t size = 0; size < user.extra.size(); ++size) {
    UserState state;
    const auto bytes = cut(user.extra, size);
    CHECK_FALSE(index::decode_user(
        {.numbers = user.numbers, .extra = std::as_bytes(std::span(bytes))}, state, head));
  }
  TweetState state;
  tweet.extra += '\0';
  CHECK_FALSE(index::decode_tweet(stored(tweet), state));
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    std::vector<char> noise(1 + random() % 40);
    std::ranges::generate(noise, [&] { return static_cast<char>(random()); });
    const index::Row row{.numbers = {77, random(), random(), random()},
                         .extra = std::as_bytes(std::span(noise))};
    UserState noisy_user;
    model::CoverageKey key;
    model::Coverage coverage;
    (void)index::decode_tweet(row, state);
    (void)index::decode_user(row, noisy_user, head);
    (void)index::decode_history(row, head, noisy_user);
    (void)index::decode_coverage(row.extra, key, coverage);
  }
}

TEST_CASE("the radix sort orders as a stable sort does", "[index]") {
  std::mt19937_64 random(3);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{2047},
                                 std::size_t{2048}, std::size_t{50'000}}) {
    std::vector<model::Fact> facts(size);
    for (std::size_t i = 0; i < size; ++i) {
      facts[i].key = i % 3 == 0 ? random() : random() % 100;
      facts[i].value = i;
    }
    std::vector<model::Fact> expected = facts;
    std::ranges::stable_sort(expected, {}, &model::Fact::key);
    std::vector<model::Fact> sorted = facts;
    std::vector<model::Fact> scratch;
    index::radix_sort_by_key(sorted, scratch);
    CHECK(std::ranges::equal(sorted, expected, [](const auto& a, const auto& b) {
      return a.key == b.key && a.value == b.value;
    }));
  }
}

TEST_CASE("the radix sort of pairs orders by key and value", "[index]") {
  std::mt19937_64 random(4);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{2047},
                                 std::size_t{2048}, std::size_t{20'000}}) {
    for (const bool values_ascend : {false, true}) {
      std::vector<model::Pair> pairs(size);
      for (std::size_t i = 0; i < size; ++i) {
        pairs[i].key = i % 3 == 0 ? random() : random() % 100;
        pairs[i].value = values_ascend ? i : random() % 1000;
      }
      std::vector<model::Pair> expected = pairs;
      std::ranges::sort(expected);
      index::radix_sort(pairs);
      CHECK(pairs == expected);
    }
  }
}

TEST_CASE("intervals of coverage that overlap or touch become one", "[index]") {
  model::Coverage coverage;
  model::add_interval({.from = 10, .to = 20}, coverage);
  model::add_interval({.from = 40, .to = 50}, coverage);
  CHECK(coverage == model::Coverage{{10, 20}, {40, 50}});
  model::add_interval({.from = 20, .to = 30}, coverage);
  CHECK(coverage == model::Coverage{{10, 30}, {40, 50}});
  model::add_interval({.from = 5, .to = 45}, coverage);
  CHECK(coverage == model::Coverage{{5, 50}});
  model::add_interval({.from = 6, .to = 7}, coverage);
  CHECK(coverage == model::Coverage{{5, 50}});
}

TEST_CASE("a part built from a run, from a part, and from halves has the same bytes", "[index]") {
  const TemporaryDirectory directory;
  std::mt19937_64 random(11);
  std::vector<Event> events;
  for (int i = 0; i < 5'000; ++i) {
    Event each = event(i % 5 == 0 ? EventKind::kTweetHeld : EventKind::kTweetDelete,
                       static_cast<Time>(random() % 1000), 1 + random() % 800, random() % 50);
    if (i % 7 == 0) each.quote_tweet = 1 + random() % 800;
    events.push_back(std::move(each));
  }
  const std::vector<Event> half(events.begin(), events.begin() + 2'500);
  const std::vector<Event> rest(events.begin() + 2'500, events.end());
  const auto whole = part_of(directory.string(), events, 1);
  const index::Sources halves{.parts = {part_of(directory.string(), half, 1)},
                              .runs = {run_of(rest)}};
  const auto joined = index::build_part(
      io::real_file_system(), halves,
      {.directory = directory.string(), .first = 1, .last = 5'000, .others = {}, .whole = true});
  REQUIRE(joined);
  CHECK(joined->checksum == whole->info().checksum);
  CHECK(joined->rows == whole->info().rows);
  CHECK(content(directory.string() + "/" + joined->file) == content(whole->path()));
  const auto digest = index::digest_of({.parts = {whole}, .runs = {}});
  REQUIRE(digest);
  CHECK(*digest == index::digest_of(halves));
  CHECK(*digest == index::digest_of({.parts = {}, .runs = {run_of(events)}}));
}

TEST_CASE("parts and runs joined by any number of threads have the bytes of one run", "[index]") {
  const TemporaryDirectory directory;
  const TemporaryDirectory other;
  std::mt19937_64 random(12);
  std::vector<Event> events;
  for (int i = 0; i < 80'000; ++i) {
    const auto at = static_cast<Time>(random() % 100'000);
    const UserId user = random() % 3 == 0 ? 7'000 : 1 + random() % 20'000;
    // The user in the middle has facts for many ranges of keys, and all of them are one row.
    if (i % 3 == 0) {
      const bool on = random() % 2 == 0;
      const EventKind kind = on ? EventKind::kUserProtect : EventKind::kUserUnprotect;
      events.push_back({.kind = kind, .at = at, .user = user});
    } else {
      events.push_back(event(EventKind::kTweetDelete, at, 1 + random() % 50'000, user));
    }
  }
  const auto whole = part_of(directory.string(), events, 1);
  index::Sources sources;
  constexpr std::size_t kPiece = 20'000;
  for (std::size_t begin = 0; begin < events.size(); begin += kPiece) {
    const auto from = events.begin() + static_cast<std::ptrdiff_t>(begin);
    const std::vector<Event> piece(from, from + kPiece);
    if (begin < 2 * kPiece) {
      sources.parts.push_back(part_of(directory.string(), piece, 1 + begin));
    } else {
      sources.runs.push_back(run_of(piece));
    }
  }
  for (const std::size_t threads : {1UL, 2UL, 5UL}) {
    INFO(threads << " threads");
    index::Digest digest;
    const auto joined = index::build_part(io::real_file_system(), sources,
                                          {.directory = other.string(),
                                           .first = 1,
                                           .last = events.size(),
                                           .others = {},
                                           .whole = true,
                                           .threads = threads,
                                           .digest = &digest});
    REQUIRE(joined);
    CHECK(joined->rows == whole->info().rows);
    CHECK(content(other.string() + "/" + joined->file) == content(whole->path()));
    CHECK(digest.hex() == index::digest_of({.parts = {whole}, .runs = {}}));
  }
}

TEST_CASE("a part whose file was cut, prolonged or flipped is refused before it is used",
          "[index]") {
  const TemporaryDirectory directory;
  const auto part = part_of(directory.string(), {event(EventKind::kTweetDelete, 1, 5, 6)}, 1);
  const std::string good = content(part->path());
  const auto open_with = [&](const std::string& bytes) {
    std::ofstream(part->path(), std::ios::binary | std::ios::trunc) << bytes;
    return index::Part::open(io::real_file_system(), directory.string(), part->info(), true);
  };
  CHECK(open_with(good));
  const auto cut = open_with(good.substr(0, good.size() - 512));
  REQUIRE_FALSE(cut);
  CHECK(cut.error().code == ErrorCode::kCorruption);
  CHECK_FALSE(open_with(good + "x"));
  CHECK_FALSE(open_with(""));
  for (std::size_t i = 0; i < good.size(); i += 97) {
    std::string flipped = good;
    flipped[i] = static_cast<char>(flipped[i] ^ 1);
    const auto opened = open_with(flipped);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == ErrorCode::kCorruption);
  }
}

TEST_CASE("author_tweets finds held and author facts in two parts, in both orders", "[index]") {
  const TemporaryDirectory directory;
  const Event held = event(EventKind::kTweetHeld, 1, 100);
  const Event authored = event(EventKind::kTweetDrop, 1, 100, 9);
  Event shown = event(EventKind::kTweetHeld, 1, 200, 8);
  shown.payload.make().retweeted = 300;
  const Event original_author = event(EventKind::kTweetUndrop, 1, 300, 9);
  const std::vector<Event> first{held, shown};
  const std::vector<Event> second{authored, original_author};
  for (const auto& [older, newer] : {std::pair{first, second}, std::pair{second, first}}) {
    const auto old_part = part_of(directory.string(), older, 1);
    const auto new_part = part_of(directory.string(), newer, 3, {old_part});
    const auto in_parts = std::make_shared<const index::View>(
        index::Sources{.parts = {old_part, new_part}, .runs = {}});
    CHECK(index::Reader(in_parts).author_tweets(9) == index::Ids{100, 300});
    CHECK(index::Reader(in_parts).author_tweets(8) == index::Ids{200});
    const auto in_tail = std::make_shared<const index::View>(
        index::Sources{.parts = {old_part}, .runs = {run_of(newer)}});
    CHECK(index::Reader(in_tail).author_tweets(9) == index::Ids{100, 300});
    const auto released = std::make_shared<const index::View>(
        index::Sources{.parts = {old_part, new_part},
                       .runs = {run_of({event(EventKind::kTweetReleased, 2, 100),
                                        event(EventKind::kTweetReleased, 2, 200)})}});
    CHECK(index::Reader(released).author_tweets(9) == index::Ids{});
  }
}

TEST_CASE("user_deletes lists the entries of a span of time over parts and tail", "[index]") {
  const TemporaryDirectory directory;
  const auto user_event = [](EventKind kind, Time at, UserId user) {
    return Event{.kind = kind, .at = at, .user = user};
  };
  const auto part = part_of(
      directory.string(),
      {user_event(EventKind::kUserDelete, 10, 1), user_event(EventKind::kUserUndelete, 11, 1),
       user_event(EventKind::kUserDelete, 20, 2)},
      1);
  const auto view = std::make_shared<const index::View>(
      index::Sources{.parts = {part},
                     .runs = {run_of({user_event(EventKind::kUserDelete, 15, 3),
                                      user_event(EventKind::kUserDelete, 20, 2)})}});
  using Entries = std::vector<std::pair<Time, UserId>>;
  CHECK(index::Reader(view).user_deletes(-1, kTimeMax) == Entries{{10, 1}, {15, 3}, {20, 2}});
  CHECK(index::Reader(view).user_deletes(10, 15) == Entries{{15, 3}});
}

TEST_CASE("a manifest survives its file, and any flipped byte of it is found", "[index]") {
  index::Manifest manifest;
  manifest.store_id = "00112233445566778899aabbccddeeff";
  manifest.durable = 42;
  manifest.parts.push_back({.file = "part-a.mdb",
                            .first = 1,
                            .last = 40,
                            .bytes = 4096,
                            .checksum = 0xabc,
                            .facts = 7,
                            .rows = 8,
                            .candidates = 9});
  manifest.superseded.push_back({.file = "part-b.mdb", .since = 5});
  const std::string text = index::format_manifest(manifest);
  const auto parsed = index::parse_manifest(text, "MANIFEST");
  REQUIRE(parsed);
  CHECK(*parsed == manifest);
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string flipped = text;
    flipped[i] = static_cast<char>(flipped[i] ^ 1);
    CHECK_FALSE(index::parse_manifest(flipped, "MANIFEST"));
    CHECK_FALSE(index::parse_manifest(text.substr(0, i), "MANIFEST"));
  }
  // Nor is a time past every clock, which would be written as a negative one.
  manifest.superseded.front().since = kTimeMax + 1;
  CHECK_FALSE(index::parse_manifest(index::format_manifest(manifest), "MANIFEST"));
  // A flipped bit in the number of the version is no newer version.
  const std::size_t digit = text.find('2');
  REQUIRE(digit == std::string_view("recant-manifest ").size());
  for (int bit = 0; bit < 8; ++bit) {
    std::string flipped = text;
    flipped[digit] = static_cast<char>(flipped[digit] ^ (1 << bit));
    const auto damaged = index::parse_manifest(flipped, "MANIFEST");
    REQUIRE_FALSE(damaged);
    CHECK(damaged.error().code == ErrorCode::kCorruption);
  }
  const auto newer = index::parse_manifest("recant-manifest 3\nanything\n", "MANIFEST");
  REQUIRE_FALSE(newer);
  CHECK(newer.error().code == ErrorCode::kIo);
}

TEST_CASE("parts count as sealed only as far as they follow one another from the first event",
          "[index]") {
  index::Manifest manifest;
  CHECK(manifest.sealed() == 0);
  manifest.parts = {{.file = "a", .first = 1, .last = 10}, {.file = "b", .first = 5, .last = 20}};
  CHECK(manifest.sealed() == 20);
  manifest.parts.push_back({.file = "c", .first = 22, .last = 30});
  CHECK(manifest.sealed() == 20);
}
