// scrub against a second implementation of it, over random worlds and datasets of every shape.
#include "engine/dataset/scrub.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "scrub_world.h"
#include "store_world.h"

namespace recant::laws {
namespace {

struct Scrubbed {
  std::string output;
  std::string held;
  dataset::ScrubSummary summary;
};

std::string content(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Judging {
  const Snapshot& snapshot;
  Time as_of;
  Policy policy{};
};

Scrubbed scrub_at_once(const Judging& judging, const std::vector<std::string>& texts,
                       std::size_t batch_bytes) {
  const TempDirectory directory;
  std::vector<files::Input> inputs;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::string path = directory.path("in" + std::to_string(i));
    std::ofstream(path, std::ios::binary) << texts[i];
    inputs.push_back(must(files::Input::open(path)));
  }
  auto output = must(files::Output::open(directory.path("out")));
  auto held = must(files::Output::open(directory.path("held")));
  dataset::ScrubOptions options{.policy = judging.policy, .as_of = judging.as_of};
  options.batch_bytes = batch_bytes;
  Scrubbed done;
  done.summary = must(dataset::scrub(judging.snapshot, std::move(inputs), options,
                                     {.output = &output, .held = &held}));
  must(output.finish());
  must(held.finish());
  done.output = content(directory.path("out"));
  done.held = content(directory.path("held"));
  return done;
}

// A line or a few at a time, so that all but the first are other threads', is as all at once.
Scrubbed scrub(const Judging& judging, const std::vector<std::string>& texts) {
  const Scrubbed done = scrub_at_once(judging, texts, dataset::ScrubOptions{}.batch_bytes);
  for (const std::size_t batch_bytes : {1UL, 3000UL}) {
    const Scrubbed cut = scrub_at_once(judging, texts, batch_bytes);
    REQUIRE(cut.output == done.output);
    REQUIRE(cut.held == done.held);
    REQUIRE(cut.summary.removed == done.summary.removed);
    REQUIRE(cut.summary.parts_in_rows == done.summary.parts_in_rows);
    REQUIRE(cut.summary.check.items == done.summary.check.items);
    REQUIRE(cut.summary.check.skipped == done.summary.check.skipped);
    REQUIRE(cut.summary.check.rejected == done.summary.check.rejected);
    REQUIRE(cut.summary.check.by_action == done.summary.check.by_action);
  }
  return done;
}

/// How the lines of a dataset are put into a file.
enum class Layout : std::uint8_t { kLines, kCrlf, kArrayOneLine, kArrayLines };

struct Dataset {
  DatasetShape shape = DatasetShape::kV1;
  Layout layout = Layout::kLines;
  std::vector<DatasetLine> lines;
  std::string end_of_line = "\n";
  std::string text;
};

Dataset random_dataset(RandomWorld& plan) {
  Dataset dataset;
  ScrubWorld world(plan);
  dataset.shape = static_cast<DatasetShape>(plan.below(kDatasetShapeCount));
  const bool json = dataset.shape < DatasetShape::kIds;
  dataset.layout = static_cast<Layout>(plan.below(json ? 4 : 2));
  if (dataset.layout == Layout::kCrlf) dataset.end_of_line = "\r\n";
  const std::string& end = dataset.end_of_line;
  std::string& text = dataset.text;
  if (plan.one_in(5)) text += "\xEF\xBB\xBF";
  if (dataset.shape == DatasetShape::kCsv) text += "note,ID,author_id" + end;
  if (dataset.layout == Layout::kArrayOneLine) text += '[';
  const bool bracket_alone = plan.one_in(2);
  if (dataset.layout == Layout::kArrayLines) text += bracket_alone ? "[" + end : "[";
  const std::size_t count = 1 + plan.below(6);
  for (std::size_t i = 0; i < count; ++i) {
    dataset.lines.push_back(world.line(dataset.shape));
    text += dataset.lines.back().text;
    const bool last = i + 1 == count;
    if (dataset.layout == Layout::kArrayOneLine) text += last ? "]" : ", ";
    if (dataset.layout == Layout::kArrayLines && !last) text += "," + end;
    if (dataset.layout < Layout::kArrayOneLine && (!last || plan.one_in(2))) text += end;
    if (dataset.layout == Layout::kLines && plan.one_in(8) && text.ends_with('\n')) text += "\n";
  }
  if (dataset.layout == Layout::kArrayLines) text += bracket_alone ? end + "]" + end : "]";
  return dataset;
}

// Its rows or JSON values in order.
std::vector<std::string> lines_of(const Dataset& dataset, std::string text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  std::vector<std::string> lines;
  std::istringstream in(text);
  std::string line;
  while (std::getline(in, line)) {
    if (line.ends_with('\r')) line.pop_back();
    // A cell of ours goes on in a second line.
    if (line.starts_with("\"a, ")) {
      std::string rest;
      std::getline(in, rest);
      if (rest.ends_with('\r')) rest.pop_back();
      line += "\n" + rest;
    }
    if (!line.empty()) lines.push_back(line);
  }
  if (dataset.shape == DatasetShape::kCsv && !lines.empty()) lines.erase(lines.begin());
  return lines;
}

std::string compare(const std::vector<Json>& expected, const std::vector<Json>& found,
                    std::string_view where) {
  if (expected == found) return {};
  return fmt::format("{}: expected\n  {}\nbut there is\n  {}\n", where, Json(expected).dump(),
                     Json(found).dump());
}

std::vector<Json> parsed(const std::vector<std::string>& lines) {
  std::vector<Json> all;
  for (const std::string& line : lines) all.push_back(Json::parse(line));
  return all;
}

std::string wrong_json(const Dataset& dataset, const Scrubbed& done, const Judging& judging,
                       const Oracle& oracle) {
  std::vector<Json> output;
  std::vector<Json> held;
  for (const DatasetLine& line : dataset.lines) {
    const Expected expected = expect(line, dataset.shape, oracle, judging.as_of, judging.policy);
    if (expected.output) output.push_back(*expected.output);
    if (expected.held) held.push_back(*expected.held);
    if (expected.unchanged && expected.output && done.output.find(line.text) == std::string::npos) {
      return "a line with nothing due was changed: " + line.text + "\n";
    }
  }
  std::vector<Json> found;
  if (dataset.layout >= Layout::kArrayOneLine) {
    std::string text = done.output;
    if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
    const Json array = Json::parse(text);
    found.assign(array.begin(), array.end());
  } else {
    found = parsed(lines_of(dataset, done.output));
  }
  std::vector<Json> found_held;
  for (const Json& line : parsed(lines_of(dataset, done.held))) {
    if (line.is_array()) {
      found_held.insert(found_held.end(), line.begin(), line.end());
    } else {
      found_held.push_back(line);
    }
  }
  return compare(output, found, "output") + compare(held, found_held, "held");
}

std::string wrong_rows(const Dataset& dataset, const Scrubbed& done, const Judging& judging,
                       const Oracle& oracle) {
  std::vector<std::string> output;
  std::vector<std::string> held;
  for (const DatasetLine& line : dataset.lines) {
    const Action action = oracle.verdict(line.items.front(), judging.as_of, judging.policy).action;
    if (action > Action::kSuppress) output.push_back(line.text);
    if (action == Action::kSuppress) held.push_back(line.text);
  }
  std::string wrong;
  if (lines_of(dataset, done.output) != output) wrong += "output: " + done.output;
  if (lines_of(dataset, done.held) != held) wrong += "held: " + done.held;
  return wrong;
}

}  // namespace

TEST_CASE("scrub keeps, holds and removes as the oracle says, in every shape", "[scrub]") {
  check_law(4000, 14, [](std::span<const Event> events, RandomWorld& plan) -> std::string {
    const TempDirectory directory;
    Store store = write_plainly(directory.path("a"), events);
    const Snapshot snapshot = must(store.snapshot());
    const Oracle oracle(events);
    const Dataset dataset = random_dataset(plan);
    const Judging judging{.snapshot = snapshot, .as_of = plan.as_of(), .policy = plan.policy()};
    const Scrubbed done = scrub(judging, {dataset.text});
    if (done.summary.check.rejected > 0) return "rejected: " + dataset.text;
    std::string wrong = dataset.shape < DatasetShape::kIds
                            ? wrong_json(dataset, done, judging, oracle)
                            : wrong_rows(dataset, done, judging, oracle);
    // Once more changes nothing: neither what was kept, nor what is still held.
    const Scrubbed again = scrub(judging, {done.output});
    if (again.output != done.output || !again.held.empty()) {
      wrong += "scrubbed twice:\n" + again.output + again.held;
    }
    const Scrubbed held = scrub(judging, {done.held});
    if (held.held != done.held) wrong += "held twice:\n" + held.held;
    if (!wrong.empty()) wrong += "of:\n" + dataset.text;
    return wrong;
  });
}

TEST_CASE("scrub with nothing due writes the same bytes", "[scrub]") {
  check_law(1000, 1, [](std::span<const Event>, RandomWorld& plan) -> std::string {
    const TempDirectory directory;
    Store store = write_plainly(directory.path("a"), {});
    const Snapshot snapshot = must(store.snapshot());
    const Dataset dataset = random_dataset(plan);
    const Scrubbed done = scrub({.snapshot = snapshot, .as_of = kTimeMax}, {dataset.text});
    if (done.output != dataset.text) return "differs: " + dataset.text + "\n" + done.output;
    return done.held;
  });
}

TEST_CASE("what was held comes back when it may be shown again", "[scrub]") {
  check_law(1000, 14, [](std::span<const Event> events, RandomWorld& plan) -> std::string {
    const TempDirectory directory;
    Store store = write_plainly(directory.path("a"), events);
    Store empty = write_plainly(directory.path("b"), {});
    const Snapshot snapshot = must(store.snapshot());
    const Snapshot nothing = must(empty.snapshot());
    const Dataset dataset = random_dataset(plan);
    const Scrubbed done = scrub({.snapshot = snapshot, .as_of = plan.as_of()}, {dataset.text});
    const Scrubbed back = scrub({.snapshot = nothing, .as_of = kTimeMax}, {done.held});
    if (back.output != done.held || !back.held.empty()) return "held: " + done.held;
    const auto suppressed =
        done.summary.check.by_action[static_cast<std::size_t>(Action::kSuppress)];
    if (back.summary.check.items != suppressed) return "items are lost: " + done.held;
    return {};
  });
}

}  // namespace recant::laws
