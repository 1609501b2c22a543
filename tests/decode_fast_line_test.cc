// The fast path against the general decoder. Goal: whatever it claims is the very event that the
// general decoder makes of the line; and it claims the usual lines, so that the check says
// something. Method: samples, generated lines of every kind, and mutations of both; what stands
// behind a line in memory goes on as the line might, so that reading past its end would show.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bench/event_source.h"
#include "bench/wire_lines.h"
#include "engine/decode/fast_line.h"
#include "engine/decode/scanner.h"
#include "recant/time.h"
#include "tests/decode_helpers.h"
#include "tests/random_events.h"

namespace recant::test {
namespace {

using decode::BatchIds;
using decode::DecodeOptions;

/// Text in memory of exactly its size, the promised padding, and nothing more.
class Padded {
 public:
  Padded(std::string_view text, std::string_view behind)
      : size_(text.size()), buffer_(new char[size_ + decode::kLinePadding]) {
    std::fill_n(std::copy(text.begin(), text.end(), buffer_.get()), decode::kLinePadding, '9');
    std::copy_n(behind.begin(), std::min(behind.size(), decode::kLinePadding),
                buffer_.get() + size_);
  }
  [[nodiscard]] std::string_view text() const { return {buffer_.get(), size_}; }

 private:
  std::size_t size_;
  std::unique_ptr<char[]> buffer_;
};

/// Both decoders with the same options.
class Pair {
 public:
  explicit Pair(DecodeOptions options) : options_(options), decoder_(options) {}

  /// Whether the fast path claimed the line; fails the test where it should not have.
  bool claims(std::string_view line, std::string_view behind = {}) {
    const Padded padded(line, behind);
    events_.clear();
    events_.resize(1);  // what was there before must stay
    if (!fast_.decode(options_, padded.text(), events_)) {
      if (events_.size() != 1) FAIL("left something behind for " << line);
      return false;
    }
    general_.clear();
    general_.resize(1);
    const auto result = decoder_.decode_generally(padded.text(), general_);
    if (result.line_class != decode::LineClass::kEvents || events_ != general_) {
      FAIL("claimed wrongly: " << line << "\nthe general decoder: " << result.why);
    }
    return true;
  }

 private:
  DecodeOptions options_;
  decode::EventDecoder decoder_;
  decode::FastLine fast_;
  std::vector<Event> events_;
  std::vector<Event> general_;
};

std::vector<std::string> all_sample_lines() {
  std::vector<std::string> lines;
  for (const char* name : {"v2_tweet.jsonl", "v2_user.jsonl", "gnip.jsonl", "batch_results.jsonl",
                           "v2_stream_raw.ndjson", "dataset_v1.jsonl", "dataset_v2_flat.jsonl"}) {
    for (std::string& line : sample_lines(name)) lines.push_back(std::move(line));
  }
  return lines;
}

std::string line_of(const Event& event, bench::WireFormat format) {
  std::string line;
  bench::append_line(event, format, line);
  line.pop_back();
  return line;
}

std::vector<std::string> generated_lines(std::uint64_t events) {
  std::vector<std::string> lines;
  bench::EventSource source({.seed = 7, .events = events});
  for (std::uint64_t i = 0; i < events; ++i) {
    const Event& event = source.next();
    for (const auto format : {bench::WireFormat::kV2, bench::WireFormat::kGnip}) {
      lines.push_back(line_of(event, format));
    }
    lines.emplace_back();
    decode::append_canonical_line(event, i + 1, true, lines.back());
  }
  return lines;
}

/// Makes lines a little wrong, or right in an unusual way.
class Mutator {
 public:
  explicit Mutator(std::uint64_t seed) : random_(seed) {}

  std::string mutated(std::string line) {
    for (std::size_t changes = 1 + below(2); changes > 0; --changes) change(line);
    return line;
  }
  std::size_t below(std::size_t bound) { return bound == 0 ? 0 : random_() % bound; }

 private:
  void change(std::string& line) {
    static constexpr std::string_view kBytes = " \t\r\n\"\\{}[]:,0129-+.eZtzaX_\x7f\x80\xc3\x1f";
    const std::size_t at = below(line.size());
    switch (below(9)) {
      case 0:
        if (!line.empty()) line[at] = static_cast<char>(line[at] ^ (1 << below(8)));
        return;
      case 1:
        if (!line.empty()) line[at] = kBytes[below(kBytes.size())];
        return;
      case 2:
        line.insert(at, 1, kBytes[below(kBytes.size())]);
        return;
      case 3:
        line.erase(at, 1 + below(3));
        return;
      case 4:
        line.resize(at);
        return;
      case 5:
        return replace_string(line);
      case 6:
        return repeat_member(line);
      case 7:
        return add_space(line);
      default:
        return rename_key(line);
    }
  }

