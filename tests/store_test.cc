// The store as a library user meets it: append, snapshot, seal, reopen, rebuild; and what happens
// to it when files are damaged, missing, or of another store.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "recant/recant.h"
#include "store/index/manifest.h"
#include "tests/flip_byte.h"
#include "tests/temporary_directory.h"

using namespace recant;
namespace fs = std::filesystem;

namespace {

Store open_store(const std::string& directory, std::uint64_t seal_events_min = 200'000) {
  auto store =
      Store::open({.directory = directory, .create = true, .seal_events_min = seal_events_min});
  REQUIRE(store);
  return *std::move(store);
}

std::vector<Event> deletes(TweetId first, std::size_t count) {
  std::vector<Event> events;
  for (std::size_t i = 0; i < count; ++i) {
    events.push_back({.kind = EventKind::kTweetDelete,
                      .at = static_cast<Time>(1000 + i),
                      .tweet = first + i,
                      .author = 7});
  }
  return events;
}

Action action_of(Store& store, TweetId tweet) {
  const auto snapshot = store.snapshot();
  REQUIRE(snapshot);
  const Item item{.id = tweet};
  Verdict verdict;
  REQUIRE(snapshot->check({&item, 1}, now(), {}, {&verdict, 1}));
  return verdict.action;
}

std::vector<fs::path> files_in(const fs::path& directory, const std::string& extension) {
  std::vector<fs::path> found;
  if (!fs::exists(directory)) return found;
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (entry.path().extension() == extension) found.push_back(entry.path());
  }
  std::ranges::sort(found);
  return found;
}

std::string digest_of(Store& store) {
  const auto snapshot = store.snapshot();
  REQUIRE(snapshot);
  const auto digest = snapshot->digest();
  REQUIRE(digest);
  return *digest;
}

SequenceNumber durable_in_manifest(const fs::path& store) {
  const auto manifest = index::read_manifest(io::real_file_system(), (store / "index").string());
  REQUIRE(manifest);
  return manifest->durable;
}

// At the end of the first of its blocks, where nothing that is left looks unfinished.
void cut_log(const fs::path& store) {
  const auto segments = files_in(store / "log", ".zst");
  REQUIRE(segments.size() == 1);
  std::ifstream file(segments.front(), std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const std::size_t first = bytes.find("RECANT-B");
  const std::size_t second = bytes.find("RECANT-B", first + 1);
  REQUIRE(second != std::string::npos);
  fs::resize_file(segments.front(), second - 8);  // after the skippable frame's own header
}

void require_damaged(const fs::path& path) {
  auto store = Store::open({.directory = path.string()});
  REQUIRE(store);
  const auto snapshot = store->snapshot();
  REQUIRE_FALSE(snapshot);
  CHECK(snapshot.error().code == ErrorCode::kCorruption);
  const auto appended = store->append(deletes(1, 1));
  REQUIRE_FALSE(appended);
  CHECK(appended.error().code == ErrorCode::kCorruption);
  const auto findings = store->verify();
  REQUIRE(findings);
  REQUIRE_FALSE(findings->empty());
  CHECK(findings->front().damage);
}

}  // namespace

TEST_CASE("what was appended is known at once, after reopening, and after sealing", "[store]") {
  const TemporaryDirectory directory;
  {
    Store store = open_store(directory / "store");
    CHECK(store.append(deletes(100, 3)) == 3U);
    CHECK(action_of(store, 101) == Action::kDelete);
    CHECK(action_of(store, 103) == Action::kKeep);
  }
  Store store = open_store(directory / "store");
  CHECK(action_of(store, 102) == Action::kDelete);
  const std::string digest = digest_of(store);
  REQUIRE(store.seal(true));
  CHECK(store.snapshot()->part_count() == 1);
  CHECK(store.snapshot()->tail_events() == 0);
  CHECK(digest_of(store) == digest);
  CHECK(store.append(deletes(200, 1)) == 4U);
  CHECK(action_of(store, 200) == Action::kDelete);
  CHECK(store.snapshot()->tail_events() == 1);
}

