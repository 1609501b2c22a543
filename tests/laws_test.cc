// The six laws of semantics.md, section 2, each tried on random worlds through the public
// interface. Every case makes stores on disk, which costs milliseconds: RECANT_TEST_CASES asks for
// more of them, RECANT_TEST_SEED for one again.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "build_facts.h"
#include "engine/decode/decode.h"
#include "store/io/file_system.h"
#include "store/log/log_reader.h"
#include "store_world.h"

namespace recant::laws {
namespace {

namespace fs = std::filesystem;

std::vector<Event> copy(std::span<const Event> events) { return {events.begin(), events.end()}; }

// The bytes of every file of an index but the manifest, which names times and places.
std::map<std::string, std::string> part_files(const std::string& directory) {
  std::map<std::string, std::string> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file() || entry.path().filename() == "MANIFEST") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    files[fs::relative(entry.path(), directory).string()] = {std::istreambuf_iterator<char>(file),
                                                             std::istreambuf_iterator<char>()};
  }
  return files;
}

// What is left of an event when as-of hides it: its relations, said by facts that verdicts do not
// otherwise look at.
std::vector<Event> relations_of(const Event& event) {
  std::vector<Event> facts;
  if (event.kind == EventKind::kTweetHeld) {
    Event held = event;
    held.at = 0;
    facts.push_back(held);
  } else if (event.author != 0) {
    facts.push_back(fact(EventKind::kTweetHeld).tweet(event.tweet).author(event.author));
  }
  if (event.quote_tweet != 0) {
    facts.push_back(fact(EventKind::kTweetHeld).tweet(event.quote_tweet).quoted(event.tweet));
  }
  return facts;
}

std::vector<Event> known_as_of(std::span<const Event> events, Time as_of) {
  std::vector<Event> known;
  for (const Event& event : events) {
    if (event.at <= as_of) {
      known.push_back(event);
    } else {
      std::ranges::copy(relations_of(event), std::back_inserter(known));
    }
  }
  return known;
}

// One event as `log cat` prints it, read back as `ingest` does. Says so if it did not come back as
// it was.
std::string print_and_read(decode::EventDecoder& decoder, SequenceNumber sequence,
                           const Event& event, std::vector<Event>& back) {
  std::string line;
  decode::append_canonical_line(event, sequence, true, line);
  const std::size_t size = line.size();
  line.append(decode::kLinePadding, '\0');
  const std::string_view text = std::string_view(line).substr(0, size);
  const std::size_t before = back.size();
  const decode::LineResult result = decoder.decode(text, back);
  const bool same = result.line_class == decode::LineClass::kEvents && back.size() == before + 1 &&
                    back.back() == event;
  return same ? "" : std::string(text) + " (" + result.why + ")\n";
}

std::string through_text(const std::string& directory, std::vector<Event>& back) {
  std::string wrong;
  decode::EventDecoder decoder({});
  log::LogReader reader = must(log::LogReader::open(io::real_file_system(), directory, 1, 0));
  log::LogBlock block;
  while (must(reader.next(block))) {
    for (std::size_t i = 0; i < block.events.size(); ++i) {
      wrong += print_and_read(decoder, block.sequences[i], block.events[i], back);
    }
  }
  return wrong;
}

}  // namespace

TEST_CASE("order: any permutation of the events gives the same state and digest", "[laws]") {
  check_law(2000, 40, [](std::span<const Event> events, RandomWorld& plan) {
    const TempDirectory directory;
    std::vector<Event> permuted = copy(events);
    plan.shuffle(permuted);
    Store store = write_plainly(directory.path("a"), events);
    write_randomly(directory.path("b"), permuted, plan);
    Store other = open_store(directory.path("b"), plan);
    return unequal(digest(store), digest(other), "digests") +
           state_differences(must(other.snapshot()), Oracle(events), plan) +
           verdict_differences(must(other.snapshot()), Oracle(events), plan, 10);
  });
}