  // A place behind one of the line's characters `c`.
  std::size_t behind(const std::string& line, char c) {
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (line[i] == c) places.push_back(i + 1);
    }
    return places.empty() ? line.size() : places[below(places.size())];
  }

  void replace_string(std::string& line) {
    static const std::vector<std::string> kValues = {"\"0\"",
                                                     "0",
                                                     "\"18446744073709551615\"",
                                                     "18446744073709551615",
                                                     "18446744073709551616",
                                                     "\"9999999999999999999\"",
                                                     "1234567890123456789",
                                                     "01",
                                                     "\"007\"",
                                                     "1.0",
                                                     "1e3",
                                                     "-1",
                                                     "null",
                                                     "true",
                                                     "\"\"",
                                                     "\" 1\"",
                                                     "[]",
                                                     "{}",
                                                     "[\"DE\"]",
                                                     "[\"de\",\"FR\",\"DE\"]",
                                                     "\"DE, fr\"",
                                                     "[\"D1\"]",
                                                     "[1,\"2\"]",
                                                     "\"253402300799999\"",
                                                     "253402300800000",
                                                     "\"000000000000007\"",
                                                     "\"0000000000000007\"",
                                                     "\"2022-06-27T23:49:41.839+00:00\"",
                                                     "\"2022-06-27T23:49:41Z\"",
                                                     "\"2022-06-27T23:49:41+00:00\"",
                                                     "\"2022-06-27t23:49:41z\"",
                                                     "\"2022-02-29T00:00:00.000Z\"",
                                                     "\"2024-02-29T00:00:00.000Z\"",
                                                     "\"2022-06-27T23:59:60.123Z\"",
                                                     "\"2022-06-27T24:00:00.000Z\"",
                                                     "\"2022-13-01T00:00:00.000Z\"",
                                                     "\"1969-12-31T23:59:59.999Z\"",
                                                     "\"9999-12-31T23:59:59.999Z\"",
                                                     "\"2022-06-27T23:49:41.839\"",
                                                     "\"2022-06-27T23:49:41.83912Z\"",
                                                     "\"2022-06-27T23:49:41.839-00:00\"",
                                                     "\"2022-06-27T23:49:41.839+05:30\"",
                                                     "\"2022-06-27 23:49:41.839Z\"",
                                                     "\"tweet_delete\"",
                                                     "\"user_delete\"",
                                                     "\"deleted\"",
                                                     "\"protected\"",
                                                     "\"profile.name\"",
                                                     "\"caf\xc3\xa9\"",
                                                     "\"a\\u0041\""};
    const std::size_t begin = behind(line, ':');
    std::size_t end = begin;
    while (end < line.size() && line[end] != ',' && line[end] != '}') ++end;
    line.replace(begin, end - begin, kValues[below(kValues.size())]);
  }

  void repeat_member(std::string& line) {
    const std::size_t begin = behind(line, ',');
    const std::size_t end = std::min(line.find_first_of(",}", begin), line.size());
    const std::string member = line.substr(begin, end - begin);
    line.insert(behind(line, below(2) == 0 ? ',' : '{'), member + ",");
  }

  void add_space(std::string& line) {
    const std::size_t at = behind(line, ":,{}["[below(5)]);
    line.insert(at, below(4) == 0 ? "  " : " ");
  }

  void rename_key(std::string& line) {
    const auto name = decode::kKeys[below(decode::kKeyCount)].name;
    const std::size_t begin = behind(line, '"');
    const std::size_t end = std::min(line.find('"', begin), line.size());
    line.replace(begin, end - begin, name);
  }

  std::mt19937_64 random_;
};

}  // namespace