TEST_CASE("an empty store has the digest of nothing, and verifies", "[store]") {
  const TemporaryDirectory directory;
  Store store = open_store(directory / "store");
  CHECK(Store::open({.directory = directory / "store", .read_only = true}));
  CHECK(digest_of(store) == std::string(32, '0'));
  CHECK(store.verify()->empty());
  REQUIRE(store.rebuild({}));
  CHECK(digest_of(store) == std::string(32, '0'));
  CHECK(store.append(deletes(1, 1)) == 1U);
  REQUIRE(store.seal(true));
  CHECK(action_of(store, 1) == Action::kDelete);
}

TEST_CASE("a store that is not there is an error unless it may be made", "[store]") {
  const TemporaryDirectory directory;
  const auto store = Store::open({.directory = directory / "none"});
  REQUIRE_FALSE(store);
  CHECK(store.error().code == ErrorCode::kIo);
  CHECK_FALSE(fs::exists(directory / "none"));
}

TEST_CASE("a malformed event is refused and takes nothing with it", "[store]") {
  const TemporaryDirectory directory;
  Store store = open_store(directory / "store");
  std::vector<Event> events = deletes(1, 2);
  events.push_back({.kind = EventKind::kTweetDelete, .at = 5});
  const auto appended = store.append(events);
  REQUIRE_FALSE(appended);
  CHECK(appended.error().code == ErrorCode::kInvalidArgument);
  CHECK(store.snapshot()->last_sequence() == 0);
  CHECK(store.append(deletes(1, 2)) == 2U);
}

TEST_CASE("an import that is dropped acknowledges nothing and blocks nobody", "[store]") {
  const TemporaryDirectory directory;
  Store store = open_store(directory / "store");
  {
    auto import = store.begin_import();
    REQUIRE(import);
    REQUIRE(import->append(deletes(1, 10)));
  }
  CHECK(store.append(deletes(50, 1)));
  CHECK(action_of(store, 50) == Action::kDelete);
}

TEST_CASE("a second writer waits for the lock and then says who holds it", "[store]") {
  const TemporaryDirectory directory;
  Store store = open_store(directory / "store");
  auto import = store.begin_import();
  REQUIRE(import);
  auto other = Store::open({.directory = directory / "store", .lock_wait_ms = 20});
  REQUIRE(other);
  const auto refused = other->append(deletes(1, 1));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::kLocked);
  CHECK(refused.error().what.find(std::to_string(getpid())) != std::string::npos);
  REQUIRE(import->append(deletes(9, 1)));
  REQUIRE(import->finish());
  CHECK(other->append(deletes(1, 1)) == 2U);
  CHECK(action_of(store, 9) == Action::kDelete);
}

TEST_CASE("two stores on one directory follow each other's writes", "[store]") {
  const TemporaryDirectory directory;
  Store first = open_store(directory / "store");
  Store second = open_store(directory / "store");
  for (TweetId tweet = 1; tweet <= 20; ++tweet) {
    Store& writer = tweet % 2 == 0 ? first : second;
    Store& reader = tweet % 2 == 0 ? second : first;
    CHECK(writer.append(deletes(tweet, 1)) == tweet);
    CHECK(action_of(reader, tweet) == Action::kDelete);
    if (tweet % 5 == 0) REQUIRE(writer.seal(true));
  }
  CHECK(digest_of(first) == digest_of(second));
}

TEST_CASE("more than eight parts are merged, and the state stays the same", "[store]") {
  const TemporaryDirectory directory;
  Store store = open_store(directory / "store");
  for (TweetId part = 1; part <= 30; ++part) {
    REQUIRE(store.append(deletes(part * 10, 3)));
    REQUIRE(store.seal(true));
    CHECK(store.snapshot()->part_count() <= 8);
  }
  const std::string digest = digest_of(store);
  CHECK(store.verify()->empty());
  const auto summary = store.rebuild({});
  REQUIRE(summary);
  CHECK(summary->digest == digest);
  CHECK(summary->events == 90);
  CHECK(store.snapshot()->part_count() == 1);
  CHECK(digest_of(store) == digest);
}