TEST_CASE("duplicates: repeating any events changes nothing", "[laws]") {
  check_law(2000, 30, [](std::span<const Event> events, RandomWorld& plan) {
    const TempDirectory directory;
    std::vector<Event> repeated = copy(events);
    for (const Event& event : events) {
      if (plan.one_in(2)) repeated.push_back(event);
    }
    plan.shuffle(repeated);
    Store store = write_plainly(directory.path("a"), events);
    write_randomly(directory.path("b"), repeated, plan);
    Store other = open_store(directory.path("b"), plan);
    const std::string once = digest(store);
    std::string wrong = unequal(once, digest(other), "digests");
    // And all of them again, over sealed parts.
    must(other.seal(true));
    if (!events.empty()) must(other.append(events));
    wrong += unequal(once, digest(other), "digests after repeating all");
    return wrong + state_differences(must(other.snapshot()), Oracle(events), plan);
  });
}

TEST_CASE("replay: batches, seals and restarts equal one rebuild from the log", "[laws]") {
  check_law(2000, 60, [](std::span<const Event> events, RandomWorld& plan) {
    const TempDirectory directory;
    write_randomly(directory.path("a"), events, plan);
    Store store = open_store(directory.path("a"), plan);
    const std::string before = digest(store);
    const RebuildSummary aside = must(store.rebuild({.into = directory.path("aside")}));
    std::string wrong = unequal(before, aside.digest, "digest before and of a rebuild");
    const RebuildSummary in_place = must(store.rebuild({}));
    wrong += unequal(before, in_place.digest, "digest before and after a rebuild");
    wrong += unequal(before, digest(store), "digest before and of what was rebuilt");
    store = open_store(directory.path("a"), plan);
    wrong += unequal(before, digest(store), "digest before and after reopening");
    for (const VerifyFinding& finding : must(store.verify())) wrong += finding.what + "\n";
    return wrong + state_differences(must(store.snapshot()), Oracle(events), plan);
  });
}

TEST_CASE("replay: two rebuilds of one log give byte-identical index files", "[laws]") {
  check_law(2000, 60, [](std::span<const Event> events, RandomWorld& plan) {
    const TempDirectory directory;
    write_randomly(directory.path("a"), events, plan);
    (void)write_plainly(directory.path("b"), events);
    Store store = open_store(directory.path("a"), plan);
    Store other = open_store(directory.path("b"), plan);
    (void)must(store.rebuild({.into = directory.path("a1")}));
    // So little that every block of the log becomes a piece of its own.
    (void)must(store.rebuild({.into = directory.path("a2"), .memory_bytes_max = 1}));
    (void)must(store.rebuild({.into = directory.path("a3"), .threads = 1}));
    (void)must(store.rebuild({.into = directory.path("a4"), .threads = 2}));
    (void)must(other.rebuild({.into = directory.path("b1")}));
    const auto files = part_files(directory.path("a1"));
    if (files.empty() && !events.empty()) return std::string("a rebuild left no files");
    std::string wrong;
    if (files != part_files(directory.path("a2"))) wrong += "files differ by memory\n";
    for (const char* name : {"a3", "a4"}) {
      if (files != part_files(directory.path(name))) wrong += "files differ by threads\n";
    }
    if (files != part_files(directory.path("b1"))) wrong += "files differ by batches\n";
    return wrong;
  });
}

TEST_CASE("replay: a prefix of the log is a store of its first events", "[laws]") {
  check_law(1000, 40, [](std::span<const Event> events, RandomWorld& plan) {
    if (events.empty()) return std::string();
    const TempDirectory directory;
    const std::size_t count = 1 + plan.below(events.size());
    write_randomly(directory.path("a"), events, plan);
    Store store = open_store(directory.path("a"), plan);
    const RebuildSummary prefix =
        must(store.rebuild({.into = directory.path("prefix"), .until = count}));
    Store first = write_plainly(directory.path("b"), events.first(count));
    return unequal(prefix.digest, digest(first), "digests");
  });
}