TEST_CASE("the fast path claims the usual lines, and makes the same events of them",
          "[decode][fast]") {
  Pair pair{DecodeOptions{}};
  std::size_t claimed = 0;
  const auto lines = generated_lines(20'000);
  for (const std::string& line : lines) claimed += pair.claims(line) ? 1U : 0U;
  // Canonical profile events are rare, and none of the fast path's.
  CHECK(claimed >= lines.size() * 99 / 100);

  for (const char* name : {"v2_tweet.jsonl", "v2_user.jsonl", "gnip.jsonl"}) {
    std::size_t samples = 0;
    for (const std::string& line : sample_lines(name)) {
      samples += pair.claims(line) ? 1U : 0U;
      CHECK(pair.claims(line + "\r") == pair.claims(line));
    }
    INFO(name);
    CHECK(samples >= 10);
  }
}

TEST_CASE("the fast path agrees on events of every kind, in hostile worlds", "[decode][fast]") {
  laws::RandomWorld world(11);
  Pair pair{DecodeOptions{}};
  std::set<EventKind> claimed;
  for (int i = 0; i < 20'000; ++i) {
    Event event = world.event();
    event.received_at = 5;
    std::string line;
    decode::append_canonical_line(event, 1, true, line);
    if (pair.claims(line)) claimed.insert(event.kind);
  }
  CHECK(claimed.size() >= 18);
}

TEST_CASE("the fast path reads batch results where told what their ids are", "[decode][fast]") {
  for (const auto ids : {BatchIds::kUnsaid, BatchIds::kTweets, BatchIds::kUsers}) {
    for (const auto default_at : {std::optional<Time>(), std::optional<Time>(5)}) {
      Pair pair({.default_at = default_at, .batch_ids = ids});
      std::size_t claimed = 0;
      for (const std::string& line : sample_lines("batch_results.jsonl")) {
        claimed += pair.claims(line) ? 1U : 0U;
      }
      CHECK((claimed >= 4) == (ids != BatchIds::kUnsaid));
    }
  }
}

TEST_CASE("whatever is done to a line, the fast path claims it only where it is right",
          "[decode][fast]") {
  std::vector<std::string> lines = all_sample_lines();
  for (std::string& line : generated_lines(1000)) lines.push_back(std::move(line));
  std::vector<Pair> pairs;
  pairs.emplace_back(DecodeOptions{});
  pairs.emplace_back(DecodeOptions{.default_at = 77, .batch_ids = BatchIds::kTweets});
  pairs.emplace_back(DecodeOptions{.default_at = {}, .batch_ids = BatchIds::kUsers});
  Mutator mutator(5);
  std::size_t claimed = 0;
  constexpr std::size_t kMutations = 240'000;
  for (std::size_t i = 0; i < kMutations; ++i) {
    const std::string& line = lines[i % lines.size()];
    const std::string mutated = mutator.mutated(line);
    // A line that was cut off goes on in memory as it did.
    const std::string_view rest =
        std::string_view(line).substr(std::min(mutated.size(), line.size()));
    claimed += pairs[i % 7 == 0 ? 1 + i % 2 : 0].claims(mutated, rest) ? 1U : 0U;
  }
  CHECK(claimed > kMutations / 20);
}

TEST_CASE("ids are scanned as they are parsed", "[decode][fast]") {
  Mutator mutator(3);
  std::mt19937_64 random(4);
  std::size_t claimed = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string digits = std::to_string(random() >> mutator.below(64));
    if (mutator.below(4) == 0) digits.insert(0, mutator.below(4), '0');
    if (mutator.below(2) == 0) digits = mutator.mutated(std::move(digits));
    const Padded padded('"' + digits + '"', "123456");
    decode::Scanner in(padded.text());
    std::uint64_t id = 0;
    if (!in.take_id(id) || !in.at_end()) continue;
    ++claimed;
    if (digits.find('"') != std::string::npos || parse_id(digits) != id) FAIL(digits);
  }
  CHECK(claimed > 90'000);
}

TEST_CASE("times are scanned as they are parsed", "[decode][fast]") {
  Mutator mutator(3);
  std::mt19937_64 random(4);
  std::size_t claimed = 0;
  for (int i = 0; i < 200'000; ++i) {
    const Time at = static_cast<Time>(random() % static_cast<std::uint64_t>(kTimeMax + 1));
    std::string text = mutator.below(4) == 0 ? std::to_string(at) : format_time(at);
    if (text.ends_with('Z') && mutator.below(4) == 0) text.replace(text.size() - 1, 1, "+00:00");
    if (text.ends_with('Z') && mutator.below(4) == 0) text.replace(text.size() - 5, 5, "Z");
    if (mutator.below(2) == 0) text = mutator.mutated(std::move(text));
    const Padded padded('"' + text + '"', "0000Z\"");
    decode::Scanner in(padded.text());
    Time scanned = 0;
    if (!in.take_time(scanned) || !in.at_end()) continue;
    ++claimed;
    if (parse_time(text) != scanned) FAIL(text);
  }
  CHECK(claimed > 90'000);
}

}  // namespace recant::test