TEST_CASE("a long tail is sealed by whoever opens the store next", "[store]") {
  const TemporaryDirectory directory;
  Store store = open_store(directory / "store", 50);
  REQUIRE(store.append(deletes(1, 51)));
  CHECK(action_of(store, 51) == Action::kDelete);
  CHECK(store.snapshot()->part_count() == 1);
  CHECK(store.snapshot()->tail_events() == 0);
}

TEST_CASE("a tail that does not fit in memory is sealed in pieces, and rebuilds to the same bytes",
          "[store]") {
  const TemporaryDirectory directory;
  auto small = Store::open(
      {.directory = directory / "store", .create = true, .memory_bytes_max = 2'000'000});
  REQUIRE(small);
  for (TweetId round = 0; round < 5; ++round) {
    REQUIRE(small->append(deletes(1 + round * 50'000, 40'000)));
  }
  const auto snapshot = small->snapshot();
  REQUIRE(snapshot);
  CHECK(snapshot->part_count() > 1);
  CHECK(snapshot->counts()->tweets == 200'000);
  RebuildOptions options;
  options.into = directory / "small";
  REQUIRE(small->rebuild(options));
  options.into = directory / "large";
  options.memory_bytes_max = std::uint64_t{1} << 30;
  REQUIRE(small->rebuild(options));
  const auto small_parts = files_in(directory / "small", ".mdb");
  const auto large_parts = files_in(directory / "large", ".mdb");
  REQUIRE(small_parts.size() == 1);
  REQUIRE(large_parts.size() == 1);
  // The name holds the checksum of the whole file.
  CHECK(small_parts.front().filename() == large_parts.front().filename());
}

TEST_CASE("a deleted index is replayed from the log", "[store]") {
  const TemporaryDirectory directory;
  std::string digest;
  {
    Store store = open_store(directory / "store");
    REQUIRE(store.append(deletes(1, 100)));
    REQUIRE(store.seal(true));
    digest = digest_of(store);
  }
  fs::remove_all(fs::path(directory / "store") / "index");
  Store store = open_store(directory / "store");
  CHECK(digest_of(store) == digest);
}

TEST_CASE("a damaged part never answers: it is set aside, said, and replayed", "[store]") {
  const TemporaryDirectory directory;
  std::string digest;
  {
    Store store = open_store(directory / "store");
    REQUIRE(store.append(deletes(1, 1000)));
    REQUIRE(store.seal(true));
    REQUIRE(store.append(deletes(5000, 10)));
    REQUIRE(store.seal(true));
    digest = digest_of(store);
  }
  const auto parts = files_in(fs::path(directory / "store") / "index", ".mdb");
  REQUIRE(parts.size() == 2);
  const std::uint64_t middle = fs::file_size(parts.front()) / 2;
  const bool read_only = GENERATE(false, true);
  SECTION("a flipped byte") { flip_byte(parts.front(), middle); }
  SECTION("a cut") { fs::resize_file(parts.front(), middle); }
  SECTION("nothing left") { fs::resize_file(parts.front(), 0); }
  SECTION("gone") { fs::remove(parts.front()); }
  std::vector<std::string> said;
  StoreOptions options{.directory = directory / "store"};
  options.on_diagnostic = [&](std::string_view text) { said.emplace_back(text); };
  options.read_only = read_only;
  auto store = Store::open(options);
  REQUIRE(store);
  CHECK_FALSE(store->verify()->empty());
  CHECK(store->verify()->front().damage);
  CHECK(action_of(*store, 500) == Action::kDelete);
  CHECK(action_of(*store, 5005) == Action::kDelete);
  CHECK(digest_of(*store) == digest);
  CHECK_FALSE(said.empty());
  if (read_only) return;
  REQUIRE(store->seal(true));
  CHECK(store->verify()->empty());
  CHECK(digest_of(*store) == digest);
}

TEST_CASE("an index of another log is set aside", "[store]") {
  const TemporaryDirectory directory;
  for (const std::string name : {"one", "two"}) {
    Store store = open_store(directory / name);
    REQUIRE(store.append(deletes(name == "one" ? 1 : 500, name == "one" ? 10 : 3)));
    REQUIRE(store.seal(true));
  }
  fs::remove_all(fs::path(directory / "two") / "index");
  fs::copy(fs::path(directory / "one") / "index", fs::path(directory / "two") / "index");
  Store store = open_store(directory / "two");
  CHECK_FALSE(store.verify()->empty());
  // What the foreign manifest calls durable is more than this log ever held.
  CHECK(store.append(deletes(900, 1)) == 4U);
  CHECK(action_of(store, 501) == Action::kDelete);
  CHECK(action_of(store, 1) == Action::kKeep);
  REQUIRE(store.seal(true));
  CHECK(store.verify()->empty());
}

TEST_CASE("an index of an older format is set aside and replayed", "[store]") {
  const TemporaryDirectory directory;
  const std::string index = directory.string() + "/s/index";
  {
    Store store = open_store(directory.string() + "/s");
    REQUIRE(store.append(deletes(1, 50)));
    REQUIRE(store.seal(true));
  }
  auto manifest = index::read_manifest(io::real_file_system(), index);
  REQUIRE(manifest);
  manifest->old_parts = true;
  REQUIRE(index::publish_manifest(io::real_file_system(), index, *manifest));
  std::string said;
  auto store = Store::open({.directory = directory.string() + "/s",
                            .on_diagnostic = [&](std::string_view text) { said += text; }});
  REQUIRE(store);
  const auto findings = store->verify();
  REQUIRE(findings);
  REQUIRE(findings->size() == 1);
  CHECK_FALSE(findings->front().damage);
  // Writing does not make the old parts look new.
  REQUIRE(store->append(deletes(100, 1)));
  CHECK(index::read_manifest(io::real_file_system(), index)->old_parts);
  CHECK(action_of(*store, 7) == Action::kDelete);
  CHECK(action_of(*store, 100) == Action::kDelete);
  CHECK(said.find("is of an older format") != std::string::npos);
  CHECK_FALSE(index::read_manifest(io::real_file_system(), index)->old_parts);
  CHECK(files_in(directory.string() + "/s/quarantine", ".mdb").size() == 1);
  REQUIRE(store->seal(true));
  REQUIRE(store->rebuild({}));
  CHECK(store->verify()->empty());
}

TEST_CASE("a log that lost acknowledged events is damage, not a shorter log", "[store]") {
  const TemporaryDirectory directory;
  {
    Store store = open_store(directory / "store");
    for (int i = 0; i < 3; ++i) {
      auto import = store.begin_import();
      REQUIRE(import);
      REQUIRE(import->append(deletes(1 + static_cast<TweetId>(i) * 10, 5)));
      REQUIRE(import->finish());
    }
  }
  const auto segments = files_in(fs::path(directory / "store") / "log", ".zst");
  REQUIRE(segments.size() == 1);
  fs::resize_file(segments.front(), fs::file_size(segments.front()) / 2);
  auto store = Store::open({.directory = directory / "store"});
  REQUIRE(store);
  const auto snapshot = store->snapshot();
  REQUIRE_FALSE(snapshot);
  CHECK(snapshot.error().code == ErrorCode::kCorruption);
  const auto appended = store->append(deletes(1, 1));
  REQUIRE_FALSE(appended);
  CHECK(appended.error().code == ErrorCode::kCorruption);
  CHECK_FALSE(store->verify()->empty());
}

TEST_CASE("groups that were cut off are damage, though no mark of the log tells of them",
          "[store]") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "store";
  {
    Store store = open_store(path);
    for (TweetId id = 1; id <= 6; ++id) REQUIRE(store.append(deletes(id, 1)));
  }
  CHECK(durable_in_manifest(path) == 6U);
  cut_log(path);
  require_damaged(path);
}