TEST_CASE("merge: the state of two logs together is the join of their states", "[laws]") {
  check_law(1000, 40, [](std::span<const Event> events, RandomWorld& plan) {
    const TempDirectory directory;
    const std::size_t half = plan.below(events.size() + 1);
    std::vector<Event> swapped = copy(events.subspan(half));
    std::ranges::copy(events.first(half), std::back_inserter(swapped));
    write_randomly(directory.path("a"), events.first(half), plan);
    write_randomly(directory.path("b"), events.subspan(half), plan);
    write_randomly(directory.path("ab"), events, plan);
    write_randomly(directory.path("ba"), swapped, plan);
    Store ab = open_store(directory.path("ab"), plan);
    Store ba = open_store(directory.path("ba"), plan);
    std::string wrong = unequal(digest(ab), digest(ba), "digests");
    const Snapshot a = must(open_store(directory.path("a"), plan).snapshot());
    const Snapshot b = must(open_store(directory.path("b"), plan).snapshot());
    const Snapshot both = must(ab.snapshot());
    for (const TweetId id : plan.tweets()) {
      TweetState joined = must(a.tweet(id));
      joined.join(must(b.tweet(id)));
      if (joined != must(both.tweet(id))) wrong += "tweet " + std::to_string(id) + "\n";
    }
    for (const UserId id : plan.users()) {
      UserState joined = must(a.user(id));
      joined.join(must(b.user(id)));
      if (joined != must(both.user(id))) wrong += "user " + std::to_string(id) + "\n";
    }
    return wrong;
  });
}

TEST_CASE("as-of: the verdict equals that of a store of the events until then", "[laws]") {
  check_law(2000, 40, [](std::span<const Event> events, RandomWorld& plan) {
    const TempDirectory directory;
    const Time as_of = plan.as_of();
    const Policy policy = plan.policy();
    std::vector<Item> items;
    while (items.size() < 20) items.push_back(plan.item());
    write_randomly(directory.path("a"), events, plan);
    Store all = open_store(directory.path("a"), plan);
    write_randomly(directory.path("b"), known_as_of(events, as_of), plan);
    Store until_then = open_store(directory.path("b"), plan);
    std::vector<Verdict> of_all(items.size());
    std::vector<Verdict> of_known(items.size());
    must(must(all.snapshot()).check(items, as_of, policy, of_all));
    must(must(until_then.snapshot()).check(items, as_of, policy, of_known));
    std::string wrong;
    for (std::size_t i = 0; i < items.size(); ++i) {
      const Verdict law = Oracle(events).verdict(items[i], as_of, policy);
      const auto difference = [&](const Verdict& store) {
        return verdict_difference(items[i], as_of, policy, {.store = store, .law = law});
      };
      wrong += difference(of_all[i]) + difference(of_known[i]);
    }
    return wrong;
  });
}

TEST_CASE("round trip: log cat into another store gives the same events and digest", "[laws]") {
  check_law(2000, 40, [](std::span<const Event> events, RandomWorld& plan) {
    const TempDirectory directory;
    write_randomly(directory.path("a"), events, plan);
    Store store = open_store(directory.path("a"), plan);
    std::vector<Event> back;
    std::string wrong = through_text(directory.path("a"), back);
    if (back.size() != events.size()) wrong += "events came back: " + std::to_string(back.size());
    write_randomly(directory.path("b"), back, plan);
    Store other = open_store(directory.path("b"), plan);
    return wrong + unequal(digest(store), digest(other), "digests");
  });
}

// The digest is worth something only if it also differs where states do.
TEST_CASE("the digest is equal exactly where what it covers is equal", "[laws]") {
  check_law(2000, 20, [](std::span<const Event> events, RandomWorld& plan) {
    if (events.empty()) return std::string();
    const TempDirectory directory;
    std::vector<Event> fewer = copy(events);
    const std::size_t removed = plan.below(fewer.size());
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(removed));
    Store store = write_plainly(directory.path("a"), events);
    write_randomly(directory.path("b"), fewer, plan);
    Store other = open_store(directory.path("b"), plan);
    const bool same_state = Oracle(events).fingerprint() == Oracle(fewer).fingerprint();
    const bool same_digest = digest(store) == digest(other);
    if (same_state == same_digest) return std::string();
    return std::string(same_state ? "equal states, unequal digests" : "unequal states, one digest");
  });
}

}  // namespace recant::laws
