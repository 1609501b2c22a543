// Ingest with several threads. Goal: what is stored and reported is the same with any number of
// them, in the input's order. Method: the same files into copies of one store (its id is in every
// header of the log), with times of receipt in the lines, and the log's bytes compared.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "bench/event_source.h"
#include "engine/decode/decode.h"
#include "engine/replay/decode_ahead.h"
#include "engine/replay/ingest.h"
#include "tests/store_world.h"

namespace recant {
namespace {

namespace fs = std::filesystem;
using laws::must;
using laws::TempDirectory;

constexpr Time kReceivedAt = 1'700'000'000'000;
constexpr std::string_view kBad = "not json, and nowhere near it";
constexpr std::string_view kUnknown = R"({"new_kind":{"id":"1"}})";

std::string line_of(const Event& event) {
  std::string line;
  decode::append_canonical_line(event, 0, true, line);
  return line + "\n";
}

/// Event lines of several blocks. A line in a thousand is bad; its number goes to `bad`.
std::string many_lines(std::uint64_t count, std::vector<std::uint64_t>& bad) {
  bench::EventSource source({.seed = 3, .events = count});
  std::string text;
  for (std::uint64_t i = 1; i <= count; ++i) {
    Event event = source.next();
    event.received_at = kReceivedAt + static_cast<Time>(i / 1000);
    event.source = i % 3 == 0 ? "v2-tweets" : "file";
    if (i % 1000 == 7) {
      bad.push_back(i);
      text += std::string(kBad) + "\n";
    } else {
      text += line_of(event);
    }
  }
  return text;
}

std::string write_file(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

/// A store with one event, to be copied.
void make_store(const std::string& directory) {
  auto store = must(Store::open({.directory = directory, .create = true}));
  const Event event{.kind = EventKind::kTweetDelete,
                    .at = 1,
                    .received_at = kReceivedAt,
                    .tweet = 1,
                    .source = "file"};
  must(store.append({&event, 1}));
}

std::map<std::string, std::string> log_bytes(const std::string& store) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::directory_iterator(store + "/log")) {
    std::ostringstream bytes;
    bytes << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    files[entry.path().filename()] = bytes.str();
  }
  return files;
}

struct Outcome {
  replay::IngestSummary summary;
  std::vector<std::uint64_t> rejected;
  std::string texts;
};

Outcome ingest(const std::string& directory, const std::vector<std::string>& files,
               unsigned threads, bool strict = false) {
  Outcome outcome;
  replay::IngestOptions options;
  options.threads = threads;
  options.strict = strict;
  options.on_reject = [&](const replay::Rejection& rejection) {
    outcome.rejected.push_back(rejection.line);
    outcome.texts += rejection.text;
  };
  auto store = must(Store::open(
      {.directory = directory, .create = true, .segment_bytes_max = std::uint64_t{256} << 10}));
  std::vector<files::Input> inputs;
  for (const std::string& file : files) inputs.push_back(must(files::Input::open(file)));
  outcome.summary = must(replay::ingest(store, std::move(inputs), options));
  return outcome;
}

TEST_CASE("the log's bytes are the same with any number of threads", "[ingest][threads]") {
  const TempDirectory directory;
  std::vector<std::uint64_t> bad;
  const std::string lines = many_lines(40'000, bad);
  const std::string file = write_file(directory.path("lines"), lines);
  const std::string unended = write_file(directory.path("unended"), lines + std::string(kBad));
  make_store(directory.path("seed"));
  std::map<std::string, std::string> expected;
  for (const unsigned threads : {1U, 2U, 4U, 0U}) {
    INFO(threads << " threads");
    const std::string copy = directory.path(fmt::format("copy-{}", threads));
    fs::copy(directory.path("seed"), copy, fs::copy_options::recursive);
    const Outcome outcome = ingest(copy, {file, unended}, threads);
    std::vector<std::uint64_t> all_bad = bad;
    all_bad.insert(all_bad.end(), bad.begin(), bad.end());
    all_bad.push_back(40'001);
    CHECK(outcome.rejected == all_bad);
    CHECK(outcome.texts.size() == kBad.size() * all_bad.size());
    CHECK(outcome.summary.lines == 80'001);
    CHECK(outcome.summary.accepted == 80'000 - 2 * bad.size());
    CHECK(outcome.summary.first_seq == 2);
    CHECK(outcome.summary.last_seq == 1 + outcome.summary.accepted);
    const auto bytes = log_bytes(copy);
    CHECK(bytes.size() > 2);
    if (expected.empty()) expected = bytes;
    CHECK((bytes == expected));
  }
}

TEST_CASE("what is stored does not depend on where blocks are cut", "[ingest][threads]") {
  const TempDirectory directory;
  std::vector<std::uint64_t> bad;
  std::string lines = many_lines(3000, bad);
  lines.insert(lines.find('\n') + 1, std::string(kUnknown) + "\n\n{\"info\":{}}\r\n");
  const std::string file = write_file(directory.path("lines"), lines);
  std::vector<Event> expected;
  for (const std::size_t block_bytes : {std::size_t{1}, std::size_t{997}, std::size_t{1} << 20}) {
    for (const unsigned threads : {1U, 3U}) {
      INFO(block_bytes << " bytes a block, " << threads << " threads");
      replay::DecodeAhead ahead(must(files::Input::open(file)), {.line_bytes_max = 1 << 20,
                                                                 .source = "file",
                                                                 .threads = threads,
                                                                 .block_bytes = block_bytes});
      std::vector<Event> events;
      std::vector<std::uint64_t> rejected;
      std::uint64_t lines_read = 0;
      std::uint64_t others = 0;
      while (const auto* block = must(ahead.next())) {
        events.insert(events.end(), block->events.begin(), block->events.end());
        for (const auto& line : block->rejected) rejected.push_back(line.line);
        lines_read += block->line_count;
        others += block->blank + block->notices;
      }
      CHECK(must(ahead.next()) == nullptr);
      CHECK(lines_read == 3003);
      CHECK(others == 2);
      CHECK(rejected.size() == bad.size());
      CHECK(rejected.front() == bad.front() + 3);
      if (expected.empty()) expected = events;
      CHECK(expected.size() == 3001 - bad.size());
      CHECK((events == expected));
    }
  }
}

TEST_CASE("a strict ingest stops at the first bad line of the file, whoever finds it",
          "[ingest][threads]") {
  const TempDirectory directory;
  std::vector<std::uint64_t> bad;
  const std::string file = write_file(directory.path("lines"), many_lines(20'000, bad));
  for (const unsigned threads : {1U, 4U}) {
    const std::string store = directory.path(fmt::format("store-{}", threads));
    const Outcome outcome = ingest(store, {file}, threads, true);
    CHECK(outcome.rejected == std::vector<std::uint64_t>{7});
    CHECK(outcome.summary.rejected == 1);
    CHECK(outcome.summary.lines == 7);
    CHECK(outcome.summary.accepted == 0);
  }
}

TEST_CASE("what a strict ingest can read only once is stored as from a file", "[ingest][threads]") {
  const TempDirectory directory;
  std::vector<std::uint64_t> bad;
  std::string lines = many_lines(40'000, bad);
  for (std::size_t at = lines.find(kBad); at != std::string::npos; at = lines.find(kBad, at)) {
    lines.erase(at, kBad.size() + 1);
  }
  const std::uint64_t good = 40'000 - bad.size();
  REQUIRE(lines.size() > (std::size_t{3} << 20));  // several writes of the copy
  make_store(directory.path("seed"));
  const auto copy_of_seed = [&](const std::string& name) {
    fs::copy(directory.path("seed"), directory.path(name), fs::copy_options::recursive);
    return directory.path(name);
  };
  const std::string from_file = copy_of_seed("from-file");
  const Outcome expected = ingest(from_file, {write_file(directory.path("lines"), lines)}, 2, true);
  CHECK(expected.summary.accepted == good);

  const std::string fifo = directory.path("fifo");
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  std::jthread writer([&] { std::ofstream(fifo, std::ios::binary) << lines; });
  const std::string from_fifo = copy_of_seed("from-fifo");
  const Outcome got = ingest(from_fifo, {fifo}, 2, true);
  CHECK(got.summary.accepted == good);
  CHECK(got.summary.last_seq == expected.summary.last_seq);
  CHECK((log_bytes(from_fifo) == log_bytes(from_file)));
}

TEST_CASE("of an input that fails, every line before comes first, and the failure once",
          "[ingest][threads]") {
  const TempDirectory directory;
  std::vector<std::uint64_t> bad;
  write_file(directory.path("lines"), many_lines(20'000, bad));
  REQUIRE(std::system(("gzip -c '" + directory.path("lines") + "' > '" + directory.path("gz") +
                       "' && truncate -s -1000 '" + directory.path("gz") + "'")
                          .c_str()) == 0);
  std::uint64_t expected = 0;
  for (const unsigned threads : {1U, 2U, 4U}) {
    replay::DecodeAhead ahead(
        must(files::Input::open(directory.path("gz"))),
        {.line_bytes_max = 1 << 20, .source = "file", .threads = threads, .block_bytes = 64 << 10});
    std::uint64_t lines = 0;
    auto block = ahead.next();
    for (; block && *block != nullptr; block = ahead.next()) lines += (*block)->line_count;
    REQUIRE_FALSE(block);
    CHECK(block.error().code == ErrorCode::kCorruption);
    CHECK(must(ahead.next()) == nullptr);
    CHECK(lines > 15'000);
    if (expected == 0) expected = lines;
    CHECK(lines == expected);
  }
}

TEST_CASE("who leaves in the middle waits for no input", "[ingest][threads]") {
  std::vector<std::uint64_t> bad;
  const std::string lines = many_lines(2000, bad).substr(0, 60'000);
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  REQUIRE(write(ends[1], lines.data(), lines.size()) == static_cast<ssize_t>(lines.size()));
  {
    // The pipe stays open: whoever reads on to its end waits forever.
    replay::DecodeAhead ahead(
        must(files::Input::open(fmt::format("/proc/self/fd/{}", ends[0]))),
        {.line_bytes_max = 1 << 20, .source = "file", .threads = 2, .block_bytes = 8 << 10});
    CHECK(must(ahead.next())->line_count > 0);
  }
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace recant