TEST_CASE("while groups come the manifest hears how far the log is durable", "[store]") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "store";
  Store store = open_store(path);
  REQUIRE(store.append(deletes(1, 1)));
  CHECK(durable_in_manifest(path) == 0U);
  std::this_thread::sleep_for(std::chrono::milliseconds(2100));
  for (TweetId id = 2; id <= 6; ++id) REQUIRE(store.append(deletes(id, 1)));
  CHECK(durable_in_manifest(path) == 2U);
}

TEST_CASE("without a manifest the names of the parts tell that a log was cut", "[store]") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "store";
  {
    Store store = open_store(path);
    for (TweetId id = 1; id <= 6; ++id) REQUIRE(store.append(deletes(id, 1)));
    REQUIRE(store.seal(true));
  }
  fs::remove(path / "index" / "MANIFEST");
  CHECK(durable_in_manifest(path) == 6U);
  CHECK(open_store(path).verify()->empty());
  fs::remove(path / "index" / "MANIFEST");
  cut_log(path);
  require_damaged(path);
  Store store = open_store(path);
  REQUIRE_FALSE(store.rebuild({}));
  // What is repaired is whole, though the parts are still there to tell of more.
  REQUIRE(store.repair(false));
  CHECK(store.verify()->empty());
}

TEST_CASE("the manifest of a newer recant is refused, and never replaced", "[store]") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "store";
  Store store = open_store(path);
  REQUIRE(store.append(deletes(1, 10)));
  REQUIRE(store.seal(true));
  const fs::path manifest = path / "index" / "MANIFEST";
  std::ofstream(manifest, std::ios::trunc) << "recant-manifest 3\nanything\n";
  const auto rebuilt = store.rebuild({});
  REQUIRE_FALSE(rebuilt);
  CHECK(rebuilt.error().code == ErrorCode::kIo);
  std::string line;
  std::getline(std::ifstream(manifest), line);
  CHECK(line == "recant-manifest 3");
}

TEST_CASE("whoever holds a lock file that was removed writes nothing more", "[store]") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "store";
  Store first = open_store(path);
  Store second = open_store(path);
  auto import = first.begin_import();
  REQUIRE(import);
  REQUIRE(import->append(deletes(100, 10)));
  fs::remove(path / "lock");
  CHECK(second.append(deletes(200, 1)) == 1U);
  const auto finished = import->finish();
  REQUIRE_FALSE(finished);
  CHECK(finished.error().code == ErrorCode::kIo);
  CHECK(finished.error().what.find("lock was removed") != std::string::npos);
  const auto large = import->append(deletes(300, 40'000));
  REQUIRE_FALSE(large);
  CHECK(second.append(deletes(400, 1)) == 2U);
  CHECK(second.verify()->empty());
  CHECK(action_of(second, 100) == Action::kKeep);
}

TEST_CASE("verify tells of an unfinished last write, which is no damage", "[store]") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "store";
  {
    REQUIRE(open_store(path).append(deletes(1, 10)));
  }
  const auto segment = files_in(path / "log", ".zst").front();
  const auto size = std::to_string(fs::file_size(segment));
  std::ofstream(segment, std::ios::app) << "garbage";
  std::string said;
  auto store = Store::open({.directory = path.string(),
                            .read_only = true,
                            .on_diagnostic = [&](std::string_view text) { said += text; }});
  REQUIRE(store);
  CHECK(store->verify()->empty());
  CHECK(said.find("an unfinished last write, 7 bytes at offset " + size) != std::string::npos);
}

TEST_CASE("verify beside a writer compares one moment", "[store][threads]") {
  const TemporaryDirectory directory;
  const std::string path = directory / "store";
  {
    REQUIRE(open_store(path).append(deletes(1, 10)));
  }
  std::jthread writer([&](const std::stop_token& stop) {
    Store store = open_store(path);
    for (TweetId id = 100; !stop.stop_requested(); ++id) {
      if (!store.append(deletes(id, 1))) std::abort();
      if (id % 20 == 0 && !store.seal(true)) std::abort();
      if (id % 50 == 0 && !store.compact({})) std::abort();
    }
  });
  auto store = Store::open({.directory = path, .read_only = true});
  REQUIRE(store);
  for (int i = 0; i < 20; ++i) {
    const auto findings = store->verify();
    REQUIRE(findings);
    INFO((findings->empty() ? "" : findings->front().what));
    REQUIRE(findings->empty());
  }
}

TEST_CASE("a damaged manifest is refused, and rebuild makes a new one", "[store]") {
  const TemporaryDirectory directory;
  Store store = open_store(directory / "store");
  REQUIRE(store.append(deletes(1, 10)));
  REQUIRE(store.seal(true));
  const std::string digest = digest_of(store);
  flip_byte(fs::path(directory / "store") / "index" / "MANIFEST", 30);
  const auto snapshot = store.snapshot();
  REQUIRE_FALSE(snapshot);
  CHECK(snapshot.error().code == ErrorCode::kCorruption);
  CHECK(store.verify()->front().damage);
  REQUIRE(store.rebuild({}));
  CHECK(digest_of(store) == digest);
  CHECK(store.verify()->empty());
}

TEST_CASE("a prefix of the log can be rebuilt elsewhere, never in place", "[store]") {
  const TemporaryDirectory directory;
  Store store = open_store(directory / "store");
  REQUIRE(store.append(deletes(1, 10)));
  RebuildOptions options;
  options.until = 4;
  const auto refused = store.rebuild(options);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::kInvalidArgument);
  options.into = directory / "elsewhere";
  const auto summary = store.rebuild(options);
  REQUIRE(summary);
  CHECK(summary->events == 4);
  Store prefix = open_store(directory / "prefix");
  REQUIRE(prefix.append(deletes(1, 4)));
  CHECK(summary->digest == digest_of(prefix));
}

TEST_CASE("the default as-of follows clocks that run ahead by up to a day", "[store]") {
  const TemporaryDirectory directory;
  Store store = open_store(directory / "store");
  constexpr Time kNow = 1'700'000'000'000;
  constexpr Time kDay = 86'400'000;
  const auto delete_at = [](Time at) {
    return Event{.kind = EventKind::kTweetDelete, .at = at, .tweet = 1};
  };
  CHECK(store.snapshot()->default_as_of(kNow) == kNow);
  REQUIRE(store.append(std::vector{delete_at(kNow - 5), delete_at(kNow + 2 * kDay)}));
  CHECK(store.snapshot()->default_as_of(kNow) == kNow);
  REQUIRE(store.append(std::vector{delete_at(kNow + 7), delete_at(kNow + kDay + 1)}));
  CHECK(store.snapshot()->default_as_of(kNow) == kNow + 7);
  REQUIRE(store.append(std::vector{delete_at(kNow + kDay)}));
  CHECK(store.snapshot()->default_as_of(kNow) == kNow + kDay);
}

TEST_CASE("many threads may share a snapshot while the store grows", "[store][threads]") {
  const TemporaryDirectory directory;
  Store store = open_store(directory / "store");
  REQUIRE(store.append(deletes(1, 1000)));
  REQUIRE(store.seal(true));
  REQUIRE(store.append(deletes(1001, 1000)));
  const auto snapshot = store.snapshot();
  REQUIRE(snapshot);
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      std::vector<Item> items(2500);
      for (std::size_t k = 0; k < items.size(); ++k) items[k].id = k + 1;
      std::vector<Verdict> verdicts(items.size());
      if (!snapshot->check(items, now(), {}, verdicts)) ++wrong;
      for (std::size_t k = 0; k < items.size(); ++k) {
        const Action expected = k < 2000 ? Action::kDelete : Action::kKeep;
        if (verdicts[k].action != expected) ++wrong;
      }
      if (snapshot->author_tweets(7) != std::vector<TweetId>{}) ++wrong;
    });
  }
  for (TweetId round = 0; round < 10; ++round) {
    REQUIRE(store.append(deletes(3000 + round, 1)));
    REQUIRE(store.seal(true));
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
  CHECK(snapshot->last_sequence() == 2000);
}
